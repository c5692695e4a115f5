"""Torch ops in which a row's bits depend on that row and its own history alone (DESIGN: how exactness is kept).

A matrix product gives a row the same bits at any place and in any company as long as the number of rows is the same,
so products run in tiles of `ROW_TILE` rows. Attention splits a sequence's keys at absolute positions, every
`KEY_SPLIT`, works on tiles of `QUERY_TILE` queries, and adds the parts in the order of the splits: a split that a row
cannot see adds exactly nothing.

Shapes as in `yunqi.ops.naive`; J query tiles, I pairs of a tile and a split it can see, R = `QUERY_TILE`,
C = `KEY_SPLIT`, P splits of the longest sequence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from yunqi.ops import naive
from yunqi.ops.context import ForwardContext, PagedKV

ROW_TILE = 16
QUERY_TILE = 8
KEY_SPLIT = 128
_VECTOR = 16  # fewer columns than this, or a last vector in part, make bits depend on a row's place in its tile
_MAX_PAIRS = 128  # pairs worked on at once: bounds the memory of a long prefill


def linear(x: Tensor, module: Any, ctx: ForwardContext) -> Tensor:
    num_rows, num_columns = x.shape[0], module.weight.shape[0]
    weight, bias = module.weight, module.bias
    if num_columns < _VECTOR:
        weight = functional.pad(weight, (0, 0, 0, _VECTOR - num_columns))
        bias = None if bias is None else functional.pad(bias, (0, _VECTOR - num_columns))
    if short := -num_rows % ROW_TILE:
        x = functional.pad(x, (0, 0, 0, short))
    tiles = [functional.linear(x[i : i + ROW_TILE], weight, bias) for i in range(0, len(x), ROW_TILE)]
    return (tiles[0] if len(tiles) == 1 else torch.cat(tiles))[:num_rows, :num_columns]


def swiglu(gate_TF: Tensor, up_TF: Tensor, ctx: ForwardContext) -> Tensor:
    # Torch's silu rounds the last few elements of a buffer otherwise than the rest; its exp does not.
    wide = gate_TF.float()
    return (wide / (1 + (-wide).exp())).to(gate_TF.dtype) * up_TF


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """The pairs of a step, the same for every layer with the same window."""

    query_rows: Tensor  # (J, R) row of each query, T where the tile is not full
    last_key: Tensor  # (J, R) position of each query
    pair_tile: Tensor  # (I,)
    pair_place: Tensor  # (I,) row of the (J * P) table of partial results
    pair_blocks: Tensor  # (I, blocks of a split)
    pair_first_key: Tensor  # (I,)
    num_splits: int


def attention(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, attn: Any, ctx: ForwardContext) -> Tensor:
    if not ctx.memory:
        return naive.attention(q_TNH, k_TKH, v_TKH, attn, ctx)
    memory: PagedKV = ctx.memory[attn.layer_id]
    window = attn.sliding_window
    work: _Work = ctx.derived(("work", memory.block_size, window), lambda: _plan_work(ctx, memory.block_size, window))
    num_tokens, heads, dim = q_TNH.shape
    padded = torch.cat((q_TNH, q_TNH.new_zeros(1, heads, dim)))
    q_JKMH = padded[work.query_rows].unflatten(2, (attn.num_kv_heads, -1)).permute(0, 2, 3, 1, 4).flatten(2, 3)
    partial = [
        _pairs(q_JKMH, memory, work, window, slice(i, i + _MAX_PAIRS))
        for i in range(0, len(work.pair_tile), _MAX_PAIRS)
    ]
    out_JKMH = _combine([torch.cat(x) for x in zip(*partial, strict=True)], work, len(q_JKMH))
    rows = out_JKMH.unflatten(2, (-1, QUERY_TILE)).permute(0, 3, 1, 2, 4).flatten(2, 3).flatten(0, 1)
    out = padded.new_zeros(num_tokens + 1, heads, dim)
    out[work.query_rows.flatten()] = rows.to(out.dtype)
    return out[:num_tokens].flatten(1)


def _pairs(
    q_JKMH: Tensor, memory: PagedKV, work: _Work, window: int | None, part: slice
) -> tuple[Tensor, Tensor, Tensor]:
    """Softmax numerators of some pairs: highest score, sum of weights, weighted values (all float32)."""
    tile, blocks = work.pair_tile[part], work.pair_blocks[part]
    q = q_JKMH[tile]
    key, value = (x[blocks].transpose(1, 2).flatten(2, 3).to(q.dtype) for x in (memory.key, memory.value))
    scores = _product(q, key.transpose(-1, -2)).float() * q.shape[-1] ** -0.5
    position = work.pair_first_key[part][:, None] + torch.arange(KEY_SPLIT, device=q.device)
    last = work.last_key[tile]
    seen = position[:, None, :] <= last[:, :, None]
    if window is not None:
        seen &= position[:, None, :] > last[:, :, None] - window
    groups = q.shape[2] // QUERY_TILE
    hidden = ~seen.repeat(1, groups, 1)[:, None]
    scores = scores.masked_fill(hidden, float("-inf"))
    highest = scores.amax(-1, keepdim=True)
    weights = (scores - highest.clamp_min(torch.finfo(torch.float32).min)).exp()
    # A slot past the end may hold anything, also what is not a number: it must not reach the product.
    value = value.masked_fill(~seen.any(1)[:, None, :, None], 0.0)
    value = functional.pad(value, (0, -value.shape[-1] % _VECTOR))
    mixed = _product(weights.to(q.dtype), value)[..., : q.shape[-1]]
    return highest, weights.sum(-1, keepdim=True), mixed.float()


def _product(a: Tensor, b: Tensor) -> Tensor:
    return torch.bmm(a.flatten(0, 1), b.flatten(0, 1)).unflatten(0, a.shape[:2])


def _combine(parts: list[Tensor], work: _Work, num_tiles: int) -> Tensor:
    """Join each tile's splits: parts (I, K, M, ...) -> (J, K, M, H)."""
    highest = _table(parts[0], float("-inf"), work, num_tiles)
    total, mixed = (_table(x, 0.0, work, num_tiles) for x in parts[1:])
    top = highest.amax(1).clamp_min(torch.finfo(torch.float32).min)
    scale = (highest - top[:, None]).exp()
    denominator, numerator = total[:, 0] * scale[:, 0], mixed[:, 0] * scale[:, 0]
    for i in range(1, work.num_splits):
        denominator = denominator + total[:, i] * scale[:, i]
        numerator = numerator + mixed[:, i] * scale[:, i]
    return numerator / denominator.clamp_min(torch.finfo(torch.float32).tiny)


