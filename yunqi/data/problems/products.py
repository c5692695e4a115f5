"""Skill `products`: a number of one or two digits times one digit (beyond: three digits times one)."""

from __future__ import annotations

from random import Random

from yunqi.data.problems.phrasing import TIMES_WORDS, answer_sentence, careless, gap, number, pick, symbol, wrap
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.working import Working

SKILL = "products"
SHORT_SHARE = 0.12
SENTENCES = (
    "Multiply {a} by {b}.",
    "Multiply {a} and {b}.",
    "What is the product of {a} and {b}?",
    "Product of {a} and {b}?",
    "What do you get if you multiply {a} by {b}?",
    "How much is {a} taken {b} times?",
)


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    a, b = _long(random, beyond), random.randrange(2, 10)
    if random.random() < 0.4:
        a, b = b, a
    working = Working()
    result = str(working.multiply(a, b))
    return Problem(
        skill=SKILL,
        difficulty=len(str(max(a, b))),
        question=_question(random, a, b),
        canonical=f"{max(a, b)}*{min(a, b)}",
        answer=result,
        thought=working.text,
        reply=answer_sentence(result),
        beyond=beyond,
    )


def _long(random: Random, beyond: bool) -> int:
    if beyond:
        return random.randrange(100, 1000)
    return random.randrange(0, 10) if random.random() < SHORT_SHARE else random.randrange(10, 100)


def _question(random: Random, a: int, b: int) -> str:
    left, right = number(random, a), number(random, b)
    form = random.random()
    if form < 0.6:
        space = gap(random)
        return wrap(random, f"{left}{space}{symbol(random, '*')}{space}{right}")
    if form < 0.8:
        return wrap(random, f"{left} {random.choice(TIMES_WORDS)} {right}")
    return careless(random, pick(random, SENTENCES, a=left, b=right))
