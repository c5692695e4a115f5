"""Skill `sums`: a + b and a - b with up to four digits each (beyond: five and six). Differences may be negative."""

from __future__ import annotations

from random import Random

from yunqi.data.problems.phrasing import (
    MINUS_WORDS,
    PLUS_WORDS,
    answer_sentence,
    careless,
    gap,
    number,
    pick,
    symbol,
    wrap,
)
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.working import Working

SKILL = "sums"
DIGITS = (1, 2, 3, 4)
DIGIT_WEIGHTS = (2, 4, 6, 8)
DIGITS_BEYOND = (5, 6)
NEGATIVE_SHARE = 0.12

SUM_SENTENCES = (
    "Add {a} and {b}.",
    "Add {b} to {a}.",
    "What is the sum of {a} and {b}?",
    "Sum of {a} and {b}?",
    "What do you get if you add {a} and {b}?",
    "I add {b} to {a}. What do I get?",
    "What is {a} increased by {b}?",
    "Find the total of {a} and {b}.",
    "How much are {a} and {b} together?",
)
DIFFERENCE_SENTENCES = (
    "Subtract {b} from {a}.",
    "What is the difference between {a} and {b}?",
    "Take {b} away from {a}.",
    "What do you get if you subtract {b} from {a}?",
    "I take {b} from {a}. What is left?",
    "What is {a} decreased by {b}?",
    "What is {a} reduced by {b}?",
)


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    a, b = _operand(random, beyond), _operand(random, beyond)
    adding = random.random() < 0.5
    if not adding and a < b and random.random() >= NEGATIVE_SHARE:
        a, b = b, a
    working = Working()
    result = working.add(a, b) if adding else working.subtract(a, b)
    return Problem(
        skill=SKILL,
        difficulty=max(len(str(a)), len(str(b))),
        question=_question(random, a, "+" if adding else "-", b),
        canonical=f"{max(a, b)}+{min(a, b)}" if adding else f"{a}-{b}",
        answer=str(result),
        thought=working.text,
        reply=answer_sentence(str(result)),
        beyond=beyond,
    )


def _operand(random: Random, beyond: bool) -> int:
    digits = random.choice(DIGITS_BEYOND) if beyond else random.choices(DIGITS, DIGIT_WEIGHTS)[0]
    return random.randrange(0 if digits == 1 else 10 ** (digits - 1), 10**digits)


def _question(random: Random, a: int, operator: str, b: int) -> str:
    left, right = number(random, a), number(random, b)
    form = random.random()
    if form < 0.6:
        space = gap(random)
        return wrap(random, f"{left}{space}{symbol(random, operator)}{space}{right}")
    if form < 0.8 or (operator == "-" and a < b):
        word = random.choice(PLUS_WORDS if operator == "+" else MINUS_WORDS)
        return wrap(random, f"{left} {word} {right}")
    sentences = SUM_SENTENCES if operator == "+" else DIFFERENCE_SENTENCES
    return careless(random, pick(random, sentences, a=left, b=right))
