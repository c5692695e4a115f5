"""A small exact calculator for expressions in symbols, as people and models spell them.

Grammar, over fractions: `sum := product (("+" | "-") product)*`, `product := atom (("*" | "/") atom)*`,
`atom := number | "-" atom | "(" sum ")"`. Numbers may have decimals and thousands commas; `x`, `×`, `·`, `÷`, `:` and
the typographic minus are understood.
"""

from __future__ import annotations

import re
from fractions import Fraction

_TOKEN = re.compile(r"\d+(?:\.\d+)?|[-+*/()]")
_SPELLINGS = str.maketrans({"×": "*", "x": "*", "X": "*", "·": "*", "⋅": "*", "÷": "/", ":": "/", "−": "-", "–": "-"})
_SPELLINGS |= str.maketrans({"（": "(", "）": ")"})
_THOUSANDS = re.compile(r"\b\d{1,3}(?:,\d{3})+\b")


def evaluate(expression: str) -> Fraction | None:
    """The exact value of an expression; None where the whole text is not one."""
    tokens = read_tokens(expression)
    if tokens is None:
        return None
    try:
        value = _sum(tokens)
    except (IndexError, ValueError, ZeroDivisionError, RecursionError):
        return None
    return None if tokens else value


def read_tokens(expression: str) -> list[str] | None:
    """Its numbers, operators and brackets in plain spelling; None where anything else stands there."""
    plain = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), expression.translate(_SPELLINGS))
    return None if _TOKEN.sub("", plain).strip() else _TOKEN.findall(plain)


def _sum(tokens: list[str]) -> Fraction:
    value = _product(tokens)
    while tokens and tokens[0] in "+-":
        sign = tokens.pop(0)
        value = value + _product(tokens) if sign == "+" else value - _product(tokens)
    return value


def _product(tokens: list[str]) -> Fraction:
    value = _atom(tokens)
    while tokens and tokens[0] in "*/":
        sign = tokens.pop(0)
        value = value * _atom(tokens) if sign == "*" else value / _atom(tokens)
    return value


def _atom(tokens: list[str]) -> Fraction:
    token = tokens.pop(0)
    if token == "-":
        return -_atom(tokens)
    if token == "(":
        value = _sum(tokens)
        if tokens.pop(0) != ")":
            raise ValueError("an open parenthesis")
        return value
    return Fraction(token)
