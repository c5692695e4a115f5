"""Who computes what in the next step, under one token budget: decodes first, then prefill in chunks; no phases.

A request that finds no free block takes those of the latest arrival, which then waits and computes its tokens again;
the latest itself stands still with what it has. The earliest request always gets on, so a queue never stands still.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from dataclasses import dataclass

from yunqi.common.errors import YunqiError
from yunqi.engine.batch import Batch, Chunk
from yunqi.engine.block_manager import BlockManager
from yunqi.engine.request import Request, Status

PROMPT_LOGPROBS_CHUNK = 64  # every row of such a chunk has logits of the whole vocabulary


@dataclass(frozen=True, kw_only=True, slots=True)
class SchedulerConfig:
    """Limits of a step: its tokens and its sequences."""

    max_num_batched_tokens: int = 512
    max_num_seqs: int = 64

    def __post_init__(self) -> None:
        for option in ("max_num_batched_tokens", "max_num_seqs"):
            value = getattr(self, option)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise YunqiError("option-invalid", option=option, value=value, rule="It is a whole number from 1 on.")


class Scheduler:
    """Queues of requests over one block manager. `finish` is the only way out."""

    def __init__(self, config: SchedulerConfig, blocks: BlockManager) -> None:
        self.config, self.blocks = config, blocks
        self.waiting: deque[Request] = deque()
        self.running: list[Request] = []  # in order of arrival

    @property
    def has_requests(self) -> bool:
        return bool(self.waiting or self.running)

    def add(self, request: Request) -> None:
        self.waiting.append(request)

    def schedule(self) -> Batch:
        """The next step. Empty only where nothing is queued."""
        step = _Step(self.config.max_num_batched_tokens)
        num_waiting = len(self.waiting)
        for request in sorted(self.running, key=lambda r: r.num_pending > 1):
            self._continue(request, step)
        crowded = len(self.waiting) > num_waiting  # someone was preempted: nobody new in this step
        while self.waiting and not crowded and len(self.running) < self.config.max_num_seqs and step.left > 0:
            request = self.waiting[0]
            if not self.blocks.grow(request.block_table, step.reach(request)):
                break
            self.waiting.popleft()
            self._admit(request)
            step.add(request)
        return Batch(chunks=tuple(step.chunks.values()))

    def finish(self, request: Request) -> None:
        """Let a request go, whatever state it is in; its blocks return. Doing it twice does no harm."""
        if request.status is Status.RUNNING:
            self.running.remove(request)
        elif request.status is Status.WAITING and request in self.waiting:
            self.waiting.remove(request)
        request.status = Status.FINISHED
        self.blocks.release(request.block_table)

    def _continue(self, request: Request, step: _Step) -> None:
        if request.status is not Status.RUNNING or step.left <= 0:
            return
        while not self.blocks.grow(request.block_table, step.reach(request)):
            victim = self.running[-1]
            if victim is request:
                return  # it waits with what it has: computing it again would cost more
            self._preempt(victim, step)
        step.add(request)

    def _preempt(self, request: Request, step: _Step) -> None:
        step.drop(request)
        self.running.remove(request)
        self.blocks.release(request.block_table)
        request.num_computed = 0
        request.status = Status.WAITING
        request.metrics.num_preemptions += 1
        self.waiting.appendleft(request)

    def _admit(self, request: Request) -> None:
        request.status = Status.RUNNING
        insort(self.running, request, key=lambda r: r.arrival)


class _Step:
    """The chunks chosen so far and what is left of the step's tokens."""

    def __init__(self, budget: int) -> None:
        self.left = budget
        self.chunks: dict[Request, Chunk] = {}

    def reach(self, request: Request) -> int:
        """How far the request could get in this step."""
        size = min(request.num_pending, self.left)
        if _wants_prompt_logprobs(request):
            size = min(size, PROMPT_LOGPROBS_CHUNK)
        return request.num_computed + size

    def add(self, request: Request) -> None:
        start, stop = request.num_computed, self.reach(request)
        draws = stop == len(request.token_ids)
        logits_from = start if _wants_prompt_logprobs(request) else stop - draws
        self.chunks[request] = Chunk(request=request, start=start, stop=stop, logits_from=logits_from)
        self.left -= stop - start

    def drop(self, request: Request) -> None:
        if chunk := self.chunks.pop(request, None):
            self.left += chunk.num_tokens


def _wants_prompt_logprobs(request: Request) -> bool:
    return request.prompt_logprobs is not None and len(request.prompt_logprob_rows) < request.prompt_len
