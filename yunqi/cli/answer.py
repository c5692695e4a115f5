"""One answer as it comes: thoughts dimmed, the answer plain, and what it cost.

Where dim text would not be seen, thoughts stand between `<think>` and `</think>`, so that a reader of a file or a pipe
can tell them apart.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from yunqi.cli.terminal import clean, say, shows_styles
from yunqi.protocol.events import Event, ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStart
from yunqi.protocol.output import RequestOutput
from yunqi.protocol.sampling import SamplingParams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yunqi.engine.llm import LLM


@dataclass(kw_only=True, slots=True)
class Answer:
    """What has been said so far; it is complete unless the stream was stopped."""

    reasoning: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What an answer took. `tokens_per_second` counts from the first token to the last."""

    num_prompt_tokens: int
    num_tokens: int
    num_reasoning_tokens: int
    seconds: float
    first_token_seconds: float | None
    tokens_per_second: float | None

    @property
    def line(self) -> str:
        """The cost for people."""
        thought = f", {self.num_reasoning_tokens} of them thought" if self.num_reasoning_tokens else ""
        rate = f", {self.tokens_per_second:,.0f} tokens/s" if self.tokens_per_second else ""
        return f"{self.num_tokens} tokens{thought}{rate}, {self.seconds:.2f} s"


def cost_of(output: RequestOutput) -> Cost:
    """The cost of a finished request."""
    metrics, answers = output.metrics, output.outputs
    tokens = sum(len(answer.token_ids) for answer in answers)
    start, first, end = metrics.arrival_time, metrics.first_token_time, metrics.finished_time
    writing = end - first if first is not None and end is not None else 0.0
    return Cost(
        num_prompt_tokens=len(output.prompt_token_ids),
        num_tokens=tokens,
        num_reasoning_tokens=sum(answer.num_reasoning_tokens for answer in answers),
        seconds=end - start if end is not None else 0.0,
        first_token_seconds=metrics.time_to_first_token,
        tokens_per_second=(tokens - 1) / writing if tokens > 1 and writing > 0 else None,
    )


def stream_answer(
    llm: LLM, messages: Sequence[dict[str, Any]], params: SamplingParams, *, think: bool | None, answer: Answer
) -> Cost:
    """Ask and print what comes, collecting it in `answer`. Leaving early, by Ctrl-C too, ends the request."""
    stream = cast("Generator[Event]", llm.chat_stream(messages, params, enable_thinking=think))
    with closing(stream) as events:
        show(events, answer)
    assert llm.last_output is not None, "a stream that ended has an output"
    return cost_of(llm.last_output)


def show(events: Iterator[Event], answer: Answer) -> None:
    """Print events as they come, collecting them in `answer`."""
    thought, text = _Section(dim=True), _Section(dim=False)
    marked = not shows_styles()
    try:
        for event in events:
            if isinstance(event, ReasoningDelta):
                if not answer.reasoning and marked:
                    say("<think>")
                answer.reasoning += event.text
                thought.write(event.text)
                continue
            if answer.reasoning and not thought.closed:
                thought.close("\n</think>\n\n" if marked else "\n\n")
            piece = _text_of(event)
            answer.text += piece if isinstance(event, TextDelta) else ""
            text.write(piece)
    finally:
        if thought.open or text.open:
            say()


class _Section:
    """A run of text of one style. Line ends around it are held back: the layout sets its own."""

    def __init__(self, *, dim: bool) -> None:
        self._dim = dim
        self._held = ""
        self.open = False
        self.closed = False

    def write(self, text: str) -> None:
        text = self._held + clean(text)
        text = text if self.open else text.lstrip()
        body = text.rstrip("\n")
        self._held = text[len(body) :]
        if body:
            self.open = True
            say(body, dim=self._dim, newline=False)

    def close(self, end: str) -> None:
        say(end, newline=False)
        self.open, self.closed = False, True


def _text_of(event: Event) -> str:
    if isinstance(event, TextDelta):
        return event.text
    if isinstance(event, ToolCallStart):
        return f"\n[{event.name}] "
    return event.arguments if isinstance(event, ToolCallDelta) else ""
