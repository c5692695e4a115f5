"""Ask a model questions in several settings and judge its answers: what every evaluation is made of.

A `Question` holds what is asked and who judges it, whether a generator drew it or a public set holds it; a `Setting`
says whether and how long the model may think.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from yunqi.data.problems.problem import Problem
from yunqi.eval.verifiers import verify
from yunqi.processing.chat.rendered import Mode
from yunqi.processing.chat.thoughts import STOP_SENTENCE
from yunqi.processing.vocabulary import THINK_CLOSE
from yunqi.protocol.messages import Message, Tool, ToolCall
from yunqi.protocol.output import CompletionOutput, RequestOutput
from yunqi.protocol.sampling import SamplingParams

Judge = Callable[[str, Sequence[ToolCall]], bool]


class ChatModel(Protocol):
    """What an evaluation needs of a model; `yunqi.LLM` is one."""

    @property
    def thinking_mode(self) -> Mode: ...

    def chat(
        self,
        messages: Any,
        sampling_params: Any,
        *,
        tools: Any = None,
        enable_thinking: bool | None = None,
        use_tqdm: bool = False,
    ) -> list[RequestOutput]: ...

    def get_tokenizer(self) -> Any: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked, and who says whether an answer (its text and its tool calls) is right."""

    messages: tuple[Message, ...]
    judge: Judge
    tools: tuple[Tool, ...] = ()
    difficulty: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """How to answer: `thinking` None is the model's own habit, `budget` bounds the thought in tokens."""

    thinking: bool | None = None
    budget: int | None = None


THINKING, AT_ONCE, HABIT = Setting(thinking=True), Setting(thinking=False), Setting()


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a model said. `num_tokens` counts what it drew, not the sentence that ended a thought for it.

    `seconds` count from the first token to the last, while others ran beside it.
    """

    question: Question
    setting: Setting
    text: str
    reasoning: str
    calls: tuple[ToolCall, ...]
    num_tokens: int
    num_reasoning_tokens: int
    seconds: float
    right: bool

    @property
    def thought(self) -> bool:
        """Whether there was a thought with something in it."""
        return bool(self.reasoning.strip())

    @property
    def empty(self) -> bool:
        """Whether nothing was answered."""
        return not self.text.strip() and not self.calls


def as_question(problem: Problem) -> Question:
    """A generated problem, judged by the verifier of its skill."""
    return Question(
        messages=problem.prompt,
        judge=lambda text, calls: verify(problem, text, calls),
        tools=problem.tools,
        difficulty=problem.difficulty,
    )


def ask(
    model: ChatModel,
    asked: Sequence[tuple[Question, Setting]],
    *,
    max_tokens: int,
    progress: str | None = None,
) -> list[Answer]:
    """Answers in the order of the questions, greedily, as one batch for each switch position.

    `progress` is the name under which to show on stderr how far it is; None: nothing is shown.
    """
    answers: dict[int, Answer] = {}
    for thinking in (True, False, None):
        places = [place for place, (_, setting) in enumerate(asked) if setting.thinking is thinking]
        if places:
            outputs = _chat(model, [asked[place] for place in places], thinking, max_tokens, progress)
            answers |= {p: _answer(*asked[p], output) for p, output in zip(places, outputs, strict=True)}
    return [answers[place] for place in range(len(asked))]


def most_reasoning_tokens(model: ChatModel, budget: int) -> int:
    """Tokens between the tags that a budget allows: its own, and the sentence that ends a thought."""
    return budget + len(model.get_tokenizer().encode(STOP_SENTENCE.partition(THINK_CLOSE)[0]))


def _chat(
    model: ChatModel,
    asked: Sequence[tuple[Question, Setting]],
    thinking: bool | None,
    max_tokens: int,
    progress: str | None,
) -> list[RequestOutput]:
    if progress is not None:
        print(f"{progress}, {_MODES[thinking]}: {len(asked)} questions", file=sys.stderr, flush=True)
    return model.chat(
        [list(question.messages) for question, _ in asked],
        [
            SamplingParams(temperature=0.0, max_tokens=max_tokens, thinking_budget=setting.budget)
            for _, setting in asked
        ],
        tools=[list(question.tools) for question, _ in asked],
        enable_thinking=thinking,
        use_tqdm=progress is not None,
    )


_MODES = {True: "thinking", False: "at once", None: "by habit"}


def _answer(question: Question, setting: Setting, output: RequestOutput) -> Answer:
    said: CompletionOutput = output.outputs[0]
    first, end = output.metrics.first_token_time, output.metrics.finished_time
    return Answer(
        question=question,
        setting=setting,
        text=said.text,
        reasoning=said.reasoning or "",
        calls=tuple(said.tool_calls),
        num_tokens=len(said.token_ids) - said.num_inserted_tokens,
        num_reasoning_tokens=said.num_reasoning_tokens,
        seconds=end - first if first is not None and end is not None else 0.0,
        right=question.judge(said.text, said.tool_calls),
    )
