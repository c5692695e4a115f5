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
from yunqi.engine.spill import Spill
from yunqi.engine.states import StateManager
from yunqi.protocol.events import FinishReason
from yunqi.protocol.output import Logprob
from yunqi.protocol.requests import EngineStats


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
    """A scheduler over a runner; `store` keeps prefixes beyond the process, for runners that can (`SavingRunner`)."""

    def __init__(self, runner: Runner, config: SchedulerConfig, store: PrefixStore | None = None) -> None:
        self.runner = runner
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

    def step(self) -> list[Update]:
        """Compute one step. A runner that fails takes the requests of its step with it, not the engine."""
        began = time.monotonic()
        batch = self.scheduler.schedule()
        if not batch.chunks:
            assert not self.scheduler.has_requests, "the queue stands still"
            return []
        try:
            logits = self.runner.run(batch)
        except BaseException:
            for chunk in batch.chunks:
                self.finish(chunk.request, "abort")
            raise
        updates, row = [], 0
        for chunk in batch.chunks:
            rows = logits[row : row + chunk.num_logits]
            row += chunk.num_logits
            try:
                tokens = self._advance(chunk, rows)
            except Exception as error:
                self.finish(chunk.request, "abort")
                updates.append(Update(request=chunk.request, error=error))
                continue
            if tokens:
                updates.append(Update(request=chunk.request, new_token_ids=tokens))
        now = time.monotonic()
        self.scheduler.pace.step(now, now - began, batch.num_tokens)
        return updates

    def _advance(self, chunk: Chunk, logits: np.ndarray) -> tuple[int, ...]:
        request = chunk.request
        request.num_computed = chunk.stop
        self._record_prompt(chunk, logits)
        drawn = sampler.draw(logits[-1], request) if chunk.draws else None
        self.scheduler.computed(request, chunk.start)  # after the draw: what gave no numbers is shared with nobody
        if drawn is None:
            return ()
        tokens = request.thinking.next(drawn) if request.thinking else (drawn,)
        if request.metrics.first_token_time is None:
            request.metrics.first_token_time = time.monotonic()
        return self._append(request, tokens, logits[-1])

    def _append(self, request: Request, tokens: tuple[int, ...], logits_V: np.ndarray) -> tuple[int, ...]:
        """Add tokens until one ends the request. Those of a stop sentence are certain: log-probability 0."""
        forced = len(tokens) > 1
        for i, token in enumerate(tokens):
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
                return tokens[: i + 1]
        return tokens

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
