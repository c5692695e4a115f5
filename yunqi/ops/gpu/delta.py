"""The gated delta rule on a GPU: two launches in place of several for each chunk of the longest sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from yunqi.ops.context import ForwardContext
from yunqi.ops.gpu import delta_programs as programs

_CELLS = 2048  # elements of a state in one program


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """`offsets` (S+1) of each sequence's tokens, `chunks` (S+1) of its kept states, `slots` (S+1) of the states that
    its way back works out again at a time, all int32 on the device; how many chunks and slots there are."""

    offsets: Tensor
    chunks: Tensor
    slots: Tensor
    num_chunks: int
    num_slots: int


def _step(ctx: ForwardContext) -> _Step:
    lengths = np.diff(ctx.cu_seqlens)
    counts = -(-lengths // programs.KEPT_EVERY), np.minimum(lengths, programs.KEPT_EVERY)
    arrays = [ctx.cu_seqlens, *(np.concatenate([[0], np.cumsum(count)]) for count in counts)]
    offsets, chunks, slots = (
        torch.from_numpy(np.ascontiguousarray(array, dtype=np.int32)).to(ctx.device, non_blocking=True)
        for array in arrays
    )
    totals = {"num_chunks": int(arrays[1][-1]), "num_slots": int(arrays[2][-1])}
    return _Step(offsets=offsets, chunks=chunks, slots=slots, **totals)


def gated_delta(
    q: Tensor, k: Tensor, v: Tensor, g: Tensor, beta: Tensor, initial: Tensor, ctx: ForwardContext
) -> tuple[Tensor, Tensor]:
    """What `naive.gated_delta` computes, of queries and keys as they are after norm and scale.

    Args:
        q, k: (T, M, H) float32. v: (T, N, P). g: logarithm of the decay, and beta: (T, N) float32.
        initial: (S, N, H, P) float32; no gradient flows to it.

    Returns:
        (T, N, P) in the dtype of v, zeros in rows of no sequence; each sequence's last state, without gradient.
    """
    step = ctx.derived("delta step", lambda: _step(ctx))
    return _GatedDelta.apply(q, k, v, g, beta, initial, step)


@dataclass(frozen=True, slots=True)
class _Grid:
    """How a launch cuts its work: (sequences, value heads, tiles of a value)."""

    programs: tuple[int, int, int]
    sizes: dict[str, int]
    num_warps: int


def _grid(k: Tensor, v: Tensor, num_seqs: int) -> _Grid:
    (_, heads, value_size), (key_heads, key_size) = v.shape, k.shape[1:]
    high = 1 << (key_size - 1).bit_length()
    wide = min(1 << (value_size - 1).bit_length(), max(1, _CELLS // high))
    sizes = {"N": heads, "M": key_heads, "H": key_size, "P": value_size, "BH": high, "BP": wide}
    return _Grid((num_seqs, heads, -(-value_size // wide)), sizes, 1 if high * wide <= 1024 else 2)


class _GatedDelta(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, q: Tensor, k: Tensor, v: Tensor, g: Tensor, beta: Tensor, initial: Tensor, step: _Step
    ) -> tuple[Tensor, Tensor]:
        q, k, v, g, beta, initial = (x.contiguous() for x in (q, k, v, g, beta, initial))
        grid = _grid(k, v, len(initial))
        keep = any(ctx.needs_input_grad)
        out, last = torch.zeros_like(v), torch.empty_like(initial)
        kept = initial.new_empty(step.num_chunks if keep else 0, *initial.shape[1:])
        arrays = (q, k, v, g, beta, initial, step.offsets, step.chunks, out, last, kept)
        programs.forward[grid.programs](  # pyright: ignore - triton makes it so
            *arrays, **grid.sizes, EVERY=programs.KEPT_EVERY, KEEP=keep, num_warps=grid.num_warps
        )
        ctx.save_for_backward(q, k, v, g, beta, kept)
        ctx.step, ctx.grid = step, grid
        ctx.mark_non_differentiable(last)
        return out, last

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        q, k, v, g, beta, kept = ctx.saved_tensors
        step: _Step = ctx.step
        grid: _Grid = ctx.grid
        (_, heads, tiles), tokens = grid.programs, len(v)
        scratch = kept.new_empty(step.num_slots, heads, tiles, grid.sizes["BH"], grid.sizes["BP"])
        dq, dk = kept.new_zeros(2, tiles, tokens, heads, k.shape[2]).unbind()
        dg, dbeta = kept.new_zeros(2, tiles, tokens, heads).unbind()
        dv = torch.zeros_like(v)
        states = (kept, step.offsets, step.chunks, step.slots, scratch)
        given = (q, k, v, g, beta, *states, grads[0].contiguous())
        programs.backward[grid.programs](  # pyright: ignore
            *given, dq, dk, dv, dg, dbeta, tokens, **grid.sizes, EVERY=programs.KEPT_EVERY, num_warps=grid.num_warps
        )
        dq, dk = (x.unflatten(2, (k.shape[1], -1)).sum((0, 3)) for x in (dq, dk))
        return dq, dk, dv, dg.sum(0), dbeta.sum(0), None, None
