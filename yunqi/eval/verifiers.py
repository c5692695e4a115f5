"""Whether an answer is right. Written apart from the generators: the question is worked out again on another road."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from yunqi.data.problems.problem import Problem
from yunqi.eval.expression import solve
from yunqi.eval.plots import solve_plot

Verifier = Callable[[Problem, str], bool]
_NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:,\d{3})*(?:\.\d+)?")


def extract_number(text: str) -> Fraction | None:
    """The last number an answer names, thousands commas understood; None where there is none."""
    found = _NUMBER.findall(text)
    return Fraction(found[-1].replace(",", "").replace("−", "-")) if found else None


def verify(problem: Problem, text: str) -> bool:
    """Whether `text`, the answer without its thought, is right."""
    return VERIFIERS[problem.skill](problem, text)


def arithmetic(problem: Problem, text: str) -> bool:
    """The question itself is read and computed with fractions."""
    wanted = solve(problem.question)
    return wanted is not None and extract_number(text) == wanted


def word_problem(problem: Problem, text: str) -> bool:
    return extract_number(text) == solve_plot(problem.canonical)


def manners(problem: Problem, text: str) -> bool:
    """A question outside is declined by naming a real model; the others are met in kind, without declining."""
    kind = problem.canonical.partition(":")[0]
    declined = "yunqi chat" in text and "cannot" in text
    signs = {
        "identity": ("nano", "yunqi"),
        "ability": ("word problems", "try"),
        "greeting": ("hello", "nano"),
        "thanks": ("welcome",),
        "goodbye": ("goodbye",),
    }
    if kind == "decline":
        return declined
    return not declined and all(sign in text.lower() for sign in signs[kind])


VERIFIERS: Mapping[str, Verifier] = {
    "sums": arithmetic,
    "products": arithmetic,
    "quotients": arithmetic,
    "chains": arithmetic,
    "words": word_problem,
    "manners": manners,
}
