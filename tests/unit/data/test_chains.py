"""Chains: true thoughts, number of operations, no result below zero, and the same numbers as asked."""

from __future__ import annotations

import re
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.data.arithmetic import assert_said, assert_true_thought, value
from yunqi.data.problems.chains import OPERATIONS, OPERATIONS_BEYOND, generate
from yunqi.data.problems.problem import LANGUAGES


@given(seed=st.integers(0, 2**32), beyond=st.booleans(), language=st.sampled_from(LANGUAGES))
def test_a_chain_is_right_in_every_language(seed: int, beyond: bool, language) -> None:
    problem = generate(Random(seed), beyond=beyond, language=language)
    assert value(problem.canonical) == int(problem.answer)
    assert_true_thought(problem)
    assert_said(problem)
    assert problem.difficulty in (OPERATIONS_BEYOND if beyond else OPERATIONS)
    assert sum(problem.canonical.count(sign) for sign in "+-*") == problem.difficulty
    assert "negative" not in problem.thought


@given(seed=st.integers(0, 2**32), language=st.sampled_from(LANGUAGES))
def test_a_chain_asks_for_its_numbers(seed: int, language) -> None:
    problem = generate(Random(seed), language=language)
    asked = Counter(
        re.findall(r"\d+", problem.question.replace(",", "") if ", " not in problem.question else problem.question)
    )
    wanted = Counter(re.findall(r"\d+", problem.canonical))
    # Doubling is told in words, and in English now and then all numbers are.
    assert not asked - wanted
    assert set(wanted - asked) <= {"2"} or not asked


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_forms_occur(language) -> None:
    random = Random(0)
    problems = [generate(random, language=language) for _ in range(400)]
    assert sum("(" in p.question for p in problems) > 60
    assert sum(len(p.question) > 25 and "(" not in p.question for p in problems) > 60
    assert {p.difficulty for p in problems} == set(OPERATIONS)
