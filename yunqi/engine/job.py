"""One prompt and its `n` answers: requests that share a prompt, and the output they make together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from yunqi.engine.core import Update
from yunqi.engine.grammar import GrammarPlan
from yunqi.engine.output import OutputProcessor
from yunqi.engine.request import Request
from yunqi.engine.thinking_plan import ThinkingPlan
from yunqi.engine.tool_forcing import ToolPlan
from yunqi.protocol.events import Event, FinishReason
from yunqi.protocol.output import RequestOutput

Finish = Callable[[Request, FinishReason, str | int | None], None]


@dataclass(kw_only=True, slots=True, eq=False)
class Job:
    """What one call asked for. `processors[i]` follows `requests[i]`, answer number i; all follow the same plans.

    `events` wait here, each with its answer's number, until whoever drives the job takes them.
    """

    request_id: str
    prompt: str | None
    requests: tuple[Request, ...]
    processors: tuple[OutputProcessor, ...]
    thinking: ThinkingPlan | None = None
    calls: ToolPlan | None = None
    grammar: GrammarPlan | None = None
    events: list[tuple[int, Event]] = field(default_factory=list)
    error: Exception | None = None

    @property
    def finished(self) -> bool:
        return all(request.finished for request in self.requests)

    def take(self, update: Update, finish: Finish) -> None:
        """Follow one answer through a step; a stop string ends it."""
        index = self.requests.index(update.request)
        processor = self.processors[index]
        self.error = self.error or update.error
        for number, token in enumerate(update.new_token_ids):
            left = len(update.new_token_ids) - 1 - number
            self._add(index, processor.push(token, num_more=left))
            if left and processor.ended:
                processor.cut(left)
                break
        if processor.stopped is not None:
            finish(update.request, "stop", processor.stopped)
        elif processor.called_enough:
            finish(update.request, "stop", None)
        if update.request.finished:
            self._add(index, processor.finish())

    def abort(self, finish: Finish) -> None:
        """End what is still running; what was held back of its text comes out."""
        for index, request in enumerate(self.requests):
            if not request.finished:
                finish(request, "abort", None)
                self._add(index, self.processors[index].finish())

    def fail(self, error: Exception, finish: Finish) -> None:
        """End what is still running by an error, and read no more of it."""
        self.error = self.error or error
        for request in self.requests:
            finish(request, "abort", None)

    def take_events(self) -> list[tuple[int, Event]]:
        """The events since the last call."""
        events, self.events = self.events, []
        return events

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

    def _add(self, index: int, events: list[Event]) -> None:
        self.events += [(index, event) for event in events]
