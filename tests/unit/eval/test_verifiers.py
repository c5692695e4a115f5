"""Verifiers: written apart from the generators, they agree with every true answer and with no other."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yunqi.data.problems.catalogue import GENERATORS
from yunqi.eval.expression import evaluate, solve
from yunqi.eval.plots import solve_plot
from yunqi.eval.verifiers import VERIFIERS, extract_number, verify

ARITHMETIC = [skill for skill in GENERATORS if skill != "manners"]


def test_every_skill_has_a_verifier() -> None:
    assert set(VERIFIERS) == set(GENERATORS)


@pytest.mark.parametrize("skill", GENERATORS)
@given(seed=st.integers(0, 2**32), beyond=st.booleans())
@settings(max_examples=200)
def test_the_true_reply_is_right(skill: str, seed: int, beyond: bool) -> None:
    problem = GENERATORS[skill](Random(seed), beyond=beyond)
    assert verify(problem, problem.reply), (problem.question, problem.canonical)


@pytest.mark.parametrize("skill", ARITHMETIC)
@given(seed=st.integers(0, 2**32), error=st.integers(-20, 20).filter(bool))
def test_another_number_is_wrong(skill: str, seed: int, error: int) -> None:
    problem = GENERATORS[skill](Random(seed))
    assert not verify(problem, f"The answer is {int(problem.answer) + error}.")
    assert not verify(problem, "")
    assert not verify(problem, "I do not know.")


@given(seed=st.integers(0, 2**32))
def test_a_mistaken_generator_would_be_caught(seed: int) -> None:
    problem = GENERATORS["chains"](Random(seed))
    wrong = replace(problem, answer=str(int(problem.answer) + 1), reply=f"It is {int(problem.answer) + 1}.")
    assert not verify(wrong, wrong.reply)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What is 12 + 5?", 17),
        ("12+5", 17),
        ("12 plus 5", 17),
        ("Subtract 8 from 3.", -5),
        ("2 + 3 x 4", 14),
        ("(2 + 3) * 4 - 1", 19),
        ("1,250 − 50 =", 1200),
        ("How much is 7 taken 6 times?", 42),
        ("84 ÷ 7 = ?", 12),
        ("Start with 10, take away 4, double it and add 1. What do you get?", 13),
        ("Take 7, then multiply it by 3, then minus 1. What is the result?", 20),
        ("Take 30 away from 50.", 20),
    ],
)
def test_questions_are_read(question: str, value: int) -> None:
    assert solve(question) == value


@pytest.mark.parametrize("text", ["", "hello", "1 +", "(2 + 3", "2 3", "4 / 0"])
def test_what_is_no_expression_has_no_value(text: str) -> None:
    assert evaluate(text) is None


@given(
    expression=st.recursive(
        st.integers(0, 99).map(str),
        lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda p: f"({p[0]}{p[1]}{p[2]})"),
        max_leaves=8,
    )
)
def test_the_calculator_agrees_with_python(expression: str) -> None:
    assert evaluate(expression) == eval(expression)


@pytest.mark.parametrize(
    ("canonical", "value"),
    [
        ("flow:12,+7,-5", 14),
        ("flow:10,+3*4,/2", 11),
        ("rows:5*6,-4", 26),
        ("save:4*3,-2,+10", 20),
        ("compare:38,-9,all", 67),
        ("compare:5,*2,+1,last", 11),
        ("shop:2*9,3*4", 30),
        ("shop:2*9,from 50", 32),
    ],
)
def test_plots_are_solved(canonical: str, value: int) -> None:
    assert solve_plot(canonical) == value


def test_an_unknown_plot_is_refused() -> None:
    with pytest.raises(ValueError, match="not known"):
        solve_plot("chess:1,+2")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The answer is 17.", 17),
        ("17", 17),
        ("12 + 5 = 17", 17),
        ("It is -5.", -5),
        ("−5", -5),
        ("1,234 apples", 1234),
        ("It is 3.5", Fraction(7, 2)),
        ("none", None),
        ("", None),
    ],
)
def test_the_last_number_is_the_answer(text: str, number: object) -> None:
    assert extract_number(text) == number


def test_declining_is_told_from_answering() -> None:
    random = Random(0)
    seen = {}
    while len(seen) < 6:
        problem = GENERATORS["manners"](random)
        seen[problem.canonical.partition(":")[0]] = problem
    for kind, problem in seen.items():
        for other, said in seen.items():
            assert verify(problem, said.reply) == (kind == other), (kind, other)
