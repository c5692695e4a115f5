"""The causal convolution of packed sequences and silu, forward and backward, as Triton programs.

A program has BT tokens of BC channels; the W taps have BW places, a power of two. `first` and `end` (T) int32: where
each token's sequence begins and ends.
"""

# Triton comes with torch's wheels for a GPU alone, and its language is checked by its own compiler.
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def _before_silu(x, weight, begins, tokens, channels, inside, C: tl.constexpr, W: tl.constexpr):
    """The convolution at some tokens: (BT, BC)."""
    total = tl.zeros(inside.shape, dtype=tl.float32)
    for tap in tl.static_range(W):
        row = tokens - (W - 1) + tap
        seen = inside & (row >= begins)[:, None]
        value = tl.load(x + row.to(tl.int64)[:, None] * C + channels[None, :], mask=seen, other=0.0).to(tl.float32)
        total += value * tl.load(weight + channels * W + tap, mask=channels < C, other=0.0)[None, :]
    return total


@triton.jit
def forward(x, weight, first, out, T, C: tl.constexpr, W: tl.constexpr, BT: tl.constexpr, BC: tl.constexpr):
    """x (T, C), weight (C, W) float32 -> silu of the sum over the taps (T, C)."""
    tokens, channels = tl.program_id(0) * BT + tl.arange(0, BT), tl.program_id(1) * BC + tl.arange(0, BC)
    inside = (tokens < T)[:, None] & (channels < C)[None, :]
    begins = tl.load(first + tokens, mask=tokens < T, other=0)
    total = _before_silu(x, weight, begins, tokens, channels, inside, C, W)
    place = tokens.to(tl.int64)[:, None] * C + channels[None, :]
    tl.store(out + place, (total * tl.sigmoid(total)).to(out.dtype.element_ty), mask=inside)


@triton.jit
def backward_weight(
    x, weight, first, dout, dtotal, dweight, T,
    C: tl.constexpr, W: tl.constexpr, BT: tl.constexpr, BC: tl.constexpr, BW: tl.constexpr,
):  # fmt: skip
    """dout (T, C) -> the gradient before silu, dtotal (T, C) float32, and each program's part of that of the weight,
    dweight (programs, W, C)."""
    channels, taps, line = tl.program_id(1) * BC + tl.arange(0, BC), tl.arange(0, BW), tl.program_id(0)
    found = tl.zeros((BW, BC), dtype=tl.float32)
    for tile in range(line, tl.cdiv(T, BT), tl.num_programs(0)):
        tokens = tile * BT + tl.arange(0, BT)
        inside = (tokens < T)[:, None] & (channels < C)[None, :]
        begins = tl.load(first + tokens, mask=tokens < T, other=0)
        total = _before_silu(x, weight, begins, tokens, channels, inside, C, W)
        place = tokens.to(tl.int64)[:, None] * C + channels[None, :]
        s = tl.sigmoid(total)
        grad = tl.load(dout + place, mask=inside, other=0.0).to(tl.float32) * s * (1 + total * (1 - s))
        tl.store(dtotal + place, grad, mask=inside)
        for tap in tl.static_range(W):
            row = tokens - (W - 1) + tap
            seen = inside & (row >= begins)[:, None]
            value = tl.load(x + row.to(tl.int64)[:, None] * C + channels[None, :], mask=seen, other=0.0)
            share = tl.sum(grad * value.to(tl.float32), 0)
            found += tl.where(taps[:, None] == tap, share[None, :], 0.0)
    place = (line * W + taps)[:, None] * C + channels[None, :]
    tl.store(dweight + place, found, mask=(taps < W)[:, None] & (channels < C)[None, :])


@triton.jit
def backward_input(
    weight, end, dtotal, dx, T, C: tl.constexpr, W: tl.constexpr, BT: tl.constexpr, BC: tl.constexpr
):  # fmt: skip
    """dtotal (T, C) -> dx (T, C)."""
    tokens, channels = tl.program_id(0) * BT + tl.arange(0, BT), tl.program_id(1) * BC + tl.arange(0, BC)
    inside = (tokens < T)[:, None] & (channels < C)[None, :]
    ends = tl.load(end + tokens, mask=tokens < T, other=0)
    total = tl.zeros((BT, BC), dtype=tl.float32)
    for tap in tl.static_range(W):
        row = tokens + (W - 1) - tap
        reached = inside & (row < ends)[:, None]
        value = tl.load(dtotal + row.to(tl.int64)[:, None] * C + channels[None, :], mask=reached, other=0.0)
        total += value * tl.load(weight + channels * W + tap, mask=channels < C, other=0.0)[None, :]
    place = tokens.to(tl.int64)[:, None] * C + channels[None, :]
    tl.store(dx + place, total.to(dx.dtype.element_ty), mask=inside)
