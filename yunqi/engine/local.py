"""`LocalClient`: an `EngineClient` over an `LLM` in this process, for tests, notebooks and machines that can wait.

One worker thread owns the engine and does all its work; everything it is told is a function put into its queue, read
at the top of its loop. The event loop sees finished values only. From `start` on the `LLM` belongs to the client.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, TypeVar

from yunqi.common.errors import YunqiError
from yunqi.common.logging import get_logger
from yunqi.engine.core import Update
from yunqi.engine.job import Job
from yunqi.engine.llm import LLM
from yunqi.engine.reception import job_of
from yunqi.engine.request import Request
from yunqi.protocol.events import Event
from yunqi.protocol.output import RequestOutput
from yunqi.protocol.requests import ChatRequest, Delta, EngineRequest, EngineStats, ModelCard, Usage

_log = get_logger(__name__)
_T = TypeVar("_T")
_Item = tuple[Delta, Usage] | RequestOutput | Exception


class LocalStream:
    """A `RequestStream`. Its queue is filled by the worker and read by the event loop."""

    def __init__(self, client: LocalClient, request: EngineRequest, request_id: str) -> None:
        self._client, self._request = client, request
        self.request_id = request_id
        self.job: Job | None = None
        self.num_unfinished = 0
        self.items: asyncio.Queue[_Item] = asyncio.Queue()
        self._usage = Usage()
        self._output: RequestOutput | None = None

    @property
    def prompt_token_ids(self) -> list[int]:
        request = self._job().requests[0]
        return request.token_ids[: request.prompt_len]

    @property
    def usage(self) -> Usage:
        return self._usage

    @property
    def output(self) -> RequestOutput:
        return self._output or self._job().output()

    async def __aenter__(self) -> LocalStream:
        try:
            self._usage = await self._client.ask(lambda: self._client.admit(self, self._request))
        except BaseException:  # cancelled while it was being admitted: it must not stay
            self._client.tell(lambda: self._client.drop(self))
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.tell(lambda: self._client.drop(self))

    async def __aiter__(self) -> AsyncIterator[Delta]:
        while True:
            item = await self.items.get()
            if isinstance(item, Exception):
                raise item
            if isinstance(item, RequestOutput):
                self._output = item
                return
            delta, self._usage = item
            yield delta

    def stop_thinking(self) -> None:
        self._client.tell(self._stop_thinking)

    def _stop_thinking(self) -> None:
        for request in self._job().requests:
            if request.thinking is not None:
                request.thinking.stop()

    def _job(self) -> Job:
        assert self.job is not None, "the request has not been entered"
        return self.job


class LocalClient:
    """Serves one model under `name` and its `aliases`; at most `max_waiting` requests wait."""

    def __init__(self, llm: LLM, *, name: str = "nano", aliases: Sequence[str] = (), max_waiting: int = 256) -> None:
        self._llm = llm
        self._card = ModelCard(
            name=name,
            max_model_len=llm.max_model_len,
            created=int(time.time()),
            thinking=llm.thinking_mode,
            aliases=tuple(aliases),
        )
        self._max_waiting = max_waiting
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._owners: dict[Request, LocalStream] = {}
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = self._stopped = False
        self._closing: asyncio.Task[None] | None = None
        self._asked: set[asyncio.Future[Any]] = set()
        self._num_failed_steps = 0
        self._numbers = 0

    async def start(self) -> None:
        assert self._thread is None, "started twice"
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="yunqi-engine", daemon=True)
        self._thread.start()

    async def close(self, drain_seconds: float = 0.0) -> None:
        """Take no more requests, give running ones this long, then end everything. A second call joins the first."""
        if self._thread is None or self._stopped:
            return
        self._stopping = True
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(self._thread, drain_seconds))
        await asyncio.shield(self._closing)

    async def _close(self, thread: threading.Thread, drain_seconds: float) -> None:
        last = time.monotonic() + drain_seconds
        while time.monotonic() < last and await self.ask(lambda: bool(self._owners)):
            await asyncio.sleep(0.01)
        self.tell(self._stop)
        await asyncio.to_thread(thread.join)

    @property
    def healthy(self) -> bool:
        return self._thread is not None and self._thread.is_alive() and not self._stopping

    @property
    def models(self) -> tuple[ModelCard, ...]:
        return (self._card,)

    def submit(self, request: EngineRequest) -> LocalStream:
        self._numbers += 1
        return LocalStream(self, request, request.origin.request_id or f"request-{self._numbers}")

    async def tokenize(self, text: str, model: str = "", *, add_special_tokens: bool = False) -> list[int]:
        return await self.ask(lambda: self._llm.get_tokenizer().encode(text))

    async def detokenize(self, token_ids: list[int], model: str = "") -> str:
        return await self.ask(lambda: self._llm.get_tokenizer().decode(token_ids))

    async def render(self, request: ChatRequest) -> list[int]:
        first = (await self.ask(lambda: job_of(self._llm.intake, request))).requests[0]
        return first.token_ids[: first.prompt_len]

    async def stats(self) -> EngineStats:
        return await self.ask(self._stats)

    async def ask(self, question: Callable[[], _T]) -> _T:
        """What the worker answers, between two steps."""
        if not self._alive():
            raise YunqiError("engine-stopping")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[_T] = loop.create_future()

        def work() -> None:
            try:
                value = question()
            except Exception as error:
                self._post(_settle, answer, None, error)
            else:
                self._post(_settle, answer, value, None)

        self._asked.add(answer)
        self.tell(work)
        try:
            return await answer
        finally:
            self._asked.discard(answer)

    def _refuse(self) -> None:
        """Whoever asked when the worker had just gone is told so."""
        for answer in self._asked:
            _settle(answer, None, YunqiError("engine-stopping"))

    def tell(self, command: Callable[[], None]) -> None:
        """Have the worker do something between two steps."""
        self._commands.put(command)

    # What follows runs in the worker.

    def admit(self, stream: LocalStream, request: EngineRequest) -> Usage:
        """Queue a request. Raises what is wrong with it."""
        if self._stopping:
            raise YunqiError("engine-stopping")
        engine = self._llm.engine
        if len(engine.scheduler.waiting) >= self._max_waiting:
            raise engine.scheduler.queue_full()
        job = stream.job = job_of(self._llm.intake, request)
        stream.num_unfinished = len(job.requests)
        try:
            for one in job.requests:
                engine.add(one)
                self._owners[one] = stream
        except YunqiError:
            self.drop(stream)
            raise
        return usage_of(job)

    def drop(self, stream: LocalStream) -> None:
        """End what is left of a request."""
        if stream.job is None:
            return
        finish = self._llm.engine.finish
        try:
            stream.job.abort(finish)
        except Exception as error:  # what was held back of its text could not be read
            _log.exception("a request could not be ended in order")
            stream.job.fail(error, finish)
        for one in stream.job.requests:
            self._owners.pop(one, None)

    def _alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive() and not self._stopped

    def _work(self) -> None:
        try:
            self._serve()
        except BaseException as error:
            _log.exception("the engine's thread ended")
            self._end(YunqiError("engine-stopped", reason=f"its thread ended ({type(error).__name__})"))
        finally:
            self._post(self._refuse)

    def _serve(self) -> None:
        while not self._stopped:
            self._obey()
            if not self._stopped and self._llm.engine.has_requests:
                self._step()
        while not self._commands.empty():  # whoever asked at the last moment is answered
            self._do_next()

    def _obey(self) -> None:
        """Do what was asked; wait for it where there is nothing else to do."""
        if not self._llm.engine.has_requests:
            self._do_next()
        while not self._commands.empty():
            self._do_next()

    def _do_next(self) -> None:
        command = self._commands.get()
        try:
            command()
        except Exception:  # it was one request's: the others go on
            _log.exception("the engine could not do what it was told")

    def _step(self) -> None:
        try:
            updates = self._llm.engine.step()
        except Exception as error:
            _log.exception("a step of the engine failed")
            self._num_failed_steps += 1
            ended = {self._owners[one] for one in list(self._owners) if one.finished}
            if not ended:  # it would fail for ever
                raise
            for stream in ended:
                self._fail(stream, _failed(error))
            return
        for update in updates:
            stream = self._owners.get(update.request)
            if stream is None:  # it fell with another answer of its request
                continue
            try:
                self._pass_on(stream, update)
            except Exception as error:
                _log.exception("an answer could not be read")
                self._fail(stream, _failed(error))

    def _pass_on(self, stream: LocalStream, update: Update) -> None:
        job = stream.job
        assert job is not None
        before = update.request.num_outputs - len(update.new_token_ids)
        job.take(update, self._llm.engine.finish)
        if job.error is not None:
            _log.error("a request failed", exc_info=job.error)
            self._fail(stream, _failed(job.error))
            return
        self._post(stream.items.put_nowait, (_delta(job, update, before), usage_of(job)))
        stream.num_unfinished -= update.request.finished
        if not stream.num_unfinished:
            self._post(stream.items.put_nowait, job.output())
            self.drop(stream)

    def _fail(self, stream: LocalStream, error: Exception) -> None:
        self.drop(stream)
        self._post(stream.items.put_nowait, error)

    def _stop(self) -> None:
        self._end(YunqiError("engine-stopping"))

    def _end(self, error: YunqiError) -> None:
        """Serve nobody any more. Everyone is told, whatever state the engine is in."""
        self._stopping = self._stopped = True
        for stream in set(self._owners.values()):
            self._post(stream.items.put_nowait, error)
            with suppress(Exception):
                self.drop(stream)

    def _stats(self) -> EngineStats:
        stats = self._llm.engine.stats()
        return replace(stats, counters={**stats.counters, "failed_steps": self._num_failed_steps})

    def _post(self, function: Callable[..., Any], *arguments: Any) -> None:
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:  # the loop is closed: nobody is left to be told
            self._stopped = True


def _failed(error: Exception) -> YunqiError:
    """What the client is told: the kind of error, not our insides."""
    return YunqiError("computation-failed", reason=type(error).__name__)


def usage_of(job: Job) -> Usage:
    """What a job has used so far."""
    return Usage(
        prompt_tokens=job.requests[0].prompt_len,
        cached_tokens=job.requests[0].num_cached,
        completion_tokens=sum(request.num_outputs for request in job.requests),
        reasoning_tokens=sum(processor.num_reasoning_tokens for processor in job.processors),
    )


def _delta(job: Job, update: Update, before: int) -> Delta:
    index = job.requests.index(update.request)
    events: tuple[Event, ...] = tuple(event for answer, event in job.take_events() if answer == index)
    rows = job.processors[index].logprobs_from(before)
    return Delta(
        index=index,
        events=events,
        token_ids=tuple(update.request.output_ids[before:]),
        logprobs=rows,
    )


def _settle(answer: asyncio.Future[Any], value: Any, error: Exception | None) -> None:
    if answer.done():  # whoever asked has gone
        return
    if error is None:
        answer.set_result(value)
    else:
        answer.set_exception(error)
