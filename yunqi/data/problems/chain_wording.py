"""How a chain of operations is told: as instructions one after the other, and as a list to add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from yunqi.data.problems.phrasing import asked, listed
from yunqi.data.problems.problem import Language

Step = tuple[str, int]

OPENINGS: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "Start with {v} | Start with {v} | Take {v} | Begin with {v} | I start with {v} | I have the number {v}"
        "| Start at {v} | Think of {v} | My number is {v} | Take the number {v} | I have {v} | You have {v}"
    ),
    "de": listed(
        "Beginne mit {v} | Starte mit {v} | Nimm {v} | Fang mit {v} an | Ich beginne mit {v} | Nimm die Zahl {v}"
    ),
    "zh": listed("从{v}开始 | 先取{v} | 从数字{v}开始 | 我有{v} | 以{v}开始"),
}
INSTRUCTIONS: Mapping[Language, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "+": listed("add {v} | add {v} | add {v} | plus {v} | increase it by {v} | add {v} to it | add another {v}"),
        "-": listed("subtract {v} | subtract {v} | take away {v} | minus {v} | take {v} away | decrease it by {v}"),
        "*": listed("multiply by {v} | multiply by {v} | multiply it by {v} | times {v} | multiply that by {v}"),
    },
    "de": {
        "+": listed("addiere {v} | addiere {v} | plus {v} | zähle {v} dazu"),
        "-": listed("subtrahiere {v} | ziehe {v} ab | minus {v} | nimm {v} weg"),
        "*": listed("multipliziere mit {v} | mal {v} | nimm es mal {v}"),
    },
    "zh": {
        "+": listed("加{v} | 加上{v} | 加{v}"),
        "-": listed("减{v} | 减去{v} | 减去{v}"),
        "*": listed("乘{v} | 乘以{v} | 乘以{v}"),
    },
}
DOUBLING: Mapping[Language, tuple[str, ...]] = {
    "en": listed("double it | double it | double that"),
    "de": listed("verdopple es | verdopple das"),
    "zh": listed("翻倍 | 乘以2"),
}
ENDINGS: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "What do you get? | What is the result? | What is it now? | Where do you end? | What comes out?"
        "| How much is it?"
        "| What do I get? | What's the result? | What number is that? | What is left at the end?"
        "| What is my number now?"
    ),
    "de": listed(
        "Was kommt heraus? | Was ist das Ergebnis? | Wie viel ist das? | Welche Zahl ist das? | Was ergibt das?"
    ),
    "zh": listed("结果是多少？ | 得多少？ | 结果是什么？ | 最后是多少？ | 现在是多少？"),
}
# Between all parts, and before the last.
JOINTS: Mapping[Language, tuple[tuple[str, str], ...]] = {
    "en": ((", then ", ", then "), (", ", " and "), (", ", ", and then "), (", ", ", "), (" and then ", " and then ")),
    "de": ((", dann ", ", dann "), (", ", " und "), (", ", ", "), (" und dann ", " und dann ")),
    "zh": (("，", "，"), ("，再", "，再"), ("，然后", "，然后"), ("，", "，最后")),
}
STOPS: Mapping[Language, str] = {"en": ". ", "de": ". ", "zh": "。"}
LISTS: Mapping[Language, tuple[str, ...]] = {
    "en": listed(
        "What is the sum of {l}? | Add {l}. | Add up {l}. | Sum of {l}? | What is the total of {l}?"
        "| What do {l} add up to?"
        "| Find the sum of {l}. | How much are {l} together? | Please add {l}. | Can you add up {l}? | Total of {l}?"
    ),
    "de": listed(
        "Was ist die Summe von {l}? | Addiere {l}. | Wie viel sind {l} zusammen? | Zähle {l} zusammen.| Summe von {l}?"
    ),
    "zh": listed("{l}的和是多少？ | {l}一共是多少？ | 求{l}的和。 | {l}加起来是多少？"),
}


def told(random: Random, first: int, steps: Sequence[Step], language: Language) -> str:
    """Every operation applies to the result so far."""
    parts = [random.choice(OPENINGS[language]).format(v=first)]
    parts += [_instruction(random, sign, value, language) for sign, value in steps]
    stop = STOPS[language]
    if random.random() < 0.35:
        text = stop.join(part[0].upper() + part[1:] for part in parts)
    else:
        between, last = random.choice(JOINTS[language])
        text = between.join(parts[:-1]) + last + parts[-1]
    return asked(random, f"{text}{stop}{random.choice(ENDINGS[language])}", language)


def added_up(random: Random, numbers: Sequence[str], language: Language) -> str:
    """A list of numbers and the question for their sum."""
    comma, last = ("、", "和") if language == "zh" else (", ", " und " if language == "de" else " and ")
    if language == "en" and random.random() < 0.3:
        last = ", and "
    return asked(
        random, random.choice(LISTS[language]).format(l=comma.join(numbers[:-1]) + last + numbers[-1]), language
    )


def _instruction(random: Random, sign: str, value: int, language: Language) -> str:
    if sign == "*" and value == 2 and random.random() < 0.6:
        return random.choice(DOUBLING[language])
    return random.choice(INSTRUCTIONS[language][sign]).format(v=value)
