"""Chat completions: one answer whole, or its events as chunks.

A thought comes out under both names that clients know, `reasoning_content` and `reasoning`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from yunqi.protocol.events import Event, Finish, ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStart
from yunqi.protocol.requests import ChatRequest, Delta, Usage
from yunqi.server.answers import Answer, Block, frames, gather
from yunqi.server.bodies import json_response, to_json
from yunqi.server.dialects.openai.logprobs import chat_logprobs
from yunqi.server.dialects.openai.reading import chat_request
from yunqi.server.dialects.openai.replies import usage_out
from yunqi.server.dialects.openai.wire import ChatBody
from yunqi.server.exchange import Exchange
from yunqi.server.live import request_id, unless_gone
from yunqi.server.problems import Problem, openai_error
from yunqi.server.service import new_id, origin_of, service_of

PING = b": ping\n\n"
DONE = b"data: [DONE]\n\n"


async def chat_completions(request: Request) -> Response:
    """`POST /v1/chat/completions`."""
    service = service_of(request)
    body = await service.read(request, ChatBody)
    asked = chat_request(body, service.card(body.model), service.config.thinking, origin_of(request, "chatcmpl-"))
    exchange = service.exchange(asked, "chat")
    if body.stream:
        wants_usage = body.stream_options is not None and body.stream_options.include_usage
        encoder = ChatChunks(exchange.id, asked.model, exchange.created, asked.params.logprobs, wants_usage)
        return await service.live(exchange, frames(exchange, encoder), PING)
    answers = await unless_gone(request.receive, gather(exchange))
    return json_response(chat_reply(exchange, answers), headers=request_id(exchange.id))


def chat_reply(exchange: Exchange, answers: list[Answer]) -> dict[str, Any]:
    """The whole answer of a request that has ended."""
    asked = exchange.request
    assert isinstance(asked, ChatRequest)
    return {
        "id": exchange.id,
        "object": "chat.completion",
        "created": exchange.created,
        "model": asked.model,
        "choices": [_choice(i, answer, asked.params.logprobs) for i, answer in enumerate(answers)],
        "usage": usage_out(exchange.usage),
    }


def _choice(index: int, answer: Answer, count: int | None) -> dict[str, Any]:
    return {
        "index": index,
        "message": _message(answer),
        "logprobs": None if count is None else chat_logprobs(answer.logprobs, count),
        "finish_reason": answer.reason,
        "stop_reason": answer.stop_reason,
    }


def _message(answer: Answer) -> dict[str, Any]:
    text, thought, calls = answer.joined("text"), answer.joined("reasoning"), answer.calls
    message: dict[str, Any] = {"role": "assistant", "content": None if calls and not text else text, "refusal": None}
    if thought:
        message |= {"reasoning_content": thought, "reasoning": thought}
    if calls:
        message["tool_calls"] = [_call(call) for call in calls]
    return message


def _call(call: Block) -> dict[str, Any]:
    return {"id": new_id("call_"), "type": "function", "function": {"name": call.name, "arguments": call.text}}


class ChatChunks:
    """An `Encoder`: every event is a chunk; log-probabilities go with the next one of their answer."""

    def __init__(self, request_id: str, model: str, created: int, logprobs: int | None, wants_usage: bool) -> None:
        self._head: dict[str, Any] = {
            "id": request_id,
            "object": "chat.completion.chunk",
            "created": created,
            "model": model,
        }
        self._count, self._wants_usage = logprobs, wants_usage
        self._begun: set[int] = set()
        self._rows: dict[int, list[Any]] = {}

    def start(self) -> Iterable[bytes]:
        yield self._chunk(0, {"role": "assistant", "content": ""})
        self._begun.add(0)

    def push(self, delta: Delta) -> Iterator[bytes]:
        index = delta.index
        if index not in self._begun:
            self._begun.add(index)
            yield self._chunk(index, {"role": "assistant", "content": ""})
        if self._count is not None:
            self._rows.setdefault(index, []).extend(zip(delta.token_ids, delta.logprobs or (), strict=False))
        for event in delta.events:
            yield self._event(index, event)

    def _event(self, index: int, event: Event) -> bytes:
        match event:
            case ReasoningDelta(text=text):
                return self._chunk(index, {"reasoning_content": text, "reasoning": text})
            case TextDelta(text=text):
                return self._chunk(index, {"content": text})
            case ToolCallStart(index=number, name=name):
                call = {"index": number, "id": new_id("call_"), "type": "function"}
                return self._chunk(index, {"tool_calls": [call | {"function": {"name": name, "arguments": ""}}]})
            case ToolCallDelta(index=number, arguments=text):
                return self._chunk(index, {"tool_calls": [{"index": number, "function": {"arguments": text}}]})
            case Finish(reason=reason, stop_reason=stop_reason):
                return self._chunk(index, {}, {"finish_reason": reason, "stop_reason": stop_reason})

    def end(self, usage: Usage) -> Iterable[bytes]:
        if self._wants_usage:
            yield _data(self._head | {"choices": [], "usage": usage_out(usage)})
        yield DONE

    def failed(self, problem: Problem) -> Iterable[bytes]:
        yield _data(openai_error(problem))
        yield DONE

    def _chunk(self, index: int, delta: dict[str, Any], ending: dict[str, Any] | None = None) -> bytes:
        rows = self._rows.pop(index, None)
        logprobs = chat_logprobs(rows, self._count) if rows and self._count is not None else None
        choice = {"index": index, "delta": delta, "logprobs": logprobs, **(ending or {"finish_reason": None})}
        usage = {"usage": None} if self._wants_usage else {}
        return _data(self._head | {"choices": [choice]} | usage)


def _data(value: dict[str, Any]) -> bytes:
    return b"data: " + to_json(value) + b"\n\n"
