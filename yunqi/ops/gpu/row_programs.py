"""Norms and gated blocks, forward and backward, as Triton programs.

A program has BR rows of W elements (in BW places, a power of two); where sums over all rows are asked for, it goes on
with every following tile, and leaves its share of them.
"""

# Triton comes with torch's wheels for a GPU alone, and its language is checked by its own compiler.
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def _norm_gradient(grad, unit, scale, W: tl.constexpr):
    """With u = x / rms(x) and the gradient g of u: (g - u * mean(g * u)) / rms(x)."""
    mean = tl.sum(grad * unit, 1) / W
    return (grad - unit * mean[:, None]) * scale[:, None]


@triton.jit
def norm_forward(
    x, weight, out, R, eps, centre,
    W: tl.constexpr, BR: tl.constexpr, BW: tl.constexpr, ROUND: tl.constexpr,
):  # fmt: skip
    """x (R, W), weight (W) float32 -> (weight + centre) * x / rms(x); with ROUND the quotient in x's dtype."""
    rows, columns = tl.program_id(0) * BR + tl.arange(0, BR), tl.arange(0, BW)
    inside = (rows < R)[:, None] & (columns < W)[None, :]
    place = rows.to(tl.int64)[:, None] * W + columns[None, :]
    wide = tl.load(x + place, mask=inside, other=0.0).to(tl.float32)
    unit = wide * tl.rsqrt(tl.sum(wide * wide, 1) / W + eps)[:, None]
    if ROUND:
        unit = unit.to(x.dtype.element_ty).to(tl.float32)
    factor = tl.load(weight + columns, mask=columns < W, other=0.0) + centre
    tl.store(out + place, (unit * factor[None, :]).to(out.dtype.element_ty), mask=inside)


@triton.jit
def norm_backward(
    x, weight, dout, dx, dweight, R, eps, centre,
    W: tl.constexpr, BR: tl.constexpr, BW: tl.constexpr,
):  # fmt: skip
    """dout (R, W) -> dx (R, W), and each program's part of dweight (programs, W): the sum of dout * x / rms(x)."""
    columns = tl.arange(0, BW)
    factor = tl.load(weight + columns, mask=columns < W, other=0.0) + centre
    total = tl.zeros((BW,), dtype=tl.float32)
    for tile in range(tl.program_id(0), tl.cdiv(R, BR), tl.num_programs(0)):
        rows = tile * BR + tl.arange(0, BR)
        inside = (rows < R)[:, None] & (columns < W)[None, :]
        place = rows.to(tl.int64)[:, None] * W + columns[None, :]
        wide = tl.load(x + place, mask=inside, other=0.0).to(tl.float32)
        grad = tl.load(dout + place, mask=inside, other=0.0).to(tl.float32)
        scale = tl.rsqrt(tl.sum(wide * wide, 1) / W + eps)
        unit = wide * scale[:, None]
        total += tl.sum(grad * unit, 0)
        grad = _norm_gradient(grad * factor[None, :], unit, scale, W)
        tl.store(dx + place, grad.to(dx.dtype.element_ty), mask=inside)
    tl.store(dweight + tl.program_id(0) * W + columns, total, mask=columns < W)


@triton.jit
def gated_norm_forward(
    x, gate, weight, out, R, eps, W: tl.constexpr, BR: tl.constexpr, BW: tl.constexpr
):  # fmt: skip
    """x and gate (R, W), weight (W) float32 -> weight * x / rms(x) * silu(gate)."""
    rows, columns = tl.program_id(0) * BR + tl.arange(0, BR), tl.arange(0, BW)
    inside = (rows < R)[:, None] & (columns < W)[None, :]
    place = rows.to(tl.int64)[:, None] * W + columns[None, :]
    wide = tl.load(x + place, mask=inside, other=0.0).to(tl.float32)
    unit = wide * tl.rsqrt(tl.sum(wide * wide, 1) / W + eps)[:, None]
    z = tl.load(gate + place, mask=inside, other=0.0).to(tl.float32)
    factor = tl.load(weight + columns, mask=columns < W, other=0.0)
    tl.store(out + place, (unit * factor[None, :] * z * tl.sigmoid(z)).to(out.dtype.element_ty), mask=inside)


