"""The engine process: `python -m yunqi.engine.process FD PARENT` serves one client over the socket FD.

One thread steps the engine; at the top of each step it reads what has come (requests, aborts) from a second one, which
waits at the socket. The process lives as long as its client: it ends when told to, when the socket closes, and on Linux
at the parent's death whatever it is doing. It says something after each step, if only that it is over: a client that
hears nothing takes it to hang. Ctrl-C and SIGTERM are the parent's to handle. A failed step ends the
requests of that step; three in a row end the process, which is then taken to be broken. Told to end, it writes what is
to outlive it, in the time until it would be killed.
"""

from __future__ import annotations

import ctypes
import logging
import os
import queue
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.common.logging import configure, get_logger
from yunqi.engine import messages as m
from yunqi.engine.core import Engine, Update
from yunqi.engine.grammar import GrammarControl, Grammars
from yunqi.engine.request import Request
from yunqi.engine.scheduler import SchedulerConfig
from yunqi.engine.thinking_plan import thinking_tokens
from yunqi.engine.tool_forcing import ToolForcing
from yunqi.engine.words import tokenizer_folder
from yunqi.processing.tokenizer import Tokenizer
from yunqi.protocol.output import RequestMetrics

log = get_logger(__name__)

MAX_FAILED_STEPS = 3
BROKEN = 71  # exit status of a process that took itself for broken
_SECONDS_TO_FLUSH = m.SECONDS_TO_END - 1.0  # the rest is for saying so
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a process computes with; `owner` may tidy up when it goes, so it stays as long as the process."""

    engine: Engine
    tokenizer: Tokenizer | None
    max_model_len: int
    owner: object = None


@dataclass(frozen=True)
class _Leave:
    """The client has closed, or is gone, since this time."""

    since: float


@dataclass(kw_only=True)
class _Live:
    """A request under way, and how much of it the client has been told."""

    request: Request
    num_logprobs: int = 0
    num_prompt_logprobs: int = 0


class EngineLoop:
    """Messages in, steps, messages out. `inbox` is filled by another thread."""

    def __init__(self, served: Served, inbox: queue.SimpleQueue[Any], send: Callable[[Any], None]) -> None:
        self._engine, self._tokenizer = served.engine, served.tokenizer
        self._thinking = thinking_tokens(served.tokenizer)
        self._grammars = None if served.tokenizer is None else Grammars(served.tokenizer)
        self._inbox, self._send = inbox, send
        self._live: dict[str, _Live] = {}
        self._num_failed = 0

    def run(self) -> float:
        """Serve until the client closes; returns since when it has."""
        while True:
            for message in self._messages():
                if isinstance(message, _Leave):
                    return message.since
                self._take(message)
            if self._engine.has_requests:
                self._step()

    def _messages(self) -> Iterator[Any]:
        """What has come; waits where there is nothing else to do."""
        if not self._engine.has_requests:
            yield self._inbox.get()
        with suppress(queue.Empty):
            while True:
                yield self._inbox.get_nowait()

    def _take(self, message: Any) -> None:
        match message:
            case m.Add():
                self._add(message)
            case m.Abort():
                for request_id in message.request_ids:
                    self._engine.abort(request_id)
                    self._live.pop(request_id, None)
            case m.StopThinking():
                for request_id in message.request_ids:
                    self._engine.stop_thinking(request_id)
            case m.AskStats():
                self._send(m.Stats(number=message.number, stats=self._engine.stats()))
            case _:
                raise AssertionError(f"unexpected {type(message).__name__}")

    def _add(self, message: m.Add) -> None:
        """Queue all answers of a prompt, or none."""
        added: list[str] = []
        try:
            for number in range(len(message.request_ids)):
                request = self._request(message, number)
                self._engine.add(request)
                added.append(request.request_id)
                self._live[request.request_id] = _Live(request=request)
        except Exception as error:
            if not isinstance(error, YunqiError):
                log.exception("a request could not be queued")
            for request_id in added:
                self._engine.abort(request_id)
                del self._live[request_id]
            data = m.ErrorData.of(error, "computation-failed")
            self._send(m.Refused(request_ids=message.request_ids, error=data))
            return
        self._send(m.Accepted(request_ids=message.request_ids))

    def _request(self, message: m.Add, number: int) -> Request:
        control = None
        if message.thinking is not None and self._thinking is not None and self._tokenizer is not None:
            control = message.thinking.control(self._thinking, message.stop, self._tokenizer)
        return Request(
            request_id=message.request_ids[number],
            prompt_len=len(message.token_ids),
            token_ids=list(message.token_ids),
            drawing=message.drawing_of(number),
            stop=message.stop,
            metrics=RequestMetrics(arrival_time=time.monotonic()),
            thinking=control,
            forcing=None if message.calls is None else ToolForcing(message.calls),
            grammar=self._grammar(message),
            prompt_logprobs=message.prompt_logprobs if number == 0 else None,
            key=message.key,
            priority=message.priority,
            cache_salt=message.cache_salt,
            stable_lengths=message.stable_lengths,
        )

    def _grammar(self, message: m.Add) -> GrammarControl | None:
        if message.grammar is None or self._grammars is None:
            return None
        return GrammarControl(message.grammar, self._grammars)

    def _step(self) -> None:
        try:
            updates = self._engine.step()
            self._num_failed = 0
        except Exception as error:
            log.exception("a step failed")
            self._num_failed += 1
            ended = [live.request for live in self._live.values() if live.request.finished]
            updates = [Update(request=request, error=error) for request in ended]
        self._report(updates)
        if self._num_failed == MAX_FAILED_STEPS:
            log.error("%d steps failed in a row: this process is taken to be broken", MAX_FAILED_STEPS)
            sys.exit(BROKEN)

    def _report(self, updates: list[Update]) -> None:
        """Tell the client what a step brought; requests that ended go from here."""
        told = {update.request.request_id: update for update in updates}
        for request_id, live in self._live.items():
            silent = live.request.finished or live.num_prompt_logprobs < len(live.request.prompt_logprob_rows)
            if silent and request_id not in told:
                told[request_id] = Update(request=live.request)
        advances = tuple(self._advance(update) for update in told.values() if update.request.request_id in self._live)
        self._send(m.Step(advances=advances))

    def _advance(self, update: Update) -> m.Advance:
        request, metrics = update.request, update.request.metrics
        live = self._live[request.request_id]
        logprobs = request.output_logprobs[live.num_logprobs :]
        rows = request.prompt_logprob_rows[live.num_prompt_logprobs :]
        live.num_logprobs += len(logprobs)
        live.num_prompt_logprobs += len(rows)
        if request.finished:
            del self._live[request.request_id]
        return m.Advance(
            request_id=request.request_id,
            token_ids=update.new_token_ids,
            num_inserted=request.num_inserted,
            num_cached=request.num_cached,
            num_preemptions=metrics.num_preemptions,
            guesses=(metrics.num_verifications, metrics.num_proposed_tokens, metrics.num_accepted_tokens),
            logprobs=tuple(m.as_row(row) for row in logprobs),
            prompt_logprobs=tuple(None if row is None else m.as_row(row) for row in rows),
            finish_reason=request.finish_reason if request.finished else None,
            stop_reason=request.stop_reason,
            error=None if update.error is None else m.ErrorData.of(update.error, "computation-failed"),
        )


def load(start: m.Start) -> Served:
    """Build what is to be served. Only a model needs torch."""
    if start.script is not None:
        script = start.script
        tokenizer = Tokenizer.from_directory(tokenizer_folder(script.tokenizer)) if script.tokenizer else None
        runner = script.runner(tokenizer)
        config = SchedulerConfig(max_num_batched_tokens=script.max_num_batched_tokens, max_num_seqs=script.max_num_seqs)
        in_cache = script.num_blocks * script.block_size
        longest = min(script.max_model_len or in_cache, in_cache)
        return Served(engine=Engine(runner, config), tokenizer=tokenizer, max_model_len=longest)
    from yunqi.engine.llm import LLM

    assert start.model is not None
    llm = LLM(start.model, **start.options)
    return Served(engine=llm.engine, tokenizer=llm.intake.tokenizer, max_model_len=llm.max_model_len, owner=llm)


def serve(connection: socket.socket) -> int:
    """Serve the client at the other end until it closes; returns the exit status."""
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(connection, inbox), daemon=True, name="messages").start()

    def send(message: Any) -> None:
        connection.sendall(m.frame(message))

    start = inbox.get()
    if not isinstance(start, m.Start):  # the client was gone before it said a word
        return 0
    logging.getLogger("yunqi").setLevel(start.log_level)
    try:
        served = load(start)
    except Exception as error:
        if not isinstance(error, YunqiError):
            log.exception("the model could not be loaded")
        send(m.Failed(error=m.ErrorData.of(error, "engine-start-failed")))
        return 1
    send(m.Ready(max_model_len=served.max_model_len, vocab_size=served.engine.runner.vocab_size))
    since = EngineLoop(served, inbox, send).run()
    served.engine.close(max(0.0, since + _SECONDS_TO_FLUSH - time.monotonic()))
    return 0


def _read(connection: socket.socket, inbox: queue.SimpleQueue[Any]) -> None:
    """Hand over messages as they come. After the last, the process has a moment to end by itself."""
    reader = m.FrameReader("engine")
    try:
        while data := connection.recv(1 << 18):
            for message in reader.push(data):
                inbox.put(_Leave(time.monotonic()) if isinstance(message, m.Close) else message)
    except (OSError, m.FrameError) as error:
        log.error("the connection to the client broke: %s", error)
    inbox.put(_Leave(time.monotonic()))
    time.sleep(m.SECONDS_TO_END)
    os._exit(0)


def _follow_parent(parent: int) -> None:
    """Leave signals of the terminal to the parent, and do not outlive it."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(0)


def main(arguments: list[str]) -> int:
    descriptor, parent = map(int, arguments)
    _follow_parent(parent)
    configure()
    with socket.socket(fileno=descriptor) as connection:
        try:
            return serve(connection)
        except (BrokenPipeError, ConnectionResetError):
            return 0  # the client is gone


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
