"""One sequence on its way through the engine: what was asked, what is known, what is computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np

from yunqi.engine.grammar import GrammarControl
from yunqi.engine.payoff import Guessing
from yunqi.engine.prefix_tree import Node
from yunqi.engine.thinking import ThinkingControl
from yunqi.engine.tool_forcing import ToolForcing
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
    """A sequence. `token_ids` is the prompt and every output so far; `num_computed` of them are in memory.

    `key` names the client for fair sharing; a higher `priority` goes first. Requests that differ in `cache_salt` or
    `cache_keys` (adapters, hashes of media) share no cache. `stable_lengths` are prefixes of the prompt that later
    turns will share. `num_cached` counts the prompt tokens that were found computed at the first admission. A recurrent
    state goes back where a guess was wrong: then `num_again` tokens are computed once more before the next.
    """

    request_id: str
    prompt_len: int
    token_ids: list[int]
    drawing: Drawing
    stop: StopRules
    metrics: RequestMetrics
    thinking: ThinkingControl | None = None
    forcing: ToolForcing | None = None
    grammar: GrammarControl | None = None
    prompt_logprobs: int | None = None
    arrival: int = 0
    key: str = ""
    priority: int = 0
    cache_salt: str | None = None
    cache_keys: tuple[str, ...] = ()
    stable_lengths: tuple[int, ...] = ()

    status: Status = Status.WAITING
    num_computed: int = 0
    num_again: int = 0
    num_guesses: int = 0  # room that the next step keeps for tokens to be verified
    guessing: Guessing = field(default_factory=Guessing)
    num_inserted: int = 0  # outputs that were not drawn: the stop sentence's
    num_cached: int = 0
    queued_at: int = 0  # the queue's clock when the request came
    block_table: list[int] = field(default_factory=list)
    path: list[Node] = field(default_factory=list)  # the nodes that own the first blocks of the table
    looked_up: bool = False  # whether the store beyond memory was asked for its prefix
    state_slot: int | None = None
    kept_slot: int | None = None  # the state before a step that verifies guesses
    snapshot_at: frozenset[int] = frozenset()
    tail: Node | None = None  # the node of the snapshot that moves along with the output
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
        """Known tokens that are not computed yet."""
        return len(self.token_ids) - self.num_computed

    @property
    def decoding(self) -> bool:
        """Whether nothing new is pending but the last token."""
        return self.num_pending <= 1 + self.num_again

    @property
    def finished(self) -> bool:
        return self.status is Status.FINISHED

    def banned_ids(self) -> frozenset[int]:
        """What may not come next.

        End tokens, where there are too few tokens so far or the answer after a thought is still empty; inside a thought
        that a call must follow, the call.
        """
        early = self.num_outputs < self.stop.min_tokens
        unanswered = self.thinking is not None and self.thinking.owes_answer
        ends = self.stop.end_ids if early or unanswered else frozenset()
        for control in (self.forcing, self.grammar):
            ends = ends if control is None else ends | control.banned(self)
        return ends

    def allowed_ids(self) -> frozenset[int] | np.ndarray | None:
        """The tokens of which the next must be one: their ids, or a mask (V,); None for any."""
        forced = None if self.forcing is None else self.forcing.allowed(self)
        return self.grammar.allowed(self) if forced is None and self.grammar is not None else forced
