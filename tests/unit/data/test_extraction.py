"""Extraction: the object holds what the text says under the keys asked for, and null where it says nothing."""

from __future__ import annotations

import json
from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from yunqi.data.problems import extraction
from yunqi.data.problems.toolbox.records import RECORDS

SEEDS = st.integers(0, 2**32)
DRAWS = {"seed": SEEDS, "beyond": st.booleans()}


@given(**DRAWS)
def test_reply_and_canonical_form_are_the_same_object(seed: int, beyond: bool) -> None:
    problem = extraction.generate(Random(seed), beyond=beyond)
    found = json.loads(problem.reply)
    assert problem.reply == json.dumps(found, ensure_ascii=False)
    assert problem.canonical == f"json:{json.dumps(found, sort_keys=True, ensure_ascii=False)}"
    assert len(found) == problem.difficulty


@given(**DRAWS)
def test_keys_and_values_stand_in_the_question(seed: int, beyond: bool) -> None:
    problem = extraction.generate(Random(seed), beyond=beyond)
    for key, value in json.loads(problem.reply).items():
        assert key in problem.question
        assert value is None or str(value) in problem.question


@given(**DRAWS)
def test_keys_keep_the_order_of_the_question(seed: int, beyond: bool) -> None:
    problem = extraction.generate(Random(seed), beyond=beyond)
    keys = list(json.loads(problem.reply))
    listed = (", ".join(keys[:-1]) + " and " + keys[-1], ", ".join(keys), ", ".join(f'"{key}"' for key in keys))
    templates = tuple(json.dumps(dict.fromkeys(keys, blank)) for blank in ("", "...", None))
    assert any(form in problem.question for form in (*listed, *templates))


@given(**DRAWS)
def test_the_thought_gives_every_value(seed: int, beyond: bool) -> None:
    problem = extraction.generate(Random(seed), beyond=beyond)
    found = json.loads(problem.reply)
    assert problem.thought == ", ".join(f'"{k}": {"null" if v is None else v}' for k, v in found.items())


@given(seed=SEEDS)
def test_training_asks_for_two_to_four_and_beyond_for_more(seed: int) -> None:
    assert 2 <= extraction.generate(Random(seed)).difficulty <= 4
    assert 5 <= extraction.generate(Random(seed), beyond=True).difficulty <= 6


def test_no_record_has_a_key_twice_or_too_few_entries() -> None:
    assert len(RECORDS) >= 14
    for record in RECORDS:
        keys = Counter(key for entry in record.entries for key in set(entry.keys))
        assert max(keys.values()) == 1, record.noun
        assert len(record.entries) >= max(extraction.FIELDS_BEYOND)
        assert all("{v}" in clause for entry in record.entries for clause in entry.clauses)


def test_something_is_missing_now_and_then() -> None:
    random = Random(2)
    missing = sum(None in json.loads(extraction.generate(random).reply).values() for _ in range(1500))
    assert 75 < missing < 450


def test_the_space_is_wide() -> None:
    random = Random(4)
    assert len({extraction.generate(random).canonical for _ in range(1500)}) > 1450


@given(**DRAWS)
def test_generate_is_a_function_of_the_seed(seed: int, beyond: bool) -> None:
    assert extraction.generate(Random(seed), beyond=beyond) == extraction.generate(Random(seed), beyond=beyond)
