"""OpenAI's wire types -> the internal request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.protocol.messages import Message, Tool
from yunqi.protocol.requests import ChatRequest, CompletionRequest, ModelCard, Origin, ToolChoice
from yunqi.protocol.sampling import SamplingParams, StructuredOutputsParams
from yunqi.server.billing import strip_billing
from yunqi.server.config import ThinkingPolicy
from yunqi.server.dialects.openai.wire import ChatBody, CompletionBody, SamplingIn, TemplateKwargs
from yunqi.server.thinking import Wish, decide

_SHARED = (
    *("n", "temperature", "top_p", "top_k", "min_p", "repetition_penalty", "presence_penalty", "frequency_penalty"),
    *("seed", "min_tokens", "include_stop_str_in_output", "ignore_eos"),
)
MAX_PROMPTS = 64


def chat_request(body: ChatBody, card: ModelCard, policy: ThinkingPolicy, origin: Origin) -> ChatRequest:
    """What a body of chat completions asks."""
    _refuse_unsupported(body)
    thought = decide(wish_of(body), card, policy)
    params = _sampling(body, max_tokens=_max_tokens(body), logprobs=_num_logprobs(body))
    messages = tuple(Message.from_dict(message.model_dump()) for message in body.messages)
    choice = _tool_choice(body)
    return ChatRequest(
        messages=strip_billing(messages),
        params=replace(params, thinking_budget=thought.budget, structured_outputs=_structured(body)),
        model=card.name,
        tools=() if choice.mode == "none" else tuple(_tools(body)),
        tool_choice=choice,
        enable_thinking=thought.enable,
        preserve_thinking=thought.preserve,
        continue_final_message=body.continue_final_message,
        origin=replace(origin, priority=body.priority, cache_salt=body.cache_salt),
    )


def completion_requests(body: CompletionBody, card: ModelCard, origin: Origin) -> list[CompletionRequest]:
    """One request for each prompt of a body of completions."""
    if body.suffix:
        raise YunqiError("field-unsupported", field="suffix", rule="Leave it out.")
    if body.best_of not in (None, body.n):
        raise YunqiError("field-unsupported", field="best_of", rule="Leave it out, or send it equal to n.")
    prompts = _prompts(body.prompt)
    params = _sampling(body, max_tokens=body.max_tokens, logprobs=body.logprobs)
    if body.echo:
        params = replace(params, prompt_logprobs=body.logprobs)
    origin = replace(origin, priority=body.priority, cache_salt=body.cache_salt)
    ids = [origin.request_id] if len(prompts) == 1 else [f"{origin.request_id}-{i}" for i in range(len(prompts))]
    return [
        CompletionRequest(prompt=prompt, params=params, model=card.name, origin=replace(origin, request_id=request_id))
        for prompt, request_id in zip(prompts, ids, strict=True)
    ]


def wish_of(body: ChatBody) -> Wish:
    """Every field that speaks of thinking."""
    more = body.chat_template_kwargs or TemplateKwargs()
    inner = "chat_template_kwargs."
    return Wish(
        enable=(("enable_thinking", body.enable_thinking), (f"{inner}enable_thinking", more.enable_thinking)),
        budget=(
            ("thinking_budget", body.thinking_budget),
            ("thinking_token_budget", body.thinking_token_budget),
            (f"{inner}thinking_budget", more.thinking_budget),
        ),
        effort=(("reasoning_effort", body.reasoning_effort), (f"{inner}reasoning_effort", more.reasoning_effort)),
        preserve=(
            ("preserve_thinking", body.preserve_thinking),
            (f"{inner}preserve_thinking", more.preserve_thinking),
        ),
    )


def _sampling(body: SamplingIn, **more: Any) -> SamplingParams:
    shared = {name: getattr(body, name) for name in _SHARED}
    return SamplingParams(
        **shared,
        **more,
        stop=body.stop or (),
        stop_token_ids=body.stop_token_ids or (),
        logit_bias=body.logit_bias or {},  # pyright: ignore (its keys may be text)
    )


def _max_tokens(body: ChatBody) -> int | None:
    old, new = body.max_tokens, body.max_completion_tokens
    if old is not None and new is not None and old != new:
        first, second = f"max_tokens={old}", f"max_completion_tokens={new}"
        raise YunqiError("options-contradict", first=first, second=second, rule="Send one of them.")
    return old if new is None else new


def _structured(body: ChatBody) -> StructuredOutputsParams | None:
    """What the answer is held to."""
    wanted = body.response_format
    if wanted is None or wanted.type == "text":
        return None
    if wanted.type == "json_object":
        return StructuredOutputsParams(json_object=True)
    if wanted.json_schema is None:
        rule = "Send it with a name and a schema."
        raise YunqiError("field-invalid", place="response_format.json_schema", reason="it is missing", rule=rule)
    return StructuredOutputsParams(json=wanted.json_schema.schema_)


def _num_logprobs(body: ChatBody) -> int | None:
    if body.top_logprobs is not None and not body.logprobs:
        raise YunqiError("option-without-effect", option="top_logprobs", other="logprobs=true")
    return (body.top_logprobs or 0) if body.logprobs else None


def _tool_choice(body: ChatBody) -> ToolChoice:
    choice, parallel = body.tool_choice, body.parallel_tool_calls is not False
    if choice in ("required",) and not body.tools:
        raise YunqiError("option-without-effect", option="tool_choice", other="tools")
    if choice is None or isinstance(choice, str):
        return ToolChoice(mode=choice or "auto", parallel=parallel)
    return ToolChoice(mode="required", name=_known(choice.function.name, body), parallel=parallel)


def _known(name: str, body: ChatBody) -> str:
    names = [tool.name for tool in _tools(body)]
    if name not in names:
        rule = f"The tools of this request: {', '.join(names) or 'none'}."
        raise YunqiError("field-invalid", place="tool_choice", reason=f"there is no tool {name!r}", rule=rule)
    return name


def _tools(body: ChatBody) -> list[Tool]:
    return [Tool.from_dict(tool) for tool in body.tools or ()]


def _prompts(prompt: str | list[int] | list[str] | list[list[int]]) -> list[str | tuple[int, ...]]:
    if isinstance(prompt, str):
        return [prompt]
    if not prompt:
        raise YunqiError("prompt-empty")
    if isinstance(prompt[0], int):
        return [tuple(prompt)]  # pyright: ignore (a list of one kind)
    if len(prompt) > MAX_PROMPTS:
        rule = f"Send at most {MAX_PROMPTS} prompts at once."
        raise YunqiError("field-invalid", place="prompt", reason=f"it holds {len(prompt)} prompts", rule=rule)
    return [one if isinstance(one, str) else tuple(one) for one in prompt]  # pyright: ignore


def _refuse_unsupported(body: ChatBody) -> None:
    if body.functions:
        raise YunqiError("field-unsupported", field="functions", rule="Send them as tools.")
    if body.modalities not in (None, [], ["text"]):
        raise YunqiError("field-unsupported", field="modalities", rule="Text is what this server gives.")
