"""One prompt and its `n` answers: requests that share a prompt, and the output they make together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from yunqi.engine.core import Update
from yunqi.engine.output import OutputProcessor
from yunqi.engine.request import Request
from yunqi.protocol.events import Event, FinishReason
from yunqi.protocol.output import RequestOutput

Finish = Callable[[Request, FinishReason, str | int | None], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """What one call asked for. `processors[i]` follows `requests[i]`, answer number i."""

    request_id: str
    prompt: str | None
    requests: tuple[Request, ...]
    processors: tuple[OutputProcessor, ...]

    @property
    def finished(self) -> bool:
        return all(request.finished for request in self.requests)

    def take(self, update: Update, finish: Finish) -> list[tuple[int, Event]]:
        """Events of a step for one of the answers, each with the answer's number; a stop string ends it."""
        index = self.requests.index(update.request)
        processor = self.processors[index]
        events = processor.push(update.new_token_ids)
        if processor.stopped is not None:
            finish(update.request, "stop", processor.stopped)
        if update.request.finished:
            events += processor.finish()
        return [(index, event) for event in events]

    def output(self) -> RequestOutput:
        """What there is, finished or not."""
        first = self.requests[0]
        return RequestOutput(
            request_id=self.request_id,
            prompt=self.prompt,
            prompt_token_ids=first.token_ids[: first.prompt_len],
            outputs=[processor.output() for processor in self.processors],
            finished=self.finished,
            metrics=first.metrics,
            prompt_logprobs=self.processors[0].prompt_logprobs(),
        )
