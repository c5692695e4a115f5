"""`RemoteEngine`: an `EngineClient` over one spawned engine process. Torch-free.

Prompts are rendered, tokenized and measured here, in threads where they are long, so that one that is refused disturbs
no step; ids cross to the process and tokens come back. When the process dies, its requests fail with `engine-died`, and
new ones wait for the next process for a while (`yunqi.engine.supervisor`).
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeVar

from yunqi.common.errors import YunqiError
from yunqi.common.logging import get_logger
from yunqi.engine import messages as m
from yunqi.engine.intake import Intake
from yunqi.engine.job import Job
from yunqi.engine.reception import arguments_of, job_of
from yunqi.engine.remote_stream import RemoteStream, check_ids
from yunqi.engine.script import Script
from yunqi.engine.speculation import SpeculativeConfig
from yunqi.engine.supervisor import RestartPolicy, Supervisor
from yunqi.engine.words import Words, words_of_model, words_of_tokenizer
from yunqi.processing.tool_format import check_format
from yunqi.protocol.requests import ChatRequest, EngineRequest, EngineStats, ModelCard, Origin

log = get_logger(__name__)

STEP_TIMEOUT = 300.0  # seconds; also of the first step, in which some backends compile
LONG_TEXT = 16_384  # characters; rendering and tokenizing fewer takes less than a thread costs
_SECONDS_FOR_STATS = 2.0
_Result = TypeVar("_Result")


class RemoteEngine:
    """One model in a process of its own.

    Args:
        model: what `LLM` takes, or a `Script` to play.
        name: what requests call the model; None for the model's own name, "script" for a script.
        aliases: other names for it.
        seed: seeds the requests that bring no seed of their own; None for different draws each time.
        seconds_to_wait: how long a request waits while the process is being restarted.
        tool_call_parser: as in `LLM`.
        step_timeout: seconds after which a step counts as hanging, and the process is killed and restarted; 0: never.
        options: keyword arguments of `LLM`.
    """

    def __init__(
        self,
        model: str | Path | Script,
        *,
        name: str | None = None,
        aliases: Sequence[str] = (),
        seed: int | None = None,
        tool_call_parser: str | None = None,
        restarts: RestartPolicy | None = None,
        seconds_to_wait: float = 10.0,
        step_timeout: float = STEP_TIMEOUT,
        **options: Any,
    ) -> None:
        self._model, self._options, self._seed = model, options, seed
        self._tool_call_parser = None if tool_call_parser is None else check_format(tool_call_parser)
        self.name = name or ("script" if isinstance(model, Script) else str(model))
        self._aliases, self._seconds_to_wait = tuple(aliases), seconds_to_wait
        self._supervisor = Supervisor(
            _start(model, options),
            on_message=self._on_message,
            on_death=self._on_death,
            policy=restarts or RestartPolicy(),
            has_work=lambda: bool(self._streams),
            step_seconds=step_timeout,
        )
        self._intake: Intake | None = None
        self._streams: dict[str, RemoteStream] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False
        self._created = int(time.time())
        self._numbers = itertools.count()
        self._asked_stats: dict[int, asyncio.Future[EngineStats]] = {}
        self._last_stats = EngineStats()

    async def start(self) -> None:
        """Return once requests can be served. Raises what keeps the model from being loaded."""
        try:
            words, ready = await asyncio.gather(asyncio.to_thread(self._read_words), self._supervisor.start())
        except BaseException:
            await self._supervisor.close()
            raise
        self._intake = words.intake(ready.max_model_len, self._seed, self._tool_call_parser)

    async def close(self, drain_seconds: float = 0.0) -> None:
        """Take no more requests, give running ones this long, then end everything."""
        self._closing = True
        if drain_seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), drain_seconds)
        for stream in set(self._streams.values()):
            stream.fail(YunqiError("engine-stopping"))
        await self._supervisor.close()

    @property
    def healthy(self) -> bool:
        return self._supervisor.healthy and self._intake is not None and not self._closing

    @property
    def reason(self) -> str:
        """Why it is not healthy, where it is not."""
        return "" if self.healthy else self._supervisor.reason

    @property
    def pid(self) -> int | None:
        """The engine process; None while there is none in service."""
        return self._supervisor.pid

    @property
    def num_streams(self) -> int:
        """Answers under way."""
        return len(self._streams)

    @property
    def intake(self) -> Intake:
        if self._intake is None:
            raise YunqiError("engine-stopped", reason="it has not been started")
        return self._intake

    @property
    def models(self) -> tuple[ModelCard, ...]:
        renderer = self.intake.renderer
        card = ModelCard(
            name=self.name,
            max_model_len=self.intake.max_model_len,
            created=self._created,
            thinking=renderer.mode if renderer is not None else "none",
            aliases=self._aliases,
        )
        return (card,)

    def submit(self, request: EngineRequest) -> RemoteStream:
        return RemoteStream(self, request)

    async def tokenize(self, text: str, model: str = "", *, add_special_tokens: bool = False) -> list[int]:
        """Token ids. Tokenizers of this family put nothing in front, so `add_special_tokens` changes nothing."""
        self._check_model(model)
        return await _aside(len(text), lambda: self.intake.need_tokenizer().encode(text))

    async def detokenize(self, token_ids: list[int], model: str = "") -> str:
        self._check_model(model)
        return await _aside(len(token_ids), lambda: self.intake.need_tokenizer().decode(token_ids))

    async def render(self, request: ChatRequest) -> list[int]:
        self._check_model(request.model)
        rendered, _ = await _aside(_size(request), lambda: self.intake.render(**arguments_of(request)))
        return rendered.token_ids

    async def stats(self) -> EngineStats:
        """What the engine does now; where a step takes long, what it did a moment ago."""
        if self.healthy:
            number = next(self._numbers)
            answer = self._asked_stats[number] = asyncio.get_running_loop().create_future()
            self.send(m.AskStats(number=number))
            try:
                await asyncio.wait([answer], timeout=_SECONDS_FOR_STATS)
            finally:
                del self._asked_stats[number]
                answer.cancel()
        counters = {**self._last_stats.counters, "restarts": self._supervisor.num_restarts}
        return replace(self._last_stats, counters=counters)

    async def job_of(self, request: EngineRequest) -> Job:
        """The requests that answer it, checked as far as that needs no engine."""
        self._check_model(request.model)
        return await _aside(_size(request), lambda: job_of(self.intake, request))

    async def enter(self, stream: RemoteStream, origin: Origin) -> None:
        """Hand a stream's requests to the process, once there is one."""
        ready = await self._supervisor.ready(self._seconds_to_wait)
        if self._closing:
            raise YunqiError("engine-stopping")
        self.intake.max_model_len = ready.max_model_len  # a new process may find less memory
        job = stream.job
        check_ids(job, ready.vocab_size)
        self._streams |= dict.fromkeys(stream.running_ids(), stream)
        self._idle.clear()
        self.send(_add(job, origin, ready.vocab_size))

    def leave(self, stream: RemoteStream) -> None:
        """Forget a stream. One that is gone already is no error."""
        for request in stream.job.requests:
            self._streams.pop(request.request_id, None)
        if not self._streams:
            self._idle.set()

    def send(self, message: m.ToEngine) -> None:
        self._supervisor.send(message)

    def _read_words(self) -> Words:
        model = self._model
        if isinstance(model, Script):
            return words_of_tokenizer(self.name, model.tokenizer, model.architecture)
        return words_of_model(model, self._options.get("tokenizer"))

    def _check_model(self, name: str) -> None:
        known = (self.name, *self._aliases)
        if name and name not in known:
            raise YunqiError("model-not-served", name=name, served=" or ".join(known))

    def _on_message(self, message: m.FromEngine) -> None:
        match message:
            case m.Step():
                for advance in message.advances:
                    if stream := self._streams.get(advance.request_id):
                        stream.take(advance)
            case m.Accepted():
                for stream in self._streams_of(message.request_ids):
                    stream.accept()
            case m.Refused():
                for stream in self._streams_of(message.request_ids):
                    stream.fail(message.error.rebuilt())
            case m.Stats():
                self._last_stats = message.stats
                answer = self._asked_stats.get(message.number)
                if answer is not None and not answer.done():
                    answer.set_result(message.stats)

    def _on_death(self, reason: str) -> None:
        streams = set(self._streams.values())
        for stream in streams:
            stream.fail(YunqiError("engine-died", reason=reason))
        self._last_stats = EngineStats(counters=self._last_stats.counters)
        for answer in self._asked_stats.values():
            answer.cancel()

    def _streams_of(self, request_ids: tuple[str, ...]) -> set[RemoteStream]:
        return {self._streams[request_id] for request_id in request_ids if request_id in self._streams}


