"""A model that plays a script: the first-class backend for testing everything above the arithmetic.

It keeps a cache of token ids in the same blocks a real runner would use, and its policy sees a sequence only as that
cache gives it back: a block that was lost, shared or overwritten shows at once.
"""

from __future__ import annotations

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

    `before_step` is called with the number of each step, from 1 on, and may wait, raise or end the process.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        vocab_size: int,
        num_blocks: int = 64,
        block_size: int = 16,
        before_step: Before | None = None,
    ) -> None:
        self.policy, self.before_step = policy, before_step
        self.vocab_size, self.num_blocks, self.block_size = vocab_size, num_blocks, block_size
        self._cache = np.full((num_blocks + 1, block_size), -1, dtype=np.int64)
        self.num_steps = 0

    def run(self, batch: Batch) -> np.ndarray:
        """Logits of the batch; asserts that each sequence's cache holds just what was computed."""
        self.num_steps += 1
        if self.before_step is not None:
            self.before_step(self.num_steps)
        for chunk in batch.chunks:
            self._write(chunk)
        rows = [self._row(chunk, stop) for chunk in batch.chunks for stop in range(chunk.logits_from, chunk.stop)]
        return np.stack(rows) if rows else np.empty((0, self.vocab_size), dtype=np.float32)

    def _write(self, chunk: Chunk) -> None:
        positions = np.arange(chunk.start, chunk.stop)
        blocks = np.asarray(chunk.request.block_table)[positions // self.block_size]
        assert (blocks > 0).all(), "a request was given the null block"
        self._cache[blocks, positions % self.block_size] = chunk.request.token_ids[chunk.start : chunk.stop]

    def _row(self, chunk: Chunk, last: int) -> np.ndarray:
        seen = Tokens(self._cache[np.asarray(chunk.request.block_table)].flatten()[: last + 1].tolist())
        seen.prompt_len = chunk.request.prompt_len
        assert seen == chunk.request.token_ids[: last + 1], "the cache lost a token"
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
