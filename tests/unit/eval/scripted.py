"""A model that knows the problems it will be asked: right where it may think for long enough, else it says 0."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from yunqi.data.problems.catalogue import SKILLS
from yunqi.data.problems.problem import Problem
from yunqi.data.split import problems
from yunqi.processing.chat.rendered import Mode
from yunqi.protocol.messages import Message
from yunqi.protocol.output import CompletionOutput, RequestMetrics, RequestOutput
from yunqi.protocol.sampling import SamplingParams

THOUGHT_TOKENS = 40
SENTENCE_TOKENS = 20
DECLINES = "I cannot know that. Try `yunqi chat Qwen/Qwen3-0.6B`."


class Words:
    """A tokenizer for the one text whose length matters here, the sentence that ends a thought."""

    def encode(self, text: str) -> list[int]:
        return [0] * SENTENCE_TOKENS


@dataclass
class Scripted:
    """What is not among its problems it declines. The flags are faults."""

    known: dict[str, Problem] = field(default_factory=dict)
    deaf: bool = False
    silent: bool = False
    overlong: bool = False
    thinking_mode: Mode = "hybrid"
    asked: list[tuple[str, bool | None, int | None]] = field(default_factory=list)

    @classmethod
    def of(cls, skills: Iterable[str] = tuple(SKILLS), *, n: int = 20, seed: int = 0, **faults: Any) -> Scripted:
        drawn = [
            problem
            for skill in skills
            for split in ("test", "ood")
            for language in SKILLS[skill].languages
            for problem in islice(problems(skill, split, seed, language), n)
        ]
        return cls(known={_text(problem.prompt): problem for problem in drawn}, **faults)

    def get_tokenizer(self) -> Words:
        return Words()

    def chat(
        self,
        messages: Sequence[Sequence[Message]],
        sampling_params: Sequence[SamplingParams],
        *,
        tools: Any = None,
        enable_thinking: bool | None = None,
        use_tqdm: bool = False,
    ) -> list[RequestOutput]:
        assert all(params.temperature == 0 for params in sampling_params)
        rows = zip(messages, sampling_params, tools, strict=True)
        return [self._output(_text(asked), params.thinking_budget, enable_thinking, own) for asked, params, own in rows]

    def _output(self, text: str, budget: int | None, switch: bool | None, tools: Sequence[Any]) -> RequestOutput:
        self.asked.append((text, switch, budget))
        question = text.removesuffix(" /no_think").removesuffix(" /think")
        thinks = self.deaf or (not text.endswith("/no_think") if switch is None else switch)
        length = THOUGHT_TOKENS if thinks and (self.deaf or budget != 0) else 0
        if budget:
            length = min(length, budget + SENTENCE_TOKENS + self.overlong)
        said = CompletionOutput(index=0, text="The answer is 0.", num_reasoning_tokens=length)
        if question not in self.known:
            said.text = DECLINES
        elif length == THOUGHT_TOKENS:
            problem = self.known[question]
            assert list(problem.tools) == list(tools), "a conversation got another's tools"
            said.text, said.tool_calls = problem.reply, problem.calls
        if self.silent:
            said.text, said.tool_calls = " \n", ()
        said.reasoning = "hm" if length else None
        said.token_ids = [0] * (length + 5)
        metrics = RequestMetrics(arrival_time=0.0, first_token_time=1.0, finished_time=1.0 + length / 10)
        return RequestOutput(
            request_id="1", prompt=None, prompt_token_ids=[], outputs=[said], finished=True, metrics=metrics
        )


def _text(messages: Sequence[Message]) -> str:
    return "\n".join(message.text for message in messages)
