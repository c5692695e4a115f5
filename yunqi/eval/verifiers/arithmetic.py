"""Sums, products, quotients, chains, follow-ups and word problems: exact fractions from the canonical expression."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from fractions import Fraction

from yunqi.data.problems.problem import Problem
from yunqi.eval.expression import evaluate
from yunqi.eval.plots import shortfall, solve_plot
from yunqi.eval.verifiers.numbers import NUMBER, last_number, readings, written_numbers

_REMAINDER = re.compile(
    rf"(?P<quotient>{NUMBER})[\s,;，]*(?:and|with|mit|und|leaving|times|times,)?\s*(?:an?|the|einem|ein)?\s*"
    r"(?:remainder|remaining|rem\b\.?|r\b\.?|r(?=\d)|rest|余数|余|……)\s*(?:of|is|von|ist|是|为)?[\s:=]*"
    r"(?P<remainder>\d+)(?!\d|[.,]\d)",
    re.IGNORECASE,
)
_LEFT_OVER = re.compile(
    rf"(?P<quotient>{NUMBER})[\s,;]*(?:and|with|und|leaving)\s*(?P<remainder>\d+)\s*(?:is |are )?(?:left|over|übrig)",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"can ?not|can[’']t|impossible|not (?:possible|defined)|undefined|\bnicht\b|unmöglich"
    "|不能|不可|不行|没有|无法|无意义",
    re.IGNORECASE,
)
_ZERO = re.compile(r"\b(?:zero|null)\b|[零0]", re.IGNORECASE)


def expression_value(problem: Problem, text: str) -> bool:
    return evaluate(problem.canonical) in last_number(text, problem.language)


def division(problem: Problem, text: str) -> bool:
    """`12 remainder 1` in any wording, or the exact value; a remainder of 0 may be said or left out.

    To divide by zero is refused, and to divide zero is not.
    """
    dividend, divisor = map(int, problem.canonical.split("/"))
    if divisor == 0:
        return _refused(problem, text, {dividend, 0}) and _ZERO.search(text) is not None
    if dividend == 0 and _REFUSED.search(text):
        return False
    told = list(_REMAINDER.finditer(text)) or list(_LEFT_OVER.finditer(text))
    if not told:
        return evaluate(problem.canonical) in last_number(text, problem.language)
    last = told[-1]
    quotient, remainder = dividend // divisor, dividend % divisor
    is_last = not re.search(r"\d", text[last.end() :])
    return is_last and int(last["remainder"]) == remainder and quotient in readings(last["quotient"], problem.language)


def word_problem(problem: Problem, text: str) -> bool:
    """The last number; where more is taken than there is, a refusal that names how much there is."""
    if missing := shortfall(problem.canonical):
        return _refused(problem, text, set(missing)) and missing[0] in _numbers(problem, text)
    return solve_plot(problem.canonical) in last_number(text, problem.language)


def _refused(problem: Problem, text: str, named: AbstractSet[int | Fraction]) -> bool:
    """Whether a text says that it cannot be, and names no other numbers."""
    return _REFUSED.search(text) is not None and _numbers(problem, text) <= named


def _numbers(problem: Problem, text: str) -> set[Fraction]:
    return {value for found in written_numbers(text) for value in readings(found[0], problem.language)}
