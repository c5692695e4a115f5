"""Works an expression out as on paper: one operation at a time, the rest copied below.

An expression is a tuple of numbers and the signs + - * ( ). Parentheses come first, then products, then sums and
differences, each from left to right.

    (12+7)x3-5
    12+7=19
    19x3-5
    ...
    57-5=52

Once only sums and differences are left, no copies are needed: every line ends in the result so far.
"""

from __future__ import annotations

from yunqi.data.problems.working import Working

Token = int | str
Expression = tuple[Token, ...]


def work_out(expression: Expression, working: Working, *, copying: bool = False) -> list[int]:
    """All results on the way, up to the first below zero; the last one is the value."""
    results: list[int] = []
    while len(expression) > 1:
        mixed = "*" in expression or "(" in expression
        if copying and mixed and len(expression) > 3:
            working.head(written(expression))
        start, stop = _next(expression)
        left, sign, right = (token for token in expression[start:stop] if token not in ("(", ")"))
        operation = {"+": working.add, "-": working.subtract, "*": working.multiply}[str(sign)]
        results.append(operation(int(left), int(right)))
        expression = (*expression[:start], results[-1], *expression[stop:])
        if copying and mixed and len(expression) > 3:
            working.head(written(expression))
        if results[-1] < 0:
            break
    return results


def canonical(expression: Expression) -> str:
    return "".join(map(str, expression))


def written(expression: Expression) -> str:
    """As a thought writes it."""
    return canonical(expression).replace("*", "x")


def _next(expression: Expression) -> tuple[int, int]:
    """Where the next operation stands, with the parentheses that hold nothing else."""
    closing = expression.index(")") if ")" in expression else len(expression)
    openings = [place for place in range(closing) if expression[place] == "("]
    first = openings[-1] + 1 if openings else 0
    signs = [place for place in range(first, closing) if expression[place] in ("+", "-", "*")]
    products = [place for place in signs if expression[place] == "*"]
    sign = products[0] if products else signs[0]
    enclosed = len(signs) == 1 and closing < len(expression)
    return (sign - 2, sign + 3) if enclosed else (sign - 1, sign + 2)
