"""Intervals against published values and properties; baselines against what they must give."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.split import problems, split_of
from yunqi.eval.conduct import names_answer
from yunqi.eval.statistics import (
    chance_accuracy,
    difference_interval,
    majority_accuracy,
    neighbour_accuracy,
    paired_interval,
    wilson_interval,
)


def pairs(both: int, first: int, second: int, none: int) -> list[tuple[bool, bool]]:
    return [(True, True)] * both + [(True, False)] * first + [(False, True)] * second + [(False, False)] * none


@given(trials=st.integers(1, 500), data=st.data())
def test_the_interval_holds_the_share(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    low, high = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials + 1e-12
    assert successes / trials - 1e-12 <= high <= 1


def test_the_interval_against_a_published_value() -> None:
    # Newcombe (1998), table I, method 3: 81 of 263.
    low, high = wilson_interval(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_the_paired_interval_against_published_values() -> None:
    # Newcombe (1998, paired data): 36, 12, 2, 0 by method 10, turned round.
    assert paired_interval(pairs(36, 2, 12, 0)) == pytest.approx((0.20, 0.0569, 0.3404), abs=5e-5)
    # Fagerland, Lydersen and Laake (2017), chapter 8: 1, 1, 7, 12.
    assert paired_interval(pairs(1, 7, 1, 12)) == pytest.approx((-0.286, -0.507, -0.026), abs=1e-3)


def test_the_unpaired_interval_against_a_published_value() -> None:
    # Newcombe (1998, independent proportions), table II, method 10: 56 of 70 and 48 of 80.
    assert difference_interval(56, 70, 48, 80) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


@given(counts=st.tuples(*[st.integers(0, 60)] * 4).filter(any))
def test_the_paired_interval_holds_the_difference_and_turns_round(counts: tuple[int, int, int, int]) -> None:
    rows = pairs(*counts)
    middle, low, high = paired_interval(rows)
    assert -1 <= low <= middle <= high <= 1
    assert middle == pytest.approx((counts[2] - counts[1]) / len(rows))
    turned = paired_interval([(b, a) for a, b in rows])
    assert turned == pytest.approx((-middle, -high, -low))


def test_pairs_that_agree_make_the_interval_narrow() -> None:
    agreeing = paired_interval(pairs(60, 0, 5, 35))
    apart = difference_interval(65, 100, 60, 100)
    assert agreeing[0] == pytest.approx(apart[0])
    assert agreeing[2] - agreeing[1] < 0.6 * (apart[2] - apart[1])


def test_baselines() -> None:
    known = list(islice(problems("sums", "train", 0), 50))
    assert neighbour_accuracy(known, known) > 0.9
    assert chance_accuracy(known, known) < 0.2
    assert majority_accuracy(known, known) >= 1 / 50
    assert all(split_of(problem) == "train" for problem in known)


def test_an_answer_in_any_words_is_found() -> None:
    right = {
        "Sorted: 9, 4 and 7 become 4, 7, 9.": "4, 7, 9",
        "That makes $7.50.": "$7.50",
        "3,000 metres": "3000",
        'The last letter is "W".': "w",
        "On April 4.": "4 April",
    }
    wrong = {"4, 9, 7": "4, 7, 9", "7 or 9": "7", "It is Friday.": "Thursday", "": "3", "3.5": "3", "I know": "w"}
    assert all(names_answer(text, answer) for text, answer in right.items())
    assert not any(names_answer(text, answer) for text, answer in wrong.items())
