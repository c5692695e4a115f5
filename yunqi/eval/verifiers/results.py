"""The use of a tool's result: the reply holds what has to be said, and no number that nobody named."""

from __future__ import annotations

import re

from yunqi.data.problems.problem import Language, Problem
from yunqi.eval.verifiers.manners import declined
from yunqi.eval.verifiers.numbers import readings, written_numbers


def results(problem: Problem, text: str) -> bool:
    """`say:18|sunny`."""
    wanted = problem.canonical.partition(":")[2].split("|")
    told = "\n".join([problem.canonical, *(message.text for message in problem.prompt)])
    invented = _values(text, problem.language) - _values(told, "en") - _values(told, problem.language)
    return not declined(text) and not invented and all(_holds(text, part, problem.language) for part in wanted)


def _holds(text: str, part: str, language: Language) -> bool:
    if re.fullmatch(r"-?\d+(?:\.\d+)?", part):
        return readings(part, "en") <= _values(text, language)
    return re.search(rf"(?<![A-Za-z]){re.escape(part)}(?![A-Za-z])", text, re.IGNORECASE) is not None


def _values(text: str, language: Language) -> frozenset:
    return frozenset().union(*(readings(found[0], language) for found in written_numbers(text)))
