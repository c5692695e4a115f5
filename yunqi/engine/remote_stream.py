"""One request to an engine process: its copies of the requests follow what the process says, its reader makes events.

Everything about text happens here, beside the caller: tokenizing, stop strings, events. The process knows ids alone.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import TYPE_CHECKING

from yunqi.common.errors import YunqiError
from yunqi.engine import messages as m
from yunqi.engine.core import Update
from yunqi.engine.job import Job
from yunqi.engine.request import Request, Status
from yunqi.protocol.events import Event, FinishReason
from yunqi.protocol.output import RequestOutput
from yunqi.protocol.requests import Delta, EngineRequest, Usage

if TYPE_CHECKING:
    from yunqi.engine.remote import RemoteEngine


class RemoteStream:
    """A `RequestStream`. Made by `RemoteEngine.submit`."""

    def __init__(self, engine: RemoteEngine, request: EngineRequest) -> None:
        self._engine, self._request = engine, request
        self.request_id = request.origin.request_id
        self._job: Job | None = None
        self._by_id: dict[str, Request] = {}
        self._deltas: deque[Delta] = deque()
        self._error: Exception | None = None
        self._news = asyncio.Event()
        self._accepted: asyncio.Future[None] | None = None
        self._num_logprobs: dict[Request, int] = {}

    @property
    def job(self) -> Job:
        assert self._job is not None, "the request has not been entered"
        return self._job

    @property
    def prompt_token_ids(self) -> list[int]:
        first = self.job.requests[0]
        return first.token_ids[: first.prompt_len]

    @property
    def usage(self) -> Usage:
        job = self.job
        return Usage(
            prompt_tokens=job.requests[0].prompt_len,
            cached_tokens=job.requests[0].num_cached,
            completion_tokens=sum(request.num_outputs for request in job.requests),
            reasoning_tokens=sum(processor.num_reasoning_tokens for processor in job.processors),
        )

    @property
    def output(self) -> RequestOutput:
        return self.job.output()

    @property
    def finished(self) -> bool:
        return self._error is not None or self.job.finished

    async def __aenter__(self) -> RemoteStream:
        job = self._job = await self._engine.job_of(self._request)
        self.request_id = job.request_id = self.request_id or job.request_id
        self._by_id = {request.request_id: request for request in job.requests}
        self._num_logprobs = dict.fromkeys(job.requests, 0)
        self._accepted = asyncio.get_running_loop().create_future()
        try:
            await self._engine.enter(self, self._request.origin)
            await self._accepted
        except BaseException:
            self.end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    async def __aiter__(self) -> AsyncIterator[Delta]:
        while True:
            while self._deltas:
                yield self._deltas.popleft()
            if self._error is not None:
                raise self._error
            if self.job.finished:
                return
            self._news.clear()
            await self._news.wait()

    def stop_thinking(self) -> None:
        """End the thought now. No effect outside a thought."""
        if running := self.running_ids():
            self._engine.send(m.StopThinking(request_ids=running))

    def running_ids(self) -> tuple[str, ...]:
        return tuple(request.request_id for request in self.job.requests if not request.finished)

    def end(self) -> None:
        """End what is still running; the rest of its text comes out, and the iteration ends."""
        job, running = self.job, self.running_ids()
        if running:
            self._engine.send(m.Abort(request_ids=running))
        job.abort(_finish)
        for index, events in _by_answer(job.take_events()).items():
            self._deltas.append(Delta(index=index, events=events))
        self._leave()

    def accept(self) -> None:
        if self._accepted is not None and not self._accepted.done():
            self._accepted.set_result(None)

    def fail(self, error: Exception) -> None:
        """End with this error, whatever the process may still say."""
        self._error = self._error or error
        if running := self.running_ids():
            self._engine.send(m.Abort(request_ids=running))
        if self._accepted is not None and not self._accepted.done():
            self._accepted.set_exception(error)
            self._accepted.exception()  # whoever entered may be gone
        self.job.abort(_finish)
        self._leave()

    def take(self, advance: m.Advance) -> None:
        """Follow one answer through a step."""
        request = self._by_id[advance.request_id]
        if request.finished:
            return  # a stop string ended it while this step was on its way
        before = request.num_outputs
        _follow(request, advance)
        error = None if advance.error is None else advance.error.rebuilt()
        try:
            self.job.take(Update(request=request, new_token_ids=advance.token_ids, error=error), self._finish_early)
            self._add_delta(request, tuple(request.output_ids[before:]))
        except Exception as failed:
            self.fail(failed)
            return
        if self.job.error is not None:
            self.fail(self.job.error)
        elif self.job.finished:
            self._leave()
        self._news.set()

    def _add_delta(self, request: Request, token_ids: tuple[int, ...]) -> None:
        index = self.job.requests.index(request)
        logprobs = self.job.processors[index].logprobs_from(self._num_logprobs[request])
        self._num_logprobs[request] += len(logprobs or ())
        events = tuple(event for _, event in self.job.take_events())
        if events or token_ids:
            self._deltas.append(Delta(index=index, events=events, token_ids=token_ids, logprobs=logprobs))

    def _finish_early(self, request: Request, reason: FinishReason, stop_reason: str | int | None) -> None:
        _finish(request, reason, stop_reason)
        self._engine.send(m.Abort(request_ids=(request.request_id,)))

    def _leave(self) -> None:
        self._engine.leave(self)
        self._news.set()


def check_ids(job: Job, vocab_size: int) -> None:
    """Refuse what no vocabulary holds. Raises `token-out-of-range`."""
    first = job.requests[0]
    biased = [token for token, _ in first.drawing.logit_bias]
    for tokens in (first.token_ids, biased):
        for token in (min(tokens), max(tokens)) if tokens else ():
            if not 0 <= token < vocab_size:
                raise YunqiError("token-out-of-range", token=token, size=vocab_size)


def _follow(request: Request, advance: m.Advance) -> None:
    metrics = request.metrics
    if advance.token_ids and metrics.first_token_time is None:
        metrics.first_token_time = time.monotonic()
    metrics.num_preemptions = advance.num_preemptions
    metrics.num_verifications, metrics.num_proposed_tokens, metrics.num_accepted_tokens = advance.guesses
    request.token_ids += advance.token_ids
    request.num_inserted, request.num_cached = advance.num_inserted, advance.num_cached
    for i, row in zip(advance.token_ids, advance.logprobs, strict=False):
        request.output_logprobs.append(m.from_row(row))
        request.cumulative_logprob += row[i][0]
    request.prompt_logprob_rows += [None if row is None else m.from_row(row) for row in advance.prompt_logprobs]
    if advance.finish_reason is not None:
        _finish(request, advance.finish_reason, advance.stop_reason)


def _finish(request: Request, reason: FinishReason, stop_reason: str | int | None = None) -> None:
    if not request.finished:
        request.status = Status.FINISHED
        request.finish_reason, request.stop_reason = reason, stop_reason
        request.metrics.finished_time = time.monotonic()


def _by_answer(events: list[tuple[int, Event]]) -> dict[int, tuple[Event, ...]]:
    found: dict[int, tuple[Event, ...]] = {}
    for index, event in events:
        found[index] = (*found.get(index, ()), event)
    return found
