"""Token ids of one request -> ordered events and, in the end, its `CompletionOutput`.

With a stream machine the output is read as a chat turn (thought, text, tool calls); without one it is plain text;
without a tokenizer it is token ids alone. Stop strings count in the answer, not in the thought.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from yunqi.engine.request import Request
from yunqi.processing.stop import StopStrings
from yunqi.processing.tokenizer import IncrementalDecoder, Tokenizer
from yunqi.protocol.events import Event, Finish, FinishReason, TextDelta, ToolCallDelta, ToolCallStart
from yunqi.protocol.messages import ToolCall
from yunqi.protocol.output import CompletionOutput, Logprob


class Reader(Protocol):
    """Turns ids into events: the stream machine of `yunqi.processing.stream`, or `PlainReader`."""

    @property
    def reasoning(self) -> str | None: ...

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]: ...

    @property
    def num_reasoning_tokens(self) -> int: ...

    def push(self, token_ids: Sequence[int]) -> list[Event]: ...

    def finish(self, reason: FinishReason, stop_reason: str | int | None = None) -> list[Event]: ...


class PlainReader:
    """Everything is text."""

    reasoning: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    num_reasoning_tokens = 0

    def __init__(self, tokenizer: Tokenizer, *, skip_special_tokens: bool) -> None:
        self._decoder = IncrementalDecoder(tokenizer, skip_special_tokens)

    def push(self, token_ids: Sequence[int]) -> list[Event]:
        text = self._decoder.push(token_ids)
        return [TextDelta(text)] if text else []

    def finish(self, reason: FinishReason, stop_reason: str | int | None = None) -> list[Event]:
        text = self._decoder.flush()
        return [*([TextDelta(text)] if text else []), Finish(reason, stop_reason)]


class OutputProcessor:
    """Follows one request. `push` gives its events.

    `stopped` says that a stop string has ended it, `called_enough` that it began one more call than it may.
    """

    def __init__(
        self,
        request: Request,
        reader: Reader | None,
        *,
        index: int = 0,
        stop: Sequence[str] = (),
        include_stop: bool = False,
        tokenizer: Tokenizer | None = None,
        max_calls: int | None = None,
    ) -> None:
        self.request, self.index = request, index
        self._reader, self._tokenizer = reader, tokenizer
        self._stop = StopStrings(stop) if stop else None
        self._include_stop = include_stop
        self._text: list[str] = []
        self._max_calls = max_calls
        self._num_read = request.num_outputs
        self.stopped: str | None = None
        self.called_enough = False

    @property
    def num_reasoning_tokens(self) -> int:
        return self._reader.num_reasoning_tokens if self._reader else 0

    def logprobs_from(self, start: int) -> tuple[dict[int, Logprob], ...] | None:
        """The rows of output tokens from number `start` on, where they were asked for."""
        if self.request.drawing.logprobs is None:
            return None
        return tuple(self._named(row) for row in self.request.output_logprobs[start:])

    @property
    def ended(self) -> bool:
        """Whether nothing that follows belongs to the output."""
        return self.stopped is not None or self.called_enough

    def push(self, token: int, *, num_more: int = 0) -> list[Event]:
        """Events of a new token, after which `num_more` have come already. The end token of a request is no text."""
        self._num_read += 1
        if self._reader is None or self.ended:
            return []
        request = self.request
        is_end = request.finish_reason == "stop" and not num_more and token in request.stop.end_ids
        return list(self._filter(self._reader.push(() if is_end else (token,))))

    def cut(self, count: int) -> None:
        """Take back the last tokens, which came in the same step as the one that ended the output."""
        request = self.request
        del request.token_ids[-count:]
        if request.drawing.logprobs is not None:
            del request.output_logprobs[-count:]
            rows = zip(request.output_ids, request.output_logprobs, strict=True)
            request.cumulative_logprob = sum(row[token].logprob for token, row in rows)
        if request.finished:  # by one of those tokens, it seemed
            request.finish_reason, request.stop_reason = "stop", self.stopped

    def finish(self) -> list[Event]:
        """The last events: text that was held back, then `Finish`. The request must be finished."""
        reason, stop_reason = self.request.finish_reason, self.request.stop_reason
        assert reason is not None, "the request is still running"
        if self._reader is None:
            return [Finish(reason, stop_reason)]
        events = list(self._filter(self._reader.finish(reason, stop_reason)))
        last = events[-1]
        assert isinstance(last, Finish), "a reader ends with Finish"
        if self.stopped is not None:  # perhaps only just, in text that the reader had held back
            events[-1] = last = Finish("stop", self.stopped)
        self.request.finish_reason, self.request.stop_reason = last.reason, last.stop_reason
        return events

    def output(self) -> CompletionOutput:
        """What there is so far, under vLLM's names."""
        request, reader = self.request, self._reader
        logprobs = self.logprobs_from(0)
        return CompletionOutput(
            index=self.index,
            text="".join(self._text),
            reasoning=reader.reasoning if reader else None,
            tool_calls=reader.tool_calls[: self._max_calls] if reader else (),
            token_ids=request.output_ids,
            num_reasoning_tokens=self.num_reasoning_tokens,
            num_inserted_tokens=request.num_inserted,
            logprobs=None if logprobs is None else list(logprobs),
            cumulative_logprob=None if logprobs is None else request.cumulative_logprob,
            finish_reason=request.finish_reason,
            stop_reason=request.stop_reason,
        )

    def prompt_logprobs(self) -> list[dict[int, Logprob] | None] | None:
        if self.request.prompt_logprobs is None:
            return None
        return [None if row is None else self._named(row) for row in self.request.prompt_logprob_rows]

    def _filter(self, events: Iterable[Event]) -> Iterable[Event]:
        for event in events:
            if self._too_many(event):
                self.called_enough = True
            elif isinstance(event, TextDelta):
                scans = self._stop and self._num_read >= self.request.stop.min_tokens
                yield from self._shown(*(self._stop.push(event.text) if self._stop and scans else (event.text, None)))
            elif self.stopped is None or isinstance(event, Finish):
                # A stop string cannot reach across another event: what it held back comes first.
                if self._stop and self.stopped is None:
                    yield from self._shown(self._stop.flush(), None)
                yield event

    def _too_many(self, event: Event) -> bool:
        """Whether it belongs to a call that is not wanted, or comes after the beginning of one."""
        if isinstance(event, Finish) or self._max_calls is None:
            return False
        more = isinstance(event, ToolCallStart | ToolCallDelta) and event.index >= self._max_calls
        return more or self.called_enough

    def _shown(self, text: str, hit: str | None) -> Iterable[Event]:
        if self.stopped is not None:
            return
        if hit is not None:
            self.stopped = hit
            text += hit if self._include_stop else ""
        if text:
            self._text.append(text)
            yield TextDelta(text)

    def _named(self, row: dict[int, Logprob]) -> dict[int, Logprob]:
        if self._tokenizer is None:
            return row
        decode = self._tokenizer.decode
        return {i: Logprob(logprob=x.logprob, rank=x.rank, decoded_token=decode([i])) for i, x in row.items()}
