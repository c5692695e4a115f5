"""The truth: every op as its formula reads, for any device and dtype, differentiable. Speed is of no concern here.

Shapes: T tokens, S sequences, L keys of a sequence, D hidden, N query heads, K kv heads, G = N / K, H head dim,
E experts, A active experts of a token. In the recurrent ops: C channels, M key heads of size H, N value heads of size
P.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from yunqi.ops import states
from yunqi.ops.context import ForwardContext, PagedKV

UNIT_EPS = 1e-6  # of the normalised queries and keys of linear attention, in no config


def embed(ids_T: Tensor, module: Any, ctx: ForwardContext) -> Tensor:
    return functional.embedding(ids_T, module.weight)


def rms_norm(x: Tensor, norm: Any, ctx: ForwardContext) -> Tensor:
    unit = over_rms(x, norm.eps)
    if norm.zero_centred:
        return ((1 + norm.weight.float()) * unit).to(x.dtype)
    return norm.weight * unit.to(x.dtype)


def rms_norms(parts: Sequence[Tensor], norms: Sequence[Any], ctx: ForwardContext) -> Tensor:
    return torch.cat([rms_norm(part, norm, ctx) for part, norm in zip(parts, norms, strict=True)], dim=-1)


def over_rms(x: Tensor, eps: float) -> Tensor:
    """x / rms(x) over the last axis, in float32."""
    wide = x.float()
    return wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + eps)


def add_rms_norm(x_TD: Tensor, residual_TD: Tensor | None, norm: Any, ctx: ForwardContext) -> tuple[Tensor, Tensor]:
    total = x_TD if residual_TD is None else x_TD + residual_TD
    return rms_norm(total, norm, ctx), total


def gated_rms_norm(x: Tensor, gate: Tensor, norm: Any, ctx: ForwardContext) -> Tensor:
    unit = over_rms(x, norm.eps).to(x.dtype)
    return (norm.weight * unit * functional.silu(gate.reshape(x.shape).float())).to(x.dtype)


def linear(x: Tensor, module: Any, ctx: ForwardContext) -> Tensor:
    return functional.linear(x, module.weight, module.bias)


def linear_group(x: Tensor, modules: Sequence[Any], ctx: ForwardContext) -> tuple[Tensor, ...]:
    return tuple(module(x, ctx) for module in modules)


def qk_norm_rope_write(
    q: Tensor, k: Tensor, v: Tensor, attn: Any, positions: Tensor, ctx: ForwardContext
) -> tuple[Tensor, Tensor, Tensor]:
    q = q.reshape(-1, attn.num_heads, attn.head_dim)
    k = k.view(-1, attn.num_kv_heads, attn.head_dim)
    v = v.view(-1, attn.num_kv_heads, attn.head_dim)
    if attn.q_norm is not None:
        q, k = rms_norm(q, attn.q_norm, ctx), rms_norm(k, attn.k_norm, ctx)
    cos, sin = attn.rotary_emb.cos_sin(positions, q.dtype, ctx)
    q, k = rotate(q, cos, sin), rotate(k, cos, sin)
    if attn.logn_length is not None:
        q = q * logn_scale(attn.logn_length, positions, q.dtype, ctx)
    if ctx.memory:
        write(ctx.memory[attn.layer_id], k, v, ctx)
    return q, k, v


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate the first 2R of each head's dimensions, pairs (i, i + R); x (T, heads, H), cos and sin (T, 1, R)."""
    half = cos.shape[-1]
    a, b, rest = x[..., :half], x[..., half : 2 * half], x[..., 2 * half :]
    return torch.cat((a * cos - b * sin, b * cos + a * sin, rest), dim=-1)


def logn_scale(length: int, positions: Tensor, dtype: torch.dtype, ctx: ForwardContext) -> Tensor:
    """(T, 1, 1): max(1, log(position + 1) / log(length))."""

    def compute() -> Tensor:
        # In float64, so that what a vector instruction rounds otherwise than a single one is gone after the cast.
        scale = (positions.double() + 1).log() / math.log(length)
        return scale.clamp_min(1.0).float().to(dtype)[:, None, None]

    return ctx.derived(("logn", length, dtype), compute)


