r"""Read a mathematical expression in LaTeX as an exact value.

Understood: numbers (also `0.\overline{3}`), letters with and without index, Greek letters, sums, products with and
without a sign, quotients, powers, `\frac`, `\sqrt[n]`, `\binom`, factorials, absolute values, the usual functions of
one argument (which stand for themselves), brackets of every kind. `i` is the imaginary unit. A letter before a bracket
is a factor. Not understood: sums and integrals, logic, words.
"""

from __future__ import annotations

import re
from fractions import Fraction
from math import comb, factorial

from yunqi.eval.public.algebra import TooLarge, Value, atom, number, power

_TOKEN = re.compile(
    r"(?P<repeating>\d*\.\d*\\overline\{\d+\})|(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<command>\\[A-Za-z]+|\\[{}|])"
    r"|(?P<letter>[A-Za-z])|(?P<sign>[-+*/^_!|(){}\[\]:'])|(?P<blank>\s+)"
)
_FUNCTION = re.compile(r"\\(?:sin|cos|tan|cot|sec|csc|ln|log|exp|arcsin|arccos|arctan|sinh|cosh|tanh)")
_GREEK = re.compile(
    r"\\(?:alpha|beta|gamma|delta|(?:var)?epsilon|zeta|eta|(?:var)?theta|iota|kappa|lambda|mu|nu|xi|rho|sigma|tau"
    r"|upsilon|(?:var)?phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Sigma|Phi|Psi|Omega)"
)
_CONSTANTS = {r"\pi": "π", r"\infty": "∞", r"\emptyset": "∅", r"\varnothing": "∅", r"\ell": "ℓ"}
_TIMES = ("*", r"\cdot", r"\times", r"\ast")
_OVER = ("/", r"\div", ":")
_OPEN = {"(": ")", "[": "]", "{": "}", r"\{": r"\}"}
_MOST_TOKENS = 400
_MAX_FACTORIAL = 300


class NotMathematics(ValueError):
    """A text that is no expression, or none that is understood."""


def read_value(text: str) -> Value:
    """The value of a cleaned expression.

    Raises:
        NotMathematics: where any of it is not understood, or it divides by zero.
        TooLarge: where its value is beyond the limits.
    """
    reader = _Reader(_tokens(text))
    try:
        value = reader.sum()
    except (ZeroDivisionError, RecursionError) as error:
        raise NotMathematics from error
    if reader.next is not None:
        raise NotMathematics(reader.next)
    return value


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or len(found) > _MOST_TOKENS:
            raise NotMathematics(text[place:])
        if match.lastgroup != "blank":
            found.append(match[0])
        place = match.end()
    return found


class _Reader:
    """Recursive descent over tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._place = tokens, 0

    @property
    def next(self) -> str | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def take(self) -> str:
        token = self.next
        if token is None:
            raise NotMathematics("it ends too early")
        self._place += 1
        return token

    def expect(self, token: str) -> None:
        if self.take() != token:
            raise NotMathematics(f"{token} is missing")

    def sum(self) -> Value:
        value = self._signed()
        while self.next in ("+", "-"):
            value = value + self._product() if self.take() == "+" else value - self._product()
        return value

    def _signed(self) -> Value:
        if self.next in ("+", "-"):
            return self._signed() if self.take() == "+" else -self._product()
        return self._product()

    def _product(self) -> Value:
        value = self._factor()
        while self.next is not None:
            if self.next in _TIMES:
                self.take()
                value *= self._after_sign()
            elif self.next in _OVER:
                self.take()
                value /= self._after_sign()
            elif self._starts_factor(self.next):
                value *= self._factor()
            else:
                break
        return value

    def _after_sign(self) -> Value:
        if self.next == "-":
            self.take()
            return -self._after_sign()
        return self._factor()

    @staticmethod
    def _starts_factor(token: str) -> bool:
        return token[0].isalnum() or token[0] in "." or token in _OPEN or _known(token)

    def _factor(self) -> Value:
        value = self._atom()
        while self.next == "!":
            self.take()
            value = _factorial(value)
        if self.next == "^":
            self.take()
            value = power(value, self._argument())
        return value

    def _atom(self) -> Value:
        token = self.take()
        if "overline" in token:
            return number(_repeating(token))
        if token[0].isdigit() or token[0] == ".":
            return number(Fraction(token.rstrip(".")))
        if token in _OPEN:
            value = self.sum()
            self.expect(_OPEN[token])
            return value
        if token == "|":
            return self._absolute()
        if token[0] == "\\":
            return self._command(token)
        if token.isalpha():
            return atom(token + self._index())
        raise NotMathematics(token)

    def _command(self, token: str) -> Value:
        if token == r"\frac":
            return self._argument() / self._argument()
        if token == r"\sqrt":
            order = self._order()
            return power(self._argument(), number(1) / order)
        if token == r"\binom":
            return _binomial(self._argument(), self._argument())
        if token in _CONSTANTS or _GREEK.fullmatch(token):
            return atom(_CONSTANTS.get(token, token[1:]) + self._index())
        if _FUNCTION.fullmatch(token):
            return self._function(token[1:])
        raise NotMathematics(token)

    def _order(self) -> Value:
        if self.next != "[":
            return number(2)
        self.take()
        order = self.sum()
        self.expect("]")
        return order

    def _argument(self) -> Value:
        """What a command or an exponent applies to: a group, or one number or letter, with its sign.

        `2^10` is what people mean by it, not LaTeX's `2^1 0`.
        """
        if self.next == "-":
            self.take()
            return -self._argument()
        return self._atom()

    def _index(self) -> str:
        if self.next != "_":
            return ""
        self.take()
        if self.next != "{":
            return "_" + self.take()
        parts = [self.take()]
        while parts[-1] != "}":
            parts.append(self.take())
        return "_" + "".join(parts[1:-1])

    def _function(self, name: str) -> Value:
        name += self._index()
        exponent = number(1)
        if self.next == "^":
            self.take()
            exponent = self._argument()
        if self.next in _OPEN:
            argument = self._atom()
        else:
            argument = self._factor()
            while self.next is not None and self._starts_factor(self.next) and self.next not in _OPEN:
                if _FUNCTION.fullmatch(self.next):
                    break
                argument *= self._factor()
        return power(atom(f"{name}({argument.name()})"), exponent)

    def _absolute(self) -> Value:
        value = self.sum()
        self.expect("|")
        known = value.number()
        return atom(f"|{value.name()}|") if known is None else number(abs(known))


def _known(token: str) -> bool:
    named = token in _CONSTANTS or token in (r"\frac", r"\sqrt", r"\binom")
    return named or bool(_GREEK.fullmatch(token) or _FUNCTION.fullmatch(token))


def _repeating(token: str) -> Fraction:
    whole, decimals = token.split(".", 1)
    fixed, period = decimals.rstrip("}").split(r"\overline{")
    scale, nines = 10 ** len(fixed), 10 ** len(period) - 1
    return Fraction(int(whole or 0)) + Fraction(int(fixed or 0), scale) + Fraction(int(period), scale * nines)


def _whole(value: Value) -> int:
    found = value.number()
    if found is None or found.denominator != 1 or found < 0:
        raise NotMathematics("no whole number")
    if found > _MAX_FACTORIAL:
        raise TooLarge
    return found.numerator


def _factorial(value: Value) -> Value:
    return number(factorial(_whole(value)))


def _binomial(over: Value, under: Value) -> Value:
    return number(comb(_whole(over), _whole(under)))
