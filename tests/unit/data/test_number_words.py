"""Number words up to 999, read back by other means."""

from __future__ import annotations

from random import Random

import pytest

from yunqi.data.problems.number_words import ONES, TENS, spell, spelled


def _read(text: str) -> int:
    total = 0
    for part in text.replace("-", " ").replace(" and ", " ").split():
        if part == "hundred":
            total *= 100
        elif part == "a":
            total = 1
        else:
            total += ONES.index(part) if part in ONES else 10 * TENS.index(part)
    return total


def test_every_number_is_read_back() -> None:
    random = Random(0)
    assert [_read(spell(value)) for value in range(1000)] == list(range(1000))
    assert [_read(spelled(random, value)) for value in range(1000)] == list(range(1000))


@pytest.mark.parametrize(
    ("value", "british", "american"),
    [
        (0, "zero", "zero"),
        (40, "forty", "forty"),
        (34, "thirty-four", "thirty-four"),
        (105, "one hundred and five", "one hundred five"),
        (900, "nine hundred", "nine hundred"),
        (712, "seven hundred and twelve", "seven hundred twelve"),
    ],
)
def test_british_and_american_words(value: int, british: str, american: str) -> None:
    assert spell(value) == british
    assert spell(value, link=" ") == american