def _table(x: Tensor, fill: float, work: _Work, num_tiles: int) -> Tensor:
    """Parts laid out by tile and split, (J, P, ...), `fill` where a tile does not see a split."""
    table = x.new_full((num_tiles * work.num_splits, *x.shape[1:]), fill)
    table[work.pair_place] = x
    return table.unflatten(0, (num_tiles, work.num_splits))


def _plan_work(ctx: ForwardContext, block_size: int, window: int | None) -> _Work:
    assert KEY_SPLIT % block_size == 0, f"a key split of {KEY_SPLIT} holds no whole number of blocks of {block_size}"
    assert ctx.slot_mapping is not None
    tiles = [_tiles_of(ctx, i, len(ctx.slot_mapping)) for i in range(ctx.num_seqs)]
    rows, last = (np.concatenate(x) for x in zip(*tiles, strict=True))
    sequence = np.repeat(np.arange(ctx.num_seqs), [len(t[0]) for t in tiles])
    furthest = last.max(1)
    nearest = np.maximum(0, last[:, 0] - window + 1) if window else np.zeros_like(furthest)
    splits = [np.arange(a // KEY_SPLIT, b // KEY_SPLIT + 1) for a, b in zip(nearest, furthest, strict=True)]
    tile = np.repeat(np.arange(len(rows)), [len(x) for x in splits])
    split = np.concatenate(splits)
    num_splits = int(split.max()) + 1
    arrays = {
        "query_rows": rows,
        "last_key": last,
        "pair_tile": tile,
        "pair_place": tile * num_splits + split,
        "pair_blocks": _blocks_of(ctx, sequence[tile], split, KEY_SPLIT // block_size),
        "pair_first_key": split * KEY_SPLIT,
    }
    return _Work(num_splits=num_splits, **{k: torch.from_numpy(v).long().to(ctx.device) for k, v in arrays.items()})


def _tiles_of(ctx: ForwardContext, index: int, no_row: int) -> tuple[np.ndarray, np.ndarray]:
    """A sequence's queries in tiles: their rows in the step and their positions, `no_row` and -1 where none is."""
    start, stop = int(ctx.cu_seqlens[index]), int(ctx.cu_seqlens[index + 1])
    offsets = np.arange(-(-(stop - start) // QUERY_TILE) * QUERY_TILE).reshape(-1, QUERY_TILE)
    real = offsets < stop - start
    first = int(ctx.context_lens[index]) - (stop - start)
    return np.where(real, start + offsets, no_row), np.where(real, first + offsets, -1)


def _blocks_of(ctx: ForwardContext, sequence: np.ndarray, split: np.ndarray, per_split: int) -> np.ndarray:
    """(I, blocks of a split): where the keys of each pair are; the null block past the end of a table."""
    assert ctx.block_tables is not None
    tables = np.pad(ctx.block_tables, ((0, 0), (0, per_split)))
    columns = split[:, None] * per_split + np.arange(per_split)
    return tables[sequence[:, None], np.minimum(columns, tables.shape[1] - 1)]
