"""One answer as it comes: thoughts dimmed, the answer plain, and what it cost.

Where dim text would not be seen, thoughts stand between `<think>` and `</think>`, so that a reader of a file or a pipe
can tell them apart. The sentence that ends a thought in time has a line of its own. No command gives the model tools,
so a call that it makes all the same is the text that it wrote.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from yunqi.cli.terminal import clean, counted, say, shows_styles
from yunqi.protocol.events import Event, ReasoningDelta, TextDelta
from yunqi.protocol.output import RequestOutput
from yunqi.protocol.sampling import SamplingParams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yunqi.engine.llm import LLM

_TO_HAVE_THE_REST = "For the rest allow more with --max-tokens N, as far as the context has room, or ask for less."


@dataclass(kw_only=True, slots=True)
class Answer:
    """What has been said so far; it is complete unless the stream was stopped."""

    reasoning: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What an answer took. `tokens_per_second` counts the tokens drawn, from the first to the last;
    `acceptance_length` is that of `RequestMetrics`; `cut_off`: the limit of tokens ended an answer."""

    num_prompt_tokens: int
    num_tokens: int
    num_reasoning_tokens: int
    num_inserted_tokens: int
    seconds: float
    first_token_seconds: float | None
    tokens_per_second: float | None
    acceptance_length: float | None = None
    cut_off: bool = False

    @property
    def line(self) -> str:
        """The cost for people."""
        thought = f", {self.num_reasoning_tokens} of them thought" if self.num_reasoning_tokens else ""
        inserted = f", {self.num_inserted_tokens} inserted to end the thought" if self.num_inserted_tokens else ""
        rate = f", {self.tokens_per_second:,.0f} tokens/s" if self.tokens_per_second else ""
        guessed = f", {self.acceptance_length:.1f} a step with guesses" if self.acceptance_length else ""
        end = ", cut off at the limit" if self.cut_off else ""
        return f"{counted(self.num_tokens, 'token')}{thought}{inserted}{guessed}{rate}, {self.seconds:.2f} s{end}"

    @property
    def line_and_remedy(self) -> str:
        """The cost, and below it how to have the whole of an answer that was cut off."""
        return f"{self.line}\n{_TO_HAVE_THE_REST}" if self.cut_off else self.line


def cost_of(output: RequestOutput) -> Cost:
    """The cost of a finished request."""
    metrics, answers = output.metrics, output.outputs
    tokens = sum(len(answer.token_ids) for answer in answers)
    inserted = sum(answer.num_inserted_tokens for answer in answers)
    drawn = tokens - inserted
    start, first, end = metrics.arrival_time, metrics.first_token_time, metrics.finished_time
    writing = end - first if first is not None and end is not None else 0.0
    return Cost(
        num_prompt_tokens=len(output.prompt_token_ids),
        num_tokens=tokens,
        num_reasoning_tokens=sum(answer.num_reasoning_tokens for answer in answers),
        num_inserted_tokens=inserted,
        seconds=end - start if end is not None else 0.0,
        first_token_seconds=metrics.time_to_first_token,
        tokens_per_second=(drawn - 1) / writing if drawn > 1 and writing > 0 else None,
        acceptance_length=metrics.acceptance_length,
        cut_off=any(answer.finish_reason == "length" for answer in answers),
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
    marked, closing = not shows_styles(), _closing_sentence()
    try:
        for event in events:
            if isinstance(event, ReasoningDelta):
                if not answer.reasoning and marked:
                    say("<think>")
                answer.reasoning += event.text
                thought.write(event.text, own_line=closing)
                continue
            if answer.reasoning and not thought.closed:
                thought.close("\n</think>\n\n" if marked else "\n\n")
            if isinstance(event, TextDelta):
                answer.text += event.text
                text.write(event.text)
    finally:
        if thought.open or text.open:
            say()


class _Section:
    """A run of text of one style. Line ends around it are held back: the layout sets its own."""

    def __init__(self, *, dim: bool) -> None:
        self._dim = dim
        self._held = ""
        self._pending = ""  # what may become the text that begins a line
        self.open = False
        self.closed = False

    def write(self, text: str, *, own_line: str = "") -> None:
        """Print; where `own_line` stands in the text, which comes in pieces, it begins a line."""
        text, self._pending = self._pending + text, ""
        before, line, after = text.partition(own_line) if own_line else (text, "", "")
        if not line:
            self._pending = _beginning(own_line, before)
            before = before[: len(before) - len(self._pending)]
        self._write(before)
        if line:
            self._held = "\n" if self.open else ""
            self._write(line + after)

    def _write(self, text: str) -> None:
        text = self._held + clean(text)
        text = text if self.open else text.lstrip()
        body = text.rstrip("\n")
        self._held = text[len(body) :]
        if body:
            self.open = True
            say(body, dim=self._dim, newline=False)

    def close(self, end: str) -> None:
        self._write(self._pending)
        self._pending = ""
        say(end, newline=False)
        self.open, self.closed = False, True


def _beginning(sentence: str, text: str) -> str:
    """The longest end of the text that the sentence begins with."""
    return next((text[-n:] for n in range(min(len(sentence), len(text)), 0, -1) if sentence.startswith(text[-n:])), "")


def _closing_sentence() -> str:
    """The words that the engine puts at the end of a thought which has used its budget."""
    from yunqi.processing.chat.thoughts import STOP_SENTENCE  # with a tokenizer: not before a model is loaded

    return STOP_SENTENCE.partition("\n")[0]
