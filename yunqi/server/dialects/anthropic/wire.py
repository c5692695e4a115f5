"""What Anthropic clients send, with the thinking fields of other engines beside Anthropic's own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from yunqi.server.bodies import Wire
from yunqi.server.dialects.openai.wire import Budget, Count, TemplateKwargs


class TextBlock(Wire):
    type: Literal["text"]
    text: str


class ThinkingBlock(Wire):
    """A thought this server wrote, with the signature it gave."""

    type: Literal["thinking"]
    thinking: str
    signature: str | None = None


class ToolUseBlock(Wire):
    type: Literal["tool_use"]
    id: str
    name: str
    input: dict[str, Any]


class ToolResultBlock(Wire):
    type: Literal["tool_result"]
    tool_use_id: str
    content: str | list[TextBlock] | None = None
    is_error: bool = False


BlockIn = Annotated[TextBlock | ThinkingBlock | ToolUseBlock | ToolResultBlock, Field(discriminator="type")]


class TurnIn(Wire):
    role: Literal["user", "assistant", "system"]
    content: str | list[BlockIn]


class ToolIn(Wire):
    """A tool of the client's own; those that run on Anthropic's servers have another type."""

    type: Literal["custom"] | None = None
    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_.-]{1,128}$")]
    description: str | None = None
    input_schema: dict[str, Any]
    strict: bool | None = None


class ToolChoiceIn(Wire):
    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None
    disable_parallel_tool_use: bool = False


class ThinkingIn(Wire):
    type: Literal["enabled", "disabled", "adaptive", "between_tools"]
    budget_tokens: Budget | None = None


class OutputFormat(Wire):
    """The answer is JSON of `schema`."""

    type: Literal["json_schema"]
    schema_: Annotated[dict[str, Any] | bool, Field(alias="schema")]


class OutputConfig(Wire):
    effort: str | None = None
    format: OutputFormat | None = None


class CountBody(Wire):
    """`POST /v1/messages/count_tokens`."""

    model: str = ""
    messages: Annotated[list[TurnIn], Field(min_length=1)]
    system: str | list[TextBlock] | None = None
    tools: list[ToolIn] | None = None
    tool_choice: ToolChoiceIn | None = None
    thinking: ThinkingIn | None = None
    output_config: OutputConfig | None = None
    enable_thinking: bool | None = None
    preserve_thinking: bool | None = None
    thinking_budget: Budget | None = None
    chat_template_kwargs: TemplateKwargs | None = None


class MessagesBody(CountBody):
    """`POST /v1/messages`."""

    max_tokens: Count
    stream: bool = False
    stop_sequences: list[str] | None = None
    temperature: Annotated[float, Field(ge=0, le=1)] | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None
