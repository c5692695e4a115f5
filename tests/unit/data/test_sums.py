"""Sums and differences: true thoughts, the numbers of the question, signs and ranges."""

from __future__ import annotations

import re
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.data.arithmetic import assert_said, assert_true_thought, digits_of, value
from yunqi.data.problems.problem import LANGUAGES, Language, Problem
from yunqi.data.problems.sums import generate

SEEDS = st.integers(0, 2**32)


@given(seed=SEEDS, beyond=st.booleans(), language=st.sampled_from(LANGUAGES))
def test_a_sum_is_right_in_every_language(seed: int, beyond: bool, language) -> None:
    problem = generate(Random(seed), beyond=beyond, language=language)
    assert value(problem.canonical) == int(problem.answer)
    assert_true_thought(problem)
    assert_said(problem)
    numbers = sorted(map(int, re.findall(r"\d+", problem.canonical)))
    assert problem.difficulty == len(str(numbers[-1]))
    assert (problem.difficulty > 4) == beyond
    in_words = re.search(r"[a-z]{3}", problem.thought.replace("negative", "")) is None
    assert in_words
    asked = digits_of(problem)
    assert asked == numbers or (language == "en" and numbers[-1] < 1000 and len(asked) < 2)


def signed(problem: Problem) -> bool:
    """Whether a number of the question is below zero."""
    return re.fullmatch(r"\d+[+-]\d+", problem.canonical) is None


@given(seed=SEEDS, language=st.sampled_from(LANGUAGES))
def test_a_number_below_zero_is_asked_with_its_sign_and_rewritten_first(seed: int, language: Language) -> None:
    problem = _first(seed, language)
    assert re.search(r"[-−]\d|(?i:minus|negative) \d|负\d", problem.question)
    assert re.fullmatch(r"-?\d{1,3}[+-]-?\d{1,3}", problem.canonical)
    first, _, rest = problem.thought.partition("\n")
    assert first.partition("=")[0] == problem.canonical
    assert rest
    assert value(problem.canonical) == int(problem.answer)


def test_a_tenth_has_a_number_below_zero_and_no_longer_one_has() -> None:
    random = Random(3)
    assert 0.08 < sum(signed(generate(random)) for _ in range(3000)) / 3000 < 0.12
    assert not any(signed(generate(random, beyond=True)) for _ in range(300))


def _first(seed: int, language: Language) -> Problem:
    random = Random(seed)
    return next(p for p in iter(lambda: generate(random, language=language), None) if signed(p))


def test_a_fifth_of_the_differences_is_negative() -> None:
    random = Random(0)
    differences = [p for p in (generate(random) for _ in range(3000)) if "-" in p.canonical and not signed(p)]
    negative = [p for p in differences if p.answer.startswith("-")]
    assert 0.16 < len(negative) / len(differences) < 0.24
    assert all(" negative" in p.thought and p.thought.endswith(f"-> {p.answer}") for p in negative)


def test_a_larger_number_comes_first() -> None:
    random = Random(1)
    sums = [
        p.canonical.split("+")
        for p in (generate(random) for _ in range(1000))
        if "+" in p.canonical and "-" not in p.canonical
    ]
    assert all(int(a) >= int(b) for a, b in sums)


@given(seed=SEEDS)
@settings(max_examples=300)
def test_a_negative_difference_is_never_asked_as_a_distance(seed: int) -> None:
    problem = generate(Random(seed))
    if problem.answer.startswith("-") and not signed(problem):
        assert not re.search(r"difference|how far|more is|bigger|missing|left|less is", problem.question.lower())


def test_number_words_are_written_as_digits_first() -> None:
    random = Random(2)
    spelled = [p for p in (generate(random) for _ in range(2000)) if not re.search(r"\d", p.question)]
    assert len(spelled) > 40
    assert all(p.thought.split("\n")[0] == re.sub(r"\s", "", p.thought.split("\n")[0]) for p in spelled)
    for problem in spelled:
        assert value(problem.thought.split("\n")[0]) == int(problem.answer)
