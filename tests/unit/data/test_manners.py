"""Manners: many ways to say a thing, one kind of reply to each, in the language of the question."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.problems.manners import COMMAND, FAR_PHRASES, PHRASES, REPLIES, THOUGHTS, WEIGHTS, WORDS, generate
from yunqi.data.problems.outside.filling import MADE, SLOT
from yunqi.data.problems.problem import LANGUAGES, Language

FREQUENT = ("identity", "ability", "loading", "greeting", "goodbye", "thanks")
DRAWS = 3000
LEAST: dict[Language, int] = {"en": 60, "de": 30, "zh": 30}


def said(language: Language, *, beyond: bool = False) -> set[str]:
    return {generate(Random(seed), beyond=beyond, language=language).canonical for seed in range(DRAWS)}


@given(seed=st.integers(0, 2**32), language=st.sampled_from(LANGUAGES), beyond=st.booleans())
def test_a_saying_gets_the_reply_of_its_kind(seed: int, language: Language, beyond: bool) -> None:
    problem, again = (generate(Random(seed), beyond=beyond, language=language) for _ in range(2))
    assert problem == again
    kind, _, core = problem.canonical.partition(":")
    assert problem.reply == REPLIES[language][kind]
    assert problem.thought == THOUGHTS[kind]
    assert (problem.beyond, problem.language, problem.answer) == (beyond, language, "")
    assert core == core.lower()
    assert problem.question.strip()
    assert "{" not in problem.question


@pytest.mark.parametrize("language", LANGUAGES)
def test_replies_name_the_model_and_the_way_to_a_real_one(language: Language) -> None:
    replies = REPLIES[language]
    assert set(replies) == set(THOUGHTS) == set(WEIGHTS)
    assert len(set(replies.values())) == len(replies)
    assert "nano" in replies["identity"]
    assert "Yunqi" in replies["identity"]
    assert COMMAND in replies["identity"]
    assert COMMAND in replies["loading"]
    assert "48 x 7" in replies["ability"]


def test_frequent_kinds_come_in_many_words() -> None:
    for language, least in LEAST.items():
        counts = Counter(canonical.partition(":")[0] for canonical in said(language))
        assert set(counts) == set(WEIGHTS)
        assert min(counts[kind] for kind in FREQUENT) >= least, counts
        assert min(counts.values()) >= 15, counts


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_saying_is_of_two_kinds(language: Language) -> None:
    kinds: dict[str, str] = {}
    for canonical in said(language):
        kind, _, core = canonical.partition(":")
        assert kinds.setdefault(core, kind) == kind, core


@pytest.mark.parametrize("language", LANGUAGES)
def test_beyond_says_what_training_never_does(language: Language) -> None:
    assert not said(language) & said(language, beyond=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_phrases_and_every_slot_has_words(language: Language) -> None:
    assert set(PHRASES[language]) == set(FAR_PHRASES[language]) == set(WEIGHTS)
    words = WORDS[language]
    texts = [phrase for phrases in PHRASES[language].values() for phrase in phrases]
    assert {slot for text in texts for slot in SLOT.findall(text)} == set(words) - set(MADE)
