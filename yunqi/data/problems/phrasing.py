"""How people write arithmetic: operator spellings, spacing, thousands commas, and careless typing; in three languages.

Symbols are the same everywhere; words, wrappers and answers belong to a language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from yunqi.data.problems.problem import Language


def listed(text: str) -> tuple[str, ...]:
    """The parts of a text between bars."""
    return tuple(part.strip() for part in text.split("|"))


SYMBOLS = {
    "+": ("+",),
    "-": ("-", "-", "-", "-", "−"),
    "*": ("x", "x", "x", "*", "*", "*", "×", "·"),
    "/": ("/", "/", "/", "÷", ":"),
}
WORDS: Mapping[Language, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "+": listed("plus | plus | plus | added to | and"),
        "-": listed("minus | minus | minus | take away | less"),
        "*": listed("times | times | times | multiplied by"),
        "/": listed("divided by | divided by | over"),
    },
    "de": {
        "+": listed("plus | plus | plus | und"),
        "-": listed("minus | minus | minus | weniger"),
        "*": listed("mal | mal | mal | multipliziert mit"),
        "/": listed("geteilt durch | geteilt durch | durch | dividiert durch"),
    },
    "zh": {
        "+": listed("加 | 加 | 加上"),
        "-": listed("减 | 减 | 减去"),
        "*": listed("乘 | 乘以 | 乘以"),
        "/": listed("除以"),
    },
}
WRAPPERS: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "{e} | {e} | {e} | {e} = | {e} = ? | {e} =? | {e}? | {e} equals? | {e} is? | {e} is how much?"
        "| {e} makes what? | {e} | {e} | {e} | What is {e}? | What is {e}? | What is {e}? | {e} = | {e}?"
        "| What is {e}? | What is {e}? | What is {e}? | What's {e}? | What's {e}? | whats {e} | How much is {e}?"
        "| Compute {e}. | Compute {e} = | Calculate {e}. | Calculate {e} for me. | Calculate: {e} | Evaluate {e}."
        "| Please work out {e}. | Work out {e} | Work out {e} please. | Solve {e}. | Solve: {e} | Solve this: {e}"
        "| Find {e}. | Tell me {e}. | Tell me what {e} is. | Can you compute {e}? | Can you calculate {e} for me?"
        "| Can you tell me what {e} is? | Could you work out {e}? | Could you please calculate {e}?"
        "| Give me the result of {e}. | What is the value of {e}? | What is the result of {e}? | What does {e} equal?"
        "| What does {e} come to? | What does {e} make? | What do I get for {e}? | What do you get for {e}?"
        "| I need {e}."
        "| Result of {e}? | Do you know what {e} is? | What would {e} be? | Hey, what is {e}? | Quick: {e}"
        "| Hi, can you do {e}? | Help me with {e}. | I want to know {e}. | Let me know what {e} is."
        "| Do the math: {e}"
        "| My homework says {e}. What is it? | Simplify {e}. | Figure out {e}. | Answer this: {e} | And what is {e}?"
        "| {e} equals what? | What is {e} equal to? | {e} is equal to? | So what's {e}? | What's the answer to {e}?"
        "| Tell me the answer to {e}. | Try {e}. | Can you solve {e}? | Could you tell me {e}? | How about {e}?"
        "| I'd like to know {e}. | Give me {e}. | What number is {e}? | Can you do {e}? | Do you happen to know {e}?"
        "| calc {e} | wats {e} | what {e} | compute {e} pls | whats the answer to {e} | how much does {e} make?"
    ),
    "de": listed(
        "{e} | {e} | {e} = | {e} = ? | {e}? | Was ist {e}? | Was ist {e}? | Was ist {e}? | Wie viel ist {e}?"
        "| Wie viel ist {e}? | Wieviel ist {e}? | Wie viel macht {e}? | Was macht {e}? | Was ergibt {e}?"
        "| Berechne {e}."
        "| Berechne: {e} | Rechne {e} aus. | Rechne: {e} | Bitte rechne {e} aus. | Kannst du {e} ausrechnen?"
        "| Kannst du mir sagen, was {e} ist? | Wie lautet das Ergebnis von {e}? | Ergebnis von {e}?"
        "| Was kommt bei {e} heraus?"
        "| Sag mir, was {e} ist. | Ich brauche {e}. | Löse {e}. | Was gibt {e}? | Weißt du, was {e} ist?"
        "| Sag mir {e}. | Und was ist {e}?"
    ),
    "zh": listed(
        "{e} | {e} | {e}= | {e}=? | {e}=？ | {e}等于多少？ | {e}等于多少？ | {e}等于多少 | {e}等于几？ | {e}是多少？"
        "| {e}是多少？"
        "| 计算{e} | 计算{e}。 | 请计算{e}。 | 请问{e}等于多少？ | 算一下{e} | 帮我算一下{e}。 | 请算出{e}。"
        "| {e}的结果是多少？"
        "| {e}的结果是什么？ | 你能算出{e}吗？ | 求{e}的值。 | {e}得多少？ | 告诉我{e}是多少。 | {e}怎么算？"
        "| {e}得几？ | 请算一下{e}。 | 你知道{e}等于多少吗？ | {e}的答案是什么？"
    ),
}
# What people put before and after a request; empty ends leave it alone.
BEFORE: Mapping[Language, tuple[str, ...]] = {
    "en": tuple(
        f"{opening} "
        for opening in listed(
            "Hi, | Hello, | Hey, | Hey nano, | Ok, | Okay, | So, | Now, | Please: | Quick question: | Next one:"
            "| Question:"
            "| Can you help? | Next: | Another one: | Sorry, | Thanks! | Good morning, | Next question: | Homework:"
            "| One more:"
            "| Hello! | Great. | Well, | Right, | Just tell me: | Try this: | How about this: | Let's see:"
            "| Hey there,"
        )
    ),
    "de": tuple(
        f"{opening} " for opening in listed("Hallo, | Hi, | Ok, | Bitte: | Frage: | Noch eine: | Guten Tag, | Hey,")
    ),
    "zh": listed("你好，| 请问，| 好的，| 下一题：| 问题：| 请问 | 那么，| 嗨，"),
}
AFTER: Mapping[Language, tuple[str, ...]] = {
    "en": (" please", " Please.", " Thanks!", " thanks", ", please", " Thank you.", " :)", " pls", " Can you help me?"),
    "de": (" Danke!", " bitte", " Bitte.", " Danke dir."),
    "zh": ("谢谢。", "谢谢！"),
}
BEFORE_SHARE, AFTER_SHARE = 0.1, 0.06
ANSWERS: Mapping[Language, str] = {"en": "The answer is {a}.", "de": "Die Antwort ist {a}.", "zh": "答案是{a}。"}


def number(random: Random, value: int, language: Language = "en") -> str:
    """A number as typed: now and then, in English, with a thousands comma."""
    comma = language == "en" and value >= 1000 and random.random() < 0.08
    return f"{value:,}" if comma else str(value)


def symbol(random: Random, operator: str) -> str:
    """One spelling of an operator; an expression keeps to one."""
    return random.choice(SYMBOLS[operator])


def word(random: Random, operator: str, language: Language = "en", *, plain: bool = False) -> str:
    """The operator in words; a `plain` one is understood between more than two numbers, too."""
    words = WORDS[language][operator]
    return words[0] if plain else random.choice(words)


def gap(random: Random) -> str:
    """The space around operators of one expression: mostly one blank, often none."""
    return " " if random.random() < 0.65 else ""


def in_symbols(random: Random, left: str, operator: str, right: str) -> str:
    space = gap(random)
    return f"{left}{space}{symbol(random, operator)}{space}{right}"


def in_words(random: Random, left: str, operator: str, right: str, language: Language = "en") -> str:
    space = between_words(random, language)
    return f"{left}{space}{word(random, operator, language)}{space}{right}"


def between_words(random: Random, language: Language) -> str:
    """Chinese sets no blanks between words, or hardly."""
    return "" if language == "zh" and random.random() < 0.85 else " "


def wrap(random: Random, expression: str, language: Language = "en") -> str:
    return asked(random, random.choice(WRAPPERS[language]).format(e=expression), language)


def asked(random: Random, text: str, language: Language = "en") -> str:
    """The text as it arrives: carelessly typed, now and then with a word of courtesy around it."""
    text = careless(random, text)
    if random.random() < BEFORE_SHARE:
        kept = language == "de" or random.random() < 0.5
        text = random.choice(BEFORE[language]) + (text if kept else text[0].lower() + text[1:])
    if random.random() < AFTER_SHARE:
        text += random.choice(AFTER[language])
    return text


def careless(random: Random, text: str) -> str:
    """The text as a hurried person types it: sometimes without capital, sometimes without the last mark."""
    if random.random() < 0.2:
        text = text[0].lower() + text[1:]
    if random.random() < 0.15:
        text = text.rstrip("?.!？。！").rstrip() or text
    return text


def answer_sentence(answer: str, language: Language = "en") -> str:
    """How a bare result is said."""
    return ANSWERS[language].format(a=answer)


def pick(random: Random, options: Sequence[str], **values: object) -> str:
    """One of the templates, filled."""
    return random.choice(options).format(**values)
