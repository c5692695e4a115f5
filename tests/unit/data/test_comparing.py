"""Comparing: the answer is the largest or smallest number asked, and every meeting of digits is true."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.problems.comparing import generate
from yunqi.data.problems.problem import LANGUAGES, Language

RELATIONS = {"greater": float.__gt__, "less": float.__lt__, "equal": float.__eq__}
YES = {"en": "Yes", "de": "Ja", "zh": "是"}
NO = {"en": "No", "de": "Nein", "zh": "不"}


@pytest.mark.parametrize("language", LANGUAGES)
@given(seed=st.integers(0, 2**32), beyond=st.booleans())
def test_the_canonical_form_decides_the_answer(language: Language, seed: int, beyond: bool) -> None:
    problem = generate(Random(seed), beyond=beyond, language=language)
    assert problem == generate(Random(seed), beyond=beyond, language=language)
    kind, _, body = problem.canonical.partition(":")
    values = [float(part) for part in body.split(",")]
    if kind in RELATIONS:
        assert problem.answer == (YES if RELATIONS[kind](*values) else NO)[language]
    else:
        assert float(problem.answer) == {"max": max, "min": min}[kind](values)
    assert problem.answer in problem.reply
    assert problem.thought.split("\n")[-1] == problem.answer


@pytest.mark.parametrize("language", LANGUAGES)
@given(seed=st.integers(0, 2**32), beyond=st.booleans())
def test_the_question_names_the_numbers_in_order(language: Language, seed: int, beyond: bool) -> None:
    problem = generate(Random(seed), beyond=beyond, language=language)
    told = re.sub(r"(?<=\d),(?=\d{3})", "", problem.question)
    assert re.findall(r"\d+(?:\.\d+)?", told) == problem.canonical.partition(":")[2].split(",")


@given(seed=st.integers(0, 2**32), beyond=st.booleans())
def test_every_meeting_is_true_and_stops_at_the_first_difference(seed: int, beyond: bool) -> None:
    for line in generate(Random(seed), beyond=beyond).thought.split("\n"):
        pairs = re.findall(r"(?<!\d)(\d)([<=>])(\d)(?!\d)", line.partition(": ")[2])
        for left, sign, right in pairs:
            assert (left < right, left == right, left > right)["<=>".index(sign)], line
        assert all(sign == "=" for _, sign, _ in pairs[:-1]), line


@given(seed=st.integers(0, 2**32))
def test_beyond_is_longer_than_any_in_training(seed: int) -> None:
    for beyond in (False, True):
        parts = generate(Random(seed), beyond=beyond).canonical.partition(":")[2].split(",")
        longest = max(len(part.partition(".")[0]) for part in parts)
        assert (len(parts) > 5 or longest > 4) == beyond


def test_a_pair_meets_digit_by_digit() -> None:
    thoughts = (problem.thought for problem in map(generate, map(Random, range(3000))))
    assert any(
        re.fullmatch(r"(\d)(\d)(\d) \1\2(\d)\n\1\2\3 \1\2\4: \1=\1 \2=\2 \3[<>]\4 (max|min) (\d{3})\n\6", text)
        for text in thoughts
    )
