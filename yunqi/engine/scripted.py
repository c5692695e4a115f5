"""A model that plays a script: the first-class backend for testing everything above the arithmetic.

It keeps a cache of token ids in the same blocks a real runner would use, and its policy sees a sequence only as that
cache gives it back: a block that was lost, wrongly shared or overwritten shows at once. Each block also remembers which
prefix it was written behind. With `num_state_slots` it plays a recurrent model too, whose state is all tokens so far.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable

import numpy as np

from yunqi.engine.batch import Batch, Chunk

Policy = Callable[["Tokens"], "int | np.ndarray"]
Before = Callable[[int], None]


class Tokens(list[int]):
    """All tokens of a sequence; the first `prompt_len` are its prompt, the rest its answer so far."""

    prompt_len: int = 0

    @property
    def prompt(self) -> list[int]:
        return self[: self.prompt_len]

    @property
    def num_outputs(self) -> int:
        return max(0, len(self) - self.prompt_len)


class ScriptedRunner:
    """Answers as `policy` says: from all tokens of a sequence, the next token or a row of logits (V,).

    `salt` is what a model with a cache salt would say to a prompt's length. `before_step` is called with the number of
    each step, from 1 on, and may wait, raise or end the process.
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
        before_step: Before | None = None,
    ) -> None:
        self.policy, self.before_step = policy, before_step
        self.vocab_size, self.num_blocks, self.block_size = vocab_size, num_blocks, block_size
        self.num_state_slots = num_state_slots
        self._salt = salt
        self._cache = np.full((num_blocks + 1, block_size), -1, dtype=np.int64)
        self._behind = np.zeros((num_blocks + 1, block_size), dtype=np.uint64)  # checksums of keys and all tokens
        self._states: dict[int, tuple[int, ...]] = {0: ()}
        self.num_steps = 0

    def run(self, batch: Batch) -> np.ndarray:
        """Logits of the batch; asserts that each sequence's cache holds just what was computed."""
        self.num_steps += 1
        if self.before_step is not None:
            self.before_step(self.num_steps)
        for chunk in batch.chunks:
            self._check(chunk, chunk.start)  # before anything is written: nothing of this step may be shared yet
        for chunk in batch.chunks:
            self._write(chunk)
        for chunk in batch.chunks:
            self._check(chunk, chunk.stop)
        rows = [self._row(chunk, stop) for chunk in batch.chunks for stop in range(chunk.logits_from, chunk.stop)]
        return np.stack(rows) if rows else np.empty((0, self.vocab_size), dtype=np.float32)

    def cache_salt(self, prompt_len: int) -> str | None:
        return self._salt(prompt_len)

    def copy_state(self, source: int, target: int) -> None:
        assert 0 < target <= self.num_state_slots, target
        self._states[target] = self._states[source]

    def fingerprint(self) -> str:
        return f"scripted {self.block_size}"

    def read_block(self, block: int) -> bytes:
        return self._cache[block].tobytes() + self._behind[block].tobytes()

    def write_block(self, block: int, data: bytes) -> None:
        both = np.frombuffer(data, dtype=np.int64).reshape(2, -1)
        self._cache[block], self._behind[block] = both[0], both[1].view(np.uint64)

    def read_state(self, slot: int) -> bytes:
        return np.asarray(self._states[slot], dtype=np.int64).tobytes()

    def write_state(self, slot: int, data: bytes) -> None:
        self._states[slot] = tuple(np.frombuffer(data, dtype=np.int64).tolist())

    def _write(self, chunk: Chunk) -> None:
        positions = np.arange(chunk.start, chunk.stop)
        blocks = np.asarray(chunk.request.block_table)[positions // self.block_size]
        assert (blocks > 0).all(), "a request was given the null block"
        self._cache[blocks, positions % self.block_size] = chunk.token_ids
        self._behind[blocks, positions % self.block_size] = self._sums(chunk)
        if self.num_state_slots:
            self._advance(chunk)

    def _advance(self, chunk: Chunk) -> None:
        slot, known = chunk.request.state_slot, (*chunk.request.token_ids, *chunk.proposed)
        assert slot, "a request was given no slot of state"
        assert self._states[slot] == known[: chunk.start], "the state is not that of the tokens before"
        self._states[slot] = known[: chunk.stop]

    def _check(self, chunk: Chunk, stop: int) -> None:
        table = np.asarray(chunk.request.block_table, dtype=np.int64)
        seen, behind = (memory[table].flatten()[:stop] for memory in (self._cache, self._behind))
        assert seen.tolist() == [*chunk.request.token_ids, *chunk.proposed][:stop], "the cache lost a token"
        before = np.concatenate((self._seed(chunk), behind[:-1]))[:stop]
        assert (behind == _chained(before, seen)).all(), "a block stands behind a prefix it was not computed for"

    def _sums(self, chunk: Chunk) -> list[int]:
        """Checksums of all that comes up to each token of the chunk."""
        last = self._seed(chunk)
        if chunk.start:
            block, offset = divmod(chunk.start - 1, self.block_size)
            last = self._behind[chunk.request.block_table[block], offset : offset + 1]
        found: list[int] = []
        for token in chunk.token_ids:
            last = _chained(last, np.asarray([token]))
            found.append(int(last[0]))
        return found

    def _seed(self, chunk: Chunk) -> np.ndarray:
        """What a sequence's checksums begin with: they tell its keys apart."""
        request = chunk.request
        key = (self.cache_salt(request.prompt_len), request.cache_salt, request.cache_keys)
        return np.asarray([zlib.crc32(repr(key).encode())], dtype=np.uint64)

    def _row(self, chunk: Chunk, last: int) -> np.ndarray:
        seen = Tokens(self._cache[np.asarray(chunk.request.block_table)].flatten()[: last + 1].tolist())
        seen.prompt_len = chunk.request.prompt_len
        answer = self.policy(seen)
        if isinstance(answer, np.ndarray):
            return answer.astype(np.float32)
        row = np.zeros(self.vocab_size, dtype=np.float32)
        row[answer] = 20.0
        return row


def _chained(before: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Checksums that go on from others by one token each; uint64 wraps around."""
    return before * np.uint64(6364136223846793005) + tokens.astype(np.uint64) * np.uint64(2654435761) + np.uint64(1)


def playing(prompt_len: int, tokens: Iterable[int]) -> Policy:
    """A policy that plays these tokens after a prompt of `prompt_len`, then repeats the last."""
    script = list(tokens)
    return lambda seen: script[min(len(seen) - prompt_len, len(script) - 1)]
