"""All English questions outside, in groups that are drawn equally often, and the words that fill them."""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.data.problems.outside.chatter import TALK
from yunqi.data.problems.outside.exercises import EXERCISE_WORDS, EXERCISES
from yunqi.data.problems.outside.frames import FRAMES
from yunqi.data.problems.outside.knowledge import KNOWLEDGE
from yunqi.data.problems.outside.more_words import PIECES
from yunqi.data.problems.outside.passages import PASSAGES
from yunqi.data.problems.outside.requests import FAR, REQUESTS
from yunqi.data.problems.outside.traps import TRAPS
from yunqi.data.problems.outside.words import WORDS

ENGLISH = (KNOWLEDGE, REQUESTS, TALK, TRAPS, EXERCISES, FRAMES, FRAMES)
ENGLISH_FAR = FAR
ENGLISH_WORDS: Mapping[str, tuple[str, ...]] = {**WORDS, **PIECES, **EXERCISE_WORDS, **PASSAGES}
