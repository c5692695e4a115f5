"""What comes out of a model, in order: thoughts, text, tool calls, the end.

The stream machine (`yunqi.processing.stream`) makes these from token ids; every API dialect encodes the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FinishReason = Literal["stop", "length", "tool_calls", "abort"]


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the thought."""

    text: str
    type: Literal["reasoning"] = "reasoning"


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer."""

    text: str
    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class ToolCallStart:
    """A tool call begins: its place among the calls of this turn and the tool's name."""

    index: int
    name: str
    type: Literal["tool_call_start"] = "tool_call_start"


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """More of a call's arguments, as JSON text."""

    index: int
    arguments: str
    type: Literal["tool_call_delta"] = "tool_call_delta"


@dataclass(frozen=True, slots=True)
class Finish:
    """The end. `stop_reason` is the stop string or token id that ended it, None for an end token."""

    reason: FinishReason
    stop_reason: str | int | None = None
    type: Literal["finish"] = "finish"


Event = ReasoningDelta | TextDelta | ToolCallStart | ToolCallDelta | Finish
