"""What Anthropic clients are sent; the tests hold the encoders to these types."""

from __future__ import annotations

from typing import Any, Literal

from yunqi.server.dialects.openai.replies import Reply


class TextOut(Reply):
    type: Literal["text"]
    text: str


class ThinkingOut(Reply):
    type: Literal["thinking"]
    thinking: str
    signature: str


class ToolUseOut(Reply):
    type: Literal["tool_use"]
    id: str
    name: str
    input: dict[str, Any]


class OutputDetails(Reply):
    thinking_tokens: int


class MessageUsage(Reply):
    input_tokens: int
    cache_creation_input_tokens: int
    cache_read_input_tokens: int
    output_tokens: int
    output_tokens_details: OutputDetails


class MessageReply(Reply):
    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: list[TextOut | ThinkingOut | ToolUseOut]
    stop_reason: Literal["end_turn", "max_tokens", "stop_sequence", "tool_use"]
    stop_sequence: str | None
    usage: MessageUsage


class CountReply(Reply):
    input_tokens: int


class MessageErrorDetail(Reply):
    type: str
    message: str


class MessageError(Reply):
    type: Literal["error"]
    error: MessageErrorDetail


ErrorReply = MessageError
