"""Yes or no, and the relation between two numbers that a reply states beside it."""

from __future__ import annotations

import re
from fractions import Fraction
from operator import eq, gt, lt

from yunqi.data.problems.problem import Language

_YES_OR_NO: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:(?P<yes>yes|yep|true|correct|right)|(?P<no>no|nope|false|incorrect|wrong))\b"),
    "de": re.compile(r"\b(?:(?P<yes>ja|doch|stimmt|richtig|wahr)|(?P<no>nein|falsch))\b"),
    "zh": re.compile(r"^\W*(?:(?P<no>不|否|没有|错)|(?P<yes>是|对|没错|正确|嗯))"),
}
_STATED = re.compile(
    r"(?P<left>\d[\d,]*)\s*(?:is|ist|=)?\s*(?P<negated>not|nicht|不)?\s*(?:a lot|much|viel)?\s*"
    r"(?:(?P<greater>greater|larger|bigger|higher|more|größer|höher|mehr|大于|>)"
    r"|(?P<less>less|smaller|lower|kleiner|weniger|niedriger|小于|<)"
    r"|(?P<equal>equal|the same|exactly|gleich|genauso groß|等于|=))"
    r"\s*(?:than|to|as|als|wie)?\s*(?P<right>\d[\d,]*)"
)


def claims_yes(text: str, language: Language) -> bool | None:
    """Whether a reply begins with yes or with no; None where it says neither."""
    found = _YES_OR_NO[language].search(text.lower())
    return bool(found["yes"]) if found else None


def contradicts(text: str) -> bool:
    """Whether a relation that the text states between two numbers is false."""
    return any(not _is_true(found) for found in _STATED.finditer(text.lower()))


def _is_true(found: re.Match[str]) -> bool:
    relation = gt if found["greater"] else lt if found["less"] else eq
    try:
        left, right = (Fraction(found[side].replace(",", "")) for side in ("left", "right"))
    except ValueError:  # more digits than Python reads
        return False
    return relation(left, right) != bool(found["negated"])
