"""Who computes what in the next step, under one token budget: decodes first, then prefill in chunks; no phases.

A request that finds no free block takes those of the last in rank, which then waits and computes again what has not
stayed cached; the last itself stands still with what it has. Rank is priority, then arrival. The first in rank always
gets on, so a queue never stands still. Where several clients want to prefill, each gets its share of the step.
"""

from __future__ import annotations

import time
from bisect import insort
from collections import Counter
from dataclasses import dataclass

from yunqi.common.errors import YunqiError
from yunqi.engine.batch import Batch, Chunk
from yunqi.engine.pace import Pace
from yunqi.engine.prefix_cache import Found, PrefixCache
from yunqi.engine.request import Request, Status
from yunqi.engine.waiting import WaitingQueue

PROMPT_LOGPROBS_CHUNK = 64  # every row of such a chunk has logits of the whole vocabulary


@dataclass(frozen=True, kw_only=True, slots=True)
class SchedulerConfig:
    """Limits of a step, its tokens and its sequences; what is kept, who goes first, how many may wait.

    `max_num_waiting` None is any number. `snapshot_interval` and `tail_interval` are those of `PrefixCache`.
    `ageing_tokens`: tokens computed for anybody that raise a waiting request's priority by one. `fair_quantum`: tokens
    a client may be ahead of another.
    """

    max_num_batched_tokens: int = 512
    max_num_seqs: int = 64
    max_num_waiting: int | None = None
    enable_prefix_caching: bool = True
    snapshot_interval: int = 2048
    tail_interval: int = 64
    ageing_tokens: int = 16_384
    fair_quantum: int = 512

    def __post_init__(self) -> None:
        options = ("max_num_batched_tokens", "max_num_seqs", "snapshot_interval", "tail_interval", "ageing_tokens")
        for option in (*options, "fair_quantum", *(() if self.max_num_waiting is None else ("max_num_waiting",))):
            value = getattr(self, option)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise YunqiError("option-invalid", option=option, value=value, rule="It is a whole number from 1 on.")
        if not isinstance(self.enable_prefix_caching, bool):
            value = self.enable_prefix_caching
            raise YunqiError("option-invalid", option="enable_prefix_caching", value=value, rule="It is true or false.")


class Scheduler:
    """Queues of requests over one memory. `finish` is the only way out."""

    def __init__(self, config: SchedulerConfig, cache: PrefixCache) -> None:
        self.config, self.cache = config, cache
        self.blocks = cache.blocks
        self.waiting = WaitingQueue(quantum=config.fair_quantum, ageing_tokens=config.ageing_tokens)
        self.running: list[Request] = []  # in order of rank
        self.counters: Counter[str] = Counter()
        self.pace = Pace()

    @property
    def has_requests(self) -> bool:
        return bool(self.waiting or self.running)

    def add(self, request: Request) -> None:
        """Queue a request. Raises `queue-full`."""
        limit, waiting = self.config.max_num_waiting, len(self.waiting)
        if limit is not None and waiting >= limit:
            raise self.queue_full()
        self.waiting.add(request)

    def queue_full(self) -> YunqiError:
        """What one is told who finds no place, with the seconds in which those who wait will have been served."""
        seconds = self.pace.seconds_for(self.waiting, time.monotonic())
        return YunqiError("queue-full", waiting=len(self.waiting), seconds=seconds)

    def schedule(self) -> Batch:
        """The next step. Empty only where nothing is queued."""
        step = _Step(self.config.max_num_batched_tokens, self.cache)
        num_preemptions = self.counters["preemptions"]
        prefilling = [request for request in self.running if not request.decoding]
        decoding = [request for request in self.running if request.decoding]
        self._limit_guesses(decoding)
        for request in decoding:
            self._continue(request, step)
        step.share(self._wanted(prefilling))
        for request in prefilling:
            self._continue(request, step)
        if self.counters["preemptions"] == num_preemptions:  # else nobody new in this step
            self._take_in(step)
        self._use_up(step)
        return Batch(chunks=tuple(step.chunks.values()))

    def computed(self, request: Request, start: int) -> None:
        """Note that a step has computed a request's tokens from `start` on."""
        self.waiting.charge(request.key, request.num_computed - start)
        self.counters["computed_tokens"] += request.num_computed - start
        self.cache.commit(request)

    def finish(self, request: Request) -> None:
        """Let a request go, whatever state it is in; its blocks return. Doing it twice does no harm."""
        if request.status is Status.RUNNING:
            self.running.remove(request)
        elif request.status is Status.WAITING:
            self.waiting.remove(request)
        request.status = Status.FINISHED
        try:
            if request.finish_reason not in (None, "abort"):  # else the runner itself may be what failed
                self.cache.keep(request)
        finally:
            self.cache.release(request)
        self.waiting.shares.forget(self.waiting.keys | {r.key for r in self.running})

    def _continue(self, request: Request, step: _Step) -> None:
        if request.status is not Status.RUNNING or not step.has_room(request):
            return
        if request.num_guesses and not self.blocks.grow(request.block_table, step.reach(request) + request.num_guesses):
            request.num_guesses = 0  # a guess takes nobody's memory
        while not self.blocks.grow(request.block_table, step.reach(request)):
            victim = self.running[-1]
            if victim is request:
                return  # it waits with what it has: computing it again would cost more
            step.drop(victim)
            self.preempt(victim)
        step.add(request)

    def preempt(self, request: Request) -> None:
        """Take a running request's memory between steps; it waits, and goes on from what has stayed cached."""
        if request.status is not Status.RUNNING:
            return
        self.running.remove(request)
        self.cache.release(request)
        request.status = Status.WAITING
        request.metrics.num_preemptions += 1
        self.counters["preemptions"] += 1
        self.waiting.put_back(request)

    def _take_in(self, step: _Step) -> None:
        """Start waiting requests while the step has room, in their order."""
        passed: set[Request] = set()
        while len(self.running) < self.config.max_num_seqs and step.left > 0 and len(passed) < self.config.max_num_seqs:
            request = self.waiting.next(passed, self._owed())
            if request is None:
                return
            found = self.cache.find(request)
            late = any(self.cache.soon(request, found, other) for other in self.running)
            if late or not step.has_room(request):
                passed.add(request)
            elif self.cache.admit(request, found, step.reach(request, found)):
                self._start(request, found)
                step.add(request)
            else:
                return

    def _start(self, request: Request, found: Found) -> None:
        self.waiting.remove(request)
        self.waiting.shares.served(request.key)
        request.status = Status.RUNNING
        insort(self.running, request, key=lambda r: (-r.priority, r.arrival))
        if request.metrics.num_preemptions == 0:
            request.num_cached = found.num_tokens
            self.counters["prompt_tokens"] += request.prompt_len
            self.counters["cached_tokens"] += found.num_tokens

    def _use_up(self, step: _Step) -> None:
        """Let chunks that a share cut short take what others left of the step."""
        if step.allowance is None:
            return
        step.allowance = None
        for request, chunk in list(step.chunks.items()):
            if step.left > 0 and chunk.stop < len(request.token_ids):
                step.drop(request)
                if not self.blocks.grow(request.block_table, step.reach(request)):
                    step.left = chunk.num_tokens  # nobody can grow any more
                step.add(request)

    def _limit_guesses(self, decoding: list[Request]) -> None:
        """Guesses get what all decodes leave of the step, and reach no further than the request may."""
        left = self.config.max_num_batched_tokens - sum(request.num_pending for request in decoding)
        for request in decoding:
            most = min(request.num_guesses, left, request.stop.max_tokens - request.num_outputs - 1)
            room = self.cache.room_for_guesses(request) if most > 0 else None
            request.num_guesses = max(0, most if room is None else min(most, room))
            left -= request.num_guesses

    def _owed(self) -> Counter[str]:
        """Tokens of running requests, by client, that are known and still to be computed."""
        owed: Counter[str] = Counter()
        for request in self.running:
            owed[request.key] += request.num_pending
        return owed

    def _wanted(self, prefilling: list[Request]) -> Counter[str]:
        """Tokens that each client would prefill now."""
        wanted: Counter[str] = Counter()
        seats = len(self.running) < self.config.max_num_seqs
        for request in (*prefilling, *(self.waiting if seats else ())):
            wanted[request.key] += request.num_pending
        return wanted


