"""The engine: requests in, one step at a time, tokens out. Torch-free: a runner does the arithmetic.

Every request leaves through `finish`, whatever ended it, and its blocks return there.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from yunqi.common.errors import YunqiError
from yunqi.engine import sampler
from yunqi.engine.batch import Batch, Chunk
from yunqi.engine.block_manager import BlockManager
from yunqi.engine.prefix_cache import PrefixCache
from yunqi.engine.prefix_store import PrefixStore
from yunqi.engine.request import Request
from yunqi.engine.scheduler import Scheduler, SchedulerConfig
from yunqi.engine.speculation import Speculator
from yunqi.engine.spill import Spill
from yunqi.engine.states import StateManager
from yunqi.protocol.events import FinishReason
from yunqi.protocol.output import Logprob
from yunqi.protocol.requests import EngineStats

GUESSES = ("verifications", "proposed_tokens", "accepted_tokens")  # counters of speculation


class Runner(Protocol):
    """Whatever computes logits: torch, the native core, a script.

    Its cache has `num_blocks` of `block_size`, and `num_state_slots` of recurrent state, 0 where no layer is recurrent.
    """

    vocab_size: int
    num_blocks: int
    block_size: int
    num_state_slots: int

    def cache_salt(self, prompt_len: int) -> str | None:
        """Prompts of different salts share no cache."""
        ...

    def copy_state(self, source: int, target: int) -> None:
        """Copy a slot of recurrent state, at once; slot 0 is the state before a first token."""
        ...

    def run(self, batch: Batch) -> np.ndarray:
        """Compute a step: float32 logits (rows, V), one row for each token whose logits the batch wants."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What a step brought a request; `finish_reason` and the rest stand in the request itself.

    `error` is what went wrong with this request alone; it has then been ended.
    """

    request: Request
    new_token_ids: tuple[int, ...] = ()
    error: Exception | None = None


class Engine:
    """A scheduler over a runner; `store` keeps prefixes beyond the process, for runners that can (`SavingRunner`).
    With a `speculator` a step may bring a request several tokens, the same as without."""

    def __init__(
        self,
        runner: Runner,
        config: SchedulerConfig,
        store: PrefixStore | None = None,
        speculator: Speculator | None = None,
    ) -> None:
        self.runner, self.speculator, self._store = runner, speculator, store
        self.scheduler = Scheduler(config, _memory(runner, config, store))
        self._requests: dict[str, Request] = {}
        self._arrivals = 0

    @property
    def has_requests(self) -> bool:
        return self.scheduler.has_requests

    @property
    def max_tokens_in_cache(self) -> int:
        return self.runner.num_blocks * self.runner.block_size

    def add(self, request: Request) -> None:
        """Queue a request.

        Raises:
            YunqiError: `token-out-of-range`, `prompt-too-large-for-memory` for one that could never finish, or
                `queue-full`.
        """
        for token in (*request.token_ids, *(token for token, _ in request.drawing.logit_bias)):
            if not 0 <= token < self.runner.vocab_size:
                raise YunqiError("token-out-of-range", token=token, size=self.runner.vocab_size)
        blocks = self.scheduler.blocks
        needed = blocks.blocks_for(request.prompt_len + request.stop.max_tokens - 1)  # the last is never computed
        if needed > blocks.num_blocks:
            raise YunqiError("prompt-too-large-for-memory", needed=needed, available=blocks.num_blocks)
        assert request.request_id not in self._requests, request.request_id
        self._arrivals += 1
        request.arrival = self._arrivals
        self.scheduler.add(request)
        self._requests[request.request_id] = request

    def abort(self, request_id: str) -> None:
        """End a request from outside; one that is gone already is no error."""
        if request := self._requests.get(request_id):
            self.finish(request, "abort")

    def stop_thinking(self, request_id: str) -> None:
        """End a thought under way at the next token; no effect outside a thought or where no thinking is followed."""
        request = self._requests.get(request_id)
        if request is not None and request.thinking is not None:
            request.thinking.stop()

    def stats(self) -> EngineStats:
        """What the engine is doing now, and what it has done so far."""
        scheduler = self.scheduler
        names = ("prompt_tokens", "cached_tokens", "computed_tokens", "generated_tokens", "preemptions", "requests")
        names += GUESSES if self.speculator is not None else ()
        counters = {name: scheduler.counters[name] for name in names}
        cache = scheduler.cache
        counters |= {"evictions": scheduler.blocks.tree.num_evictions}
        counters |= {"restored_blocks": 0 if cache.spill is None else cache.spill.num_restored}
        return EngineStats(
            num_running=len(scheduler.running),
            num_waiting=len(scheduler.waiting),
            num_blocks=scheduler.blocks.num_blocks,
            num_free_blocks=scheduler.blocks.num_free,
            counters=counters,
        )

    def finish(self, request: Request, reason: FinishReason, stop_reason: str | int | None = None) -> None:
        """The one exit of every request."""
        if request.finished:
            return
        request.finish_reason, request.stop_reason = reason, stop_reason
        now = request.metrics.finished_time = time.monotonic()
        self.scheduler.finish(request)
        if reason != "abort":
            self.scheduler.pace.ended(now, request.num_outputs)
        self.scheduler.counters["requests"] += 1
        self._requests.pop(request.request_id, None)

    def close(self, seconds: float) -> None:
        """Write what is to outlive the process, as far as the time goes."""
        if self._store is not None:
            self._store.close(seconds)

    def step(self) -> list[Update]:
        """Compute one step. A runner that fails takes the requests of its step with it, not the engine."""
        began = time.monotonic()
        if self.speculator is not None:
            self.speculator.plan(self.scheduler.running)
        batch = self.scheduler.schedule()
        if not batch.chunks:
            assert not self.scheduler.has_requests, "the queue stands still"
            return []
        try:
            batch, logits = self._compute(batch)
        except BaseException:
            for chunk in batch.chunks:
                self.finish(chunk.request, "abort")
            raise
        updates, row, wasted = [], 0, self._num_wasted
        for chunk in batch.chunks:
            rows = logits[row : row + chunk.num_logits]
            row += chunk.num_logits
            before, error = len(chunk.request.token_ids), None
            try:
                self._advance(chunk, rows)
            except Exception as failed:
                self.finish(chunk.request, "abort")
                error = failed
            tokens = tuple(chunk.request.token_ids[before:])
            if tokens or error is not None:
                updates.append(Update(request=chunk.request, new_token_ids=tokens, error=error))
        if self.speculator is not None:
            self.speculator.end(batch.num_tokens)
        now = time.monotonic()
        self.scheduler.pace.step(now, now - began, batch.num_tokens - (self._num_wasted - wasted))
        return updates

    @property
    def _num_wasted(self) -> int:
        """Tokens that were computed for guesses that were wrong."""
        counters = self.scheduler.counters
        return counters["proposed_tokens"] - counters["accepted_tokens"]

    def _compute(self, batch: Batch) -> tuple[Batch, np.ndarray]:
        """The batch, with guesses if there are any, and its logits."""
        if self.speculator is None:
            return batch, self.runner.run(batch)
        batch = self.speculator.fill(batch, self.scheduler.cache)
        logits = self.runner.run(batch)
        self.speculator.follow(batch)
        return batch, logits

    def _advance(self, chunk: Chunk, logits: np.ndarray) -> None:
        request = chunk.request
        request.num_again = max(0, request.num_again - chunk.num_tokens)
        request.num_computed = chunk.stop - len(chunk.proposed)
        self._record_prompt(chunk, logits)
        if chunk.draws:
            self._draw(chunk, logits[-1 - len(chunk.proposed) :])
        else:
            self.scheduler.computed(request, chunk.start)

    def _draw(self, chunk: Chunk, logits_RV: np.ndarray) -> None:
        """Draw from the row after the known tokens, and from the next as long as what was drawn is what was guessed."""
        request, num_right, start = chunk.request, 0, chunk.start
        for logits_V, guess in zip(logits_RV, (*chunk.proposed, None), strict=True):
            drawn = sampler.draw(logits_V, request)
            self.scheduler.computed(request, start)  # after the draw: what gave no numbers is shared with nobody
            tokens = request.thinking.next(drawn) if request.thinking else (drawn,)
            if request.metrics.first_token_time is None:
                request.metrics.first_token_time = time.monotonic()
            self._append(request, tokens, logits_V)
            if tokens != (guess,):
                break
            num_right += 1
            if request.finished:
                break
            start = request.num_computed
            request.num_computed += 1
        self._verified(chunk, num_right)

    def _verified(self, chunk: Chunk, num_right: int) -> None:
        """Count what became of a step's guesses, and put the request's state where its tokens are."""
        request, num_proposed = chunk.request, len(chunk.proposed)
        if not request.finished:
            self.scheduler.cache.settle(request, chunk.start, all_right=num_right == num_proposed)
        if self.speculator is None or not num_proposed:
            return
        for name, count in zip(GUESSES, (1, num_proposed, num_right), strict=True):
            self.scheduler.counters[name] += count
        metrics = request.metrics
        metrics.num_verifications += 1
        metrics.num_proposed_tokens += num_proposed
        metrics.num_accepted_tokens += num_right
        self.speculator.verified(request, num_proposed, num_right)

    def _append(self, request: Request, tokens: tuple[int, ...], logits_V: np.ndarray) -> None:
        """Add tokens until one ends the request. Those of a stop sentence are certain: log-probability 0."""
        forced = len(tokens) > 1
        for token in tokens:
            request.token_ids.append(token)
            self.scheduler.counters["generated_tokens"] += 1
            request.num_inserted += forced
            if request.grammar is not None:
                request.grammar.follow(request)
            if request.drawing.logprobs is not None:
                row = (
                    {token: Logprob(logprob=0.0, rank=1)}
                    if forced
                    else sampler.describe(logits_V, token, request.drawing.logprobs)
                )
                request.output_logprobs.append(row)
                request.cumulative_logprob += row[token].logprob
            if self._ended(request, token):
                return

    def _ended(self, request: Request, token: int) -> bool:
        enough = request.num_outputs >= request.stop.min_tokens
        if enough and token in request.stop.eos_ids:
            self.finish(request, "stop")
        elif enough and token in request.stop.stop_ids:
            self.finish(request, "stop", token)
        elif request.grammar is not None and request.grammar.complete:
            self.finish(request, "stop")
        elif request.num_outputs >= request.stop.max_tokens:
            self.finish(request, "length")
        return request.finished

    def _record_prompt(self, chunk: Chunk, logits: np.ndarray) -> None:
        request = chunk.request
        if request.prompt_logprobs is None:
            return
        rows = request.prompt_logprob_rows
        if not rows:
            rows.append(None)  # nothing predicts the first token
        for position, row in zip(range(chunk.logits_from, chunk.stop), logits, strict=True):
            if position + 1 < request.prompt_len and len(rows) == position + 1:
                rows.append(sampler.describe(row, request.token_ids[position + 1], request.prompt_logprobs))


def _memory(runner: Any, config: SchedulerConfig, store: PrefixStore | None) -> PrefixCache:
    blocks = BlockManager(runner.num_blocks, runner.block_size)
    states = None
    if runner.num_state_slots:
        assert runner.num_state_slots >= config.max_num_seqs, "every running sequence needs a slot of state"
        states = StateManager(runner.num_state_slots, runner.copy_state)
    return PrefixCache(
        blocks,
        salt=runner.cache_salt,
        states=states,
        spill=None if store is None else Spill(runner, store, blocks, states),
        enabled=config.enable_prefix_caching,
        snapshot_interval=config.snapshot_interval,
        tail_interval=config.tail_interval,
    )
