"""Skill `quotients`: up to three digits divided by one digit, without remainder (beyond: four digits)."""

from __future__ import annotations

from random import Random

from yunqi.data.problems.phrasing import answer_sentence, careless, gap, number, pick, symbol, wrap
from yunqi.data.problems.problem import Problem
from yunqi.data.problems.working import Working

SKILL = "quotients"
SHORT_SHARE = 0.3
SENTENCES = (
    "Divide {a} by {b}.",
    "What is the quotient of {a} and {b}?",
    "How often does {b} go into {a}?",
    "Share {a} equally among {b}. How much does each get?",
)


def generate(random: Random, *, beyond: bool = False) -> Problem:
    b, quotient = random.randrange(2, 10), _quotient(random, beyond)
    a = b * quotient
    working = Working()
    result = str(working.divide(a, b))
    return Problem(
        skill=SKILL,
        difficulty=len(str(a)),
        question=_question(random, a, b),
        canonical=f"{a}/{b}",
        answer=result,
        thought=working.text,
        reply=answer_sentence(result),
        beyond=beyond,
    )


def _quotient(random: Random, beyond: bool) -> int:
    if beyond:
        return random.randrange(500, 1000)
    return random.randrange(1, 10) if random.random() < SHORT_SHARE else random.randrange(10, 100)


def _question(random: Random, a: int, b: int) -> str:
    left, right = number(random, a), number(random, b)
    form = random.random()
    if form < 0.6:
        space = gap(random)
        return wrap(random, f"{left}{space}{symbol(random, '/')}{space}{right}")
    if form < 0.8:
        return wrap(random, f"{left} divided by {right}")
    return careless(random, pick(random, SENTENCES, a=left, b=right))
