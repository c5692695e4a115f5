"""Questions of people, which have no canonical form: their answer is written down instead.

An answer is a number, a price in dollars, a list of numbers, a date, a weekday, a letter or a word. The skill's own
verifier then reads the reply, so that one rule holds for drawn problems and for people's.
"""

from __future__ import annotations

import re
from fractions import Fraction

from yunqi.data.problems.problem import Problem
from yunqi.eval.verifiers.dates import dates
from yunqi.eval.verifiers.letters import letters
from yunqi.eval.verifiers.numbers import last_number
from yunqi.eval.verifiers.ordering import last_lists
from yunqi.eval.verifiers.prices import prices

_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"


def gives(answer: str, text: str) -> bool:
    """Whether an English reply gives the answer."""
    if answer.startswith("$"):
        return prices(_asking("prices", f"total:1*{round(Fraction(answer[1:]) * 100)};$"), text)
    if re.fullmatch(r"\d+(?:, \d+)+", answer):
        return [Fraction(number) for number in answer.split(", ")] in last_lists(text)
    if re.fullmatch(r"-?\d+(?:\.\d+)?", answer):
        return Fraction(answer) in last_number(text)
    if re.fullmatch(r"\d+ [A-Z][a-z]+", answer):
        return dates(_asking("dates", f"date:{answer}+0"), text)
    if re.fullmatch(_WEEKDAY, answer):
        return dates(_asking("dates", f"weekday:{answer}+0"), text)
    kind, word = ("first", answer) if len(answer) == 1 else ("reverse", answer[::-1])
    return letters(_asking("letters", f"{kind}:{word}"), text)


def _asking(skill: str, canonical: str) -> Problem:
    return Problem(skill=skill, difficulty=1, question="", canonical=canonical, answer="", thought="", reply="")
