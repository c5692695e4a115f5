"""Sums, products, quotients, chains, follow-ups and word problems: exact fractions from the canonical expression."""

from __future__ import annotations

import re

from yunqi.data.problems.problem import Problem
from yunqi.eval.expression import evaluate
from yunqi.eval.plots import solve_plot
from yunqi.eval.verifiers.numbers import NUMBER, last_number, readings

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


def expression_value(problem: Problem, text: str) -> bool:
    return evaluate(problem.canonical) in last_number(text, problem.language)


def division(problem: Problem, text: str) -> bool:
    """`12 remainder 1` in any wording, or the exact value; a remainder of 0 may be said or left out."""
    dividend, divisor = map(int, problem.canonical.split("/"))
    told = list(_REMAINDER.finditer(text)) or list(_LEFT_OVER.finditer(text))
    if not told:
        return evaluate(problem.canonical) in last_number(text, problem.language)
    last = told[-1]
    quotient, remainder = dividend // divisor, dividend % divisor
    is_last = not re.search(r"\d", text[last.end() :])
    return is_last and int(last["remainder"]) == remainder and quotient in readings(last["quotient"], problem.language)


def word_problem(problem: Problem, text: str) -> bool:
    return solve_plot(problem.canonical) in last_number(text, problem.language)