@triton.jit
def gated_norm_backward(
    x, gate, weight, dout, dx, dgate, dweight, R, eps, W: tl.constexpr, BR: tl.constexpr, BW: tl.constexpr
):  # fmt: skip
    """dout (R, W) -> dx and dgate (R, W), and each program's part of dweight (programs, W)."""
    columns = tl.arange(0, BW)
    factor = tl.load(weight + columns, mask=columns < W, other=0.0)
    total = tl.zeros((BW,), dtype=tl.float32)
    for tile in range(tl.program_id(0), tl.cdiv(R, BR), tl.num_programs(0)):
        rows = tile * BR + tl.arange(0, BR)
        inside = (rows < R)[:, None] & (columns < W)[None, :]
        place = rows.to(tl.int64)[:, None] * W + columns[None, :]
        wide = tl.load(x + place, mask=inside, other=0.0).to(tl.float32)
        grad = tl.load(dout + place, mask=inside, other=0.0).to(tl.float32)
        z = tl.load(gate + place, mask=inside, other=0.0).to(tl.float32)
        scale = tl.rsqrt(tl.sum(wide * wide, 1) / W + eps)
        unit, s = wide * scale[:, None], tl.sigmoid(z)
        slope = s * (1 + z * (1 - s))
        tl.store(dgate + place, (grad * unit * factor[None, :] * slope).to(dgate.dtype.element_ty), mask=inside)
        grad = grad * z * s
        total += tl.sum(grad * unit, 0)
        grad = _norm_gradient(grad * factor[None, :], unit, scale, W)
        tl.store(dx + place, grad.to(dx.dtype.element_ty), mask=inside)
    tl.store(dweight + tl.program_id(0) * W + columns, total, mask=columns < W)


@triton.jit
def swiglu_forward(both, scale, out, R, W: tl.constexpr, BR: tl.constexpr, BW: tl.constexpr):
    """both (R, 2W), gate and then up, scale (R) float32 -> scale * silu(gate) * up (R, W)."""
    rows, columns = tl.program_id(0) * BR + tl.arange(0, BR), tl.arange(0, BW)
    inside = (rows < R)[:, None] & (columns < W)[None, :]
    place = rows.to(tl.int64)[:, None] * (2 * W) + columns[None, :]
    z = tl.load(both + place, mask=inside, other=0.0).to(tl.float32)
    up = tl.load(both + place + W, mask=inside, other=0.0).to(tl.float32)
    share = tl.load(scale + rows, mask=rows < R, other=0.0)
    found = z * tl.sigmoid(z) * up * share[:, None]
    tl.store(out + rows.to(tl.int64)[:, None] * W + columns[None, :], found.to(out.dtype.element_ty), mask=inside)


@triton.jit
def swiglu_backward(both, scale, dout, dboth, dscale, R, W: tl.constexpr, BR: tl.constexpr, BW: tl.constexpr):
    """dout (R, W) -> dboth (R, 2W) and dscale (R)."""
    rows, columns = tl.program_id(0) * BR + tl.arange(0, BR), tl.arange(0, BW)
    inside = (rows < R)[:, None] & (columns < W)[None, :]
    place = rows.to(tl.int64)[:, None] * (2 * W) + columns[None, :]
    z = tl.load(both + place, mask=inside, other=0.0).to(tl.float32)
    up = tl.load(both + place + W, mask=inside, other=0.0).to(tl.float32)
    grad = tl.load(dout + rows.to(tl.int64)[:, None] * W + columns[None, :], mask=inside, other=0.0).to(tl.float32)
    share = tl.load(scale + rows, mask=rows < R, other=0.0)
    s = tl.sigmoid(z)
    tl.store(dscale + rows, tl.sum(grad * z * s * up, 1), mask=rows < R)
    grad = grad * share[:, None]
    dgate = grad * up * s * (1 + z * (1 - s))
    tl.store(dboth + place, dgate.to(dboth.dtype.element_ty), mask=inside)
    tl.store(dboth + place + W, (grad * z * s).to(dboth.dtype.element_ty), mask=inside)
