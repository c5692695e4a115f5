"""A fact recalled: what the canonical form says has the last word."""

from __future__ import annotations

import re

from yunqi.data.problems.problem import Problem

_WORD = re.compile(r"[^\W_]+")


def recall(problem: Problem, text: str) -> bool:
    """`number:Anna:4821`, `town:Ben:Rome`, `colour:Ida:green`: the answer ends in it, without another number."""
    kind, _, value = problem.canonical.split(":")[:3]
    said = _WORD.findall(text.casefold())
    if not said or said[-1] != value.casefold():
        return False
    return kind != "number" or [word for word in said if word.isdigit()] == [value]
