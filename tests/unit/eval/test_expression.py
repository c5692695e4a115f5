"""The calculator behind the verifiers agrees with Python, and the reader of questions with what was asked."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.eval.reading import solve
from yunqi.data.split import problems
from yunqi.eval.expression import evaluate
from yunqi.eval.plots import solve_plot


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
    ("expression", "value"),
    [
        ("47 x 36", 1692),
        ("47×36", 1692),
        ("1,250 − 50", 1200),
        ("2.5 * 4", 10),
        ("1 ÷ 3", Fraction(1, 3)),
        ("10 : 4", Fraction(5, 2)),
        ("-3 + 5", 2),
    ],
)
def test_spellings_of_expressions(expression: str, value: Fraction) -> None:
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    "text", ["", "hello", "1 +", "(2 + 3", "2 3", "4 / 0", "12 apples + 3", "2 ** 3", "(" * 3000 + "1", "9" * 5000]
)
def test_what_is_no_expression_has_no_value(text: str) -> None:
    assert evaluate(text) is None


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
        ("What is -5 + 8?", 3),
        ("minus 5 plus 8", 3),
        ("(-12) - 7", -19),
        ("Add 8 to negative 5.", 3),
        ("5 - (-8)", 13),
        ("Take 7 from -12.", -19),
    ],
)
def test_questions_are_read(question: str, value: int) -> None:
    assert solve(question) == value


@pytest.mark.parametrize("skill", ["sums", "products", "quotients", "chains"])
def test_questions_ask_what_their_canonical_form_says(skill: str) -> None:
    drawn = list(islice(problems(skill, "test", 5), 600))
    read = [(problem, value) for problem in drawn if (value := solve(problem.question)) is not None]
    assert len(read) >= 0.6 * len(drawn)
    for problem, value in read:
        assert value == evaluate(problem.canonical), (problem.question, problem.canonical)


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
