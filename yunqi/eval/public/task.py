"""One question of a public set: what is asked, who judges the answer, and under which labels it is counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from yunqi.protocol.messages import Message, Tool
from yunqi.protocol.output import CompletionOutput

Grader = Callable[[CompletionOutput], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """`name` is the question's own within its set; `labels` say, kind by kind, where a table counts it (level: 3)."""

    name: str
    messages: tuple[Message, ...]
    grader: Grader
    tools: tuple[Tool, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


def user(text: str) -> tuple[Message, ...]:
    """A conversation of one question."""
    return (Message(role="user", content=text),)
