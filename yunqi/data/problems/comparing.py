"""Skill `comparing`: the largest or smallest of two to five numbers with up to four digits, and whether a relation holds.

Canonical: "max:345,354" and "min:345,354" with the numbers as asked; "greater:45,54", "less:45,54" and "equal:45,54" ask
whether the first number is greater than, less than or equal to the second; their answers are Yes and No in the language
of the question (de Ja and Nein, zh 是 and 不). Beyond: five and six digits, or six and seven numbers.

The thought writes the numbers with leading zeros and lets the best so far meet the next, digit by digit:

    345 354 012
    345 354: 3=3 4<5
    354 012: 3>0
    354
"""

from __future__ import annotations

from random import Random

from yunqi.data.problems.phrasing import answer_sentence, careless, listed, number
from yunqi.data.problems.problem import Language, Problem

SKILL = "comparing"
DIGITS = (1, 2, 3, 4)
DIGIT_WEIGHTS = (1, 5, 5, 4)
DIGITS_BEYOND = (5, 6)
COUNTS = (2, 3, 4, 5)
COUNT_WEIGHTS = (8, 4, 3, 2)
COUNTS_BEYOND = (6, 7)
RELATION_SHARE = 0.28
NEAR_SHARE = 0.55
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
        "Ist {a} {asked} {b}? | Ist {a} {asked} {b}? | Ist die Zahl {a} {asked} {b}? | Ja oder nein: Ist {a} {asked} {b}? | "
        "Stimmt es, dass {a} {asked} {b} ist? | {a} ist {asked} {b}, oder? | Sag mir, ob {a} {asked} {b} ist. | "
        "Ist {a} {sign} {b}?"
    ),
    "zh": listed(
        "{a}{asked}{b}吗？ | {a}{asked}{b}吗？ | 请问{a}{asked}{b}吗？ | {a}是不是{asked}{b}？ | {a}{asked}{b}，对吗？ | "
        "{a} {sign} {b}，对不对？"
    ),
}
VERDICT = {
    "en": {"<": "is less than", ">": "is greater than", "=": "is equal to"},
    "de": {"<": "ist kleiner als", ">": "ist größer als", "=": "ist gleich"},
    "zh": {"<": "小于", ">": "大于", "=": "等于"},
}
YES_AND_NO = {"en": ("Yes", "No"), "de": ("Ja", "Nein"), "zh": ("是", "不")}


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    if random.random() < RELATION_SHARE:
        return _relation(random, beyond, language)
    numbers = _numbers(random, beyond)
    kind = random.choice(("max", "min"))
    answer = str(max(numbers) if kind == "max" else min(numbers))
    return Problem(
        skill=SKILL,
        difficulty=len(numbers),
        question=_question(random, kind, numbers, language),
        canonical=f"{kind}:{','.join(map(str, numbers))}",
        answer=answer,
        thought="\n".join((*_meetings(kind, numbers), answer)),
        reply=answer_sentence(answer, language),
        beyond=beyond,
        language=language,
    )


def _relation(random: Random, beyond: bool, language: Language) -> Problem:
    a = _number(random, beyond)
    b = a if random.random() < 0.06 else _other(random, a, beyond)
    kind = random.choices(tuple(SIGNS), (5, 4, 1))[0]
    holds = _sign(a, b) == SIGNS[kind]
    answer = YES_AND_NO[language][0 if holds else 1]
    first, second = _padded((a, b))
    values = {"a": number(random, a), "b": number(random, b), "sign": SIGNS[kind]}
    asked = random.choice(ASKED[language, kind])
    template = random.choice(RELATION[language])
    if asked.startswith("比"):
        template, asked = template.replace("{asked}{b}", "比{b}" + asked[-1]), ""
    statement = f"{a} {VERDICT[language][_sign(a, b)]} {b}"
    return Problem(
        skill=SKILL,
        difficulty=2,
        question=careless(random, template.format(asked=asked, **values)),
        canonical=f"{kind}:{a},{b}",
        answer=answer,
        thought=f"{first} {second}: {_digits(first, second)}\n{a}{_sign(a, b)}{b}\n{answer}",
        reply=f"{answer}，{statement.replace(' ', '')}。" if language == "zh" else f"{answer}, {statement}.",
        beyond=beyond,
        language=language,
    )


def _numbers(random: Random, beyond: bool) -> list[int]:
    many = beyond and random.random() < 0.5
    count = random.choice(COUNTS_BEYOND) if many else random.choices(COUNTS, COUNT_WEIGHTS)[0]
    numbers = [_number(random, beyond and not many)]
    while len(numbers) < count:
        other = _other(random, random.choice(numbers), beyond and not many)
        if other not in numbers:
            numbers.append(other)
    random.shuffle(numbers)
    return numbers


def _number(random: Random, beyond: bool) -> int:
    digits = random.choice(DIGITS_BEYOND) if beyond else random.choices(DIGITS, DIGIT_WEIGHTS)[0]
    return random.randrange(0 if digits == 1 else 10 ** (digits - 1), 10**digits)


def _other(random: Random, near: int, beyond: bool) -> int:
    """Another number, often one with the same leading digits or the same digits in another order."""
    text = str(near)
    while len(text) > 1 and random.random() < NEAR_SHARE:
        if random.random() < 0.35:
            text = "".join(random.sample(text, len(text)))
        else:
            kept = random.randrange(1, len(text))
            text = text[:kept] + "".join(random.choice("0123456789") for _ in text[kept:])
        if text[0] != "0" and int(text) != near:
            return int(text)
        text = str(near)
    other = _number(random, beyond)
    return other if other != near else near + 1 if near % 10 < 9 else near - 1


def _question(random: Random, kind: str, numbers: list[int], language: Language) -> str:
    told = [number(random, value) for value in numbers]
    *rest, last = told
    comma = "、" if language == "zh" else ", "
    either, both = {"en": (" or ", " and "), "de": (" oder ", " und "), "zh": ("还是", "和")}[language]
    template = random.choice((TWO if len(numbers) == 2 and random.random() < 0.85 else MANY)[language])
    question = template.format(
        more=random.choice(MORE[language, kind]),
        most=random.choice(MOST[language, kind]),
        either=comma.join(rest) + either + last,
        both=comma.join(rest) + both + last,
        list=(" " if language != "zh" and random.random() < 0.15 else comma).join(told),
    )
    return careless(random, question[0].upper() + question[1:])


def _meetings(kind: str, numbers: list[int]) -> list[str]:
    """The numbers with leading zeros, then the best so far against each that follows."""
    best, *others = padded = _padded(numbers)
    lines = [" ".join(padded)]
    for other in others:
        lines.append(f"{best} {other}: {_digits(best, other)}")
        best = max(best, other) if kind == "max" else min(best, other)
    return lines


def _padded(numbers: list[int] | tuple[int, ...]) -> list[str]:
    width = len(str(max(numbers)))
    return [f"{value:0{width}}" for value in numbers]


def _digits(first: str, second: str) -> str:
    """Digit against digit, up to the first two that differ."""
    steps = []
    for upper, lower in zip(first, second, strict=True):
        steps.append(f"{upper}{_sign(int(upper), int(lower))}{lower}")
        if upper != lower:
            break
    return " ".join(steps)


def _sign(a: int, b: int) -> str:
    return "=" if a == b else "<" if a < b else ">"
