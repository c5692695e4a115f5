"""Speculation: a proposer guesses tokens, one step of the model verifies several of them at once. Torch-free.

A guess is right where it is the token that the engine draws at its place anyway, with the request's own random number,
penalties, masks and budgets. So the output is that of the engine without guesses, whoever makes them: `Engine` draws
row by row, and stops at the first that is not what was guessed. Proposers draw with the same random numbers where they
can, which is what makes a good draft agree with the model when tokens are sampled, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Protocol

from yunqi.common.errors import YunqiError
from yunqi.engine.batch import Batch, Chunk
from yunqi.engine.payoff import Payoff
from yunqi.engine.prefix_cache import PrefixCache
from yunqi.engine.request import Request

Method = Literal["ngram", "draft_model", "mtp"]
METHODS: tuple[Method, ...] = ("ngram", "draft_model", "mtp")
USUAL_TOKENS: dict[Method, int] = {"ngram": 5, "draft_model": 4, "mtp": 1}


@dataclass(frozen=True, kw_only=True, slots=True)
class SpeculativeConfig:
    """How to guess, named as vLLM's `speculative_config` names it.

    Args:
        method: "ngram" looks back in the sequence, "draft_model" asks `model`, "mtp" the checkpoint's own head.
        num_speculative_tokens: guesses in one step at most; None: what is usual for the method.
        prompt_lookup_min, prompt_lookup_max: tokens that must have stood before ("ngram").
        model: a smaller model of the same vocabulary ("draft_model").
        adaptive: whether guessing stops where it was measured not to pay.

    Raises:
        YunqiError: `speculation-invalid`.
    """

    method: Method
    num_speculative_tokens: int | None = None
    prompt_lookup_min: int = 2
    prompt_lookup_max: int = 5
    model: str | None = None
    adaptive: bool = True

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise invalid(f"{self.method!r} is no method", f"Use {', '.join(METHODS)}.")
        for name in ("num_speculative_tokens", "prompt_lookup_min", "prompt_lookup_max"):
            value = getattr(self, name)
            if value is None and name == "num_speculative_tokens":
                continue
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_TOKENS:
                raise invalid(f"{name} is {value!r}", f"It is a whole number from 1 to {MOST_TOKENS}.")
        if self.prompt_lookup_min > self.prompt_lookup_max:
            given = f"prompt_lookup_min {self.prompt_lookup_min} is above prompt_lookup_max {self.prompt_lookup_max}"
            raise invalid(given, "Lower the one or raise the other.")
        if self.method == "draft_model" and not self.model:
            raise invalid("no draft model is named", "Name a smaller model of the same vocabulary as 'model'.")
        if self.method != "draft_model" and self.model:
            raise invalid(f"{self.method} takes no draft model", "Leave 'model' out, or use the method draft_model.")

    @classmethod
    def of(cls, given: Any) -> SpeculativeConfig | None:
        """From a method's name, a mapping of fields, or what is one already; None for None."""
        if given is None or isinstance(given, cls):
            return given
        if isinstance(given, str):
            return cls(method=given)  # pyright: ignore[reportArgumentType]
        if not isinstance(given, Mapping):
            raise invalid(f"{given!r} is no configuration", f"Give one of {', '.join(METHODS)}, or a mapping.")
        names = [field.name for field in fields(cls)]
        if unknown := [str(name) for name in given if name not in names]:
            raise invalid(f"there is no field {unknown[0]!r}", f"Fields are: {', '.join(names)}.")
        if "method" not in given:
            raise invalid("no method is named", f"Use {', '.join(METHODS)}.")
        return cls(**given)

    @property
    def most(self) -> int:
        """Guesses in one step at most."""
        return self.num_speculative_tokens or USUAL_TOKENS[self.method]


MOST_TOKENS = 64


def invalid(reason: str, rule: str) -> YunqiError:
    return YunqiError("speculation-invalid", reason=reason, rule=rule)


class Proposer(Protocol):
    """Guesses what comes next. It may be wrong as often as it likes, but must write into its own memory alone."""

    def available(self, request: Request, most: int) -> int:
        """How many tokens it could propose for a request, at most `most`."""
        ...

    def propose(self, wanted: Mapping[Request, int]) -> dict[Request, tuple[int, ...]]:
        """At most so many tokens for each request. The blocks of all but the last are the request's already."""
        ...

    def follow(self, batch: Batch) -> None:
        """See a step that the model has just computed; nothing of it is drawn yet."""
        ...


class Speculator:
    """One engine's proposer, and when it is asked: in each step `plan`, `fill`, `follow`, `verified`, `end`."""

    def __init__(
        self, proposer: Proposer, most: int, *, adaptive: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.proposer, self.most = proposer, most
        self._payoff = Payoff(most) if adaptive else None
        self._clock = clock
        self._began = 0.0  # this step, the time of guessing left out
        self._decodes = False  # whether it does nothing else

    def plan(self, running: Sequence[Request]) -> None:
        """Say how many guesses each running request should get in the next step."""
        self._began = self._clock()
        decoding = [request for request in running if request.decoding and request.num_outputs > 0]
        for request in running:
            request.num_guesses = 0
        if self._payoff is not None and decoding:
            self._payoff.begin(len(decoding))
        for request in decoding:
            count = self.proposer.available(request, self.most)
            if count and self._payoff is not None:
                count = min(count, self._payoff.guesses(request.guessing))
            request.num_guesses = count

    def fill(self, batch: Batch, cache: PrefixCache) -> Batch:
        """The batch with guesses where there is room for them."""
        wanted = {c.request: c.request.num_guesses for c in batch.chunks if c.draws and c.request.num_guesses > 0}
        kept = {request: count for request, count in wanted.items() if cache.keep_state(request)}
        begun = self._clock()
        proposed = self.proposer.propose(kept) if kept else {}
        seconds = self._clock() - begun
        self._began += seconds
        if self._payoff is not None:
            self._payoff.proposed(sum(map(len, proposed.values())), seconds)
        return Batch(chunks=tuple(_with(chunk, proposed.get(chunk.request, ())) for chunk in batch.chunks))

    def follow(self, batch: Batch) -> None:
        """Show the model's step to the proposer."""
        self._decodes = all(chunk.request.decoding and chunk.draws for chunk in batch.chunks)
        self.proposer.follow(batch)

    def verified(self, request: Request, num_proposed: int, num_right: int) -> None:
        if self._payoff is not None:
            self._payoff.verified(request.guessing, num_proposed, num_right)

    def end(self, num_rows: int) -> None:
        """Note what the step cost."""
        if self._payoff is not None and self._decodes:
            self._payoff.times.add(num_rows, self._clock() - self._began)


def _with(chunk: Chunk, proposed: tuple[int, ...]) -> Chunk:
    return replace(chunk, stop=chunk.stop + len(proposed), proposed=proposed) if proposed else chunk
