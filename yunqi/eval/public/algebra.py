"""Exact values of school mathematics: quotients of polynomials over the rationals, with roots and the imaginary unit.

A polynomial maps monomials to fractions; a monomial is a sorted tuple of (atom, exponent). Atoms are names (`x`, `π`),
`i` with i² = -1, roots of primes (`2^1/3` is the cube root of 2), and what stands for itself because nothing is known
of it, such as the sine of something. Two quotients are equal when the cross products are, so nothing need be reduced:
`(x² - 1)/(x - 1)` equals `x + 1` and `1/√3` equals `√3/3`. Nothing is rounded: 0.333 is not 1/3.

Not known: relations between roots of different order (√2 and the fourth root of 4), between functions, and roots of
anything but numbers. Values that grow beyond the limits raise `TooLarge`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import isqrt

MAX_TERMS = 2_000
MAX_BITS = 20_000
_MAX_POWER = 200
_MAX_FACTOR = 100_000

Monomial = tuple[tuple[str, int], ...]
Polynomial = dict[Monomial, Fraction]


class TooLarge(ValueError):
    """A value that nobody writes as an answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A quotient of two polynomials; compare with `same`."""

    over: Polynomial
    under: Polynomial

    def __add__(self, other: Value) -> Value:
        if self.under == other.under:
            return Value(_plus(self.over, other.over), self.under)
        cross = _plus(_times(self.over, other.under), _times(other.over, self.under))
        return Value(cross, _times(self.under, other.under))

    def __neg__(self) -> Value:
        return Value({m: -c for m, c in self.over.items()}, self.under)

    def __sub__(self, other: Value) -> Value:
        return self + -other

    def __mul__(self, other: Value) -> Value:
        return Value(_times(self.over, other.over), _times(self.under, other.under))

    def __truediv__(self, other: Value) -> Value:
        if not other.over:
            raise ZeroDivisionError
        return self * Value(other.under, other.over)

    def same(self, other: Value) -> bool:
        return _times(self.over, other.under) == _times(other.over, self.under)

    def multiple_of(self, other: Value) -> bool:
        """Whether the quotient of the two is a number other than zero, as with the sides of one equation."""
        mine, theirs = _times(self.over, other.under), _times(other.over, self.under)
        if not mine or mine.keys() != theirs.keys():
            return False
        some = next(iter(mine))
        scale = mine[some] / theirs[some]
        return all(mine[m] == scale * theirs[m] for m in mine)

    def number(self) -> Fraction | None:
        """The value where it is a rational number."""
        if not self.over:
            return Fraction(0)
        if self.over.keys() != self.under.keys():
            return None
        some = next(iter(self.over))
        scale = self.over[some] / self.under[some]
        return scale if all(self.over[m] == scale * self.under[m] for m in self.over) else None

    def name(self) -> str:
        """Words for this value inside an atom; equal ones with equal denominators have equal names."""
        scale = self.under[max(self.under)]
        over, under = (_name({m: c / scale for m, c in part.items()}) for part in (self.over, self.under))
        return over if under == "1" else f"({over})/({under})"


def number(value: int | Fraction) -> Value:
    value = Fraction(value)
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise TooLarge
    return Value({(): value} if value else {}, _ONE)


def atom(name: str) -> Value:
    return Value({((name, 1),): Fraction(1)}, _ONE)


def power(base: Value, exponent: Value) -> Value:
    """`base ** exponent`, exact for whole exponents and for roots of numbers; else an atom of its own."""
    of, by = base.number(), exponent.number()
    if by is None or by.denominator > _MAX_POWER or (by.denominator > 1 and of is None):
        return atom(f"({base.name()})^({exponent.name()})")
    if by.denominator > 1:
        assert of is not None
        return _whole_power(root(of, by.denominator), by.numerator)
    return _whole_power(base, by.numerator)


def root(value: Fraction, order: int) -> Value:
    """The principal root of a number: primes of whole powers are drawn out, of a square root -1 too."""
    if value < 0:
        if order == 2:
            return atom("i") * root(-value, 2)
        if order % 2:
            return -root(-value, order)
        return atom(f"({value})^(1/{order})")
    if not value:
        return number(0)
    # a/b = a·b^(order - 1) / b^order, so that only whole numbers stand below the root.
    inside = value.numerator * value.denominator ** (order - 1)
    if inside.bit_length() > MAX_BITS:
        raise TooLarge
    found = number(Fraction(1, value.denominator))
    for prime, count in factors(inside):
        found *= number(prime ** (count // order))
        if count % order:
            found *= Value({((f"{prime}^1/{order}", count % order),): Fraction(1)}, _ONE)
    return found


@lru_cache(maxsize=1024)
def factors(whole: int) -> tuple[tuple[int, int], ...]:
    """Primes and how often they divide; what is left beyond small primes counts as one, or as the square it is."""
    found, candidate = [], 2
    while candidate * candidate <= whole and candidate < _MAX_FACTOR:
        count = 0
        while whole % candidate == 0:
            whole, count = whole // candidate, count + 1
        if count:
            found.append((candidate, count))
        candidate += 1 if candidate == 2 else 2
    side = isqrt(whole)
    if whole > 1:
        found.append((side, 2) if side * side == whole else (whole, 1))
    return tuple(found)


_ONE: Polynomial = {(): Fraction(1)}


def _whole_power(base: Value, exponent: int) -> Value:
    of = base.number()
    if abs(exponent) > (MAX_BITS if of is not None else _MAX_POWER):
        raise TooLarge
    if of is not None:
        if max(of.numerator.bit_length(), of.denominator.bit_length()) * abs(exponent) > MAX_BITS:
            raise TooLarge
        return number(of**exponent)
    found = number(1)
    for _ in range(abs(exponent)):
        found *= base
    return number(1) / found if exponent < 0 else found


def _plus(first: Polynomial, second: Polynomial) -> Polynomial:
    found = dict(first)
    for monomial, factor in second.items():
        found[monomial] = found.get(monomial, Fraction(0)) + factor
    return {monomial: factor for monomial, factor in found.items() if factor}


def _times(first: Polynomial, second: Polynomial) -> Polynomial:
    if len(first) * len(second) > MAX_TERMS:
        raise TooLarge
    found: Polynomial = {}
    for one, a in first.items():
        for other, b in second.items():
            monomial, factor = _joined(one, other)
            found[monomial] = found.get(monomial, Fraction(0)) + a * b * factor
    if any(c.numerator.bit_length() + c.denominator.bit_length() > 2 * MAX_BITS for c in found.values()):
        raise TooLarge
    return {monomial: factor for monomial, factor in found.items() if factor}


def _joined(one: Monomial, other: Monomial) -> tuple[Monomial, Fraction]:
    """The product of two monomials, with what roots and the imaginary unit give as a number."""
    exponents = dict(one)
    for name, exponent in other:
        exponents[name] = exponents.get(name, 0) + exponent
    factor = Fraction(1)
    for name, exponent in exponents.items():
        if name == "i":
            factor *= (1, 1, -1, -1)[exponent % 4]
            exponents[name] = exponent % 2
        elif "^1/" in name and name[0].isdigit():
            prime, order = (int(part) for part in name.split("^1/"))
            factor *= prime ** (exponent // order)
            exponents[name] = exponent % order
    return tuple(sorted((name, exponent) for name, exponent in exponents.items() if exponent)), factor


def _name(polynomial: Polynomial) -> str:
    terms = []
    for monomial in sorted(polynomial):
        parts = [f"{name}^{exponent}" if exponent > 1 else name for name, exponent in monomial]
        factor = polynomial[monomial]
        terms.append("·".join(([str(factor)] if factor != 1 or not parts else []) + parts))
    return "+".join(terms) or "0"
