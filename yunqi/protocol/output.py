"""What a request gives back, named as vLLM's offline API names it."""

from __future__ import annotations

from dataclasses import dataclass, field

from yunqi.protocol.events import FinishReason
from yunqi.protocol.messages import ToolCall


@dataclass(frozen=True, kw_only=True, slots=True)
class Logprob:
    """The log-probability of a token before temperature and penalties, and its rank (1 is the likeliest)."""

    logprob: float
    rank: int
    decoded_token: str | None = None


@dataclass(kw_only=True, slots=True)
class CompletionOutput:
    """One of the `n` answers. `token_ids` holds all its tokens: those of the thought, the end token, and
    `num_inserted_tokens` that no draw gave, of the sentence that ends a thought."""

    index: int
    text: str = ""
    reasoning: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    token_ids: list[int] = field(default_factory=list)
    num_reasoning_tokens: int = 0
    num_inserted_tokens: int = 0
    logprobs: list[dict[int, Logprob]] | None = None
    cumulative_logprob: float | None = None
    finish_reason: FinishReason | None = None
    stop_reason: str | int | None = None


@dataclass(kw_only=True, slots=True)
class RequestMetrics:
    """Seconds on the monotonic clock. `first_token_time` is None until there is one.

    Of `num_proposed_tokens` that speculation guessed in `num_verifications` steps, `num_accepted_tokens` were right.
    """

    arrival_time: float
    first_token_time: float | None = None
    finished_time: float | None = None
    num_preemptions: int = 0
    num_verifications: int = 0
    num_proposed_tokens: int = 0
    num_accepted_tokens: int = 0

    @property
    def acceptance_length(self) -> float | None:
        """Tokens that a step with guesses gave on average, from 1 on; None where there was no such step."""
        return 1 + self.num_accepted_tokens / self.num_verifications if self.num_verifications else None

    @property
    def time_to_first_token(self) -> float | None:
        return None if self.first_token_time is None else self.first_token_time - self.arrival_time


@dataclass(kw_only=True, slots=True)
class RequestOutput:
    """The answers to one prompt. `prompt` is None where the caller gave token ids."""

    request_id: str
    prompt: str | None
    prompt_token_ids: list[int]
    outputs: list[CompletionOutput]
    finished: bool
    metrics: RequestMetrics
    prompt_logprobs: list[dict[int, Logprob] | None] | None = None
