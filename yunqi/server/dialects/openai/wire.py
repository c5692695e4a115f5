"""What OpenAI clients send, with the fields that other engines have added for thinking and sampling."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, WithJsonSchema

from yunqi.server.bodies import Wire

Count = Annotated[int, Field(ge=1, le=2**31)]
Budget = Annotated[int, Field(ge=0, le=2**31)]
Answers = Annotated[int, Field(ge=1, le=128)]
Parts = list[dict[str, Any]]


class FunctionCall(Wire):
    name: str
    arguments: str | dict[str, Any] | None = None


class ToolCallIn(Wire):
    id: str | None = None
    type: Literal["function"] = "function"
    function: FunctionCall


class MessageIn(Wire):
    """One turn; a thought comes back as `reasoning_content` or `reasoning`."""

    role: str
    content: str | Parts | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[ToolCallIn] | None = None
    tool_call_id: str | None = None
    name: str | None = None


class FunctionIn(Wire):
    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_.-]{1,64}$")]
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class ToolIn(Wire):
    type: Literal["function"] = "function"
    function: FunctionIn


def _checked(tool: dict[str, Any]) -> dict[str, Any]:
    """The tool as it was sent: the template shows it with its keys in their order."""
    try:
        ToolIn.model_validate(tool)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    return tool


_TOOL_SCHEMA = {
    "type": "object",
    "required": ["function"],
    "properties": {"type": {"const": "function"}, "function": FunctionIn.model_json_schema()},
}
SentTool = Annotated[dict[str, Any], AfterValidator(_checked), WithJsonSchema(_TOOL_SCHEMA)]


class NamedFunction(Wire):
    name: str


class NamedTool(Wire):
    type: Literal["function"] = "function"
    function: NamedFunction


class StreamOptions(Wire):
    include_usage: bool = False


class JsonSchema(Wire):
    """The answer is held to `schema` whether it is called strict or not."""

    name: str | None = None
    description: str | None = None
    schema_: Annotated[dict[str, Any] | bool, Field(alias="schema")]
    strict: bool | None = None


class ResponseFormat(Wire):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class TemplateKwargs(Wire):
    """`chat_template_kwargs` as vLLM and SGLang take them."""

    enable_thinking: bool | None = None
    preserve_thinking: bool | None = None
    thinking_budget: Budget | None = None
    reasoning_effort: str | None = None


class SamplingIn(Wire):
    """What both routes share. What is left out takes the model's official value."""

    model: str = ""
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Answers = 1
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    seed: int | None = None
    max_tokens: Count | None = None
    min_tokens: Annotated[int, Field(ge=0)] = 0
    stop: str | list[str] | None = None
    stop_token_ids: list[int] | None = None
    include_stop_str_in_output: bool = False
    ignore_eos: bool = False
    logit_bias: dict[str, float] | None = None
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    cache_salt: Annotated[str, Field(max_length=256)] | None = None


class ChatBody(SamplingIn):
    """`POST /v1/chat/completions`."""

    messages: Annotated[list[MessageIn], Field(min_length=1)]
    max_completion_tokens: Count | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    tools: list[SentTool] | None = None
    tool_choice: Literal["auto", "none", "required"] | NamedTool | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    enable_thinking: bool | None = None
    preserve_thinking: bool | None = None
    thinking_budget: Budget | None = None
    thinking_token_budget: Budget | None = None
    reasoning_effort: str | None = None
    chat_template_kwargs: TemplateKwargs | None = None
    continue_final_message: bool = False
    functions: list[dict[str, Any]] | None = None
    modalities: list[str] | None = None


class CompletionBody(SamplingIn):
    """`POST /v1/completions`: a text, token ids, or a list of either."""

    prompt: str | list[int] | list[str] | list[list[int]]
    max_tokens: Count | None = 16
    logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    echo: bool = False
    suffix: str | None = None
    best_of: int | None = None
