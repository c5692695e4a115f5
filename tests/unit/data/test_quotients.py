"""Quotients: true thoughts, remainders said in the language, and names of divisors only where nothing is left."""

from __future__ import annotations

import re
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.data.arithmetic import assert_said, assert_true_thought, digits_of
from yunqi.data.problems.problem import LANGUAGES
from yunqi.data.problems.quotients import REMAINDERS, generate


@given(seed=st.integers(0, 2**32), beyond=st.booleans(), language=st.sampled_from(LANGUAGES))
def test_a_quotient_is_right_in_every_language(seed: int, beyond: bool, language) -> None:
    problem = generate(Random(seed), beyond=beyond, language=language)
    a, b = map(int, problem.canonical.split("/"))
    quotient, rest = divmod(a, b)
    assert problem.answer == (REMAINDERS[language].format(q=quotient, r=rest) if rest else str(quotient))
    assert_true_thought(problem)
    assert_said(problem)
    assert problem.difficulty == len(str(a))
    assert (problem.difficulty == 5) == beyond
    assert set(digits_of(problem)) <= {a, b}


def test_half_of_the_quotients_has_a_remainder() -> None:
    random = Random(0)
    problems = [generate(random) for _ in range(2000)]
    assert 0.35 < sum("remainder" in p.answer for p in problems) / len(problems) < 0.6
    named = [p for p in problems if re.search(r"half|third|quarter|fifth", p.question.lower())]
    assert len(named) > 20
    assert not any("remainder" in p.answer for p in named if re.search(r"\d", p.question))
