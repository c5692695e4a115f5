"""What Anthropic clients are sent, whole and as events; the tests hold the encoders to these types."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

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


BlockOut = Annotated[TextOut | ThinkingOut | ToolUseOut, Field(discriminator="type")]
StopReason = Literal["end_turn", "max_tokens", "stop_sequence", "tool_use"]


class MessageReply(Reply):
    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: list[BlockOut]
    stop_reason: StopReason
    stop_sequence: str | None
    usage: MessageUsage


class CountReply(Reply):
    input_tokens: int


class MessageErrorDetail(Reply):
    type: Literal[
        "invalid_request_error",
        "authentication_error",
        "permission_error",
        "not_found_error",
        "timeout_error",
        "request_too_large",
        "api_error",
        "overloaded_error",
    ]
    message: str


class MessageError(Reply):
    type: Literal["error"]
    error: MessageErrorDetail


ErrorReply = MessageError


class MessageBegun(Reply):
    """The message as it is at the start of a stream."""

    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: Annotated[list[BlockOut], Field(max_length=0)]
    stop_reason: None
    stop_sequence: None
    usage: MessageUsage


class MessageStart(Reply):
    type: Literal["message_start"]
    message: MessageBegun


class Ping(Reply):
    type: Literal["ping"]


class BlockStart(Reply):
    """A block begins, empty; blocks do not overlap."""

    type: Literal["content_block_start"]
    index: int
    content_block: BlockOut


class TextPiece(Reply):
    type: Literal["text_delta"]
    text: str


class ThinkingPiece(Reply):
    type: Literal["thinking_delta"]
    thinking: str


class SignaturePiece(Reply):
    """The last piece of a thinking block."""

    type: Literal["signature_delta"]
    signature: str


class InputPiece(Reply):
    """JSON text; the pieces of a block together are its input."""

    type: Literal["input_json_delta"]
    partial_json: str


class BlockDelta(Reply):
    type: Literal["content_block_delta"]
    index: int
    delta: Annotated[TextPiece | ThinkingPiece | SignaturePiece | InputPiece, Field(discriminator="type")]


class BlockStop(Reply):
    type: Literal["content_block_stop"]
    index: int


class Ending(Reply):
    stop_reason: StopReason
    stop_sequence: str | None


class MessageDelta(Reply):
    """Why the message ended, and its tokens."""

    type: Literal["message_delta"]
    delta: Ending
    usage: MessageUsage


class MessageStop(Reply):
    type: Literal["message_stop"]


_Event = MessageStart | Ping | BlockStart | BlockDelta | BlockStop | MessageDelta | MessageStop | MessageError


class MessageEvent(RootModel[Annotated[_Event, Field(discriminator="type")]]):
    """The data of one event of a stream; the event's name is its type. An error is the last."""
