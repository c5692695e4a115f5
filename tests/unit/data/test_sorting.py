"""Sorting: the answer is in order, and every line takes the best of what is left and leaves the rest as it was."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.problems.problem import LANGUAGES, Language
from yunqi.data.problems.sorting import generate


@pytest.mark.parametrize("language", LANGUAGES)
@given(seed=st.integers(0, 2**32), beyond=st.booleans())
def test_the_canonical_form_decides_the_answer(language: Language, seed: int, beyond: bool) -> None:
    problem = generate(Random(seed), beyond=beyond, language=language)
    assert problem == generate(Random(seed), beyond=beyond, language=language)
    kind, _, body = problem.canonical.partition(":")
    values = [int(part) for part in body.split(",")]
    assert [int(part) for part in problem.answer.split(", ")] == sorted(values, reverse=kind == "desc")
    assert problem.answer in problem.reply
    assert problem.thought.endswith(f"\n{problem.answer}")
    assert re.findall(r"\d+", problem.question) == body.split(",")


@given(seed=st.integers(0, 2**32), beyond=st.booleans())
def test_every_line_takes_the_best_and_copies_the_rest(seed: int, beyond: bool) -> None:
    *lines, last, answer = generate(Random(seed), beyond=beyond).thought.split("\n")
    left, taken = [], []
    for line in lines:
        shown, word, best = re.split(r" (min|max) ", line)
        assert not left or shown.split() == left
        left = shown.split()
        assert int(best) == {"min": min, "max": max}[word](map(int, left))
        left.remove(best)
        taken.append(best)
    assert [last] == left
    assert [str(int(part)) for part in (*taken, last)] == answer.split(", ")


@given(seed=st.integers(0, 2**32), beyond=st.booleans())
def test_beyond_has_more_numbers(seed: int, beyond: bool) -> None:
    problem = generate(Random(seed), beyond=beyond)
    assert problem.difficulty == problem.canonical.count(",") + 1
    assert problem.difficulty in ((7, 8) if beyond else (3, 4, 5, 6))
