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


def read(canonical: str) -> tuple[list[int], int]:
    numbers, target = canonical.split(">")
    return [int(part) for part in numbers.split(",")], int(target)


def value(expression: str) -> Fraction:
    assert re.fullmatch(r"[\d+\-x/() ]+", expression), expression
    return eval(re.sub(r"(\d+)", r"Fraction(\1)", expression.replace("x", "*")))


def by_sign(a: int, b: int) -> dict[str, int]:
    """What two numbers give in the search: no zeros, easy products, exact quotients."""
    small, large = sorted((a, b))
    product = a * b if 2 <= small <= 9 and large <= 25 else 0
    quotient = large // small if large % small == 0 else 0
    results = {"+": a + b, "-": large - small, "x": product, "/": quotient}
    return {sign: result for sign, result in results.items() if result}


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
def test_the_search_works_out_what_is_given_and_what_is_wanted(seed: int) -> None:
    heading, *lines = generate(Random(seed)).thought.split("\n")
    shown, target = heading.split(">")
    numbers = [int(part) for part in shown.split(" ")]
    tries = lines[:-3]
    assert len(tries) % 2 == 0
    for index, (given_, wanted) in enumerate(zip(tries[::2], tries[1::2], strict=True)):
        others = [number for at, number in enumerate(numbers) if at != index]
        results = {sign: result for sign, result, _ in equations(given_)}
        assert results == by_sign(*others)
        for sign, result, verdict in (found := equations(wanted)):
            assert by_sign(int(target), numbers[index])[sign] == result, wanted
            assert verdict == ("yes" if result in results.values() else "no"), wanted
        assert [verdict for *_, verdict in found[:-1]] == ["no"] * (len(found) - 1)
        last = 2 * index == len(tries) - 2
        assert last == (found[-1][2] == "yes")
        assert last or len(found) == len(by_sign(int(target), numbers[index]))


def equations(line: str) -> list[tuple[str, int, str]]:
    """The signs, results and verdicts of a line of equations, each of which must be true."""
    found = re.findall(r"(\d+)([+\-x/])(\d+)=(\d+)(?: (yes|no))?", line)
    assert (
        " ".join(f"{a}{sign}{b}={result}" + f" {verdict}" * bool(verdict) for a, sign, b, result, verdict in found)
        == line
    )
    for a, sign, b, result, _ in found:
        assert value(f"{a}{sign}{b}") == int(result), line
    return [(sign, int(result), verdict) for _, sign, _, result, verdict in found]


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
