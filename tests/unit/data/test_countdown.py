"""Countdown: the answer uses every number once and reaches the target, and the search lists only what is true."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.problems.countdown import generate
from yunqi.data.problems.problem import LANGUAGES, Language

RESULT = re.compile(r"([+\-x/])(\d+)")


def read(canonical: str) -> tuple[list[int], int]:
    numbers, target = canonical.split(">")
    return [int(part) for part in numbers.split(",")], int(target)


def value(expression: str) -> Fraction:
    assert re.fullmatch(r"[\d+\-x/() ]+", expression), expression
    return eval(re.sub(r"(\d+)", r"Fraction(\1)", expression.replace("x", "*")))


def by_sign(a: int, b: int) -> dict[str, Fraction]:
    """What two numbers give, the larger first."""
    small, large = sorted((a, b))
    return {"+": Fraction(a + b), "-": Fraction(large - small), "x": Fraction(a * b), "/": Fraction(large, small)}


@pytest.mark.parametrize("language", LANGUAGES)
@given(seed=st.integers(0, 2**32), beyond=st.booleans())
def test_the_answer_uses_each_number_once_and_reaches_the_target(language: Language, seed: int, beyond: bool) -> None:
    problem = generate(Random(seed), beyond=beyond, language=language)
    assert problem == generate(Random(seed), beyond=beyond, language=language)
    numbers, target = read(problem.canonical)
    expression, reached = problem.answer.split(" = ")
    assert Counter(map(int, re.findall(r"\d+", expression))) == Counter(numbers)
    assert value(expression) == target == int(reached)
    assert problem.reply == problem.answer
    assert problem.thought.endswith(f"\n{problem.answer}")
    assert Counter(map(int, re.findall(r"\d+", problem.question))) == Counter([*numbers, target])


@given(seed=st.integers(0, 2**32))
def test_the_search_lists_what_is_wanted_and_what_the_others_give(seed: int) -> None:
    heading, *lines = generate(Random(seed)).thought.split("\n")
    shown, target = heading.split(">")
    numbers = [int(part) for part in shown.split(" ")]
    tried = [line for line in lines if "|" in line]
    for index, line in enumerate(tried):
        last, wanted, given_, reached = re.fullmatch(r"(\d+):(\S+)\|(\S*?)(?: (\d+))?", line).groups()
        assert int(last) == numbers[index]
        others = [number for at, number in enumerate(numbers) if at != index]
        for listed, pair in ((wanted, (int(target), int(last))), (given_, others)):
            for sign, result in RESULT.findall(listed):
                assert by_sign(*pair)[sign] == int(result), line
        common = {int(result) for _, result in RESULT.findall(wanted)} & {
            int(result) for _, result in RESULT.findall(given_)
        }
        assert (reached is not None) == (index == len(tried) - 1) == bool(common)
        assert reached is None or int(reached) in common


@given(seed=st.integers(0, 2**32), beyond=st.booleans())
def test_every_step_is_true(seed: int, beyond: bool) -> None:
    problem = generate(Random(seed), beyond=beyond)
    steps = [line for line in problem.thought.split("\n") if re.fullmatch(r"\d+[+\-x/]\d+=\d+", line)]
    assert len(steps) == (3 if beyond else 2)
    for step in steps:
        left, right = step.split("=")
        assert value(left) == int(right), step


@given(seed=st.integers(0, 2**32), beyond=st.booleans())
def test_numbers_and_targets_stay_in_range(seed: int, beyond: bool) -> None:
    numbers, target = read(generate(Random(seed), beyond=beyond).canonical)
    assert numbers == sorted(numbers)
    assert len(numbers) == (4 if beyond else 3)
    assert 1 <= numbers[0] <= numbers[-1] <= 25
    assert 1 <= target <= 200
