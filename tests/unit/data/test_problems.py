"""Generators: every worked thought ends in its answer, every line of arithmetic is true, difficulty stays in range."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.problems.catalogue import SKILLS
from yunqi.data.problems.stories import compare, flow, places, shop
from yunqi.data.problems.working import Working

ARITHMETIC = [skill for skill in SKILLS if skill != "manners"]
LINE = re.compile(r"^(?:negative: )?([\d+\-x/=]+=\d+)(?: -> \d+)?$")
HEADING = re.compile(r"^(?:negative: )?\d+[+-]\d+$")


@pytest.mark.parametrize("skill", SKILLS)
@given(seed=st.integers(0, 2**32))
def test_a_generator_depends_on_its_seed_alone(skill: str, seed: int) -> None:
    first, again = (SKILLS[skill].generate(Random(seed)) for _ in range(2))
    assert first == again
    assert first.skill == skill
    assert first.question.strip()
    assert not first.beyond


@pytest.mark.parametrize("skill", ARITHMETIC)
@given(seed=st.integers(0, 2**32), beyond=st.booleans())
def test_every_line_of_a_thought_is_true(skill: str, seed: int, beyond: bool) -> None:
    problem = SKILLS[skill].generate(Random(seed), beyond=beyond)
    assert problem.beyond == beyond
    for line in problem.thought.split("\n"):
        found = LINE.match(line)
        assert found or HEADING.match(line), line
        if found:
            assert len({eval(side.replace("x", "*")) for side in found[1].split("=")}) == 1, line


@pytest.mark.parametrize("skill", ARITHMETIC)
@given(seed=st.integers(0, 2**32))
def test_a_thought_ends_in_the_answer_and_the_reply_says_it(skill: str, seed: int) -> None:
    problem = SKILLS[skill].generate(Random(seed))
    last = problem.thought.split("\n")[-1]
    assert int(re.findall(r"\d+", last)[-1]) == abs(int(problem.answer))
    assert re.findall(r"-?\d+", problem.reply)[-1] == problem.answer


@given(a=st.integers(0, 10**6), b=st.integers(0, 10**6))
def test_working_adds_and_subtracts(a: int, b: int) -> None:
    working = Working()
    assert working.add(a, b) == a + b
    assert working.subtract(a, b) == a - b


@given(a=st.integers(0, 9999), b=st.integers(2, 9))
def test_working_multiplies_and_divides(a: int, b: int) -> None:
    working = Working()
    assert working.multiply(a, b) == a * b
    assert working.divide(a * b, b) == a
    assert int(working.lines[-1].rsplit(" ", 1)[-1].rsplit("=", 1)[-1]) == a


def test_short_numbers_go_by_tens_and_ones() -> None:
    working = Working()
    for a, b in ((34, 47), (34, 40), (34, 7), (7, 34)):
        working.add(a, b)
    for a, b in ((81, 47), (81, 40), (81, 7), (47, 81)):
        working.subtract(a, b)
    assert working.lines[:4] == ["34+47=74+7=81", "34+40=74", "34+7=41", "7+34=37+4=41"]
    assert working.lines[4:] == ["81-47=41-7=34", "81-40=41", "81-7=74", "negative: 81-47=41-7=34"]


def test_columns_carry_and_borrow_as_on_paper() -> None:
    working = Working()
    working.add(4837, 956)
    working.subtract(5793, 956)
    assert working.lines == [
        "4837+0956",
        "7+6=13 -> 3",
        "3+5+1=9 -> 93",
        "8+9=17 -> 793",
        "4+0+1=5 -> 5793",
        "5793-0956",
        "13-6=7 -> 7",
        "9-1-5=3 -> 37",
        "17-9=8 -> 837",
        "5-1-0=4 -> 4837",
    ]


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


@given(seed=st.integers(0, 2**32))
def test_chains_stay_at_or_above_zero(seed: int) -> None:
    problem = SKILLS["chains"](Random(seed))
    assert int(problem.answer) >= 0
    assert problem.difficulty in (2, 3, 4)
    assert sum(problem.canonical.count(sign) for sign in "+-*") == problem.difficulty
