"""Torch ops in which a row's bits depend on that row and its own history alone (DESIGN: how exactness is kept).

A matrix product gives a row the same bits at any place and in any company as long as the number of rows is the same,
so products run in tiles of `ROW_TILE` rows. Attention splits a sequence's keys at absolute positions, every
`KEY_SPLIT`, works on tiles of `QUERY_TILE` queries, and adds the parts in the order of the splits: a split that a row
cannot see adds exactly nothing. Linear attention goes token by token, as when decoding, and adds up in halves: only
elements are added and multiplied, which every way of computing rounds alike.

Shapes as in `yunqi.ops.naive`; J query tiles, I pairs of a tile and a split it can see, R = `QUERY_TILE`,
C = `KEY_SPLIT`, P splits of the longest sequence.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from yunqi.ops import fast, naive, recurrent, states
from yunqi.ops.context import ForwardContext, PagedKV

ROW_TILE = 16
QUERY_TILE = 8
KEY_SPLIT = 128
_VECTOR = 16  # fewer columns than this, or a last vector in part, make bits depend on a row's place in its tile
_LOWEST, _TINY = torch.finfo(torch.float32).min, torch.finfo(torch.float32).tiny
_MAX_PAIRS = 128  # pairs worked on at once: bounds the memory of a long prefill


def linear(x: Tensor, module: Any, ctx: ForwardContext) -> Tensor:
    weight, bias = module.weight, module.bias
    num_rows, num_columns = x.shape[0], weight.shape[0]
    if num_rows == ROW_TILE and num_columns >= _VECTOR:
        return functional.linear(x, weight, bias)
    if num_columns < _VECTOR:
        weight = functional.pad(weight, (0, 0, 0, _VECTOR - num_columns))
        bias = None if bias is None else functional.pad(bias, (0, _VECTOR - num_columns))
    if short := -num_rows % ROW_TILE:
        x = functional.pad(x, (0, 0, 0, short))
    tiles = [functional.linear(x[i : i + ROW_TILE], weight, bias) for i in range(0, len(x), ROW_TILE)]
    return (tiles[0] if len(tiles) == 1 else torch.cat(tiles))[:num_rows, :num_columns]


def swiglu(gate_TF: Tensor, up_TF: Tensor, ctx: ForwardContext) -> Tensor:
    return _silu(gate_TF.float()).to(gate_TF.dtype) * up_TF


def _silu(x: Tensor) -> Tensor:
    # Torch's silu rounds the last few elements of a buffer otherwise than the rest; its exp does not.
    return x / (1 + (-x).exp())


def sigmoid_mul(gate: Tensor, x_TD: Tensor, ctx: ForwardContext) -> Tensor:
    return _sigmoid(gate.reshape(x_TD.shape)) * x_TD


def gated_rms_norm(x: Tensor, gate: Tensor, norm: Any, ctx: ForwardContext) -> Tensor:
    unit = naive.over_rms(x, norm.eps).to(x.dtype)
    return (norm.weight * unit * _silu(gate.reshape(x.shape).float())).to(x.dtype)


def causal_conv(parts: Sequence[Tensor], layer: Any, ctx: ForwardContext) -> tuple[Tensor, ...]:
    return recurrent.causal_conv(parts, layer, ctx, _silu)


def gated_delta(
    q_TMH: Tensor, k_TMH: Tensor, v_TNP: Tensor, b: Tensor, a: Tensor, layer: Any, ctx: ForwardContext
) -> Tensor:
    num_tokens, group = len(v_TNP), v_TNP.shape[1] // k_TMH.shape[1]
    chunks = recurrent.chunks_of(ctx, 1, num_tokens)
    if not chunks.steps:
        return torch.zeros_like(v_TNP)
    wide = (_unit(q_TMH.float()) * q_TMH.shape[-1] ** -0.5, _unit(k_TMH.float()))
    q, k = (chunks.spread(x.repeat_interleave(group, dim=1), 1).transpose(-1, -2) for x in wide)  # (J, N, H, 1)
    v = chunks.spread(v_TNP.float(), 1)  # (J, N, 1, P)
    beta, keep = (chunks.spread(x, 1)[..., None] for x in _gates(b, a, layer))  # (J, N, 1, 1)

    def step(state: Tensor, rows: slice) -> tuple[Tensor, Tensor]:
        state = keep[rows] * state
        change = beta[rows] * (v[rows] - _sum_rows(k[rows] * state))
        state = state + k[rows] * change
        return _sum_rows(q[rows] * state), state

    out, last = recurrent.scan(states.read("delta", layer, v, ctx), chunks, step)
    states.write("delta", layer, last, ctx)
    return chunks.collect(out, num_tokens).to(v_TNP.dtype)


def _sum_rows(x: Tensor) -> Tensor:
    """The sum over the last but one axis, kept: the second half added to the first until one row is left."""
    while (rows := x.shape[-2]) > 1:
        half = rows // 2
        x, rest = x[..., :half, :] + x[..., half : 2 * half, :], x[..., 2 * half :, :]
        x = torch.cat((x, rest), dim=-2) if rows % 2 else x
    return x


def _unit(x: Tensor) -> Tensor:
    """`naive.unit`, from what rounds alike everywhere."""
    return x / (_sum_rows((x * x)[..., None])[..., 0] + naive.UNIT_EPS).sqrt()


def _gates(b: Tensor, a: Tensor, layer: Any) -> tuple[Tensor, Tensor]:
    """As `naive.gates`, but how much of the state stays itself; in float64, whose differences the cast takes away."""
    beta = 1 / (1 + (-b.flatten(1).double()).exp())
    rate = (1 + (a.flatten(1).double() + layer.dt_bias.double()).exp()).log()
    return beta.to(b.dtype).float(), (-layer.A_log.double().exp() * rate).exp().float()


def moe(x_TD: Tensor, module: Any, ctx: ForwardContext) -> Tensor:
    # The experts' own products run in tiles, whoever shares them; what they give is added in the order of the experts.
    weights_TA, chosen_TA = naive.route(module.gate(x_TD, ctx), module, ctx)
    parts_TAD = fast.by_expert(x_TD, chosen_TA, module.experts, ctx) * weights_TA[..., None]
    return naive.add_shared(_in_order(parts_TAD.unbind(1)), x_TD, module, ctx, _sigmoid)


def _in_order(parts: Sequence[Tensor]) -> Tensor:
    return functools.reduce(torch.add, parts)


def _sigmoid(x: Tensor) -> Tensor:
    return (1 / (1 + (-x.float()).exp())).to(x.dtype)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Some query tiles with all the splits they see; few enough pairs to work on at once."""

    tiles: slice
    num_splits: int
    tile: Tensor  # (I,) within the group
    place: Tensor  # (I,) row in the (J * P) table of partial results
    blocks: Tensor  # (I, blocks of a split)
    hidden: Tensor  # (I, 1, R, C) keys that a query may not see
    unused: Tensor  # (I, 1, C, 1) keys that no query of the tile sees


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What a step's attention has to do, the same for every layer with the same window."""

    query_rows: Tensor  # (J * R) row of each query, 0 where the tile is not full
    real_rows: Tensor  # (T) where in the tiles the step's tokens are, in their order
    groups: tuple[_Group, ...]


