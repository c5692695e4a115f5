"""Units: conversions are true both ways, with decimals and in two parts."""

from __future__ import annotations

import re
from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.problems import units
from yunqi.data.problems.problem import Language
from yunqi.eval.verifiers.table import verify

LANGUAGES = st.sampled_from(("en", "de", "zh"))
SEEDS = st.integers(0, 2**32)
EQUATION = re.compile(r"^[\d.+\-x/=]+$")


@given(seed=SEEDS, language=LANGUAGES, beyond=st.booleans())
def test_the_reply_is_right_and_holds_the_answer(seed: int, language: Language, beyond: bool) -> None:
    problem = units.generate(Random(seed), beyond=beyond, language=language)
    assert problem == units.generate(Random(seed), beyond=beyond, language=language)
    assert problem.answer in problem.reply
    assert verify(problem, problem.reply)


@given(seed=SEEDS)
def test_every_equation_of_a_thought_is_true(seed: int) -> None:
    problem = units.generate(Random(seed))
    first, *lines = problem.thought.split("\n")
    assert re.fullmatch(r"1 \w+=\d+ \w+", first)
    for line in lines:
        equation = line.partition(" -> ")[0]
        if "=" in equation and EQUATION.match(equation):
            assert len({_value(side) for side in equation.split("=")}) == 1, line


@given(seed=SEEDS)
def test_a_thought_ends_in_the_answer(seed: int) -> None:
    problem = units.generate(Random(seed))
    last = problem.thought.split("\n")[-1]
    assert problem.answer == re.split(r"=|-> ", last)[-1], problem


@given(seed=SEEDS)
def test_the_question_names_the_amounts(seed: int) -> None:
    problem = units.generate(Random(seed))
    source = problem.canonical.partition(">")[0]
    for amount in re.findall(r"[\d.]+", source):
        assert amount in problem.question


@given(seed=SEEDS)
def test_answers_are_whole_or_have_up_to_three_decimals(seed: int) -> None:
    answer = units.generate(Random(seed)).answer
    if " " not in answer:
        assert re.fullmatch(r"\d+(?:\.\d{0,2}[1-9])?", answer), answer


@given(seed=SEEDS)
def test_a_problem_is_the_same_in_german_and_chinese_but_for_the_comma(seed: int) -> None:
    german, chinese = (units.generate(Random(seed), language=language) for language in ("de", "zh"))
    assert german.canonical == chinese.canonical
    assert german.answer == chinese.answer.replace(".", ",")


def test_there_are_many_different_problems() -> None:
    drawn = [units.generate(Random(seed)) for seed in range(1500)]
    assert len({problem.canonical for problem in drawn}) > 700
    assert len({problem.canonical.split(" ", 1)[1] for problem in drawn}) > 30


def _value(side: str) -> Fraction:
    """The value of a side that holds at most one kind of operator beside sums."""
    total = Fraction(0)
    for sign, term in re.findall(r"([+-]?)([\d.x/]+)", side):
        value = Fraction(1)
        for operator, factor in re.findall(r"([x/]?)([\d.]+)", term):
            value = value / Fraction(factor) if operator == "/" else value * Fraction(factor)
        total += -value if sign == "-" else value
    return total
