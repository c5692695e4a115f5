"""Torch's own fused attention, experts in groups and the chunked delta rule, for training and for serving without
exactness.

Other ops are the naive ones. Shapes as in `yunqi.ops.naive`; B sequences of a group, J chunks of C tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention, silu

from yunqi.ops import experts, naive, recurrent, states
from yunqi.ops.context import ForwardContext
from yunqi.ops.gpu import has_triton
from yunqi.ops.native import training as native

_SHORT = 512  # tokens, up to which scores are laid out in whole
_LONGEST_CHUNK = 64  # tokens whose changes of a recurrent state are worked out together
_FILLED, _SHORTEST = 0.75, 32  # a group's sequences: of its longest at least this share, or this much shorter at most


def _kernels(x: Tensor, ctx: ForwardContext, *sizes: int) -> Any:
    """Who computes a step of training in few passes: the native core's ops or Triton's, None where neither can."""
    if native.usable(x, ctx, *sizes):
        return native
    if x.is_cuda and has_triton():
        from yunqi.ops.gpu import training as gpu

        if gpu.usable(x, ctx, *sizes):
            return gpu
    return None


def add_rms_norm(x_TD: Tensor, residual_TD: Tensor | None, norm: Any, ctx: ForwardContext) -> tuple[Tensor, Tensor]:
    total = x_TD if residual_TD is None else x_TD + residual_TD
    return rms_norm(total, norm, ctx), total


def rms_norm(x: Tensor, norm: Any, ctx: ForwardContext) -> Tensor:
    if not torch.is_grad_enabled():
        return naive.rms_norm(x, norm, ctx)
    kernels = _kernels(x, ctx, x.shape[-1])
    # Where it is not zero-centred, 16-bit rows are rounded before they meet the weight; the core does not know how.
    if kernels is not None and (norm.zero_centred or x.dtype == torch.float32 or kernels is not native):
        return kernels.RMSNorm.apply(x, norm.weight, norm.eps, 1.0 if norm.zero_centred else 0.0)
    return _RMSNorm.apply(x, norm.weight, norm.eps, norm.zero_centred)


def rms_norms(parts: Sequence[Tensor], norms: Sequence[Any], ctx: ForwardContext) -> Tensor:
    return torch.cat([rms_norm(part, norm, ctx) for part, norm in zip(parts, norms, strict=True)], dim=-1)


def attention(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, attn: Any, ctx: ForwardContext) -> Tensor:
    if not ctx.memory and ctx.num_seqs > 1:
        # The GPU's kernel for sequences of any length takes 16-bit numbers alone.
        packed = _varlen if v_TKH.is_cuda and v_TKH.itemsize == 2 else _packed
        return packed(q_TNH, k_TKH, v_TKH, attn, ctx)
    parts = []
    start = 0
    for rows, key_KLH, value_KLH in naive.sequences(k_TKH, v_TKH, attn, ctx):
        start = rows.stop
        parts.append(_one(q_TNH[rows].transpose(0, 1), key_KLH, value_KLH, attn))
    parts.append(q_TNH.new_zeros(len(q_TNH) - start, q_TNH.shape[1] * q_TNH.shape[2]))
    return torch.cat(parts)


def _one(q_NRH: Tensor, key_KLH: Tensor, value_KLH: Tensor, attn: Any) -> Tensor:
    rows, keys = q_NRH.shape[1], key_KLH.shape[1]
    whole = rows == keys and attn.sliding_window is None
    mask = None
    if not whole and (rows > 1 or attn.sliding_window is not None):
        mask = naive.visible(rows, keys, attn.sliding_window, q_NRH.device)
    out = scaled_dot_product_attention(
        q_NRH[None], key_KLH[None], value_KLH[None], attn_mask=mask, is_causal=whole and rows > 1, enable_gqa=True
    )
    return out[0].transpose(0, 1).flatten(1)


def _varlen(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, attn: Any, ctx: ForwardContext) -> Tensor:
    """Training on a GPU: FlashAttention over all sequences at once, in the values' dtype. Its gradients are sums whose
    order is not fixed."""
    from torch.nn.attention.varlen import varlen_attn

    group = q_TNH.shape[1] // k_TKH.shape[1]
    k, v = (x.to(v_TKH.dtype).repeat_interleave(group, dim=1) for x in (k_TKH, v_TKH))
    borders, longest = ctx.view("cu_seqlens"), int(np.diff(ctx.cu_seqlens).max())
    window = (-1 if attn.sliding_window is None else attn.sliding_window - 1, 0)
    q = q_TNH.to(v_TKH.dtype)
    out = varlen_attn(q, k, v, borders, borders, longest, longest, window_size=window)
    assert isinstance(out, Tensor), "no sums were asked for"
    return out.flatten(1)


def _packed(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, attn: Any, ctx: ForwardContext) -> Tensor:
    """Training: sequences of like length side by side, so that no score between two sequences is ever computed.

    Everything runs in the values' dtype: under autocast queries and keys come out of their norms in float32.
    """
    layout: _Layout = ctx.derived("length groups", lambda: _layout(ctx))
    q, k, v = (_Spread.apply(x.to(v_TKH.dtype), layout) for x in (q_TNH, k_TKH, v_TKH))
    parts = []
    with torch.autocast(v.device.type, enabled=False):
        for rows, shape in layout.groups:
            q_BNLH, k_BKLH, v_BKLH = (x[rows].unflatten(0, shape).transpose(1, 2) for x in (q, k, v))
            out = _causal(q_BNLH, k_BKLH, v_BKLH, attn, ctx)
            parts.append(out.transpose(1, 2).flatten(0, 1).flatten(1))
    return _Collect.apply(torch.cat(parts), layout)


def _causal(q_BNLH: Tensor, k_BKLH: Tensor, v_BKLH: Tensor, attn: Any, ctx: ForwardContext) -> Tensor:
    length, dtype = q_BNLH.shape[2], v_BKLH.dtype
    if length > _SHORT and attn.sliding_window is None:
        return scaled_dot_product_attention(q_BNLH, k_BKLH, v_BKLH, is_causal=True, enable_gqa=True)
    # For short sequences two batched products are several times faster than the fused kernel, which is made for long
    # ones. A group of query heads is folded into the rows, so that each key is read once.
    hidden = ctx.derived(
        ("hidden", length, attn.sliding_window, dtype), lambda: _hidden(length, attn.sliding_window, dtype, ctx)
    )
    q = (q_BNLH * attn.head_dim**-0.5).unflatten(1, (k_BKLH.shape[1], -1))
    scores = (q.flatten(2, 3) @ k_BKLH.transpose(-1, -2)).unflatten(2, q.shape[2:4]) + hidden
    weights = scores.softmax(-1)  # float32 inside
    return (weights.flatten(2, 3) @ v_BKLH).unflatten(2, q.shape[2:4]).flatten(1, 2)


def _hidden(length: int, sliding_window: int | None, dtype: torch.dtype, ctx: ForwardContext) -> Tensor:
    """(L, L) to add to scores: zero where a key is seen, minus infinity elsewhere."""
    mask = naive.visible(length, length, sliding_window, ctx.device)
    return torch.zeros(mask.shape, dtype=dtype, device=ctx.device).masked_fill(~mask, float("-inf"))


def moe(x_TD: Tensor, module: Any, ctx: ForwardContext) -> Tensor:
    if experts.trainable(x_TD, module):
        return experts.moe(x_TD, module, ctx)
    weights_TA, chosen_TA = naive.route(module.gate(x_TD, ctx), module, ctx)
    # In training an expert without tokens computes nothing too, so that it has a gradient as any other: zeros.
    parts_TAD = by_expert(x_TD, chosen_TA, module.experts, ctx, idle=torch.is_grad_enabled())
    return naive.add_shared((weights_TA[:, None] @ parts_TAD)[:, 0], x_TD, module, ctx)


def by_expert(x_TD: Tensor, chosen_TA: Tensor, experts: Any, ctx: ForwardContext, *, idle: bool = False) -> Tensor:
    """What each of a token's experts makes of it, (T, A, D): one call for each expert in use, over its tokens; with
    `idle` also for the others, over no token."""
    chosen = chosen_TA.flatten()
    order = chosen.argsort(stable=True)
    counts = chosen.bincount(minlength=len(experts)).tolist()
    rows = x_TD.index_select(0, order // chosen_TA.shape[1]).split(counts)
    parts = [experts[i](rows[i], ctx) for i, count in enumerate(counts) if count or idle]
    return torch.cat(parts).index_select(0, order.argsort()).unflatten(0, chosen_TA.shape)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Sequences by length. `spread` (P,) names the token of each row of the groups, one after the other; a shorter
    sequence is filled up behind its end with its first token, which no query of its own sees there. `collect` (T,) is
    the row of each token; `groups` are spans of rows, each with its (sequences, length)."""

    spread: Tensor
    collect: Tensor
    groups: list[tuple[slice, tuple[int, int]]]


