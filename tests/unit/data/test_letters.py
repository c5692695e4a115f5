"""Letters: the answer follows from the word, and the thought spells that word and counts along."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.problems.letters import generate
from yunqi.data.problems.problem import LANGUAGES, Language
from yunqi.data.problems.spelling_words import WORDS

ANSWERS = {
    "length": lambda word: str(len(word)),
    "first": lambda word: word[0],
    "last": lambda word: word[-1],
    "spell": "-".join,
    "reverse": lambda word: "".join(reversed(word)),
}


@pytest.mark.parametrize("language", LANGUAGES)
@given(seed=st.integers(0, 2**32), beyond=st.booleans())
def test_the_canonical_form_decides_the_answer(language: Language, seed: int, beyond: bool) -> None:
    problem = generate(Random(seed), beyond=beyond, language=language)
    assert problem == generate(Random(seed), beyond=beyond, language=language)
    kind, *letter, word = problem.canonical.split(":")
    wanted = str(sum(at == letter[0] for at in word)) if kind == "count" else ANSWERS[kind](word)
    assert problem.answer == wanted
    assert problem.answer in problem.reply
    assert problem.thought.endswith(f"\n{problem.answer}")
    assert word in problem.question.lower()
    assert not letter or letter[0] in problem.question.lower().replace(word, "", 1)


@given(seed=st.integers(0, 2**32), beyond=st.booleans())
def test_the_thought_spells_the_word(seed: int, beyond: bool) -> None:
    problem = generate(Random(seed), beyond=beyond)
    word = problem.canonical.split(":")[-1]
    spelled = problem.thought.split("\n")[0]
    assert "".join(re.findall(r"(?:^| )([a-z])\d*(?=$| )", spelled)) == word


@given(seed=st.integers(0, 2**32))
def test_counts_grow_by_one_where_the_letter_stands(seed: int) -> None:
    problem = generate(Random(seed))
    kind, *letter, _ = problem.canonical.split(":")
    if kind not in ("count", "length"):
        return
    before = 0
    for at, count in re.findall(r"([a-z])(\d+)", problem.thought):
        assert int(count) - before == (kind == "length" or at == letter[0])
        before = int(count)
    assert str(before) == problem.answer


@given(seed=st.integers(0, 2**32), beyond=st.booleans())
def test_beyond_has_longer_words(seed: int, beyond: bool) -> None:
    problem = generate(Random(seed), beyond=beyond)
    assert problem.difficulty == len(problem.canonical.split(":")[-1])
    assert problem.difficulty in (range(13, 17) if beyond else range(3, 13))


def test_the_words_hold_the_riddles_and_many_are_made_up() -> None:
    assert {"strawberry", "banana", "mississippi"} <= set(WORDS)
    assert all(re.fullmatch("[a-z]+", word) for word in WORDS)
    words = {problem.canonical.split(":")[-1] for problem in map(generate, map(Random, range(1000)))}
    assert len(words - set(WORDS)) > 300
