"""Intervals and baselines: how sure an accuracy is, and what one gets without any skill.

A baseline repeats what the assistant said to some training problem; the verifier judges it as it judges a model.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import sqrt

from yunqi.data.problems.problem import Problem
from yunqi.eval.verifiers import verify

_GUESSES = 100  # replies of training problems that stand for chance


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


def paired_interval(pairs: Sequence[tuple[bool, bool]]) -> tuple[float, float, float]:
    """Share right of the second minus share right of the first, on the same questions, with its 95 % interval.

    Newcombe (1998), "Improved confidence intervals for the difference between binomial proportions based on paired
    data", Statistics in Medicine 17, 2635-2650, method 10: Wilson's intervals of both shares, put together with the
    correlation of the pairs.
    """
    counts = Counter(pairs)
    both, none = counts[True, True], counts[False, False]
    second, first = counts[False, True], counts[True, False]
    product = both * none - first * second
    if product > 0:  # the correction for continuity that belongs to the method
        product = max(0.0, product - len(pairs) / 2)
    scale = (both + first) * (second + none) * (both + second) * (first + none)
    correlation = product / sqrt(scale) if scale else 0.0
    return _difference(both + second, len(pairs), both + first, len(pairs), correlation)


def difference_interval(successes: int, trials: int, others: int, other_trials: int) -> tuple[float, float, float]:
    """Difference of two shares of different questions with its 95 % interval.

    Newcombe (1998), "Interval estimation for the difference between independent proportions", Statistics in Medicine
    17, 873-890, method 10.
    """
    return _difference(successes, trials, others, other_trials, 0.0)


def _difference(
    successes: int, trials: int, others: int, other_trials: int, correlation: float
) -> tuple[float, float, float]:
    if not trials or not other_trials:
        return 0.0, -1.0, 1.0
    a, b = successes / trials, others / other_trials
    (low_a, high_a), (low_b, high_b) = wilson_interval(successes, trials), wilson_interval(others, other_trials)

    def reach(x: float, y: float) -> float:
        return sqrt(max(0.0, x * x - 2 * correlation * x * y + y * y))

    return a - b, a - b - reach(a - low_a, high_b - b), a - b + reach(high_a - a, b - low_b)


def majority_accuracy(known: Sequence[Problem], asked: Sequence[Problem]) -> float:
    """Right answers of who always says the commonest reply of the training problems."""
    counts = Counter(_said(p) for p in known)
    commonest = next(p for p in known if counts[_said(p)] == max(counts.values()))
    return _share([_repeats(p, commonest) for p in asked])


def chance_accuracy(known: Sequence[Problem], asked: Sequence[Problem]) -> float:
    """Expected right answers of who repeats the reply of a training problem drawn at random."""
    guesses = known[:: max(1, len(known) // _GUESSES)]
    return _share([_repeats(p, guess) for p in asked for guess in guesses])


def neighbour_accuracy(known: Sequence[Problem], asked: Sequence[Problem]) -> float:
    """Right answers of who repeats the reply to the training problem that shares most words and numbers."""
    bags = [_bag(p) for p in known]
    return _share([_repeats(p, known[_nearest(_bag(p), bags)]) for p in asked])


def _repeats(problem: Problem, known: Problem) -> bool:
    """Whether what was said to a known problem is right here."""
    return verify(problem, known.reply, known.calls)


def _said(problem: Problem) -> str:
    return problem.answer or problem.reply


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / max(1, len(hits))


def _bag(problem: Problem) -> frozenset[str]:
    """Words and numbers of all that was asked; a Chinese character counts as a word."""
    text = "\n".join(message.text for message in problem.prompt if message.role != "assistant")
    return frozenset(re.findall(r"\d+|[^\W\d_\u4e00-\u9fff]+|\S", text.lower()))


def _nearest(bag: frozenset[str], bags: Sequence[frozenset[str]]) -> int:
    def likeness(place: int) -> float:
        shared = len(bag & bags[place])
        return shared / max(1, len(bag) + len(bags[place]) - shared)

    return max(range(len(bags)), key=likeness)
