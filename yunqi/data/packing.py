"""Packing: whole conversations in windows of equal length, none cut and none crossing a border.

A `PackedBatch` is plain numpy: ids and positions of T tokens, where every sequence begins, and for each token that
counts in the loss the row of the hidden state that predicts it and the token itself. What a window does not fill
becomes a sequence of padding that no loss sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """Token ids of one conversation; the loss counts the tokens in [loss_start, loss_end)."""

    ids: tuple[int, ...]
    loss_start: int
    loss_end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PackedBatch:
    """`ids` and `positions` (T,), `cu_seqlens` (S+1,), `loss_rows` and `targets` (L,) for L tokens in the loss."""

    ids: np.ndarray
    positions: np.ndarray
    cu_seqlens: np.ndarray
    loss_rows: np.ndarray
    targets: np.ndarray
    window: int
    num_examples: int
    longest: int = 0  # tokens of its longest example

    @property
    def num_tokens(self) -> int:
        return len(self.ids)

    @property
    def num_loss_tokens(self) -> int:
        return len(self.targets)

    @property
    def num_pairs(self) -> int:
        """Queries and the keys they see."""
        lengths = np.diff(self.cu_seqlens).astype(np.int64)
        return int((lengths * (lengths + 1) // 2).sum())

    @property
    def next_ids(self) -> np.ndarray:
        """(T,) the token after each; the last of a sequence, which has none, stands for it itself."""
        found = np.append(self.ids[1:], self.ids[-1:])
        ends = self.cu_seqlens[1:] - 1
        found[ends] = self.ids[ends]
        return found

    @property
    def further(self) -> tuple[np.ndarray, np.ndarray]:
        """`loss_rows` and `targets` of who predicts the token after the next: a row earlier, in the same sequence."""
        starts = self.cu_seqlens[np.searchsorted(self.cu_seqlens, self.loss_rows, side="right") - 1]
        inside = self.loss_rows > starts
        return self.loss_rows[inside] - 1, self.targets[inside]

    def rows(self, first: int, last: int) -> PackedBatch:
        """The windows [first, last) as a batch of their own."""
        start, end = first * self.window, last * self.window
        inside = (self.loss_rows >= start) & (self.loss_rows < end)
        borders = self.cu_seqlens[(self.cu_seqlens >= start) & (self.cu_seqlens <= end)]
        return PackedBatch(
            ids=self.ids[start:end],
            positions=self.positions[start:end],
            cu_seqlens=(borders - start).astype(np.int32),
            loss_rows=self.loss_rows[inside] - start,
            targets=self.targets[inside],
            window=self.window,
            num_examples=0,
        )


def fill_windows(
    examples: Iterable[Example], *, num_windows: int, window: int, misses: int = 24
) -> list[list[Example]]:
    """Put examples into windows, each where it leaves the least room (best fit), until `misses` in a row do not fit.

    Examples longer than a window are passed over.
    """
    rows: list[list[Example]] = [[] for _ in range(num_windows)]
    room = [window] * num_windows
    missed = 0
    for example in examples:
        size = len(example.ids)
        fitting = [index for index in range(num_windows) if room[index] >= size]
        if not fitting:
            missed += 1
            if missed == misses:
                break
            continue
        missed = 0
        best = min(fitting, key=room.__getitem__)
        rows[best].append(example)
        room[best] -= size
    return rows


def pack(rows: Sequence[Sequence[Example]], *, window: int, pad_id: int) -> PackedBatch:
    """Lay filled windows one after the other."""
    total = len(rows) * window
    ids = np.full(total, pad_id, dtype=np.int64)
    positions = np.zeros(total, dtype=np.int64)
    borders, loss_rows, targets = [0], [], []
    for index, row in enumerate(rows):
        at = index * window
        for example in row:
            size = len(example.ids)
            ids[at : at + size] = example.ids
            positions[at : at + size] = np.arange(size)
            predicting = np.arange(example.loss_start - 1, example.loss_end - 1)
            loss_rows.append(at + predicting)
            targets.append(ids[at + predicting + 1])
            at += size
            borders.append(at)
        end = (index + 1) * window
        if at < end:
            positions[at:end] = np.arange(end - at)
            borders.append(end)
    empty = np.zeros(0, dtype=np.int64)
    return PackedBatch(
        ids=ids,
        positions=positions,
        cu_seqlens=np.array(borders, dtype=np.int32),
        loss_rows=np.concatenate(loss_rows) if loss_rows else empty,
        targets=np.concatenate(targets) if targets else empty,
        window=window,
        num_examples=sum(map(len, rows)),
        longest=max((len(example.ids) for row in rows for example in row), default=0),
    )
