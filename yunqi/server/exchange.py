"""`Exchange`: one request being served, from the engine's side of the server.

async with service.exchange(request, route=..., client_key=...) as exchange:
    async for delta in exchange: ...
    exchange.usage

Whatever ends the block ends the request. It keeps the books: metrics, the list of running requests, the log line.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from types import TracebackType
from typing import Protocol

from yunqi.common.errors import YunqiError
from yunqi.engine.client import EngineClient, RequestStream
from yunqi.protocol.events import Event, Finish, ToolCallDelta, ToolCallStart
from yunqi.protocol.requests import ChatRequest, Delta, EngineRequest, Usage
from yunqi.server.logs import log_exchange
from yunqi.server.metrics import Metrics


class Served(Protocol):
    """One exchange, or several that answer one HTTP request."""

    @property
    def id(self) -> str: ...

    @property
    def num_answers(self) -> int: ...

    @property
    def usage(self) -> Usage: ...

    async def __aenter__(self) -> Served: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def __aiter__(self) -> AsyncIterator[Delta]: ...


class Exchange:
    """Iterating gives the engine's deltas; where calls may not be parallel, an answer ends with its first."""

    def __init__(
        self,
        client: EngineClient,
        metrics: Metrics,
        running: dict[str, Exchange],
        request: EngineRequest,
        *,
        route: str,
        log_content: bool = False,
    ) -> None:
        self.request, self.route = request, route
        self.created = int(time.time())
        self._client, self._metrics, self._running = client, metrics, running
        self._log_content = log_content
        self._stream: RequestStream | None = None
        self._began = time.monotonic()
        self._last: float | None = None
        self._reasons: dict[int, str] = {}
        self._failure: Exception | None = None

    @property
    def id(self) -> str:
        return self.request.origin.request_id

    @property
    def num_answers(self) -> int:
        return self.request.params.n

    @property
    def stream(self) -> RequestStream:
        assert self._stream is not None, "the request has not been entered"
        return self._stream

    @property
    def usage(self) -> Usage:
        return self.stream.usage

    async def __aenter__(self) -> Exchange:
        self._began = time.monotonic()
        self._metrics.began(self.request.model)
        stream = self._client.submit(self.request)
        try:
            self._stream = await stream.__aenter__()
        except BaseException as error:
            self._close_books(error, Usage())
            raise
        self._running[self.id] = self
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.pop(self.id, None)
        usage = self.usage
        await self.stream.__aexit__(kind, error, trace)
        self._close_books(error, usage)

    async def __aiter__(self) -> AsyncIterator[Delta]:
        try:
            async for delta in self._deltas():
                yield delta
        except Exception as error:
            self._failure = error
            raise

    async def _deltas(self) -> AsyncIterator[Delta]:
        async for delta in self.stream:
            self._time()
            if delta.index in self._reasons:
                continue  # it ended with its first call
            events = tuple(self._allowed(delta.index, delta.events))
            for event in events:
                if isinstance(event, Finish):
                    if event.reason == "abort":
                        raise YunqiError("computation-failed", reason="it was ended from within")
                    self._reasons[delta.index] = event.reason
            yield replace(delta, events=events)
            if len(self._reasons) == self.num_answers:
                return

    def _allowed(self, index: int, events: Iterable[Event]) -> Iterable[Event]:
        one_call = isinstance(self.request, ChatRequest) and not self.request.tool_choice.parallel
        for event in events:
            if one_call and isinstance(event, ToolCallStart | ToolCallDelta) and event.index > 0:
                yield Finish("tool_calls")
                return
            yield event

    def _time(self) -> None:
        now = time.monotonic()
        if self._last is None:
            self._metrics.first_token(self.request.model, now - self._began)
        else:
            self._metrics.next_token(self.request.model, now - self._last)
        self._last = now

    def _close_books(self, error: BaseException | None, usage: Usage) -> None:
        outcome = self._outcome(self._failure or error)
        seconds = time.monotonic() - self._began
        self._metrics.ended(self.request.model, self.route, outcome, seconds, usage)
        log_exchange(self.request, self.route, outcome, seconds, usage, content=self._log_content)

    def _outcome(self, error: BaseException | None) -> str:
        if isinstance(error, YunqiError):
            return error.code
        if isinstance(error, asyncio.CancelledError | GeneratorExit) or (error is None and not self._complete):
            return "gone"
        return "internal-error" if error is not None else self._reasons.get(0, "stop")

    @property
    def _complete(self) -> bool:
        return len(self._reasons) == self.num_answers
