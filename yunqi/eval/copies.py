"""Several copies of a small model, each in a process of its own: many questions take a fraction of the time.

A small model runs on one core. `Copies` is a `ChatModel` over the caller's own model and helpers that are started as
`python -m yunqi.eval.copies MODEL`; pickled requests and answers pass through their standard input and output. A row's
answer does not depend on its company, so the answers are those of one model alone.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from yunqi.common.machine import allowed_cores
from yunqi.common.progress import Progress, progress
from yunqi.eval.asking import ChatModel
from yunqi.processing.chat.rendered import Mode
from yunqi.protocol.output import RequestOutput

SMALL_PARAMETERS = 20_000_000
MOST_COPIES = 8
CHUNK = 128  # two full batches: few enough that all copies end at about the same time


def useful_copies(model: str | Path) -> int:
    """One for each core where a model is small, else one."""
    cores = min(allowed_cores(), MOST_COPIES)
    if cores == 1:
        return 1
    from yunqi.hub.catalog import describe
    from yunqi.hub.resolve import resolve

    size = describe(resolve(model)).num_parameters
    return cores if size is not None and size <= SMALL_PARAMETERS else 1


class Copies:
    """The model `own` and `count - 1` helpers that load `model`. Close it, or use it as a context."""

    def __init__(self, own: ChatModel, model: str | Path, count: int) -> None:
        self._own = own
        self._helpers = [_start(model) for _ in range(count - 1)]

    def __enter__(self) -> Copies:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def thinking_mode(self) -> Mode:
        return self._own.thinking_mode

    def get_tokenizer(self) -> Any:
        return self._own.get_tokenizer()

    def chat(
        self,
        messages: Any,
        sampling_params: Any,
        *,
        tools: Any = None,
        enable_thinking: bool | None = None,
        use_tqdm: bool = False,
    ) -> list[RequestOutput]:
        """Answers in the order of the questions; each copy takes the next chunk when it is done with its last."""
        rows = list(zip(messages, sampling_params, tools or [None] * len(messages), strict=True))
        starts = SimpleQueue[int]()
        for start in range(0, len(rows), CHUNK):
            starts.put(start)
        found: dict[int, list[RequestOutput]] = {}

        def work(bar: Progress, helper: subprocess.Popen[bytes] | None) -> None:
            try:
                for start in _taken(starts):
                    request = (*_columns(rows[start : start + CHUNK]), enable_thinking)
                    found[start] = _answer(self._own, request) if helper is None else _send(helper, request)
                    bar.update(sum(len(part) for part in list(found.values())))
            except BaseException:
                list(_taken(starts))  # nobody need go on
                raise

        with (
            progress("Requests", total=len(rows), silent=not use_tqdm) as bar,
            ThreadPoolExecutor(max_workers=max(1, len(self._helpers))) as pool,
        ):
            beside = [pool.submit(work, bar, helper) for helper in self._helpers]
            work(bar, None)
            for done in beside:
                done.result()
        return [output for start in sorted(found) for output in found[start]]

    def close(self) -> None:
        """End the helpers: without input they stop by themselves."""
        for helper in self._helpers:
            assert helper.stdin is not None
            assert helper.stdout is not None
            with suppress(BrokenPipeError):  # it ended before it took the last request
                helper.stdin.close()
            helper.stdout.close()
            helper.wait()
        self._helpers = []


def _taken(starts: SimpleQueue[int]) -> Iterator[int]:
    """The chunks that nobody has taken yet, one after the other."""
    while True:
        try:
            yield starts.get_nowait()
        except Empty:
            return


def _start(model: str | Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "yunqi.eval.copies", str(model)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _send(helper: subprocess.Popen[bytes], request: tuple[Any, ...]) -> list[RequestOutput]:
    assert helper.stdin is not None
    assert helper.stdout is not None
    try:
        pickle.dump(request, helper.stdin)
        helper.stdin.flush()
        return pickle.load(helper.stdout)
    except (EOFError, BrokenPipeError) as error:
        raise RuntimeError(f"a copy of the model ended with {helper.wait()}; what it said is above") from error


def _columns(rows: Sequence[tuple[Any, Any, Any]]) -> tuple[list[Any], list[Any], list[Any]]:
    messages, params, tools = zip(*rows, strict=True)
    return list(messages), list(params), list(tools)


def _answer(model: ChatModel, request: tuple[Any, ...]) -> list[RequestOutput]:
    messages, params, tools, enable_thinking = request
    return model.chat(messages, params, tools=tools, enable_thinking=enable_thinking)


def _serve(model: str) -> None:
    """Answer requests until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything else prints must not come between the answers
    from yunqi.engine.llm import LLM

    llm = LLM(model)
    while True:
        try:
            request = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(_answer(llm, request), answers)
        answers.flush()


if __name__ == "__main__":
    try:
        _serve(sys.argv[1])
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(1)
