"""What OpenAI clients are sent. The encoders write plain dictionaries for speed; the tests hold them to these types.

A field without a default is always there; one with a default is left out where there is nothing to say. No other
fields are sent.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from yunqi.protocol.requests import Usage

FinishOut = Literal["stop", "length", "tool_calls"]


class Reply(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class PromptDetails(Reply):
    cached_tokens: int


class CompletionDetails(Reply):
    reasoning_tokens: int


class UsageOut(Reply):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptDetails
    completion_tokens_details: CompletionDetails


class FunctionOut(Reply):
    """`arguments` is JSON text, as the model wrote it."""

    name: str
    arguments: str


class ToolCallOut(Reply):
    id: str
    type: Literal["function"]
    function: FunctionOut


class MessageOut(Reply):
    """A thought stands under both names that clients know."""

    role: Literal["assistant"]
    content: str | None
    refusal: None
    reasoning_content: str = ""
    reasoning: str = ""
    tool_calls: list[ToolCallOut] = []


class TopLogprob(Reply):
    token: str
    logprob: float
    bytes: list[int]


class TokenLogprob(TopLogprob):
    top_logprobs: list[TopLogprob]


class ChatLogprobs(Reply):
    content: list[TokenLogprob]
    refusal: None


class ChatChoice(Reply):
    index: int
    message: MessageOut
    logprobs: ChatLogprobs | None
    finish_reason: FinishOut
    stop_reason: str | int | None


class ChatReply(Reply):
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]
    usage: UsageOut


class CallBegun(Reply):
    """The first piece of a call; `index` is its place among the calls of its answer."""

    index: int
    id: str
    type: Literal["function"]
    function: FunctionOut


class FunctionPiece(Reply):
    arguments: str


class CallPiece(Reply):
    """More of the arguments of a call that has begun."""

    index: int
    function: FunctionPiece


class DeltaOut(Reply):
    """What a chunk adds: the role, once, then pieces of one kind; nothing in the chunk that ends an answer."""

    role: Literal["assistant"] = "assistant"
    content: str = ""
    reasoning_content: str = ""
    reasoning: str = ""
    tool_calls: list[CallBegun | CallPiece] = []


class ChunkChoice(Reply):
    index: int
    delta: DeltaOut
    logprobs: ChatLogprobs | None
    finish_reason: FinishOut | None
    stop_reason: str | int | None = None


class ChatChunk(Reply):
    """One event. With `include_usage` every chunk has `usage`, null but in the last, which has no choices."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: UsageOut | None = None


class TextLogprobs(Reply):
    tokens: list[str]
    token_logprobs: list[float | None]
    top_logprobs: list[dict[str, float] | None]
    text_offset: list[int]


class TextChoice(Reply):
    index: int
    text: str
    logprobs: TextLogprobs | None
    finish_reason: FinishOut
    stop_reason: str | int | None


class TextReply(Reply):
    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    choices: list[TextChoice]
    usage: UsageOut


class TextChunkChoice(Reply):
    index: int
    text: str
    logprobs: TextLogprobs | None
    finish_reason: FinishOut | None
    stop_reason: str | int | None


class TextChunk(Reply):
    """One event of a stream; `usage` as in `ChatChunk`."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    choices: list[TextChunkChoice]
    usage: UsageOut | None = None


class ModelOut(Reply):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    max_model_len: int
    thinking: Literal["none", "hybrid", "always"]


class ModelList(Reply):
    object: Literal["list"]
    data: list[ModelOut]


class ErrorDetail(Reply):
    """`code` is a row of `docs/errors.md`, or `internal-error`; `param` names the field that is to blame."""

    message: str
    type: Literal[
        "invalid_request_error",
        "authentication_error",
        "permission_error",
        "not_found_error",
        "timeout_error",
        "server_error",
        "overloaded_error",
    ]
    param: str | None
    code: str


class ErrorReply(Reply):
    error: ErrorDetail


def usage_out(usage: Usage) -> dict[str, Any]:
    """Tokens as OpenAI counts them."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }
