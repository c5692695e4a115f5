"""Quotients: true thoughts, remainders said in the language, and names of divisors only where nothing is left."""

from __future__ import annotations

import re
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.data.arithmetic import assert_said, assert_true_thought, digits_of
from yunqi.data.problems.problem import LANGUAGES
from yunqi.data.problems.quotients import REFUSALS, REMAINDERS, generate


@given(seed=st.integers(0, 2**32), beyond=st.booleans(), language=st.sampled_from(LANGUAGES))
def test_a_quotient_is_right_in_every_language(seed: int, beyond: bool, language) -> None:
    problem = generate(Random(seed), beyond=beyond, language=language)
    a, b = map(int, problem.canonical.split("/"))
    if b == 0:
        assert (problem.answer, problem.thought, problem.reply) == ("", f"{a}/0 impossible", REFUSALS[language])
        assert set(digits_of(problem)) <= {a, 0}
        return
    quotient, rest = divmod(a, b)
    assert rest == 0 or min(a, b) > 0
    assert problem.answer == (REMAINDERS[language].format(q=quotient, r=rest) if rest else str(quotient))
    assert_true_thought(problem)
    assert_said(problem)
    assert problem.difficulty == len(str(abs(a)))
    assert (problem.difficulty == 5) == beyond
    assert set(digits_of(problem)) <= {abs(a), abs(b)}


def test_a_few_divide_by_zero_or_divide_zero_and_a_few_have_signs() -> None:
    random = Random(1)
    drawn = [generate(random).canonical for _ in range(4000)]
    assert 0.02 < sum(text.endswith("/0") for text in drawn) / 4000 < 0.04
    assert 0.01 < sum(text.startswith("0/") for text in drawn) / 4000 < 0.03
    assert 0.02 < sum("-" in text for text in drawn) / 4000 < 0.05
    assert not any(re.search(r"/0|-", generate(random, beyond=True).canonical) for _ in range(300))


def test_half_of_the_quotients_has_a_remainder() -> None:
    random = Random(0)
    problems = [generate(random) for _ in range(2000)]
    assert 0.35 < sum("remainder" in p.answer for p in problems) / len(problems) < 0.6
    named = [p for p in problems if re.search(r"half|third|quarter|fifth", p.question.lower())]
    assert len(named) > 20
    assert not any("remainder" in p.answer for p in named if re.search(r"\d", p.question))