def attention(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, attn: Any, ctx: ForwardContext) -> Tensor:
    memory, window = ctx.memory.get(attn.layer_id), attn.sliding_window
    if memory is None:
        ctx = ctx.derived("laid out", lambda: _with_blocks(ctx))
        memory = PagedKV(key=_laid_out(k_TKH, ctx), value=_laid_out(v_TKH, ctx))
    work: _Work = ctx.derived(("work", memory.block_size, window), lambda: _plan_work(ctx, memory.block_size, window))
    q_JRKGH = q_TNH[work.query_rows].unflatten(1, (attn.num_kv_heads, -1)).unflatten(0, (-1, QUERY_TILE))
    q_JKMH = q_JRKGH.permute(0, 2, 3, 1, 4).flatten(2, 3)
    parts = [_attend(q_JKMH[group.tiles], memory, group) for group in work.groups]
    out_JKMH = parts[0] if len(parts) == 1 else torch.cat(parts)
    out_JRNH = out_JKMH.unflatten(2, (-1, QUERY_TILE)).permute(0, 3, 1, 2, 4)
    out = out_JRNH.flatten(2).flatten(0, 1).to(q_TNH.dtype)[work.real_rows]
    return functional.pad(out, (0, 0, 0, len(q_TNH) - len(out)))


