"""What a request finds in memory when it starts, and what it leaves there: blocks and, for recurrent layers, states.

A hit ends at the deepest node that has every layer's memory, and leaves at least one token to compute. What a step
computed is shared once the step has run (`commit`), not before. Snapshots of recurrent state are taken at block
boundaries only: at the last one within each stable length of the prompt, within the whole prompt, where a cached prefix
branched off without a state, and every `snapshot_interval` tokens. Along its output a request keeps one more, which
moves on every `tail_interval` tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from yunqi.engine.block_manager import BlockManager
from yunqi.engine.prefix_tree import Node
from yunqi.engine.request import Request
from yunqi.engine.spill import Spill
from yunqi.engine.states import StateManager


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What is cached of a request's tokens: the nodes it can go on from, and how many tokens more have blocks alone."""

    path: list[Node]
    num_tokens: int
    branch: int


class PrefixCache:
    """The memory of requests, over one block manager.

    Args:
        salt: the model's own part of a prefix's key, given the prompt's length.
        states: slots of recurrent state; None for models without.
        spill: what outlives the process; None for nothing.
        enabled: whether requests may share anything.
    """

    def __init__(
        self,
        blocks: BlockManager,
        *,
        salt: Callable[[int], str | None] = lambda prompt_len: None,
        states: StateManager | None = None,
        spill: Spill | None = None,
        enabled: bool = True,
        snapshot_interval: int = 2048,
        tail_interval: int = 64,
    ) -> None:
        self.blocks, self.states, self.enabled = blocks, states, enabled
        self.spill = spill if enabled else None
        self._salt = salt
        self._snapshot_interval = self._aligned(snapshot_interval) or blocks.block_size
        self._tail_interval = self._aligned(tail_interval) or blocks.block_size
        blocks.tree.on_evict = self._give_up

    def find(self, request: Request) -> Found:
        """What there is for a request that holds nothing."""
        if not self.enabled:
            return Found(path=[], num_tokens=0, branch=0)
        if self.spill is not None and not request.looked_up:
            self.spill.restore(self._key(request), request.token_ids, _useful(request))
            request.looked_up = True
        path = self.blocks.tree.walk(self._key(request), request.token_ids, _useful(request))
        branch = len(path) * self.blocks.block_size
        if self.states is not None:
            while path and path[-1].state_slot is None:
                path.pop()
        return Found(path=path, num_tokens=len(path) * self.blocks.block_size, branch=branch)

    def admit(self, request: Request, found: Found, reach: int) -> bool:
        """Give a request what was found and blocks up to `reach` tokens; False, and nothing done, where too few are
        free."""
        self.blocks.recall(request.block_table, request.path, found.path)
        if not self.blocks.grow(request.block_table, reach):
            self.blocks.release(request.block_table, request.path)
            return False
        request.num_computed = found.num_tokens
        if self.states is not None:
            request.snapshot_at = self._points(request, found)
            request.state_slot = self.states.start(found.path[-1] if found.path else None)
        return True

    def next_stop(self, request: Request, start: int, stop: int, found: Found | None = None) -> int:
        """Where a chunk from `start` ends that could reach `stop`: at the first place of a snapshot, if any."""
        if self.states is None or not self.enabled:
            return stop
        points = request.snapshot_at if found is None else self._points(request, found)
        first = min((point for point in points if point > start), default=stop)
        return min(stop, first, (start // self._snapshot_interval + 1) * self._snapshot_interval)

    def room_for_guesses(self, request: Request) -> int | None:
        """How many tokens after the known ones may be verified in one step: none past the place of a snapshot, where
        the state must be that of just so many tokens. None for any number."""
        if self.states is None or not self.enabled:
            return None
        known = len(request.token_ids)
        points = [point for point in request.snapshot_at if point >= known]
        for interval in (self._snapshot_interval, self._tail_interval):
            points.append(-(-known // interval) * interval)
        return min(points) - known

    def keep_state(self, request: Request) -> bool:
        """Keep the recurrent state as it is before guesses are verified; False where no slot is left for it."""
        if self.states is None:
            return True
        request.kept_slot = self.states.keep(_slot(request))
        return request.kept_slot is not None

    def settle(self, request: Request, start: int, *, all_right: bool) -> None:
        """After guesses were verified: let the kept state go or, where one was wrong, go back to it, and to `start`."""
        if self.states is None or request.kept_slot is None:
            return
        if not all_right:
            request.state_slot, request.kept_slot = request.kept_slot, request.state_slot
            request.num_again, request.num_computed = request.num_computed - start, start
        assert request.kept_slot is not None
        self.states.stop(request.kept_slot)
        request.kept_slot = None

    def commit(self, request: Request) -> None:
        """Share the full blocks of what is computed by now."""
        if not self.enabled:
            return
        size, key = self.blocks.block_size, self._key(request)
        for start in range(len(request.path) * size, request.num_computed - size + 1, size):
            ids = tuple(request.token_ids[start : start + size])
            self.blocks.share(key, request.block_table, request.path, ids)
        if self.states is not None and request.num_computed == len(request.path) * size > 0:
            self._snapshot(request, self.states)

    def keep(self, request: Request) -> None:
        """Put what a request shares where it outlives the process, before the request is let go."""
        if self.spill is not None:
            self.spill.save(request.path)

    def release(self, request: Request) -> None:
        """Take back all that a request holds; what it shared stays until the room is needed."""
        self.blocks.release(request.block_table, request.path)
        if self.states is not None:
            for slot in (request.state_slot, request.kept_slot):
                if slot is not None:
                    self.states.stop(slot)
        request.state_slot = request.kept_slot = request.tail = None
        request.num_computed = request.num_again = request.num_guesses = 0

    def soon(self, request: Request, found: Found, other: Request) -> bool:
        """Whether a running request is about to compute more of what this one would have to compute itself."""
        if not self.enabled or other.num_computed >= other.prompt_len or self._key(request) != self._key(other):
            return False
        beyond = max(found.num_tokens, other.num_computed)
        if self.states is None:
            point = self._aligned(beyond) + self.blocks.block_size
        else:
            point = self.next_stop(other, beyond, other.prompt_len)
            point = point if point % self.blocks.block_size == 0 else other.prompt_len + 1
        if (
            point > min(_useful(request), other.prompt_len)
            or request.token_ids[point - 1] != other.token_ids[point - 1]
        ):
            return False
        return request.token_ids[:point] == other.token_ids[:point]

    def _give_up(self, node: Node) -> None:
        if self.spill is not None:
            self.spill.save([node])
        if self.states is not None:
            self.states.drop(node)

    def _snapshot(self, request: Request, states: StateManager) -> None:
        length, node = request.num_computed, request.path[-1]
        if length in request.snapshot_at or length % self._snapshot_interval == 0:
            states.save(node, _slot(request))
        elif length > request.prompt_len and length % self._tail_interval == 0 and states.save(node, _slot(request)):
            if request.tail is not None:
                states.drop(request.tail)
            request.tail = node

    def _points(self, request: Request, found: Found) -> frozenset[int]:
        lengths = (*request.stable_lengths, request.prompt_len - 1, request.prompt_len, found.branch)
        return frozenset(self._aligned(length) for length in lengths if length <= len(request.token_ids))

    def _key(self, request: Request) -> tuple[str | None, ...]:
        return (self._salt(request.prompt_len), request.cache_salt, *request.cache_keys)

    def _aligned(self, length: int) -> int:
        return length // self.blocks.block_size * self.blocks.block_size


def _useful(request: Request) -> int:
    """Tokens a request may find cached: all but those whose logits it still needs."""
    needed = len(request.token_ids)
    if request.prompt_logprobs is not None:
        needed = min(needed, max(len(request.prompt_logprob_rows), 1))
    return needed - 1


def _slot(request: Request) -> int:
    assert request.state_slot is not None, "a running request without a state"
    return request.state_slot
