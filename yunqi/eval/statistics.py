"""Intervals and baselines: how sure an accuracy is, and what one gets without any skill."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import sqrt

from yunqi.data.problems.problem import Problem


def wilson_interval(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The Wilson score interval of a share, 95 % by default (Wilson 1927)."""
    assert 0 <= successes <= trials, (successes, trials)
    if trials == 0:
        return 0.0, 1.0
    share = successes / trials
    scale = 1 + z * z / trials
    middle = (share + z * z / (2 * trials)) / scale
    half = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)


def majority_accuracy(known: Sequence[Problem], asked: Sequence[Problem]) -> float:
    """Right answers of who always says the commonest answer of the training problems."""
    commonest = Counter(_said(p) for p in known).most_common(1)[0][0]
    return _share([_said(p) == commonest for p in asked])


def chance_accuracy(known: Sequence[Problem], asked: Sequence[Problem]) -> float:
    """Expected right answers of who says the answer of a training problem drawn at random."""
    counts = Counter(_said(p) for p in known)
    return sum(counts[_said(p)] for p in asked) / (len(known) * max(1, len(asked)))


def neighbour_accuracy(known: Sequence[Problem], asked: Sequence[Problem]) -> float:
    """Right answers of who repeats the answer of the training problem that shares most words and numbers."""
    bags = [(_bag(p.question), _said(p)) for p in known]
    return _share([max(bags, key=lambda b: _overlap(_bag(p.question), b[0]))[1] == _said(p) for p in asked])


def _said(problem: Problem) -> str:
    return problem.answer or problem.reply


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / max(1, len(hits))


def _bag(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\d+|[a-z]+|[^\sa-z\d]", text.lower()))


def _overlap(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b)
