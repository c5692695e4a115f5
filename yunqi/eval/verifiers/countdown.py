"""Countdown: any expression is right that uses each number exactly once and reaches the target."""

from __future__ import annotations

import re
from collections import Counter

from yunqi.data.problems.problem import Problem
from yunqi.eval.expression import evaluate, read_tokens

# A colon is a division only with the same room on both sides: "25: 7 + 3" opens a list, "25 : 5" divides.
_COLON = re.compile(r"(?<=[\d)]) : (?=[\d(])|(?<=[\d)]):(?=[\d(])")
_OPERATORS = r"[-−–+*×xX·⋅÷/]"
_EXPRESSION = re.compile(rf"[\d(](?:[\d() \t]|{_OPERATORS})*[\d)]")
_SIGN = re.compile(r"(?:^|[(+\-*/])\s*-")


def countdown(problem: Problem, text: str) -> bool:
    """`3,7,25>46`: the last expression that is named counts, and a result named after it has to be the target."""
    given, _, target = problem.canonical.partition(">")
    plain = _COLON.sub("/", text)
    expressions = [found for found in _EXPRESSION.finditer(plain) if re.search(_OPERATORS, found[0])]
    if not expressions:
        return False
    last = expressions[-1]
    claimed = re.match(r"\s*=\s*(\d+)(?!\d)", plain[last.end() :])
    return _uses(last[0], given.split(","), int(target)) and (claimed is None or claimed[1] == target)


def _uses(expression: str, given: list[str], target: int) -> bool:
    tokens = read_tokens(expression) or []
    numbers = Counter(token for token in tokens if token.isdigit())
    return numbers == Counter(given) and not _SIGN.search("".join(tokens)) and evaluate(expression) == target
