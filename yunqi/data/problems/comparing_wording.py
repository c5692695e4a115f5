"""How people ask which number is larger: comparatives, superlatives and frames in each language."""

from __future__ import annotations

from yunqi.data.problems.phrasing import listed

SIGNS = {"greater": ">", "less": "<", "equal": "="}
MORE = {
    ("en", "max"): listed("larger | larger | bigger | bigger | greater | higher | more"),
    ("en", "min"): listed("smaller | smaller | smaller | lower | less | lesser"),
    ("de", "max"): listed("größer | größer | höher | mehr"),
    ("de", "min"): listed("kleiner | kleiner | niedriger | weniger"),
    ("zh", "max"): listed("大 | 更大 | 比较大"),
    ("zh", "min"): listed("小 | 更小 | 比较小"),
}
MOST = {
    ("en", "max"): listed("largest | biggest | greatest | highest | maximum"),
    ("en", "min"): listed("smallest | smallest | lowest | least | minimum"),
    ("de", "max"): listed("größte | größte | höchste"),
    ("de", "min"): listed("kleinste | kleinste | niedrigste"),
    ("zh", "max"): ("最大",),
    ("zh", "min"): ("最小",),
}
TWO = {
    "en": listed(
        "Which is {more}, {either}? | Which is {more}: {either}? | Which number is {more}, {either}? | "
        "What is {more}, {either}? | What is {more}: {either}? | What's {more}, {either}? | "
        "Which one is {more}, {either}? | Which of {both} is {more}? | Of {both}, which is {more}? | "
        "{either}, which is {more}? | {either}: which one is {more}? | Is {either} {more}? | "
        "Which number is {more}: {either}? | Tell me which is {more}, {either}. | "
        "Can you tell me which is {more}, {either}? | Compare {both}. Which is {more}? | "
        "Compare {both} and name the {more} one. | Which of the two is {more}, {either}? | "
        "Which of the numbers {both} is {more}? | I have {both}. Which is {more}? | Say which is {more}: {either} | "
        "{more} number: {either}? | Please compare: which is {more}, {either}? | The {more} of {both}? | "
        "What is the {more} of {both}? | Between {both}, which is {more}?"
    ),
    "de": listed(
        "Was ist {more}, {either}? | Was ist {more}: {either}? | Welche Zahl ist {more}, {either}? | "
        "Welche Zahl ist {more}: {either}? | Welche von {both} ist {more}? | {either}, was ist {more}? | "
        "Ist {either} {more}? | Sag mir, was {more} ist: {either}. | Vergleiche {both}. Was ist {more}? | "
        "Welche der beiden Zahlen ist {more}, {either}?"
    ),
    "zh": listed(
        "{both}哪个{more}？ | 哪个{more}，{either}？ | {either}，哪个{more}？ | 哪个数{more}：{either}？ | "
        "比较{both}，哪个{more}？ | {both}中哪个{more}？ | {both}相比，哪个数{more}？ | 请问{both}哪个{more}？"
    ),
}
MANY = {
    "en": listed(
        "What is the {most} of {both}? | Which is the {most} of {both}? | Which of {both} is the {most}? | "
        "{most} of {both} | {most} of {both}? | Find the {most} of {both}. | Find the {most} number: {list} | "
        "Name the {most} of {both}. | What is the {most} number among {both}? | Give me the {most} of {both}. | "
        "Which number is the {most}: {either}? | {list}: which is the {most}? | Of {both}, which is the {most}? | "
        "Tell me the {most} of {both}. | Pick the {most} number from {list}. | "
        "What is the {most} of these numbers: {list}? | Which of these is the {most}: {list}? | "
        "Here are some numbers: {list}. Which is the {most}? | I have {both}. What is the {most}? | "
        "Out of {both}, what is the {most}? | What's the {most} in {list}? | The {most} of {list}? | "
        "Can you find the {most} of {both}? | Among {both}, which is the {most}? | "
        "Look at {list}. What is the {most} number?"
    ),
    "de": listed(
        "Was ist die {most} Zahl: {either}? | Was ist die {most} von {both}? | Nenne die {most} Zahl von {both}. | "
        "Welche Zahl ist die {most}: {list}? | Welche von {both} ist die {most}? | Finde die {most} Zahl: {list} | "
        "Welche ist die {most} der Zahlen {both}? | {list}: Was ist die {most} Zahl? | "
        "Gib mir die {most} Zahl aus {list}. | Die {most} Zahl von {both}?"
    ),
    "zh": listed(
        "{both}中{most}的是哪个？ | {both}里{most}的数是多少？ | 哪个数{most}：{list}？ | 找出{most}的数：{list} | "
        "{list}中{most}的数是几？ | 在{both}中，哪个{most}？ | 请找出{list}中{most}的数。 | {list}，哪个{most}？"
    ),
}
ASKED = {
    ("en", "greater"): listed("greater than | larger than | bigger than | more than | higher than"),
    ("en", "less"): listed("less than | less than | smaller than | lower than"),
    ("en", "equal"): listed("equal to | the same as"),
    ("de", "greater"): listed("größer als | größer als | mehr als"),
    ("de", "less"): listed("kleiner als | kleiner als | weniger als"),
    ("de", "equal"): listed("gleich | genauso groß wie"),
    ("zh", "greater"): listed("大于 | 大于 | 比>大"),
    ("zh", "less"): listed("小于 | 小于 | 比>小"),
    ("zh", "equal"): listed("等于 | 等于"),
}
RELATION = {
    "en": listed(
        "Is {a} {asked} {b}? | Is {a} {asked} {b}? | Is {a} {asked} {b}? | Is the number {a} {asked} {b}? | "
        "Tell me if {a} is {asked} {b}. | Yes or no: is {a} {asked} {b}? | {a} is {asked} {b}, right? | "
        "Is it true that {a} is {asked} {b}? | True or not: {a} is {asked} {b}? | Can you say if {a} is {asked} {b}? | "
        "Is {a} {sign} {b}? | {a} {sign} {b}, yes or no? | Is {a} {sign} {b} true?"
    ),
    "de": listed(
        "Ist {a} {asked} {b}? | Ist {a} {asked} {b}? | Ist die Zahl {a} {asked} {b}? | "
        "Ja oder nein: Ist {a} {asked} {b}? | "
        "Stimmt es, dass {a} {asked} {b} ist? | {a} ist {asked} {b}, oder? | Sag mir, ob {a} {asked} {b} ist. | "
        "Ist {a} {sign} {b}?"
    ),
    "zh": listed(
        "{a}{asked}{b}吗？ | {a}{asked}{b}吗？ | 请问{a}{asked}{b}吗？ | {a}是不是{asked}{b}？ | "
        "{a}{asked}{b}，对吗？ | "
        "{a} {sign} {b}，对不对？"
    ),
}
VERDICT = {
    "en": {"<": "is less than", ">": "is greater than", "=": "is equal to"},
    "de": {"<": "ist kleiner als", ">": "ist größer als", "=": "ist gleich"},
    "zh": {"<": "小于", ">": "大于", "=": "等于"},
}
YES_AND_NO = {"en": ("Yes", "No"), "de": ("Ja", "Nein"), "zh": ("是", "不")}