def _with_blocks(ctx: ForwardContext) -> ForwardContext:
    """A training step as if its keys stood in blocks, one a split, so that it computes as serving does."""
    per_sequence = -(-ctx.context_lens // KEY_SPLIT)
    columns = np.arange(int(per_sequence.max(initial=0)))
    firsts = 1 + np.cumsum(per_sequence) - per_sequence  # block 0 is the null block
    tables = np.where(columns < per_sequence[:, None], firsts[:, None] + columns, 0).astype(np.int32)
    sequence = np.repeat(np.arange(ctx.num_seqs), ctx.context_lens)
    slots = firsts[sequence] * KEY_SPLIT + np.arange(len(sequence)) - ctx.cu_seqlens[sequence]
    return dataclasses.replace(ctx, block_tables=tables, slot_mapping=slots.astype(np.int64), _memo={})


def _laid_out(x_TKH: Tensor, ctx: ForwardContext) -> Tensor:
    """Keys or values of a step in blocks, (blocks, K, KEY_SPLIT, H)."""
    assert ctx.block_tables is not None
    slots = ctx.view("slot_mapping")
    num_blocks = 1 + int(ctx.block_tables.max(initial=0))
    store = x_TKH.new_zeros(num_blocks * KEY_SPLIT, *x_TKH.shape[1:]).index_copy(0, slots, x_TKH[: len(slots)])
    return store.unflatten(0, (-1, KEY_SPLIT)).transpose(1, 2)


def _attend(q_JKMH: Tensor, memory: PagedKV, group: _Group) -> Tensor:
    """The attention of a group of tiles, (J, K, M, H) float32: each pair by itself, then the splits joined."""
    q = q_JKMH[group.tile]
    key, value = (x[group.blocks].transpose(1, 2).flatten(2, 3).to(q.dtype) for x in (memory.key, memory.value))
    scores = _product(q, key.transpose(-1, -2)).float() * q.shape[-1] ** -0.5
    by_head = scores.unflatten(2, (-1, QUERY_TILE)).masked_fill_(group.hidden[:, :, None], float("-inf"))
    scores = by_head.flatten(2, 3)
    highest = scores.amax(-1, keepdim=True)
    weights = (scores - highest.clamp_min(_LOWEST)).exp()
    # A slot that no query sees may hold anything, also what is not a number: it must not reach the product.
    value = functional.pad(value.masked_fill(group.unused, 0.0), (0, -value.shape[-1] % _VECTOR))
    mixed = _product(weights.to(q.dtype), value)[..., : q.shape[-1]].float()
    return _combine(highest, weights.sum(-1, keepdim=True), mixed, group, len(q_JKMH))


def _product(a: Tensor, b: Tensor) -> Tensor:
    return torch.bmm(a.flatten(0, 1), b.flatten(0, 1)).unflatten(0, a.shape[:2])


def _combine(highest: Tensor, total: Tensor, mixed: Tensor, group: _Group, num_tiles: int) -> Tensor:
    """Join each tile's splits, in their order: (I, K, M, ...) -> (J, K, M, H)."""
    if group.num_splits == 1:  # the general way would multiply by 1
        return mixed / total.clamp_min(_TINY)
    highest = _table(highest, float("-inf"), group, num_tiles)
    total, mixed = (_table(x, 0.0, group, num_tiles) for x in (total, mixed))
    scale = (highest - highest.amax(1, keepdim=True).clamp_min(_LOWEST)).exp()
    total, mixed = total * scale, mixed * scale
    denominator, numerator = total[:, 0], mixed[:, 0]
    for i in range(1, group.num_splits):
        denominator, numerator = denominator + total[:, i], numerator + mixed[:, i]
    return numerator / denominator.clamp_min(_TINY)


def _table(x: Tensor, fill: float, group: _Group, num_tiles: int) -> Tensor:
    """Parts laid out by tile and split, (J, P, ...), `fill` where a tile does not see a split."""
    table = x.new_full((num_tiles * group.num_splits, *x.shape[1:]), fill)
    table[group.place] = x
    return table.unflatten(0, (num_tiles, group.num_splits))


def _plan_work(ctx: ForwardContext, block_size: int, window: int | None) -> _Work:
    assert KEY_SPLIT % block_size == 0, f"a key split of {KEY_SPLIT} holds no whole number of blocks of {block_size}"
    tiles = [_tiles_of(ctx, i) for i in range(ctx.num_seqs)]
    rows, position = (np.concatenate(x) for x in zip(*tiles, strict=True))
    sequence = np.repeat(np.arange(ctx.num_seqs), [len(t[0]) for t in tiles])
    last = position.max(1)
    first = np.maximum(0, position[:, 0] - window + 1) if window else np.zeros_like(last)
    splits = [np.arange(a // KEY_SPLIT, b // KEY_SPLIT + 1) for a, b in zip(first, last, strict=True)]
    return _Work(
        query_rows=torch.from_numpy(np.maximum(rows, 0).ravel()).to(ctx.device),
        real_rows=torch.from_numpy(np.flatnonzero(rows.ravel() >= 0)).to(ctx.device),
        groups=tuple(
            _plan_group(ctx, part, splits[part], sequence[part], position[part], block_size, window)
            for part in _grouped([len(x) for x in splits])
        ),
    )


def _grouped(sizes: list[int]) -> list[slice]:
    """Consecutive tiles in groups of at most `_MAX_PAIRS` pairs, at least one tile each."""
    groups, start, pairs = [], 0, 0
    for i, size in enumerate(sizes):
        if i > start and pairs + size > _MAX_PAIRS:
            groups.append(slice(start, i))
            start, pairs = i, 0
        pairs += size
    return [*groups, slice(start, len(sizes))]


def _plan_group(
    ctx: ForwardContext,
    tiles: slice,
    splits: list[np.ndarray],
    sequence: np.ndarray,
    position: np.ndarray,
    block_size: int,
    window: int | None,
) -> _Group:
    tile, split = np.repeat(np.arange(len(splits)), [len(x) for x in splits]), np.concatenate(splits)
    hidden = _hidden(position[tile], split, window)
    unused = np.logical_and.reduce(hidden, axis=1)
    num_splits = int(split.max()) + 1
    arrays = {
        "tile": tile,
        "place": tile * num_splits + split,
        "blocks": _blocks_of(ctx, sequence[tile], split, KEY_SPLIT // block_size),
        "hidden": hidden[:, None],
        "unused": unused[:, None, :, None],
    }
    tensors = {name: torch.from_numpy(array).to(ctx.device) for name, array in arrays.items()}
    return _Group(tiles=tiles, num_splits=num_splits, **tensors)


def _hidden(position: np.ndarray, split: np.ndarray, window: int | None) -> np.ndarray:
    """(I, R, C): keys of each pair that a query at this position may not see."""
    key = (split[:, None] * KEY_SPLIT + np.arange(KEY_SPLIT))[:, None, :]
    hidden = key > position[:, :, None]
    return hidden if window is None else hidden | (key <= position[:, :, None] - window)


def _tiles_of(ctx: ForwardContext, index: int) -> tuple[np.ndarray, np.ndarray]:
    """A sequence's queries in tiles (tiles, R): their rows in the step and their positions, -1 where none is."""
    start, stop = int(ctx.cu_seqlens[index]), int(ctx.cu_seqlens[index + 1])
    offsets = np.arange(-(-(stop - start) // QUERY_TILE) * QUERY_TILE).reshape(-1, QUERY_TILE)
    real = offsets < stop - start
    first = int(ctx.context_lens[index]) - (stop - start)
    return np.where(real, start + offsets, -1), np.where(real, first + offsets, -1)


def _blocks_of(ctx: ForwardContext, sequence: np.ndarray, split: np.ndarray, per_split: int) -> np.ndarray:
    """(I, blocks of a split): where the keys of each pair are; the null block past the end of a table."""
    assert ctx.block_tables is not None
    tables = np.pad(ctx.block_tables, ((0, 0), (0, per_split)))
    columns = split[:, None] * per_split + np.arange(per_split)
    return tables[sequence[:, None], np.minimum(columns, tables.shape[1] - 1)]
