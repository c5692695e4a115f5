"""Follow-ups: they go on from the last answer, and what they go on from is never held out."""

from __future__ import annotations

import re
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.data.arithmetic import assert_said, assert_true_thought, value
from yunqi.data.problems.bucket import held_out
from yunqi.data.problems.follow_ups import SKILL, generate
from yunqi.data.problems.problem import LANGUAGES

SEEDS = st.integers(0, 2**32)


@given(seed=SEEDS, beyond=st.booleans(), language=st.sampled_from(LANGUAGES))
def test_a_follow_up_is_right_in_every_language(seed: int, beyond: bool, language) -> None:
    problem = generate(Random(seed), beyond=beyond, language=language)
    assert value(problem.canonical) == int(problem.answer) >= 0
    assert_true_thought(problem)
    assert_said(problem)
    assert problem.difficulty == (3 if beyond else len(problem.earlier) // 2)


@given(seed=SEEDS, language=st.sampled_from(LANGUAGES))
def test_it_goes_on_from_the_last_answer(seed: int, language) -> None:
    problem = generate(Random(seed), language=language)
    assert [message.role for message in problem.earlier] == ["user", "assistant"] * problem.difficulty
    assert not any(message.reasoning_content for message in problem.earlier)
    last = re.findall(r"\d+", str(problem.earlier[-1].content))[-1]
    assert re.match(r"\d+", problem.thought)[0] == last
    assert value(problem.canonical.rpartition(")")[0] + ")") == int(last)


@given(seed=SEEDS)
def test_earlier_turns_are_never_held_out(seed: int) -> None:
    problem = generate(Random(seed), beyond=True)
    inner = problem.canonical
    for _ in range(problem.difficulty - 1):
        inner = inner[1 : inner.rindex(")")]
        assert not held_out(SKILL, inner)
    base = inner[1 : inner.rindex(")")]
    assert not all(held_out(skill, base) for skill in ("sums", "products", "chains"))
