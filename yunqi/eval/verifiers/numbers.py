"""Numbers in running text, in the spellings of three languages.

English and Chinese write `1,234.5`, German `1.234,5`. A German text may also keep the point of a calculator, so `1.234`
has two readings there; a number is right when one of its readings is.
"""

from __future__ import annotations

import re
from fractions import Fraction

from yunqi.data.problems.problem import Language

_SIGN = r"(?:(?<![A-Za-z0-9_.,)])(?:[-−–]|[Mm]inus |[Nn]egative |负))?"
NUMBER = _SIGN + r"(?<![A-Za-z0-9_])(?<![.,]\d)(?<!\d[.,])\d+(?:[.,]\d+)*"
_NUMBER = re.compile(NUMBER)
_AFTER_NUMBER = re.compile(r"\d\s*$")
_POINT_COMMAS = re.compile(r"\d+(?:\.\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_COMMA_POINTS = re.compile(r"\d+(?:,\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?")


def readings(written: str, language: Language) -> frozenset[Fraction]:
    """Every value that a written number may have; none where it is badly written."""
    digits = written.lstrip("-−–负MminusNegatv ")
    found = set()
    if language == "de" and _COMMA_POINTS.fullmatch(digits):
        found.add(_value(digits.replace(".", "").replace(",", ".")))
    if _POINT_COMMAS.fullmatch(digits) and not (language == "de" and "," in digits):
        found.add(_value(digits.replace(",", "")))
    sign = 1 if digits == written else -1
    return frozenset(sign * value for value in found if value is not None)


def written_numbers(text: str) -> list[re.Match[str]]:
    """Every number in a text, as written. A minus between two numbers is no sign."""
    found = []
    for match in _NUMBER.finditer(text):
        between = match[0][0].isdigit() or not _AFTER_NUMBER.search(text[: match.start()])
        found.append(match if between else _NUMBER.search(text, _first_digit(match)))
    return [match for match in found if match]


def last_number(text: str, language: Language = "en") -> frozenset[Fraction]:
    """The readings of the last number a text names."""
    found = written_numbers(text)
    return readings(found[-1][0], language) if found else frozenset()


def _first_digit(match: re.Match[str]) -> int:
    return next(place for place in range(match.start(), match.end()) if match.string[place].isdigit())


def _value(digits: str) -> Fraction | None:
    try:
        return Fraction(digits)
    except ValueError:  # more digits than Python reads
        return None
