"""A reader of English questions that shares nothing with the generators: it only knows how people put arithmetic."""

from __future__ import annotations

import re
from fractions import Fraction

from yunqi.eval.expression import evaluate

_WORDS = (
    (r"(?<=\d),(?=\d{3}\b)", ""),
    (r"\bmultiplied by\b|\btimes\b|×", " * "),
    (r"(?<=\d)\s*x\s*(?=[\d(])|(?<=\))\s*x\s*(?=[\d(])", " * "),
    (r"\bdivided by\b|÷|(?<=\d)\s*:\s*(?=\d)", " / "),
    (r"\badded to\b|\bplus\b", " + "),
    (r"\btake away\b|\bminus\b|\bless\b|−", " - "),
)
# Sentences name their numbers in another order than symbols do.
_SENTENCES = (
    (r"\bsubtract (\d+) from (\d+)", r"\2-\1"),
    (r"\btakes? (\d+) (?:away )?from (\d+)", r"\2-\1"),
    (r"\bdifference between (\d+) and (\d+)", r"\1-\2"),
    (r"(\d+) (?:decreased|reduced) by (\d+)", r"\1-\2"),
    (r"\badd (\d+) (?:to|and) (\d+)", r"\1+\2"),
    (r"\b(?:sum of|are) (\d+) and (\d+)", r"\1+\2"),
    (r"(\d+) increased by (\d+)", r"\1+\2"),
    (r"\btotal of (\d+) and (\d+)", r"\1+\2"),
    (r"\b(?:multiply|product of) (\d+) (?:by|and) (\d+)", r"\1*\2"),
    (r"(\d+) taken (\d+) \*", r"\1*\2"),
    (r"\b(?:divide|quotient of) (\d+) (?:by|and) (\d+)", r"\1/\2"),
    (r"\bdoes (\d+) go into (\d+)", r"\2/\1"),
    (r"\bshare (\d+) equally among (\d+)", r"\1/\2"),
)
_INSTRUCTIONS = re.compile(
    r"\b(?P<double>double it)|"
    r"(?P<plus>\badd (?P<p1>\d+)|increase it by (?P<p2>\d+)|\+ (?P<p3>\d+))|"
    r"(?P<minus>\bsubtract (?P<m1>\d+)|take away (?P<m2>\d+)|- (?P<m3>\d+))|"
    r"(?P<times>multiply (?:it )?by (?P<t1>\d+)|\* (?P<t2>\d+))"
)
_OPENING = re.compile(r"\b(?:start with|take|begin with|have the number) (\d+)\b(?! (?:away )?from)")


def solve(question: str) -> Fraction | None:
    """The value a question asks for; None where it is not understood."""
    text = question.lower()
    text = re.sub(_WORDS[0][0], "", text)
    text = re.sub(r"\btake away (?=\d)", "take_away ", text) if _OPENING.search(text) else text
    for pattern, replacement in _WORDS[1:]:
        text = re.sub(pattern, replacement, text)
    text = re.sub(r"\s+", " ", text.replace("take_away", "take away"))
    told = _OPENING.search(text)
    if told:
        return _follow(text[told.end() :], Fraction(told.group(1)))
    for pattern, replacement in _SENTENCES:
        found = re.search(pattern, text)
        if found:
            return evaluate(found.expand(replacement))
    return evaluate(max(re.findall(r"[\d(][\d+\-*/() ]*[\d)]|\d", text), key=len, default=""))


def _follow(text: str, value: Fraction) -> Fraction:
    for found in _INSTRUCTIONS.finditer(text):
        number = next((Fraction(g) for g in found.groups() if g and g.isdigit()), Fraction(2))
        if found["plus"]:
            value += number
        elif found["minus"]:
            value -= number
        else:
            value *= number
    return value
