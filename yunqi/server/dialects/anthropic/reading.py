"""Anthropic's wire types -> the internal request. A thought that comes back must carry the signature we gave it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from yunqi.common.errors import YunqiError
from yunqi.protocol.messages import Message, TextPart, Tool, ToolCall
from yunqi.protocol.requests import ChatRequest, ModelCard, Origin, ToolChoice
from yunqi.protocol.sampling import SamplingParams, StructuredOutputsParams
from yunqi.server.billing import strip_billing
from yunqi.server.config import ThinkingPolicy
from yunqi.server.dialects.anthropic.wire import (
    CountBody,
    MessagesBody,
    TextBlock,
    ThinkingBlock,
    ToolResultBlock,
    ToolUseBlock,
    TurnIn,
)
from yunqi.server.dialects.openai.wire import TemplateKwargs
from yunqi.server.signature import check
from yunqi.server.thinking import Decision, Wish, decide


def chat_request(
    body: CountBody, card: ModelCard, policy: ThinkingPolicy, origin: Origin, secret: bytes
) -> ChatRequest:
    """What a body of messages, or of count_tokens, asks."""
    thought = decide(wish_of(body, card), card, policy)
    choice = _tool_choice(body)
    messages = strip_billing(tuple(_messages(body, secret)))
    return ChatRequest(
        messages=messages,
        params=_sampling(body, thought) if isinstance(body, MessagesBody) else SamplingParams(),
        model=card.name,
        tools=() if choice.mode == "none" else tuple(_tools(body)),
        tool_choice=choice,
        enable_thinking=thought.enable,
        preserve_thinking=thought.preserve,
        continue_final_message=bool(messages) and messages[-1].role == "assistant" and not messages[-1].tool_calls,
        origin=origin,
    )


def wish_of(body: CountBody, card: ModelCard) -> Wish:
    """Every field that speaks of thinking. Without any, a model that can answer at once does, as Anthropic's do."""
    own, more = body.thinking, body.chat_template_kwargs or TemplateKwargs()
    effort = body.output_config.effort if body.output_config else None
    enable = None if own is None else own.type != "disabled"
    if own is not None and own.type == "enabled" and not own.budget_tokens:
        reason = "it is missing or zero" if own.budget_tokens is None else "it is zero"
        rule = "Send the number of tokens to think at most, or thinking of type disabled."
        raise YunqiError("field-invalid", place="thinking.budget_tokens", reason=reason, rule=rule)
    wish = Wish(
        enable=(
            ("thinking.type", enable),
            ("enable_thinking", body.enable_thinking),
            ("chat_template_kwargs.enable_thinking", more.enable_thinking),
        ),
        budget=(
            ("thinking.budget_tokens", own.budget_tokens if own else None),
            ("thinking_budget", body.thinking_budget),
            ("chat_template_kwargs.thinking_budget", more.thinking_budget),
        ),
        effort=() if enable is False else (("output_config.effort", effort),),
        preserve=(
            ("preserve_thinking", body.preserve_thinking),
            ("chat_template_kwargs.preserve_thinking", more.preserve_thinking),
        ),
    )
    says = [value for _, value in (*wish.enable, *wish.budget) if value is not None]
    if not says and card.thinking == "hybrid":
        return Wish(enable=(("thinking", False),), preserve=wish.preserve)
    return wish


def _sampling(body: MessagesBody, thought: Decision) -> SamplingParams:
    own = body.thinking
    if own is not None and own.budget_tokens is not None and own.budget_tokens >= body.max_tokens:
        first, second = f"thinking.budget_tokens={own.budget_tokens}", f"max_tokens={body.max_tokens}"
        rule = "max_tokens holds the thought and the answer: send a larger one."
        raise YunqiError("options-contradict", first=first, second=second, rule=rule)
    wanted = body.output_config.format if body.output_config else None
    return SamplingParams(
        max_tokens=body.max_tokens,
        temperature=body.temperature,
        top_p=body.top_p,
        top_k=body.top_k,
        seed=body.seed,
        stop=body.stop_sequences or (),
        thinking_budget=thought.budget,
        structured_outputs=None if wanted is None else StructuredOutputsParams(json=wanted.schema_),
    )


