"""All generators: they depend on their seed alone, keep their marks, and say their answer."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yunqi.data.problems.catalogue import ALL
from yunqi.data.problems.problem import LANGUAGES
from yunqi.data.problems.stories import compare, flow, places, shop

ROWS = [(skill, language) for skill, row in ALL.items() for language in row.languages]


@pytest.mark.parametrize(("skill", "language"), ROWS)
@given(seed=st.integers(0, 2**32), beyond=st.booleans())
@settings(max_examples=40)
def test_a_generator_depends_on_its_seed_alone(skill: str, language, seed: int, beyond: bool) -> None:
    first, again = (ALL[skill].generate(Random(seed), beyond=beyond, language=language) for _ in range(2))
    assert first == again
    assert (first.skill, first.language, first.beyond) == (skill, language, beyond)
    assert first.question.strip()
    assert first.reply.strip() or first.calls
    assert first.canonical


@pytest.mark.parametrize(("skill", "language"), ROWS)
def test_a_generator_has_hundreds_of_questions(skill: str, language) -> None:
    random = Random(0)
    assert len({ALL[skill].generate(random, language=language).question for _ in range(200)}) > 60


def test_every_language_is_asked_somewhere() -> None:
    assert {language for _, language in ROWS} <= set(LANGUAGES)
    assert "en" in ALL["sums"].languages


@pytest.mark.parametrize("plot", [flow, compare, shop, places])
@given(seed=st.integers(0, 2**32), steps=st.integers(2, 4), wide=st.booleans())
def test_a_story_has_its_steps_and_names_its_numbers(plot, seed: int, steps: int, wide: bool) -> None:
    story = plot.tell(Random(seed), steps, wide)
    if not story.in_range:
        return
    assert story.steps == steps
    assert story.answer >= 0
    told = " ".join([*story.sentences, story.question])
    numbers = set(re.findall(r"\d+", told))
    for number in re.findall(r"\d+", story.canonical):
        # Doubling is told in words.
        assert number in numbers or number == "2", (number, told)
