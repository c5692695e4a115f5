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

A difference borrows by writing the upper digit with its ten, and the next line pays the one back. Zeros in front are
dropped at the end, and where it falls below zero the larger number goes first:

    5793-0956               956<1000 negative
    13-6=7 -> 7             1000-0956
    9-1-5=3 -> 37           ...
    ...                     -> -44

A product goes from the last digit, too, carrying the tens; with two long numbers there is one such product for every
digit of the second, and then their sum. A division takes the digits from the front:

    47x6                    85/7
    7x6=42 -> 2             8-1x7=8-7=1 -> 1
    4x6+4=24+4=28 -> 282    15-2x7=15-14=1 -> 12 r1
"""

from __future__ import annotations

from dataclasses import dataclass, field

DIRECT_LIMIT = 100
PLAIN_FACTORS = (0, 1, 10, 100)


@dataclass(slots=True)
class Working:
    """The lines of one thought. Every method writes what it does and returns the result."""

    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def head(self, text: str) -> None:
        """What is to be worked out, unless the last line says so already."""
        if self.lines[-1:] != [text]:
            self.lines.append(text)

    def add(self, a: int, b: int) -> int:
        if max(a, b) < DIRECT_LIMIT:
            self.lines.append(_in_two(a, "+", b, a + b - b % 10, a + b))
        else:
            self._add_columns(a, b)
        return a + b

    def subtract(self, a: int, b: int) -> int:
        """a - b; below zero it says so first, takes the smaller from the larger and ends with the sign."""
        if a < b:
            self.lines.append(f"{a}<{b} negative")
        self._subtract_from_larger(max(a, b), min(a, b))
        if a < b:
            self.lines.append(f"-> {a - b}")
        return a - b

    def multiply(self, a: int, b: int) -> int:
        """a * b, whatever their lengths."""
        if max(a, b) < 10 or a in PLAIN_FACTORS or b in PLAIN_FACTORS:
            self.lines.append(f"{a}x{b}={a * b}")
            return a * b
        long, short = (a, b) if len(str(a)) >= len(str(b)) else (b, a)
        parts = _parts(short)
        if len(parts) > 1:
            self.head(f"{long}x{short}")
        total = 0
        for part in reversed(parts):
            self._multiply_digit(long, part)
            total = self.add(total, long * part) if total else long * part
        return total

    def divide(self, a: int, b: int) -> tuple[int, int]:
        """Quotient and remainder of a / b for a single digit b."""
        assert 0 < b < 10, (a, b)
        if a >= 10 * b:
            self.head(f"{a}/{b}")
        running, found = 0, ""
        for place, digit in enumerate(str(a), start=1):
            running = running * 10 + int(digit)
            if running < b and not found and place < len(str(a)):
                continue
            times = running // b
            found += str(times)
            rest = running - times * b
            self.lines.append(f"{running}-{times}x{b}={running}-{times * b}={rest} -> {found}")
            running = rest
        if running:
            self.lines[-1] += f" r{running}"
        return divmod(a, b)

    def _multiply_digit(self, long: int, part: int) -> None:
        """Times one digit and its zeros."""
        self.head(f"{long}x{part}")
        digit, zeros = int(str(part)[0]), len(str(part)) - 1
        carry, found = 0, "0" * zeros
        last = len(str(long)) - 1
        for place in range(last + 1):
            upper = _digit(long, place)
            total = upper * digit + carry
            found = (str(total) if place == last else str(total % 10)) + found
            carried = f"+{carry}" if carry else ""
            product = f"{upper * digit}{carried}={total}" if carry else str(total)
            self.lines.append(f"{upper}x{digit}{carried}={product} -> {found}")
            carry = total // 10

    def _subtract_from_larger(self, a: int, b: int) -> None:
        if a < DIRECT_LIMIT:
            self.lines.append(_in_two(a, "-", b, a - b + b % 10, a - b))
            return
        self.head(_under_each_other(a, "-", b))
        self._subtract_columns(a, b)

    def _add_columns(self, a: int, b: int) -> None:
        self.head(_under_each_other(a, "+", b))
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
        if found.startswith("0") and len(found) > 1:
            self.lines[-1] += f"={int(found)}"


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
