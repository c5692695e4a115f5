"""Prices, in whole cents: `$3.75`, `3,75 €`, `3 dollars and 75 cents`, `3元7角5分`.

An amount may leave its currency out; it may not name another one.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

from yunqi.data.problems.problem import Language, Problem
from yunqi.eval.verifiers.numbers import NUMBER, readings

# Of each currency its big unit, then its small ones with their worth in cents.
_BIG = {
    "$": r"\$|us dollars?|dollars?|bucks?|usd|美元|美金",
    "€": r"€|euros?|eur|欧元",
    "£": r"£|british pounds?|pounds?|pfund|gbp|quid|英镑",
    "元": r"¥|￥|元|块钱|块|yuan|rmb|人民币",
}
_SMALL = {"美分|欧分": 1, "cents?|ct|c|¢": 1, "pence|penny|p": 1, "角|毛": 10, "分": 1, "jiao": 10, "fen": 1}
_OWNERS = {"美分|欧分": "$€", "cents?|ct|c|¢": "$€", "pence|penny|p": "£", "角|毛": "元", "分": "$€£元"} | {
    "jiao": "元",
    "fen": "元",
}
_UNITS = "|".join([*_BIG.values(), *_SMALL])
_AMOUNT = re.compile(
    rf"(?P<sign>[-−])?(?P<before>[$€£¥￥])?\s?(?P<number>{NUMBER})(?:[ -]?(?P<after>{_UNITS})(?![a-z]))?", re.IGNORECASE
)
_JOINED = re.compile(r"\s*(?:,|and|und|零|又)?\s*", re.IGNORECASE)


def prices(problem: Problem, text: str) -> bool:
    """`total:3*125,2*80;$`, `change:1000:3*125,2*80;$`, `each:750/3;$`."""
    body, _, currency = problem.canonical.partition(";")
    return _cents(body) in _last_amount(text, currency, problem.language)


def _cents(body: str) -> Fraction:
    kind, *details = body.split(":")
    if kind == "each":
        whole, share = map(Fraction, details[-1].split("/"))
        return whole / share
    total = Fraction(0)
    for line in details[-1].split(","):
        count, _, price = line.rpartition("*")
        total += Fraction(count or 1) * Fraction(price)
    return {"total": lambda: total, "change": lambda: Fraction(details[0]) - total}[kind]()


def _last_amount(text: str, currency: str, language: Language) -> frozenset[Fraction]:
    """The readings in cents of the last amount, its dollars and cents taken together."""
    found = list(_AMOUNT.finditer(text))
    first = len(found) - 1
    while first > 0 and _goes_on(found[first - 1], found[first], text):
        first -= 1
    parts = found[max(first, 0) :]
    if not parts or any(not _belongs(part, currency) for part in parts):
        return frozenset()
    total = frozenset({Fraction(0)})
    bare_cents = {id(after) for before, after in pairwise(parts) if _worth(before) == 100 and not _unit(after)}
    for part in parts:
        worth = 1 if id(part) in bare_cents else _worth(part)
        total = frozenset(sum_ + value * worth for sum_ in total for value in readings(part["number"], language))
    return frozenset(-value for value in total) if parts[0]["sign"] else total


def _goes_on(before: re.Match[str], after: re.Match[str], text: str) -> bool:
    """Whether an amount goes on in smaller units: `3 dollars and 75 cents`, `3 Euro 75`."""
    between = text[before.end() : after.start()] + " " * (len(after[0]) - len(after[0].lstrip()))
    if not _unit(before) or after["before"] or not _JOINED.fullmatch(between):
        return False
    if not _unit(after):
        return _worth(before) == 100 and len(after["number"]) == 2 and "," not in between
    return _worth(after) < _worth(before)


def _unit(amount: re.Match[str]) -> str:
    return (amount["before"] or amount["after"] or "").lower()


def _worth(amount: re.Match[str]) -> int:
    small = [worth for names, worth in _SMALL.items() if re.fullmatch(names, _unit(amount))]
    return small[0] if small else 100


def _belongs(amount: re.Match[str], currency: str) -> bool:
    """Whether every unit that an amount names is one of the currency."""
    named = [unit.lower() for unit in (amount["before"], amount["after"]) if unit]
    if not currency:
        return True
    own = [_BIG[currency], *(names for names, owners in _OWNERS.items() if currency in owners)]
    return all(any(re.fullmatch(names, unit) for names in own) for unit in named)
