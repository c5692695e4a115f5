"""What the fast and the exact forms of the recurrent ops share: where the tokens of packed sequences stand.

Shapes as in `yunqi.ops.naive`; A sequences that have tokens, J chunks of C tokens, W the width of the convolution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from yunqi.ops import states
from yunqi.ops.context import ForwardContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunks:
    """Sequences cut into chunks of one length, ordered by time: the first chunk of each, then the second ones.

    The longest sequence comes first, so the sequences that still go on at a step are the first ones of `sequences`.
    """

    sequences: Tensor  # (A) in the order of their chunks
    rows: Tensor  # (J * C) the token at each place, T where a chunk is not full
    places: Tensor  # (T') the place of each token of a sequence
    steps: tuple[slice, ...]  # the chunks of each step

    def spread(self, x_T: Tensor, size: int) -> Tensor:
        """(T, N, ...) -> (J, N, C, ...), zeros where a chunk is not full."""
        padded = functional.pad(x_T, (0,) * (2 * x_T.dim() - 1) + (1,))
        return padded.index_select(0, self.rows).unflatten(0, (-1, size)).transpose(1, 2)

    def collect(self, x_J: Tensor, num_tokens: int) -> Tensor:
        """(J, N, C, ...) -> (T, N, ...), zeros in rows that only pad the step."""
        found = x_J.transpose(1, 2).flatten(0, 1).index_select(0, self.places)
        return functional.pad(found, (0,) * (2 * found.dim() - 1) + (num_tokens - len(found),))


def chunks_of(ctx: ForwardContext, size: int, num_tokens: int) -> Chunks:
    return ctx.derived(("chunks", size, num_tokens), lambda: _cut(ctx, size, num_tokens))


def _cut(ctx: ForwardContext, size: int, num_tokens: int) -> Chunks:
    lengths, starts = np.diff(ctx.cu_seqlens).astype(np.int64), ctx.cu_seqlens[:-1].astype(np.int64)
    counts = -(-lengths // size)
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    rows: list[np.ndarray] = []
    steps: list[slice] = []
    for step in range(int(counts.max(initial=0))):
        active = order[counts[order] > step]
        inside = step * size + np.arange(size)
        rows.append(np.where(inside < lengths[active, None], starts[active, None] + inside, num_tokens).ravel())
        first = steps[-1].stop if steps else 0
        steps.append(slice(first, first + len(active)))
    flat = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
    places = np.zeros(int(lengths.sum()), dtype=np.int64)
    real = np.flatnonzero(flat < num_tokens)
    places[flat[real]] = real
    arrays = [torch.from_numpy(array).to(ctx.device) for array in (order, flat, places)]
    return Chunks(sequences=arrays[0], rows=arrays[1], places=arrays[2], steps=tuple(steps))


Step = Callable[[Tensor, slice], tuple[Tensor, Tensor]]


def scan(initial_S: Tensor, chunks: Chunks, step: Step) -> tuple[Tensor, Tensor]:
    """Carry states (S, ...) through the chunks, `step` by `step`: what each chunk gave (J, ...), and the last states.

    Args:
        step: (states of the sequences that go on, their chunks) -> (their outputs, their next states).
    """
    state, outputs, ended = initial_S[chunks.sequences], [], []
    for part in chunks.steps:
        going_on = part.stop - part.start
        if going_on < len(state):
            ended.append(state[going_on:])
            state = state[:going_on]
        output, state = step(state, part)
        outputs.append(output)
    last = torch.cat((state, *reversed(ended)))
    return torch.cat(outputs), initial_S.index_copy(0, chunks.sequences, last)


def causal_conv(
    parts: Sequence[Tensor], layer: Any, ctx: ForwardContext, silu: Callable[[Tensor], Tensor]
) -> tuple[Tensor, ...]:
    """`naive.causal_conv` for all sequences at once, with multiplications and additions of elements alone."""
    x_TC = torch.cat([part.flatten(1) for part in parts], dim=-1)
    weight_CW = layer.conv1d.weight[:, 0].float()
    width = weight_CW.shape[1]
    reach = torch.cat((states.read("conv", layer, x_TC, ctx).flatten(0, 1), x_TC))
    windows = ctx.derived(("windows", width, len(x_TC)), lambda: list(_windows(ctx, width, len(x_TC))))
    *columns, tail = windows
    total = sum(weight_CW[:, j] * reach.index_select(0, rows).float() for j, rows in enumerate(columns))
    assert isinstance(total, Tensor)
    states.write("conv", layer, reach.index_select(0, tail).unflatten(0, (ctx.num_seqs, width - 1)), ctx)
    return silu(total).to(x_TC.dtype).split([part[0].numel() for part in parts], dim=-1)


def _windows(ctx: ForwardContext, width: int, num_tokens: int) -> Iterator[Tensor]:
    """Rows of the tails (S * (W - 1)) followed by the tokens (T): for each tap the token it sees, (T) each, then those
    that make the next tails, (S * (W - 1))."""
    lengths, starts = np.diff(ctx.cu_seqlens).astype(np.int64), ctx.cu_seqlens[:-1].astype(np.int64)
    back = width - 1
    sequence = np.repeat(np.arange(ctx.num_seqs), lengths)
    offset = np.arange(len(sequence)) - starts[sequence]

    def row(sequence: np.ndarray, position: np.ndarray) -> np.ndarray:
        """Where the token at a position of the step's sequence is; before position 0 it is in the tail."""
        inside = ctx.num_seqs * back + starts[sequence] + position
        return np.where(position >= 0, inside, (sequence + 1) * back + position)

    for tap in range(width):
        rows = np.zeros(num_tokens, dtype=np.int64)
        rows[: len(sequence)] = row(sequence, offset - back + tap)
        yield torch.from_numpy(rows).to(ctx.device)
    every = np.repeat(np.arange(ctx.num_seqs), back)
    yield torch.from_numpy(row(every, lengths[every] - back + np.tile(np.arange(back), ctx.num_seqs))).to(ctx.device)