def _layout(ctx: ForwardContext) -> _Layout:
    lengths, starts = np.diff(ctx.cu_seqlens), ctx.cu_seqlens[:-1]
    order = np.argsort(-lengths, kind="stable")
    order = order[lengths[order] > 0]
    collect = np.zeros(int(ctx.cu_seqlens[-1]), dtype=np.int64)
    groups, spread, at = [], [], 0
    while len(order):
        longest = int(lengths[order[0]])
        count = int((lengths[order] >= min(_FILLED * longest, longest - _SHORTEST)).sum())
        members, order = order[:count], order[count:]
        place = np.arange(longest)
        inside = place < lengths[members, None]
        rows = np.where(inside, starts[members, None] + place, starts[members, None])
        collect[rows[inside]] = at + np.flatnonzero(inside)
        groups.append((slice(at, at + rows.size), rows.shape))
        spread.append(rows.ravel())
        at += rows.size
    return _Layout(
        spread=torch.from_numpy(np.concatenate(spread).astype(np.int64)).to(ctx.device),
        collect=torch.from_numpy(collect).to(ctx.device),
        groups=groups,
    )


class _Spread(torch.autograd.Function):
    """(T, ...) -> (P, ...). What fills up gets no gradient, so that the way back is a selection, too."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, layout: _Layout) -> Tensor:
        ctx.layout = layout
        return x.index_select(0, layout.spread)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return grads[0].index_select(0, ctx.layout.collect), None


class _Collect(torch.autograd.Function):
    """(P, ...) -> (T, ...)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, layout: _Layout) -> Tensor:
        ctx.layout = layout
        return x.index_select(0, layout.collect)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        total = grads[0].new_zeros(len(ctx.layout.spread), *grads[0].shape[1:])
        return total.index_copy_(0, ctx.layout.collect, grads[0]), None


