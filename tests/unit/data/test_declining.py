"""Declining: wide in words and templates, the same sentence always, and nothing in it that the model can work out."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.problems.declining import (
    FAR_TEMPLATES,
    FILLINGS,
    FOREIGN_REPLY,
    FOREIGN_THOUGHT,
    REPLIES,
    TEMPLATES,
    generate,
)
from yunqi.data.problems.outside.filling import MADE, SLOT, fill
from yunqi.data.problems.outside.foreign import FOREIGN
from yunqi.data.problems.outside.typing import keyed
from yunqi.data.problems.problem import LANGUAGES, Language

# Letters of one word can be counted; those of a thing described ("the turkish alphabet") cannot.
LETTERS = re.compile(r"how many (letters are in|[a-z]('?s)? (are )?in) (the word )?\S+$")
SUM = re.compile(r"(what is |calculate )?[\d\s(]+([-+*/x×:]|plus|minus|times)[-+*/x×:\d\s()]+")
SEEDS = st.integers(0, 2**32)


def templates(language: Language) -> set[str]:
    return {template for group in TEMPLATES[language] for template in group}


@given(seed=SEEDS, language=st.sampled_from(LANGUAGES), beyond=st.booleans())
def test_a_question_depends_on_its_seed_and_gets_the_one_reply(seed: int, language: Language, beyond: bool) -> None:
    problem, again = (generate(Random(seed), beyond=beyond, language=language) for _ in range(2))
    assert problem == again
    foreign = problem.thought == FOREIGN_THOUGHT
    assert problem.reply == (FOREIGN_REPLY if foreign else REPLIES[language])
    assert not foreign or (language == "en" and not beyond)
    assert "yunqi chat Qwen/Qwen3-0.6B" in problem.reply
    assert (problem.beyond, problem.language, problem.answer) == (beyond, language, "")
    assert problem.question.strip()
    assert "{" not in problem.question


@given(seed=SEEDS)
def test_the_canonical_form_is_the_question_in_lower_case_without_end_mark(seed: int) -> None:
    problem = generate(Random(seed))
    kind, _, core = problem.canonical.partition(":")
    assert kind == "decline"
    assert core == core.lower().rstrip(".?!؟।。？ ")
    # A slip changes one letter at most; a word before or after changes nothing inside.
    letters = [re.sub(r"\W", "", text).lower() for text in (core, problem.question)]
    assert len(letters[0]) <= len(letters[1]) + 1


def test_a_tenth_of_the_english_ones_is_in_another_language() -> None:
    random = Random(2)
    foreign = [p for p in (generate(random) for _ in range(6000)) if p.thought == FOREIGN_THOUGHT]
    assert 0.08 < len(foreign) / 6000 < 0.12
    assert len({p.canonical for p in foreign}) > 0.75 * len(foreign)
    # Bytes of Arabic or Hindi make long questions.
    assert max(len(p.question) for p in foreign) <= 60


@pytest.mark.parametrize("language", FOREIGN)
def test_a_foreign_row_is_wide_and_fills_its_templates(language: str) -> None:
    templates, words = FOREIGN[language]
    assert len(set(templates)) == len(templates) >= 14
    slots = {slot for template in templates for slot in SLOT.findall(template)}
    assert set(words) <= slots <= {*words, *MADE}
    assert len({fill(Random(seed), templates[seed % len(templates)], words) for seed in range(300)}) > 60


def test_english_is_wide_and_the_others_are_wide_enough() -> None:
    text = " ".join(SLOT.sub(" ", word) for words in FILLINGS["en"].values() for word in words)
    assert len(set(re.findall(r"[a-z']+", text.lower()))) >= 1200
    assert len(templates("en")) >= 350
    assert min(len(templates("de")), len(templates("zh"))) >= 60
    assert len({generate(Random(seed)).canonical for seed in range(3000)}) > 2400


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_slot_has_words_and_every_list_of_words_is_used(language: Language) -> None:
    words = FILLINGS[language]
    texts = [*templates(language), *FAR_TEMPLATES[language], *(word for options in words.values() for word in options)]
    slots = {slot for text in texts for slot in SLOT.findall(text)}
    assert slots <= set(words) | set(MADE)
    assert set(words) <= slots
    assert not set(words) & set(MADE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_fields_kept_apart_share_no_template_with_training(language: Language) -> None:
    assert FAR_TEMPLATES[language]
    assert not templates(language) & set(FAR_TEMPLATES[language])


@given(seed=SEEDS)
def test_nothing_is_declined_that_the_model_can_work_out(seed: int) -> None:
    core = generate(Random(seed)).canonical.partition(":")[2]
    assert not LETTERS.match(core)
    assert not SUM.fullmatch(core)


@given(seed=SEEDS)
def test_filling_takes_every_slot_by_itself(seed: int) -> None:
    words = {"pair": ("{one} and {one}",), "one": ("a", "b")}
    assert fill(Random(seed), "{pair}, {digit}", words)[:7] in {f"{x} and {y}" for x in "ab" for y in "ab"}


@given(seed=SEEDS, text=st.text("abc XYZ?.", min_size=1).filter(lambda text: text.strip(" ?.")))
def test_typing_never_empties_a_text(seed: int, text: str) -> None:
    typed = keyed(Random(seed), text, "en")
    assert typed.strip()
    letters = [sum(one.isalpha() for one in written) for written in (typed, text)]
    assert abs(letters[0] - letters[1]) <= 1
    assert len(typed) <= len(text) + 1
