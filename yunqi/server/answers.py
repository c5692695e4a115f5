"""The same ordered events for every dialect: put together for a whole answer, or encoded as they come."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from yunqi.common.logging import get_logger
from yunqi.protocol.events import (
    Event,
    Finish,
    FinishReason,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStart,
)
from yunqi.protocol.output import Logprob
from yunqi.protocol.requests import Delta, Usage
from yunqi.server.exchange import Served
from yunqi.server.problems import Problem, problem_of

_log = get_logger(__name__)


@dataclass(slots=True)
class Block:
    """A stretch of one kind: a thought, text, or one call with its arguments as JSON text."""

    kind: Literal["reasoning", "text", "call"]
    parts: list[str]
    name: str = ""

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def arguments(self) -> dict[str, Any]:
        """A call's arguments as an object; what is no JSON of one stands under `invalid_json`."""
        try:
            value = json.loads(self.text)
        except ValueError:
            value = None
        return value if isinstance(value, dict) else {"invalid_json": self.text}


@dataclass(slots=True)
class Answer:
    """One answer, block by block in the order it was written."""

    blocks: list[Block] = field(default_factory=list)
    reason: FinishReason | None = None
    stop_reason: str | int | None = None
    logprobs: list[tuple[int, dict[int, Logprob]]] = field(default_factory=list)

    def push(self, delta: Delta) -> None:
        for event in delta.events:
            self.add(event)
        self.logprobs += zip(delta.token_ids, delta.logprobs or (), strict=False)

    def add(self, event: Event) -> None:
        match event:
            case ReasoningDelta(text=text):
                self._extend("reasoning", text)
            case TextDelta(text=text):
                self._extend("text", text)
            case ToolCallStart(name=name):
                self.blocks.append(Block("call", [], name))
            case ToolCallDelta(arguments=text):
                self.blocks[-1].parts.append(text)
            case Finish(reason=reason, stop_reason=stop_reason):
                self.reason, self.stop_reason = reason, stop_reason

    def _extend(self, kind: Literal["reasoning", "text"], text: str) -> None:
        if not self.blocks or self.blocks[-1].kind != kind:
            self.blocks.append(Block(kind, []))
        self.blocks[-1].parts.append(text)

    def joined(self, kind: Literal["reasoning", "text"]) -> str:
        """Everything of one kind."""
        return "".join(block.text for block in self.blocks if block.kind == kind)

    @property
    def calls(self) -> list[Block]:
        return [block for block in self.blocks if block.kind == "call"]


async def gather(exchange: Served) -> list[Answer]:
    """Serve a request to its end and give its answers."""
    answers = [Answer() for _ in range(exchange.num_answers)]
    async with exchange:
        async for delta in exchange:
            answers[delta.index].push(delta)
    return answers


class Encoder(Protocol):
    """A dialect's streaming form. Each call gives bytes of whole server-sent events."""

    def start(self) -> Iterable[bytes]: ...

    def push(self, delta: Delta) -> Iterable[bytes]: ...

    def end(self, usage: Usage) -> Iterable[bytes]: ...

    def failed(self, problem: Problem) -> Iterable[bytes]: ...


async def frames(exchange: Served, encoder: Encoder) -> AsyncIterator[bytes]:
    """The encoded answer, frame by frame. An error in the middle is the last frame."""
    try:
        if frame := b"".join(encoder.start()):
            yield frame
        async for delta in exchange:
            if frame := b"".join(encoder.push(delta)):
                yield frame
    except Exception as error:
        problem = problem_of(error)
        if problem.code == "internal-error":
            _log.exception("an answer failed while it was streamed")
        yield b"".join(encoder.failed(problem))
        return
    yield b"".join(encoder.end(exchange.usage))
