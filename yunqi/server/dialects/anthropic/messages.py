"""Messages: one answer whole, or its events as Anthropic's stream of blocks; and the tokens of a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from yunqi.protocol.events import Event, Finish, ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStart
from yunqi.protocol.requests import Delta, Usage
from yunqi.server.answers import Answer, Block, frames, gather
from yunqi.server.bodies import json_response, to_json
from yunqi.server.dialects.anthropic.reading import chat_request
from yunqi.server.dialects.anthropic.wire import CountBody, MessagesBody
from yunqi.server.exchange import Exchange
from yunqi.server.live import request_id, unless_gone
from yunqi.server.problems import Problem, anthropic_error
from yunqi.server.service import new_id, origin_of, service_of
from yunqi.server.signature import sign

PING = b'event: ping\ndata: {"type":"ping"}\n\n'
_STOP_REASONS = {"length": "max_tokens", "tool_calls": "tool_use"}


async def messages(request: Request) -> Response:
    """`POST /v1/messages`."""
    service = service_of(request)
    body = await service.read(request, MessagesBody)
    card, origin = service.card(body.model), origin_of(request, "msg_")
    exchange = service.exchange(chat_request(body, card, service.config.thinking, origin, service.secret), "messages")
    if body.stream:
        return await service.live(exchange, frames(exchange, MessageEvents(exchange, service.secret)), PING)
    (answer,) = await unless_gone(request.receive, gather(exchange))
    return json_response(message_reply(exchange, answer, service.secret), headers=request_id(exchange.id))


async def count_tokens(request: Request) -> Response:
    """`POST /v1/messages/count_tokens`."""
    service = service_of(request)
    body = await service.read(request, CountBody)
    card, origin = service.card(body.model), origin_of(request, "count_")
    asked = chat_request(body, card, service.config.thinking, origin, service.secret)
    return json_response({"input_tokens": len(await service.client.render(asked))})


def message_reply(exchange: Exchange, answer: Answer, secret: bytes) -> dict[str, Any]:
    """The whole answer of a request that has ended, block by block."""
    content = [_block(block, secret) for block in answer.blocks]
    ending = _ending(answer.reason or "stop", answer.stop_reason)
    return _message(exchange) | {"content": content, **ending, "usage": usage_out(exchange.usage)}


def _message(exchange: Exchange) -> dict[str, Any]:
    return {"id": exchange.id, "type": "message", "role": "assistant", "model": exchange.request.model}


def _block(block: Block, secret: bytes) -> dict[str, Any]:
    if block.kind == "reasoning":
        return {"type": "thinking", "thinking": block.text, "signature": sign(secret, block.text)}
    if block.kind == "call":
        return {"type": "tool_use", "id": new_id("toolu_"), "name": block.name, "input": block.arguments()}
    return {"type": "text", "text": block.text}


def _ending(reason: str, stop_reason: str | int | None) -> dict[str, Any]:
    """A stop string is what stopped it; a token that did has no name in this dialect."""
    if isinstance(stop_reason, str):
        return {"stop_reason": "stop_sequence", "stop_sequence": stop_reason}
    return {"stop_reason": _STOP_REASONS.get(reason, "end_turn"), "stop_sequence": None}


def usage_out(usage: Usage) -> dict[str, Any]:
    """Tokens as Anthropic counts them: input is what was not read from the cache; thoughts are output."""
    return {
        "input_tokens": usage.prompt_tokens - usage.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"thinking_tokens": usage.reasoning_tokens},
    }


class MessageEvents:
    """An `Encoder`: blocks open, grow and close in the order of the events."""

    def __init__(self, exchange: Exchange, secret: bytes) -> None:
        self._exchange, self._secret = exchange, secret
        self._index = -1
        self._open: str | None = None
        self._thought: list[str] = []
        self._ending: dict[str, Any] = _ending("stop", None)

    def start(self) -> Iterable[bytes]:
        head = {"content": [], "stop_reason": None, "stop_sequence": None, "usage": usage_out(self._exchange.usage)}
        yield _event("message_start", {"message": _message(self._exchange) | head})
        yield PING

    def push(self, delta: Delta) -> Iterator[bytes]:
        for event in delta.events:
            yield from self._encode(event)

    def _encode(self, event: Event) -> Iterator[bytes]:
        match event:
            case ReasoningDelta(text=text):
                yield from self._begin("thinking", {"thinking": "", "signature": ""})
                self._thought.append(text)
                yield self._delta({"type": "thinking_delta", "thinking": text})
            case TextDelta(text=text):
                yield from self._begin("text", {"text": ""})
                yield self._delta({"type": "text_delta", "text": text})
            case ToolCallStart(name=name):
                yield from self._close()
                yield from self._begin("tool_use", {"id": new_id("toolu_"), "name": name, "input": {}})
            case ToolCallDelta(arguments=text):
                yield self._delta({"type": "input_json_delta", "partial_json": text})
            case Finish(reason=reason, stop_reason=stop_reason):
                self._ending = _ending(reason, stop_reason)

    def end(self, usage: Usage) -> Iterator[bytes]:
        yield from self._close()
        yield _event("message_delta", {"delta": self._ending, "usage": usage_out(usage)})
        yield _event("message_stop", {})

    def failed(self, problem: Problem) -> Iterable[bytes]:
        yield b"event: error\ndata: " + to_json(anthropic_error(problem)) + b"\n\n"

    def _begin(self, kind: str, fields: dict[str, Any]) -> Iterator[bytes]:
        if self._open == kind:
            return
        yield from self._close()
        self._index, self._open = self._index + 1, kind
        yield _event("content_block_start", {"index": self._index, "content_block": {"type": kind, **fields}})

    def _close(self) -> Iterator[bytes]:
        if self._open is None:
            return
        if self._open == "thinking":
            signature = sign(self._secret, "".join(self._thought))
            self._thought.clear()
            yield self._delta({"type": "signature_delta", "signature": signature})
        self._open = None
        yield _event("content_block_stop", {"index": self._index})

    def _delta(self, delta: dict[str, Any]) -> bytes:
        return _event("content_block_delta", {"index": self._index, "delta": delta})


def _event(name: str, fields: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: ".encode() + to_json({"type": name, **fields}) + b"\n\n"
