"""What one step computes: `Batch`, the agreement between the scheduler and a runner."""

from __future__ import annotations

from dataclasses import dataclass

from yunqi.engine.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Tokens `start` to `stop` of a request; logits are wanted of those from `logits_from` on (`stop`: of none).

    The last of them may be `proposed`: guesses of what comes after all that is known, to be verified in this step.
    """

    request: Request
    start: int
    stop: int
    logits_from: int
    proposed: tuple[int, ...] = ()

    @property
    def token_ids(self) -> list[int]:
        return [*self.request.token_ids[self.start : self.stop], *self.proposed]

    @property
    def num_tokens(self) -> int:
        return self.stop - self.start

    @property
    def num_logits(self) -> int:
        return self.stop - self.logits_from

    @property
    def draws(self) -> bool:
        """Whether the step reaches the end of what is known, so that a new token is drawn."""
        return self.stop - len(self.proposed) == len(self.request.token_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The chunks of a step, in the order of their rows."""

    chunks: tuple[Chunk, ...]

    @property
    def num_tokens(self) -> int:
        return sum(chunk.num_tokens for chunk in self.chunks)

    @property
    def num_logits(self) -> int:
        return sum(chunk.num_logits for chunk in self.chunks)
