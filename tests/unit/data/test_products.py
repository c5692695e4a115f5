"""Products: true thoughts, lengths, and the numbers of the question."""

from __future__ import annotations

import re
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.data.arithmetic import assert_said, assert_true_thought, digits_of, value
from yunqi.data.problems.problem import LANGUAGES
from yunqi.data.problems.products import LENGTHS, LENGTHS_BEYOND, generate


@given(seed=st.integers(0, 2**32), beyond=st.booleans(), language=st.sampled_from(LANGUAGES))
def test_a_product_is_right_in_every_language(seed: int, beyond: bool, language) -> None:
    problem = generate(Random(seed), beyond=beyond, language=language)
    assert value(problem.canonical) == int(problem.answer)
    assert_true_thought(problem)
    assert_said(problem)
    a, b = problem.canonical.split("*")
    assert int(a) >= int(b)
    lengths = sorted((len(a.lstrip("-")), len(b.lstrip("-"))), reverse=True)
    assert tuple(lengths) in (LENGTHS_BEYOND if beyond else LENGTHS)
    asked = digits_of(problem)
    assert all(number in (abs(int(a)), abs(int(b)), 2) for number in asked)


def test_a_few_factors_are_below_zero_and_lose_their_signs_first() -> None:
    random = Random(4)
    signed = [p for p in (generate(random) for _ in range(3000)) if "-" in p.canonical]
    assert 0.02 < len(signed) / 3000 < 0.06
    for problem in signed:
        first = problem.thought.split("\n")[0]
        assert value(first.partition("=")[0]) == value(first.partition("=")[2]) == int(problem.answer)
        assert sorted(map(int, re.findall(r"-?\d+", first.partition("=")[0]))) == sorted(
            map(int, problem.canonical.split("*"))
        )
    assert not any("-" in generate(random, beyond=True).canonical for _ in range(300))


def test_an_x_before_a_minus_has_a_blank_or_brackets_between() -> None:
    random = Random(5)
    asked = [generate(random).question for _ in range(12000)]
    assert not [question for question in asked if re.search(r"[xX][-−]", question)]
    assert any(re.search(r"\dx\([-−]", question) for question in asked)
    assert any(re.search(r"\d[*×·][-−]", question) for question in asked)


def test_factors_with_a_name_are_written_as_digits_first() -> None:
    random = Random(0)
    named = [p for p in (generate(random) for _ in range(3000)) if re.search(r"[Tt]wice|square|[Tt]riple", p.question)]
    assert len(named) > 30
    assert all(value(p.thought.split("\n")[0].split("=")[0]) == int(p.answer) for p in named)
