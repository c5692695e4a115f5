"""Splits: disjoint, the same for every phrasing, and the training stream yields the train split only."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yunqi.data import conversations
from yunqi.data.conversations import Mix, sample
from yunqi.data.problems.catalogue import ALL, SKILLS
from yunqi.data.split import SPLITS, draw, problems, split_of

MIX = Mix(skills=dict.fromkeys(ALL, 1.0), history_share=0.5, max_earlier=3, soft_switch_share=0.3)


@pytest.mark.parametrize("skill", ALL)
def test_no_problem_is_in_two_splits(skill: str) -> None:
    seen = {split: {p.canonical for p in islice(problems(skill, split, 0), 200)} for split in SPLITS}
    for i, first in enumerate(SPLITS):
        for second in SPLITS[i + 1 :]:
            assert not seen[first] & seen[second], (first, second)


@pytest.mark.parametrize("split", SPLITS)
@given(seed=st.integers(0, 2**32), skill=st.sampled_from(list(ALL)))
@settings(max_examples=30)
def test_draw_keeps_to_its_split(split, seed: int, skill: str) -> None:
    assert split_of(draw(skill, split, Random(seed))) == split


@given(seed=st.integers(0, 2**32), skill=st.sampled_from(list(ALL)))
def test_the_split_ignores_the_phrasing(seed: int, skill: str) -> None:
    problem = ALL[skill].generate(Random(seed))
    assert split_of(replace(problem, question="Something else entirely?", thought="")) == split_of(problem)


def test_a_turned_sum_is_the_same_problem() -> None:
    found: dict[str, set[tuple[str, ...]]] = {}
    random = Random(4)
    for _ in range(4000):
        problem = SKILLS["products"].generate(random)
        found.setdefault(problem.canonical, set()).add(problem.answer)
    assert all(len(answers) == 1 for answers in found.values())
    assert all(int(a) >= int(b) for a, b in (c.split("*") for c in found))


def test_the_shares_are_as_published() -> None:
    random = Random(0)
    counts = Counter(split_of(SKILLS["chains"].generate(random)) for _ in range(4000))
    assert 0.08 < counts["test"] / 4000 < 0.12
    assert 0.035 < counts["dev"] / 4000 < 0.065


def test_training_never_meets_a_test_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    met = []

    def watched(skill, split, random, language):
        met.append(draw(skill, split, random, language))
        return met[-1]

    monkeypatch.setattr(conversations, "draw", watched)
    random = Random(1)
    for _ in range(1500):
        sample(MIX, "train", random)
    assert len(met) > 2000
    assert {split_of(problem) for problem in met} == {"train"}
    held_out = {p.canonical for skill in SKILLS for p in islice(problems(skill, "test", 0), 100)}
    assert not held_out & {p.canonical for p in met}