def write(memory: PagedKV, k_TKH: Tensor, v_TKH: Tensor, ctx: ForwardContext) -> None:
    """Put this step's keys and values at their slots; rows that only pad go to the null block."""
    size = memory.block_size
    block, offset = ctx.derived(("slots", size), lambda: _split_slots(ctx, size))
    memory.key[block, :, offset] = k_TKH.to(memory.key.dtype)
    memory.value[block, :, offset] = v_TKH.to(memory.value.dtype)


def _split_slots(ctx: ForwardContext, size: int) -> tuple[Tensor, Tensor]:
    slots = ctx.view("slot_mapping").long()
    return slots // size, slots % size


def read(memory: PagedKV, blocks: Tensor, length: int) -> tuple[Tensor, Tensor]:
    """A sequence's first `length` keys and values, each (K, L, H)."""
    key = memory.key[blocks].transpose(0, 1).flatten(1, 2)[:, :length]
    value = memory.value[blocks].transpose(0, 1).flatten(1, 2)[:, :length]
    return key, value


def sequences(k_TKH: Tensor, v_TKH: Tensor, attn: Any, ctx: ForwardContext) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """For each sequence: its rows of this step, and its keys and values (K, L, H) up to the end of the step."""
    for i in range(ctx.num_seqs):
        rows = slice(int(ctx.cu_seqlens[i]), int(ctx.cu_seqlens[i + 1]))
        if rows.start == rows.stop:
            continue
        if not ctx.memory:
            yield rows, k_TKH[rows].transpose(0, 1), v_TKH[rows].transpose(0, 1)
            continue
        memory, length = ctx.memory[attn.layer_id], int(ctx.context_lens[i])
        blocks = ctx.view("block_tables")[i, : -(-length // memory.block_size)].long()
        key, value = read(memory, blocks, length)
        yield rows, key.to(k_TKH.dtype), value.to(v_TKH.dtype)


def visible(num_rows: int, num_keys: int, window: int | None, device: Any) -> Tensor:
    """(rows, keys) mask: the last row sees every key, each row its own and earlier ones, at most `window` of them."""
    row = torch.arange(num_keys - num_rows, num_keys, device=device)[:, None]
    key = torch.arange(num_keys, device=device)[None, :]
    mask = key <= row
    return mask if window is None else mask & (key > row - window)


def attention(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, attn: Any, ctx: ForwardContext) -> Tensor:
    out = torch.zeros_like(q_TNH)
    for rows, key_KLH, value_KLH in sequences(k_TKH, v_TKH, attn, ctx):
        q_KGRH = q_TNH[rows].transpose(0, 1).unflatten(0, (attn.num_kv_heads, -1))
        scores = (q_KGRH @ key_KLH[:, None].transpose(-1, -2) * attn.head_dim**-0.5).float()
        mask = visible(scores.shape[-2], scores.shape[-1], attn.sliding_window, scores.device)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1).to(q_TNH.dtype)
        out[rows] = (weights @ value_KLH[:, None]).flatten(0, 1).transpose(0, 1)
    return out.flatten(1)


def swiglu(gate_TF: Tensor, up_TF: Tensor, ctx: ForwardContext) -> Tensor:
    return functional.silu(gate_TF) * up_TF


def sigmoid_mul(gate: Tensor, x_TD: Tensor, ctx: ForwardContext) -> Tensor:
    return gate.sigmoid().reshape(x_TD.shape) * x_TD


def moe(x_TD: Tensor, module: Any, ctx: ForwardContext) -> Tensor:
    weights_TA, chosen_TA = route(module.gate(x_TD, ctx), module, ctx)

    def mixed(row: int) -> Tensor:
        x_1D, chosen = x_TD[row : row + 1], chosen_TA[row].tolist()
        parts = [weights_TA[row, i] * module.experts[expert](x_1D, ctx) for i, expert in enumerate(chosen)]
        return torch.stack(parts).sum(0)

    return add_shared(torch.cat([mixed(row) for row in range(len(x_TD))]), x_TD, module, ctx)


def route(logits_TE: Tensor, module: Any, ctx: ForwardContext) -> tuple[Tensor, Tensor]:
    """The weights (T, A) of each token's experts, and which these are, in rising order."""
    shares_TE = logits_TE.float().softmax(-1)
    weights_TA, chosen_TA = shares_TE.topk(module.num_experts_per_tok)
    if ctx.routing is not None:
        ctx.routing.append((shares_TE, chosen_TA))
    if module.norm_topk_prob:
        weights_TA = weights_TA / weights_TA.sum(-1, keepdim=True)
    chosen_TA, order = chosen_TA.sort()
    return weights_TA.gather(-1, order).to(logits_TE.dtype), chosen_TA


def add_shared(
    y_TD: Tensor, x_TD: Tensor, module: Any, ctx: ForwardContext, sigmoid: Callable[[Tensor], Tensor] = torch.sigmoid
) -> Tensor:
    """What the chosen experts gave, and the shared one where there is one."""
    if module.shared_expert is None:
        return y_TD
    return y_TD + sigmoid(module.shared_expert_gate(x_TD, ctx)) * module.shared_expert(x_TD, ctx)


def gather_rows(x_TD: Tensor, rows_S: Tensor, ctx: ForwardContext) -> Tensor:
    return x_TD[rows_S]


def spans(ctx: ForwardContext) -> Iterator[tuple[int, slice]]:
    """Each sequence with its rows of this step."""
    for i in range(ctx.num_seqs):
        yield i, slice(int(ctx.cu_seqlens[i]), int(ctx.cu_seqlens[i + 1]))


def causal_conv(parts: Sequence[Tensor], layer: Any, ctx: ForwardContext) -> tuple[Tensor, ...]:
    x_TC = torch.cat([part.flatten(1) for part in parts], dim=-1)
    weight_CW = layer.conv1d.weight[:, 0].float()
    width = weight_CW.shape[1]
    before, after = states.read("conv", layer, x_TC, ctx), []
    out = torch.zeros_like(x_TC)
    for i, rows in spans(ctx):
        reach = torch.cat((before[i], x_TC[rows]))
        taps = [weight_CW[:, j] * reach[j : len(reach) - width + 1 + j].float() for j in range(width)]
        out[rows] = functional.silu(torch.stack(taps).sum(0)).to(x_TC.dtype)
        after.append(reach[len(reach) - width + 1 :])
    states.write("conv", layer, torch.stack(after), ctx)
    return out.split([part[0].numel() for part in parts], dim=-1)


def gated_delta(
    q_TMH: Tensor, k_TMH: Tensor, v_TNP: Tensor, b: Tensor, a: Tensor, layer: Any, ctx: ForwardContext
) -> Tensor:
    group = v_TNP.shape[1] // k_TMH.shape[1]
    q, k = (unit(x.float()).repeat_interleave(group, dim=1) for x in (q_TMH, k_TMH))
    q, v = q * q.shape[-1] ** -0.5, v_TNP.float()
    beta_TN, g_TN = gates(b, a, layer)
    before, after = states.read("delta", layer, v, ctx), []
    out = torch.zeros_like(v)
    for i, rows in spans(ctx):
        state_NHP = before[i]
        for t in range(rows.start, rows.stop):
            state_NHP = g_TN[t].exp()[:, None, None] * state_NHP
            found_NP = torch.einsum("nhp,nh->np", state_NHP, k[t])
            change_NP = beta_TN[t][:, None] * (v[t] - found_NP)
            state_NHP = state_NHP + torch.einsum("nh,np->nhp", k[t], change_NP)
            out[t] = torch.einsum("nhp,nh->np", state_NHP, q[t])
        after.append(state_NHP)
    states.write("delta", layer, torch.stack(after), ctx)
    return out.to(v_TNP.dtype)


def unit(x: Tensor) -> Tensor:
    """x / |x| over the last axis."""
    return x * torch.rsqrt(x.pow(2).sum(-1, keepdim=True) + UNIT_EPS)


def gates(b: Tensor, a: Tensor, layer: Any) -> tuple[Tensor, Tensor]:
    """How much of a change is written, and the logarithm of how much of the state stays, both (T, N) float32."""
    beta = b.flatten(1).sigmoid().float()
    return beta, -layer.A_log.float().exp() * functional.softplus(a.flatten(1).float() + layer.dt_bias.float())
