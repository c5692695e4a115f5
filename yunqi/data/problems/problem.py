"""What a generator yields: one `Problem` with its question, its answer and a worked thought."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal, Protocol, get_args

from yunqi.protocol.messages import Message, Tool, ToolCall

Language = Literal["en", "de", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One exercise.

    `canonical` names the problem independent of its phrasing and language (the split hashes it); `difficulty` counts
    digits or steps; `thought` is the worked solution, one small step a line; `reply` is what the assistant says;
    `answer` is the bare result, empty where the reply is prose. `beyond` marks problems outside the range that training
    covers.

    `earlier` holds the messages before the question, `tools` what the assistant may call, and `calls` what it calls
    instead of saying `reply`. Where `role` is "tool", the question is the result of the call before it.
    """

    skill: str
    difficulty: int
    question: str
    canonical: str
    answer: str
    thought: str
    reply: str
    beyond: bool = False
    language: Language = "en"
    earlier: tuple[Message, ...] = ()
    tools: tuple[Tool, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    role: Literal["user", "tool"] = "user"

    @property
    def prompt(self) -> tuple[Message, ...]:
        """The messages that ask."""
        return (*self.earlier, Message(role=self.role, content=self.question))

    def turn(self, *, thinking: bool) -> Message:
        """The assistant's message that solves it."""
        thought = self.thought if thinking else None
        return Message(role="assistant", content=self.reply, reasoning_content=thought, tool_calls=self.calls)


class Generator(Protocol):
    """Draws one problem; with `beyond` one that is longer than any in training. `language` is one of the skill's."""

    def __call__(self, random: Random, *, beyond: bool = False, language: Language = "en") -> Problem: ...


@dataclass(frozen=True, slots=True)
class Skill:
    """A row of the catalogue."""

    generate: Generator
    languages: tuple[Language, ...] = ("en",)
