"""Which problems are for training, for tuning and for the final test: decided by the hash of the canonical problem.

The phrasing plays no part, so a problem met in training never comes back in the test in other words. `beyond` problems
are longer than any in training and make the split `ood`.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Literal, get_args

from yunqi.data.problems.bucket import HELD_OUT_PERCENT, bucket
from yunqi.data.problems.catalogue import ALL
from yunqi.data.problems.problem import Language, Problem

Split = Literal["train", "dev", "test", "ood"]
SPLITS: tuple[Split, ...] = get_args(Split)
TEST_PERCENT = 10


def split_of(problem: Problem) -> Split:
    """The split a problem belongs to, the same in every run and for every phrasing."""
    if problem.beyond:
        return "ood"
    place = bucket(problem.skill, problem.canonical)
    if place < TEST_PERCENT:
        return "test"
    return "dev" if place < HELD_OUT_PERCENT else "train"


def draw(skill: str, split: Split, random: Random, language: Language = "en") -> Problem:
    """One problem of a skill that belongs to a split. `language` is one that the skill's row names."""
    generate = ALL[skill].generate
    while True:
        problem = generate(random, beyond=split == "ood", language=language)
        if split_of(problem) == split:
            return problem


def problems(skill: str, split: Split, seed: int, language: Language = "en") -> Iterator[Problem]:
    """An endless stream of problems, the same for the same seed."""
    random = Random(f"{skill}/{split}/{language}/{seed}")
    while True:
        yield draw(skill, split, random, language)