class _RMSNorm(torch.autograd.Function):
    """The formula of `naive.rms_norm` with its gradient in as few passes as there are. With u = x / rms(x) and
    g = w * dy: dx = (g - u * mean(g * u)) / rms(x), dw = sum of dy * u; w is 1 more where it is zero-centred."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, eps: float, zero_centred: bool) -> Tensor:
        wide = x.float()
        scale = torch.linalg.vector_norm(wide, dim=-1, keepdim=True).square_().div_(x.shape[-1]).add_(eps).rsqrt_()
        unit = wide * scale
        factor = 1 + weight.float() if zero_centred else weight
        ctx.save_for_backward(unit, scale, factor)
        ctx.dtypes = x.dtype, weight.dtype
        return (factor * unit).to(x.dtype) if zero_centred else factor * unit.to(x.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None, None]:
        unit, scale, factor = ctx.saved_tensors
        dtype, weight_dtype = ctx.dtypes
        grad = grads[0].float()
        along = grad * unit
        weight_grad = along.flatten(0, -2).sum(0)
        mean = (along @ factor.float()[:, None]).div_(-unit.shape[-1])
        return (grad * factor).addcmul_(unit, mean).mul_(scale).to(dtype), weight_grad.to(weight_dtype), None, None


def causal_conv(parts: Sequence[Tensor], layer: Any, ctx: ForwardContext) -> tuple[Tensor, ...]:
    sizes = [part[0].numel() for part in parts]
    kernels = _kernels(parts[0], ctx, sum(sizes))
    if kernels is None or layer.conv1d.weight.shape[-1] > kernels.MOST_TAPS:
        return recurrent.causal_conv(parts, layer, ctx, silu)
    x_TC = torch.cat([part.flatten(1) for part in parts], dim=-1)
    return kernels.CausalConv.apply(x_TC, layer.conv1d.weight[:, 0].float(), ctx).split(sizes, dim=-1)


def gated_rms_norm(x: Tensor, gate: Tensor, norm: Any, ctx: ForwardContext) -> Tensor:
    kernels = _kernels(x, ctx, x.shape[-1])
    if kernels is None:
        return naive.gated_rms_norm(x, gate, norm, ctx)
    return kernels.GatedRMSNorm.apply(x, gate.reshape(x.shape).to(x.dtype), norm.weight, norm.eps)


def gated_delta(
    q_TMH: Tensor, k_TMH: Tensor, v_TNP: Tensor, b: Tensor, a: Tensor, layer: Any, ctx: ForwardContext
) -> Tensor:
    """The delta rule a chunk at a time (Yang et al. 2024, "Parallelizing Linear Transformers with the Delta Rule",
    section 3; with decay: "Gated Delta Networks", section 3.3).

    Within a chunk the changes d of all tokens solve one triangular system, (I + L) d = b (v - e^c k S), where c is the
    sum of g up to a token, S the state before the chunk and L_ij = b_i e^(c_i - c_j) k_i k_j for i > j.
    """
    if native.usable(v_TNP, ctx, q_TMH.shape[-1], v_TNP.shape[-1]):
        beta, g = naive.gates(b, a, layer)
        return native.GatedDelta.apply(q_TMH, k_TMH, v_TNP, g, beta, ctx)
    if v_TNP.is_cuda and has_triton():
        return _by_tokens(q_TMH, k_TMH, v_TNP, b, a, layer, ctx)
    num_tokens, longest = len(v_TNP), int(np.diff(ctx.cu_seqlens).max(initial=1))
    size = min(_LONGEST_CHUNK, 1 << (longest - 1).bit_length())
    chunks = recurrent.chunks_of(ctx, size, num_tokens)
    if not chunks.steps:
        return torch.zeros_like(v_TNP)
    group = v_TNP.shape[1] // k_TMH.shape[1]
    with torch.autocast(v_TNP.device.type, enabled=False):
        wide = (naive.unit(q_TMH.float()) * q_TMH.shape[-1] ** -0.5, naive.unit(k_TMH.float()))
        q, k = (chunks.spread(x.repeat_interleave(group, dim=1), size) for x in wide)
        v, beta, g = (chunks.spread(x, size) for x in (v_TNP.float(), *naive.gates(b, a, layer)))
        out, last = _by_chunks(q, k, v, beta[..., None], g.double().cumsum(-1)[..., None], layer, chunks, ctx)
    states.write("delta", layer, last, ctx)
    return chunks.collect(out, num_tokens).to(v_TNP.dtype)


def _by_tokens(
    q_TMH: Tensor, k_TMH: Tensor, v_TNP: Tensor, b: Tensor, a: Tensor, layer: Any, ctx: ForwardContext
) -> Tensor:
    """On a GPU, whose many programs make up for the tokens of a sequence coming one after the other."""
    from yunqi.ops.gpu.delta import gated_delta
    from yunqi.ops.gpu.training import Unit

    with torch.autocast(v_TNP.device.type, enabled=False):
        q, k = Unit.apply(q_TMH, q_TMH.shape[-1] ** -0.5, naive.UNIT_EPS), Unit.apply(k_TMH, 1.0, naive.UNIT_EPS)
        beta, g = naive.gates(b, a, layer)
        out, last = gated_delta(q, k, v_TNP, g, beta, states.read("delta", layer, v_TNP, ctx), ctx)
    states.write("delta", layer, last, ctx)
    return out


def _by_chunks(
    q: Tensor, k: Tensor, v: Tensor, beta: Tensor, c: Tensor, layer: Any, chunks: recurrent.Chunks, ctx: ForwardContext
) -> tuple[Tensor, Tensor]:
    """All (J, N, C, ...): what the chunks give (J, N, C, P), and each sequence's last state (S, N, H, P).

    `c` is float64: where a token forgets much, float32 would lose what the tokens around it keep.
    """
    later = torch.ones(c.shape[2], c.shape[2], dtype=torch.bool, device=c.device).triu(1)
    decay = (c - c.transpose(-1, -2)).float().masked_fill(later, float("-inf")).exp()
    since, until, total = c.float().exp(), (c[:, :, -1:] - c).float().exp(), c[:, :, -1:].float().exp()
    system = beta * (k @ k.transpose(-1, -2)) * decay
    known = torch.cat((beta * v, beta * since * k), dim=-1)
    solved = torch.linalg.solve_triangular(system, known, upper=False, unitriangular=True)
    fresh, seen = solved.split((v.shape[-1], k.shape[-1]), dim=-1)
    scores = (q @ k.transpose(-1, -2)) * decay
    q, k = q * since, (k * until).transpose(-1, -2)

    def step(state: Tensor, rows: slice) -> tuple[Tensor, Tensor]:
        change = fresh[rows] - seen[rows] @ state
        return q[rows] @ state + scores[rows] @ change, total[rows] * state + k[rows] @ change

    return recurrent.scan(states.read("delta", layer, v, ctx), chunks, step)
