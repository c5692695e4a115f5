"""Torch's own fused attention, for training and for serving without exactness. Other ops are the naive ones.

Shapes as in `yunqi.ops.naive`; W is a packed window, B the number of windows.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from yunqi.ops import naive
from yunqi.ops.context import ForwardContext


def attention(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, attn: Any, ctx: ForwardContext) -> Tensor:
    if ctx.plan.window and not ctx.memory:
        return _windows(q_TNH, k_TKH, v_TKH, attn, ctx)
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


def _windows(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, attn: Any, ctx: ForwardContext) -> Tensor:
    window = ctx.plan.window
    mask = ctx.derived(("window mask", attn.sliding_window), lambda: _window_mask(ctx, attn.sliding_window))
    q, k, v = (x.unflatten(0, (-1, window)).transpose(1, 2) for x in (q_TNH, k_TKH, v_TKH))
    out = scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)
    return out.transpose(1, 2).flatten(0, 1).flatten(1)


def _window_mask(ctx: ForwardContext, sliding_window: int | None) -> Tensor:
    """(B, 1, W, W): a query sees its own sequence's keys that are not later than itself."""
    window = ctx.plan.window
    lengths = torch.from_numpy(ctx.context_lens).long()
    sequence = torch.repeat_interleave(torch.arange(len(lengths)), lengths).view(-1, window)
    same = sequence[:, :, None] == sequence[:, None, :]
    return (same & naive.visible(window, window, sliding_window, "cpu"))[:, None].to(ctx.device)
