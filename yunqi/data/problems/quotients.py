"""Skill `quotients`: the tables backwards, without remainder, up to 90 / 9 (beyond: long division)."""

from __future__ import annotations

from random import Random

from yunqi.data.problems.phrasing import answer_sentence, careless, gap, number, pick, symbol, wrap
from yunqi.data.problems.problem import Language, Problem
from yunqi.data.problems.working import Working

SKILL = "quotients"
SENTENCES = (
    "Divide {a} by {b}.",
    "What is the quotient of {a} and {b}?",
    "How often does {b} go into {a}?",
    "Share {a} equally among {b}. How much does each get?",
)


def generate(random: Random, *, beyond: bool = False, language: Language = "en") -> Problem:
    b, quotient = random.randrange(2, 10), _quotient(random, beyond)
    a = b * quotient
    working = Working()
    result = str(working.divide(a, b)[0])
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
    return random.randrange(11, 100) if beyond else random.randrange(1, 11)


def _question(random: Random, a: int, b: int) -> str:
    left, right = number(random, a), number(random, b)
    form = random.random()
    if form < 0.6:
        space = gap(random)
        return wrap(random, f"{left}{space}{symbol(random, '/')}{space}{right}")
    if form < 0.8:
        return wrap(random, f"{left} divided by {right}")
    return careless(random, pick(random, SENTENCES, a=left, b=right))
