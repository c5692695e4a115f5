"""Sums, products, quotients, chains, follow-ups and word problems: exact fractions from the canonical expression."""

from __future__ import annotations

import re
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
    r"can ?not|can[’']t|impossible|not (?:possible|defined)|undefined|unmöglich"
    r"|\b(?:kann|darf|lässt|geht)\b[^.!?]*\bnicht\b|\bnicht (?:möglich|definiert|teilbar|erlaubt|durch)\b"
    "|不能|不可|不行|无法|无意义|没有(?:意义|定义)",
    re.IGNORECASE,
)
# A story may also be refused by what there is only, and what there is not.
_TOO_FEW = re.compile(
    r"\bnur\b[^.!?]*\bnicht\b|\bnicht\b[^.!?]*\bnur\b|\bnicht (?:genug|so viele?)\b"
    "|只[有剩].*没有|没有.*只[有剩]|没有[那这]么多",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"(?:=|answer is|(?:Antwort|Ergebnis) ist|答案是)\s*(?:not |nicht )?(?:[-−]?\d|zero\b|null\b|零)", re.IGNORECASE
)
# What there is and what is taken, the wrong way round: there are only TAKEN; cannot eat THERE; THERE of TAKEN.
_SWAPPED = (
    r"(?:\bthere (?:are|is)|\bhas|\bhat|\bsind|\b(?:only|just|nur)(?: [a-zäöü]+)?|[只还](?:有|剩下?)了?)\s*TAKEN"
    r"|(?:\bnot|\bnicht|没有|不是)\s*THERE"
    r"|\bcan(?: ?not|[’']t) (?!as|be|from|have|if|of|since|with)[a-z]+ (?:away )?THERE|不能(?![从用])[^\W\d]{1,2}THERE"
    r"|THERE(?: [a-zäöü]+){0,2} (?:of|from|von|aus) TAKEN"
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
        refused = _REFUSED.search(text) is not None and _RESULT.search(text) is None
        return refused and _numbers(problem, text) <= {dividend, 0} and _ZERO.search(text) is not None
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
        return _too_few(problem, text, *missing)
    return solve_plot(problem.canonical) in last_number(text, problem.language)


def _too_few(problem: Problem, text: str, there: Fraction, taken: Fraction) -> bool:
    """Whether a text says that it cannot be, names how much there is and no other number, and swaps none."""
    refused = _REFUSED.search(text) or _TOO_FEW.search(text)
    named = _numbers(problem, text)
    if not refused or there not in named or not named <= {there, taken}:
        return False
    swapped = _SWAPPED.replace("THERE", rf"(?<!\d){there}(?!\d)").replace("TAKEN", rf"(?<!\d){taken}(?!\d)")
    return re.search(swapped, text, re.IGNORECASE) is None


def _numbers(problem: Problem, text: str) -> set[Fraction]:
    return {value for found in written_numbers(text) for value in readings(found[0], problem.language)}