def _start(model: str | Path | Script, options: dict[str, Any]) -> m.Start:
    """What the process is to serve. Raises `option-invalid` for what cannot be told to another process."""
    level = logging.getLogger("yunqi").getEffectiveLevel()
    if isinstance(model, Script):
        for option, value in options.items():
            raise YunqiError("option-invalid", option=option, value=value, rule="A script's options are its fields.")
        return m.Start(script=model, log_level=level)
    place = str(model.absolute()) if isinstance(model, Path) else model
    guessing = SpeculativeConfig.of(options.get("speculative"))
    options = options | {"speculative": None}
    for option, value in options.items():
        if not (value is None or isinstance(value, bool | int | float | str | Path)):
            raise YunqiError("option-invalid", option=option, value=value, rule="Give its name, as text or a number.")
    plain: dict[str, Any] = {
        option: str(value) if isinstance(value, Path) else value for option, value in options.items()
    }
    plain["speculative"] = None if guessing is None else asdict(guessing)
    return m.Start(model=place, options=plain, log_level=level)


async def _aside(size: int, work: Callable[[], _Result]) -> _Result:
    """Work on a text of this size, in a thread where it takes long."""
    return work() if size <= LONG_TEXT else await asyncio.to_thread(work)


def _size(request: EngineRequest) -> int:
    """Characters, or more of them than there are where schemas are to be checked: that takes milliseconds for each."""
    if request.params.structured_outputs is not None:
        return LONG_TEXT + 1
    if not isinstance(request, ChatRequest):
        return len(request.prompt)
    if request.tools and (request.tool_choice.mode == "required" or any(tool.strict for tool in request.tools)):
        return LONG_TEXT + 1
    return sum(len(message.text) + len(message.reasoning_content or "") for message in request.messages)


def _add(job: Job, origin: Origin, vocab_size: int) -> m.Add:
    first = job.requests[0]
    stop_ids = frozenset(token for token in first.stop.stop_ids if token < vocab_size)  # the others never come
    return m.Add(
        request_ids=tuple(request.request_id for request in job.requests),
        token_ids=first.token_ids,
        drawing=first.drawing,
        stop=replace(first.stop, stop_ids=stop_ids),
        thinking=job.thinking,
        calls=job.calls,
        grammar=job.grammar,
        prompt_logprobs=first.prompt_logprobs,
        stable_lengths=first.stable_lengths,
        key=origin.key,
        priority=origin.priority,
        cache_salt=origin.cache_salt,
    )
