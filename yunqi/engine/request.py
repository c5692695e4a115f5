"""One sequence on its way through the engine: what was asked, what is known, what is computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from yunqi.engine.forced_call import ForcedCall
from yunqi.engine.thinking import ThinkingControl
from yunqi.protocol.events import FinishReason
from yunqi.protocol.output import Logprob, RequestMetrics
from yunqi.protocol.sampling import SamplingDefaults


class Status(Enum):
    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing(SamplingDefaults):
    """How to draw this request's tokens, nothing left open: `SamplingParams` with the model's defaults filled in.

    `seed` and `answer`, its number among the `n`, name the random numbers: the draw for output token i is a function of
    (seed, answer, i) and nothing else.
    """

    seed: int
    answer: int = 0
    logit_bias: tuple[tuple[int, float], ...] = ()
    logprobs: int | None = None

    @property
    def penalised(self) -> bool:
        return self.repetition_penalty != 1.0 or self.presence_penalty != 0.0 or self.frequency_penalty != 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class StopRules:
    """When a request ends by itself. `max_tokens` already respects the context."""

    max_tokens: int
    min_tokens: int = 0
    eos_ids: frozenset[int] = frozenset()
    stop_ids: frozenset[int] = frozenset()

    @property
    def end_ids(self) -> frozenset[int]:
        return self.eos_ids | self.stop_ids


@dataclass(kw_only=True, slots=True, eq=False)
class Request:
    """A sequence. `token_ids` is the prompt and every output so far; `num_computed` of them are in memory."""

    request_id: str
    prompt_len: int
    token_ids: list[int]
    drawing: Drawing
    stop: StopRules
    metrics: RequestMetrics
    thinking: ThinkingControl | ForcedCall | None = None
    prompt_logprobs: int | None = None
    arrival: int = 0

    status: Status = Status.WAITING
    num_computed: int = 0
    num_inserted: int = 0  # outputs that were not drawn: the stop sentence's
    block_table: list[int] = field(default_factory=list)
    finish_reason: FinishReason | None = None
    stop_reason: str | int | None = None
    output_logprobs: list[dict[int, Logprob]] = field(default_factory=list)
    prompt_logprob_rows: list[dict[int, Logprob] | None] = field(default_factory=list)
    cumulative_logprob: float = 0.0
    counts: Any = None  # the sampler's own, where there are penalties

    @property
    def output_ids(self) -> list[int]:
        return self.token_ids[self.prompt_len :]

    @property
    def num_outputs(self) -> int:
        return len(self.token_ids) - self.prompt_len

    @property
    def num_pending(self) -> int:
        """Known tokens that are not computed yet; 1 while decoding."""
        return len(self.token_ids) - self.num_computed

    @property
    def finished(self) -> bool:
        return self.status is Status.FINISHED

    def banned_ids(self) -> frozenset[int]:
        """End tokens that may not come next: too few tokens so far, or the answer after a thought is still empty."""
        early = self.num_outputs < self.stop.min_tokens
        unanswered = self.thinking is not None and self.thinking.owes_answer
        return self.stop.end_ids if early or unanswered else frozenset()
