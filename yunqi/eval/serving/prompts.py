"""Prompts of a wanted length for load tests: made of common words, or read from a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

from yunqi.common.errors import YunqiError

_TEXT = (
    "time year people way day man thing woman life child world school state family student group country problem hand "
    "part place case week company system program question work government number night point home water room mother "
    "area money story fact month lot right study book eye job word business issue side kind head house service friend"
)
WORDS = tuple(_TEXT.split())


def made_prompts(count: int, *, words: int, shared_words: int = 0, seed: int = 0) -> list[str]:
    """Texts of `words` words, the first `shared_words` the same in all, for a prefix cache to find."""
    random = Random(f"{seed}/shared")
    shared = random.choices(WORDS, k=min(shared_words, words))
    texts = []
    for number in range(count):
        own = Random(f"{seed}/{number}").choices(WORDS, k=words - len(shared))
        texts.append(" ".join((*shared, *own)))
    return texts


def read_prompts(file: Path, count: int) -> list[str]:
    """The prompts of a file, over and over until there are `count`: JSON lines with "prompt", or plain lines.

    Raises:
        YunqiError: `data-unreadable` where a line is neither or there is none.
    """
    try:
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise YunqiError("data-unreadable", place=f"'{file}'", reason=error) from error
    prompts = [_prompt(line, f"line {number} of '{file}'") for number, line in enumerate(lines, 1)]
    if not prompts:
        raise YunqiError("data-unreadable", place=f"'{file}'", reason="it is empty")
    return _repeated(prompts, count)


def _prompt(line: str, place: str) -> str:
    if not line.lstrip().startswith("{"):
        return line
    try:
        prompt = json.loads(line)["prompt"]
    except (ValueError, KeyError, TypeError):
        prompt = None
    if not isinstance(prompt, str):
        raise YunqiError("data-unreadable", place=place, reason='it has no text under "prompt"')
    return prompt


def _repeated(prompts: Sequence[str], count: int) -> list[str]:
    return [prompts[i % len(prompts)] for i in range(count)]
