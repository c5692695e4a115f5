"""Comparing and sorting numbers. A sorted list has to be complete, in order, and the last list that is named."""

from __future__ import annotations

import re
from fractions import Fraction
from operator import eq, gt, lt

from yunqi.data.problems.problem import Problem
from yunqi.eval.verifiers.numbers import last_number, readings, written_numbers
from yunqi.eval.verifiers.relations import claims_yes, contradicts

_HOLDS = {"greater": gt, "less": lt, "equal": eq}
_PLAIN = r"[-−]?\d+(?:\.\d+)?"
_JOINT = r"(?:\s*(?:[,;<>→≤≥、，；]|\bthen\b|\band\b|\bund\b|\bdann\b|和)\s*)+|\s+"
_LIST = re.compile(rf"(?<![A-Za-z0-9_.]){_PLAIN}(?:(?:{_JOINT}){_PLAIN})*")
_WIDE = r"\d{1,3}(?:,\d{3})*"
_WIDE_LIST = re.compile(rf"(?<!\d)(?<!\d,){_WIDE}(?:(?:,\s+|\s+|、|;\s*)(?:and |then )?{_WIDE})*(?!\d)")


def comparing(problem: Problem, text: str) -> bool:
    """`max:345,354,12`, `min:...`; `greater:63,6`, `less:...` and `equal:...` ask for yes or no."""
    kind, _, body = problem.canonical.partition(":")
    numbers = [Fraction(number) for number in body.split(",")]
    if kind in _HOLDS:
        claimed = claims_yes(text, problem.language)
        return claimed == _HOLDS[kind](*numbers) and not contradicts(text) and _names_only(numbers, text)
    wanted = {"max": numbers[0], "min": numbers[0]}[kind]
    for number in numbers[1:]:
        wanted = number if (number > wanted) == (kind == "max") else wanted
    return wanted in last_number(text, problem.language)


def sorting(problem: Problem, text: str) -> bool:
    kind, _, body = problem.canonical.partition(":")
    wanted = sorted((Fraction(number) for number in body.split(",")), reverse={"asc": False, "desc": True}[kind])
    return wanted in last_lists(text)


def last_lists(text: str) -> tuple[list[Fraction], list[Fraction]]:
    """The last list of numbers in its two readings, commas between numbers or inside them."""
    return _plain_list(text), _thousands_list(text)


def _names_only(numbers: list[Fraction], text: str) -> bool:
    return all(readings(found[0], "en") & set(numbers) for found in written_numbers(text))


def _plain_list(text: str) -> list[Fraction]:
    """The last list, a comma always between two numbers."""
    return [_fraction(number) for number in re.findall(_PLAIN, _last(_LIST, text))]


def _thousands_list(text: str) -> list[Fraction]:
    """The last list of numbers with thousands commas, which then stand apart by blanks."""
    return [_fraction(number.replace(",", "")) for number in re.findall(r"\d[\d,]*\d|\d", _last(_WIDE_LIST, text))]


def _last(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.findall(text)
    return found[-1] if found else ""


def _fraction(number: str) -> Fraction:
    try:
        return Fraction(number.replace("−", "-"))
    except ValueError:  # more digits than Python reads
        return Fraction(-1)
