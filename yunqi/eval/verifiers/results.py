"""The use of a tool's result: the reply holds what has to be said, and no number that nobody named."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction

from yunqi.data.problems.problem import Language, Problem
from yunqi.eval.verifiers.manners import declined
from yunqi.eval.verifiers.numbers import readings, written_numbers


def results(problem: Problem, text: str) -> bool:
    """`say:18|sunny`; what stands there twice has to be said twice."""
    wanted = Counter(problem.canonical.partition(":")[2].split("|"))
    told = "\n".join([problem.canonical, *(message.text for message in problem.prompt)])
    known = {*_values(told, "en"), *_values(told, problem.language)}
    invented = any(value not in known for value in _values(text, problem.language))
    complete = all(_times(part, text, problem.language) >= times for part, times in wanted.items())
    return complete and not invented and not declined(text)


def _times(part: str, text: str, language: Language) -> int:
    """How often a reply holds a number or a word."""
    if re.fullmatch(r"-?\d+(?:\.\d+)?", part):
        return _values(text, language).count(Fraction(part))
    return len(re.findall(rf"(?<![A-Za-z]){re.escape(part)}(?![A-Za-z])", text, re.IGNORECASE))


def _values(text: str, language: Language) -> list[Fraction]:
    return [value for found in written_numbers(text) for value in readings(found[0], language)]
