"""Written arithmetic in steps a small network can take: `Working` collects the lines as it computes.

Numbers below one hundred are added and subtracted in one line: first the tens of the second, then its ones.

    34+47=74+7=81

Longer ones are written under each other with leading zeros and worked from the last digit; every line ends with the
digits found so far:

    4837+0956
    7+6=13 -> 3
    3+5+1=9 -> 93
    8+9=17 -> 793
    4+0+1=5 -> 5793

A difference borrows by writing the upper digit with its ten, and the next line pays the one back:

    5793-0956
    13-6=7 -> 7
    9-1-5=3 -> 37

A product of a longer number and one digit is the sum of the products of its parts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

DIRECT_LIMIT = 100


@dataclass(slots=True)
class Working:
    """The lines of one thought. Every method writes what it does and returns the result."""

    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def add(self, a: int, b: int) -> int:
        if max(a, b) < DIRECT_LIMIT:
            self.lines.append(_in_two(a, "+", b, a + b - b % 10, a + b))
        else:
            self._add_columns(a, b)
        return a + b

    def subtract(self, a: int, b: int) -> int:
        """a - b; where that is below zero the larger number comes first and the sign is put before the result."""
        if max(a, b) < DIRECT_LIMIT:
            upper, lower = max(a, b), min(a, b)
            sign = "" if a >= b else "negative: "
            rest = upper - lower
            self.lines.append(sign + _in_two(upper, "-", lower, rest + lower % 10, rest))
        elif a >= b:
            self.lines.append(_under_each_other(a, "-", b))
            self._subtract_columns(a, b)
        else:
            self.lines.append(_under_each_other(a, "-", b))
            self.lines.append(f"negative: {_under_each_other(b, '-', a)}")
            self._subtract_columns(b, a)
        return a - b

    def multiply(self, a: int, b: int) -> int:
        """a * b, where at least one of them has a single digit."""
        long, digit = max(a, b), min(a, b)
        assert digit < 10, (a, b)
        if long < 10:
            self.lines.append(f"{a}x{b}={a * b}")
            return a * b
        parts = _parts(long)
        for part in parts:
            self.lines.append(f"{part}x{digit}={part * digit}")
        total = parts[0] * digit
        for part in parts[1:]:
            self.lines.append(f"{total}+{part * digit}={total + part * digit}")
            total += part * digit
        return total

    def divide(self, a: int, b: int) -> int:
        """a / b for a single digit b that divides a."""
        assert 0 < b < 10, (a, b)
        assert a % b == 0, (a, b)
        if a <= 10 * b:
            self.lines.append(f"{a}/{b}={a // b}")
            return a // b
        remainder, found = 0, ""
        for digit in str(a):
            remainder = remainder * 10 + int(digit)
            if remainder < b and not found:
                continue
            quotient = remainder // b
            found += str(quotient)
            self.lines.append(f"{remainder}-{quotient}x{b}={remainder - quotient * b} -> {found}")
            remainder -= quotient * b
        return a // b

    def _add_columns(self, a: int, b: int) -> None:
        self.lines.append(_under_each_other(a, "+", b))
        width = max(len(str(a)), len(str(b)))
        carry, found = 0, ""
        for place in range(width):
            upper, lower = _digit(a, place), _digit(b, place)
            total = upper + lower + carry
            found = (str(total) if place == width - 1 else str(total % 10)) + found
            self.lines.append(f"{upper}+{lower}{'+1' if carry else ''}={total} -> {found}")
            carry = total // 10

    def _subtract_columns(self, a: int, b: int) -> None:
        borrow, found = 0, ""
        for place in range(len(str(a))):
            upper, lower = _digit(a, place), _digit(b, place)
            needs = upper - borrow - lower < 0
            rest = upper + (10 if needs else 0) - borrow - lower
            found = str(rest) + found
            paid = "-1" if borrow else ""
            self.lines.append(f"{upper + (10 if needs else 0)}{paid}-{lower}={rest} -> {found}")
            borrow = int(needs)


def _in_two(a: int, sign: str, b: int, after_tens: int, result: int) -> str:
    """The tens of b, then its ones, each where there are any."""
    between = f"{after_tens}{sign}{b % 10}=" if b >= 10 and b % 10 else ""
    return f"{a}{sign}{b}={between}{result}"


def _under_each_other(a: int, sign: str, b: int) -> str:
    width = max(len(str(a)), len(str(b)))
    return f"{a:0{width}}{sign}{b:0{width}}"


def _digit(number: int, place: int) -> int:
    return number // 10**place % 10


def _parts(number: int) -> list[int]:
    """A number as its round parts: 247 -> 200, 40, 7."""
    text = str(number)
    parts = [int(digit) * 10 ** (len(text) - 1 - index) for index, digit in enumerate(text)]
    return [part for part in parts if part]