class _Step:
    """The chunks chosen so far and what is left of the step's tokens; `allowance`: each client's part of it."""

    def __init__(self, budget: int, cache: PrefixCache) -> None:
        self.left = budget
        self.chunks: dict[Request, Chunk] = {}
        self.allowance: dict[str, int] | None = None
        self._cache = cache

    def share(self, wanted: Counter[str]) -> None:
        """Divide what is left: those who want least get it, the others equal parts of the rest."""
        if len(wanted) < 2:
            return
        left, self.allowance = self.left, {}
        for i, (key, count) in enumerate(sorted(wanted.items(), key=lambda item: item[1])):
            self.allowance[key] = min(count, max(1, left // (len(wanted) - i)))
            left -= self.allowance[key]

    def has_room(self, request: Request) -> bool:
        return self._room(request) > 0

    def reach(self, request: Request, found: Found | None = None) -> int:
        """How far the request could get in this step, which may begin with cached tokens."""
        start = request.num_computed if found is None else found.num_tokens
        size = min(len(request.token_ids) - start, self._room(request))
        if _wants_prompt_logprobs(request):
            size = min(size, PROMPT_LOGPROBS_CHUNK)
        return self._cache.next_stop(request, start, start + size, found)

    def add(self, request: Request) -> None:
        start, stop = request.num_computed, self.reach(request)
        draws = stop == len(request.token_ids)
        logits_from = start if _wants_prompt_logprobs(request) else stop - draws
        self.chunks[request] = Chunk(request=request, start=start, stop=stop, logits_from=logits_from)
        self._spend(request, stop - start + request.num_guesses)

    def drop(self, request: Request) -> None:
        if chunk := self.chunks.pop(request, None):
            self._spend(request, -chunk.num_tokens - request.num_guesses)

    def _room(self, request: Request) -> int:
        if self.allowance is None or request.decoding:
            return self.left
        return min(self.left, self.allowance.get(request.key, 0))

    def _spend(self, request: Request, num_tokens: int) -> None:
        self.left -= num_tokens
        if self.allowance is not None and not request.decoding:
            self.allowance[request.key] -= num_tokens


def _wants_prompt_logprobs(request: Request) -> bool:
    return request.prompt_logprobs is not None and len(request.prompt_logprob_rows) < request.prompt_len
