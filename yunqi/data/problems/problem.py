"""What a generator yields: one `Problem` with its question, its answer and a worked thought."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One exercise.

    `canonical` names the problem independent of its phrasing (the split hashes it); `difficulty` counts digits or
    steps; `thought` is the worked solution, one small step a line; `reply` is what the assistant says; `answer` is
    the bare result, empty where the reply is prose. `beyond` marks problems outside the range that training covers.
    """

    skill: str
    difficulty: int
    question: str
    canonical: str
    answer: str
    thought: str
    reply: str
    beyond: bool = False


class Generator(Protocol):
    """Draws one problem; with `beyond` one that is longer than any in training."""

    def __call__(self, random: Random, *, beyond: bool = False) -> Problem: ...
