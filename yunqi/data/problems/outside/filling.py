"""Filling templates: a slot `{name}` takes a word of that list, a number, or a word that nobody has ever seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random

SLOT = re.compile(r"\{(\w+)\}")
ONSETS = ("b", "bl", "br", "ch", "d", "dr", "f", "fl", "g", "gl", "gr", "h", "j", "k", "kl", "kr", "l", "m", "n", "p")
ONSETS += ("pl", "pr", "qu", "r", "s", "sh", "sk", "sl", "sn", "sp", "st", "t", "th", "tr", "v", "w", "y", "z", "")
NUCLEI = ("a", "e", "i", "o", "u", "a", "e", "i", "o", "u", "ai", "ea", "ee", "oo", "ou", "ia", "io")
CODAS = ("", "", "", "b", "ck", "d", "f", "g", "l", "m", "n", "nd", "ng", "p", "r", "rk", "s", "t", "v", "x", "z")
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def lined(text: str) -> tuple[str, ...]:
    """The lines of a text, blank ones left out."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def invented(random: Random) -> str:
    """A word of random syllables."""
    syllables = random.choices((1, 2, 3), (2, 6, 3))[0]
    parts = [random.choice(ONSETS) + random.choice(NUCLEI) for _ in range(syllables)]
    return "".join(parts) + random.choice(CODAS)


def gibberish(random: Random) -> str:
    """What falls out of a keyboard."""
    row = random.choice(KEYS)
    style = random.randrange(4)
    if style == 0:
        start = random.randrange(len(row) - 2)
        return row[start : start + random.randrange(3, 9)] * random.choice((1, 1, 2))
    if style == 1:
        return "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=random.randrange(3, 14)))
    if style == 2:
        return " ".join(invented(random) for _ in range(random.randrange(2, 6)))
    return random.choice("abcdefghjklmoqrstuvwxyz?!.#") * random.randrange(2, 9)


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def numeric(low: int, high: int) -> Callable[[Random], str]:
    return lambda random: str(random.randint(low, high))


MADE: Mapping[str, Callable[[Random], str]] = {
    "invented": invented,
    "Invented": lambda random: capitalised(invented(random)),
    "gibberish": gibberish,
    "digit": numeric(2, 9),
    "small": numeric(2, 20),
    "number": numeric(11, 999),
    "big": numeric(1000, 99999),
    "year": numeric(1200, 2030),
}


def fill(random: Random, template: str, words: Mapping[str, tuple[str, ...]]) -> str:
    """The template with every slot filled; a word may itself hold slots."""

    def word(slot: re.Match[str]) -> str:
        made = MADE.get(slot[1])
        return made(random) if made else fill(random, random.choice(words[slot[1]]), words)

    return SLOT.sub(word, template)
