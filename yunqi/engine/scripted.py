"""A model that plays a script: the first-class backend for testing everything above the arithmetic.

It keeps a cache of token ids in the same blocks a real runner would use, and its policy sees a sequence only as that
cache gives it back: a block that was lost, wrongly shared or overwritten shows at once. Each block also remembers which
prefix it was written behind. With `num_state_slots` it plays a recurrent model too, whose state is all tokens so far.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from yunqi.engine.batch import Batch, Chunk

Policy = Callable[[Sequence[int]], "int | np.ndarray"]


class ScriptedRunner:
    """Answers as `policy` says: from all tokens of a sequence, the next token or a row of logits (V,).

    `salt` is what a model with a cache salt would say to a prompt's length.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        vocab_size: int,
        num_blocks: int = 64,
        block_size: int = 16,
        num_state_slots: int = 0,
        salt: Callable[[int], str | None] = lambda prompt_len: None,
    ) -> None:
        self.policy = policy
        self.vocab_size, self.num_blocks, self.block_size = vocab_size, num_blocks, block_size
        self.num_state_slots = num_state_slots
        self.cache_salt = salt
        self._cache = np.full((num_blocks + 1, block_size), -1, dtype=np.int64)
        self._behind = np.zeros((num_blocks + 1, block_size), dtype=np.int64)  # a checksum of salts and tokens before
        self._states: dict[int, tuple[int, ...]] = {0: ()}
        self.num_steps = 0

    def run(self, batch: Batch) -> np.ndarray:
        """Logits of the batch; asserts that each sequence's cache holds just what was computed."""
        self.num_steps += 1
        for chunk in batch.chunks:
            self._write(chunk)
            self._check(chunk)
        rows = [self._row(chunk, stop) for chunk in batch.chunks for stop in range(chunk.logits_from, chunk.stop)]
        return np.stack(rows) if rows else np.empty((0, self.vocab_size), dtype=np.float32)

    def copy_state(self, source: int, target: int) -> None:
        assert 0 < target <= self.num_state_slots, target
        self._states[target] = self._states[source]

    def fingerprint(self) -> str:
        return f"scripted {self.block_size}"

    def read_block(self, block: int) -> bytes:
        return self._cache[block].tobytes() + self._behind[block].tobytes()

    def write_block(self, block: int, data: bytes) -> None:
        self._cache[block], self._behind[block] = np.frombuffer(data, dtype=np.int64).reshape(2, -1)

    def read_state(self, slot: int) -> bytes:
        return np.asarray(self._states[slot], dtype=np.int64).tobytes()

    def write_state(self, slot: int, data: bytes) -> None:
        self._states[slot] = tuple(np.frombuffer(data, dtype=np.int64).tolist())

    def _write(self, chunk: Chunk) -> None:
        positions = np.arange(chunk.start, chunk.stop)
        blocks = np.asarray(chunk.request.block_table)[positions // self.block_size]
        assert (blocks > 0).all(), "a request was given the null block"
        self._cache[blocks, positions % self.block_size] = chunk.request.token_ids[chunk.start : chunk.stop]
        self._behind[blocks, positions % self.block_size] = self._sums(chunk)[chunk.start :]
        if self.num_state_slots:
            self._advance(chunk)

    def _advance(self, chunk: Chunk) -> None:
        slot, known = chunk.request.state_slot, tuple(chunk.request.token_ids)
        assert slot, "a request was given no slot of state"
        assert self._states[slot] == known[: chunk.start], "the state is not that of the tokens before"
        self._states[slot] = known[: chunk.stop]

    def _check(self, chunk: Chunk) -> None:
        table = np.asarray(chunk.request.block_table)
        seen = self._cache[table].flatten()[: chunk.stop].tolist()
        assert seen == chunk.request.token_ids[: chunk.stop], "the cache lost a token"
        behind = self._behind[table].flatten()[: chunk.stop].tolist()
        assert behind == self._sums(chunk), "a block stands behind a prefix it was not computed for"

    def _sums(self, chunk: Chunk) -> list[int]:
        request = chunk.request
        key = (self.cache_salt(request.prompt_len), request.cache_salt, request.cache_keys)
        steps = (zlib.crc32(token.to_bytes(8, "little")) for token in request.token_ids[: chunk.stop])
        return list(
            itertools.accumulate(steps, lambda a, b: (a * 31 + b) % (1 << 61), initial=zlib.crc32(repr(key).encode()))
        )[:-1]

    def _row(self, chunk: Chunk, last: int) -> np.ndarray:
        seen = self._cache[np.asarray(chunk.request.block_table)].flatten()[: last + 1].tolist()
        answer = self.policy(seen)
        if isinstance(answer, np.ndarray):
            return answer.astype(np.float32)
        row = np.zeros(self.vocab_size, dtype=np.float32)
        row[answer] = 20.0
        return row


def playing(prompt_len: int, tokens: Iterable[int]) -> Policy:
    """A policy that plays these tokens after a prompt of `prompt_len`, then repeats the last."""
    script = list(tokens)
    return lambda seen: script[min(len(seen) - prompt_len, len(script) - 1)]