def _tools(body: CountBody) -> Iterator[Tool]:
    for tool in body.tools or ():
        function: dict[str, object] = {"name": tool.name}
        if tool.description is not None:
            function["description"] = tool.description
        function["parameters"] = tool.input_schema
        if tool.strict is not None:
            function["strict"] = tool.strict
        yield Tool(definition={"type": "function", "function": function})


def _tool_choice(body: CountBody) -> ToolChoice:
    choice = body.tool_choice
    if choice is None:
        return ToolChoice()
    modes: dict[str, Literal["auto", "none", "required"]] = {"any": "required", "tool": "required"}
    names = [tool.name for tool in body.tools or ()]
    if choice.type in modes and not names:
        raise YunqiError("option-without-effect", option="tool_choice", other="tools")
    name = choice.name if choice.type == "tool" else None
    if choice.type == "tool" and name not in names:
        rule = f"The tools of this request: {', '.join(names)}."
        raise YunqiError("field-invalid", place="tool_choice.name", reason=f"there is no tool {name!r}", rule=rule)
    mode = modes.get(choice.type) or ("none" if choice.type == "none" else "auto")
    return ToolChoice(mode=mode, name=name, parallel=not choice.disable_parallel_tool_use)


def _messages(body: CountBody, secret: bytes) -> Iterator[Message]:
    system = body.system
    if system:
        text = system if isinstance(system, str) else "\n".join(block.text for block in system)
        yield Message(role="system", content=text)
    for turn in body.messages:
        if isinstance(turn.content, str):
            yield Message(role=turn.role, content=turn.content)
        elif turn.role == "assistant":
            yield _assistant(turn, secret)
        else:
            yield from _others(turn)


def _assistant(turn: TurnIn, secret: bytes) -> Message:
    texts, thoughts, calls = [], [], []
    for block in turn.content:
        match block:
            case TextBlock(text=text):
                texts.append(text)
            case ThinkingBlock(thinking=thought, signature=signature):
                check(secret, thought, signature)
                thoughts.append(thought)
            case ToolUseBlock(id=call_id, name=name, input=arguments):
                calls.append(ToolCall(name=name, arguments=arguments, id=call_id))
            case _:
                raise _misplaced(block, turn)
    return Message(
        role="assistant",
        content="".join(texts),
        reasoning_content="\n".join(thoughts) if thoughts else None,
        tool_calls=tuple(calls),
    )


def _others(turn: TurnIn) -> Iterator[Message]:
    """A user's turn: results of tools are messages of their own, in their order."""
    parts: list[TextPart] = []
    for block in turn.content:
        match block:
            case TextBlock(text=text):
                parts.append(TextPart(text=text))
            case ToolResultBlock() if turn.role == "user":
                if parts:
                    yield Message(role="user", content=tuple(parts))
                    parts = []
                yield Message(role="tool", content=_result(block), tool_call_id=block.tool_use_id)
            case _:
                raise _misplaced(block, turn)
    if parts:
        yield Message(role=turn.role, content=tuple(parts))


def _result(block: ToolResultBlock) -> str:
    content = block.content or ""
    text = content if isinstance(content, str) else "\n".join(part.text for part in content)
    return f"Error: {text}" if block.is_error else text


def _misplaced(block: object, turn: TurnIn) -> YunqiError:
    kind = getattr(block, "type", "unknown")
    rule = "Thoughts and tool uses are the assistant's, results of tools the user's."
    return YunqiError("messages-invalid", reason=f"a {turn.role} turn holds a block of type {kind!r}", rule=rule)
