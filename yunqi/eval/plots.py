"""What word problems ask, worked out from their canonical form alone: another road than the one that told them.

A canonical form is `plot:code,code,...`. For a running count the codes apply in order; `5*6` stands for five rows of
six. `compare` chains people, `shop` adds rows of count times price and may pay `from` a note. `goal` counts what
is missing when the later numbers are reached. `short` is a running count whose last code takes more than there is.
"""

from __future__ import annotations

import operator
from fractions import Fraction

_OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


def solve_plot(canonical: str) -> Fraction:
    """The answer. Raises ValueError for a plot that is not known."""
    plot, _, body = canonical.partition(":")
    codes = body.split(",")
    if plot in ("flow", "rows", "save"):
        return _running(codes)
    if plot == "compare":
        return _compare(codes)
    if plot == "goal":
        return Fraction(codes[0]) - sum(Fraction(code) for code in codes[1:])
    if plot == "shop":
        return _shop(codes)
    raise ValueError(f"the plot {plot!r} is not known")


def shortfall(canonical: str) -> tuple[Fraction, Fraction] | None:
    """How much there is and how much is to be taken, of a story that takes more than there is; None of any other."""
    plot, _, body = canonical.partition(":")
    if plot != "short":
        return None
    *before, last = body.split(",")
    there, taken = _running(before), Fraction(last.removeprefix("-"))
    if not last.startswith("-") or taken <= there:
        raise ValueError(f"{canonical!r} takes no more than there is")
    return there, taken


def _running(codes: list[str]) -> Fraction:
    total = _rows(codes[0])
    for code in codes[1:]:
        total = _apply(total, code)
    return total


def _compare(codes: list[str]) -> Fraction:
    people = [Fraction(codes[0])]
    for code in codes[1:-1]:
        people.append(_apply(people[-1], code))
    return sum(people, Fraction(0)) if codes[-1] == "all" else people[-1]


def _shop(codes: list[str]) -> Fraction:
    price = sum((_rows(code) for code in codes if not code.startswith("from")), Fraction(0))
    notes = [Fraction(code.removeprefix("from ")) for code in codes if code.startswith("from")]
    return notes[0] - price if notes else price


def _apply(total: Fraction, code: str) -> Fraction:
    sign, amount = code[0], _rows(code[1:])
    return _OPERATIONS[sign](total, amount)


def _rows(code: str) -> Fraction:
    value = Fraction(1)
    for factor in code.split("*"):
        value *= Fraction(factor)
    return value
