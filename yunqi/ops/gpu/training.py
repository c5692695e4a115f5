"""Triton in training: the same ops as `yunqi.ops.native.training` has for a CPU, under the same names.

One launch where torch has a dozen; sums of weights' gradients are added in a fixed order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from yunqi.ops.context import ForwardContext
from yunqi.ops.gpu import conv_programs as conv
from yunqi.ops.gpu import row_programs as rows_

MOST_TAPS = 8
_TILE = 2048  # elements a program holds at once
_PARTS = 512  # programs that share a sum over all rows
_WIDEST = 16384
_TOKENS, _CHANNELS = 16, 128


def usable(x: Tensor, ctx: ForwardContext, *sizes: int) -> bool:
    """Whether a step that trains, on whole sequences, can have `x` and these sizes computed here."""
    whole = not ctx.memory and len(x) == int(ctx.cu_seqlens[-1])
    return torch.is_grad_enabled() and x.is_cuda and whole and max(sizes) <= _WIDEST


def _tiles(x: Tensor, width: int) -> tuple[int, int, dict[str, int]]:
    """Rows, programs of one tile each, and the sizes that these have."""
    wide = 1 << (width - 1).bit_length()
    high, rows = max(1, _TILE // wide), x.numel() // x.shape[-1]
    return rows, -(-rows // high), {"W": width, "BR": high, "BW": wide}


class RMSNorm(torch.autograd.Function):
    """(weight + centre) * x / rms(x) over the last axis; with `centre` in the dtype of x, else x / rms(x) is rounded to
    it and meets the weight in the wider of their dtypes."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, eps: float, centre: float) -> Tensor:
        dtype = x.dtype if centre else torch.promote_types(x.dtype, weight.dtype)
        x, weight = x.contiguous(), weight.float().contiguous()
        num_rows, programs, sizes = _tiles(x, x.shape[-1])
        out = torch.empty_like(x, dtype=dtype)
        if num_rows:
            rows_.norm_forward[(programs,)](x, weight, out, num_rows, eps, centre, **sizes, ROUND=not centre)  # pyright: ignore
        ctx.save_for_backward(x, weight)
        ctx.constants = eps, centre
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        dx, dweight = _norm_backward(x, weight, grads[0], *ctx.constants)
        return dx, dweight, None, None


def _norm_backward(x: Tensor, weight: Tensor, grad: Tensor, eps: float, centre: float) -> tuple[Tensor, Tensor]:
    num_rows, programs, sizes = _tiles(x, x.shape[-1])
    programs = min(programs, _PARTS)
    dx, parts = torch.empty_like(x), weight.new_empty(programs, len(weight))
    if num_rows:
        rows_.norm_backward[(programs,)](x, weight, grad.contiguous(), dx, parts, num_rows, eps, centre, **sizes)  # pyright: ignore
    return dx, parts.sum(0)


class Unit(torch.autograd.Function):
    """scale * x / |x| over the last axis, float32: with the root of the mean in place of that of the sum it is a norm
    whose weights are all alike."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: float, eps: float) -> Tensor:
        x, size = x.contiguous(), x.shape[-1]
        weight = torch.full((size,), scale * size**-0.5, device=x.device)
        num_rows, programs, sizes = _tiles(x, size)
        out = torch.empty_like(x, dtype=torch.float32)
        if num_rows:
            rows_.norm_forward[(programs,)](x, weight, out, num_rows, eps / size, 0.0, **sizes, ROUND=False)  # pyright: ignore
        ctx.save_for_backward(x, weight)
        ctx.eps = eps / size
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        return _norm_backward(x, weight, grads[0], ctx.eps, 0.0)[0], None, None


class GatedRMSNorm(torch.autograd.Function):
    """weight * x / rms(x) * silu(gate), x and gate (..., P) alike."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, gate: Tensor, weight: Tensor, eps: float) -> Tensor:
        x, gate, weight = x.contiguous(), gate.contiguous(), weight.float().contiguous()
        num_rows, programs, sizes = _tiles(x, x.shape[-1])
        out = torch.empty_like(x)
        if num_rows:
            rows_.gated_norm_forward[(programs,)](x, gate, weight, out, num_rows, eps, **sizes)  # pyright: ignore
        ctx.save_for_backward(x, gate, weight)
        ctx.eps = eps
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, gate, weight = ctx.saved_tensors
        num_rows, programs, sizes = _tiles(x, x.shape[-1])
        programs = min(programs, _PARTS)
        dx, dgate, parts = torch.empty_like(x), torch.empty_like(gate), weight.new_empty(programs, len(weight))
        given = (x, gate, weight, grads[0].contiguous(), dx, dgate, parts, num_rows, ctx.eps)
        if num_rows:
            rows_.gated_norm_backward[(programs,)](*given, **sizes)  # pyright: ignore
        return dx, dgate, parts.sum(0), None


def swiglu(both_RF: Tensor, scale_R: Tensor) -> Tensor:
    """scale * silu(gate) * up: both (R, 2F), gate and then up, contiguous, scale (R) float32 -> (R, F). No gradient."""
    out = both_RF.new_empty(len(both_RF), both_RF.shape[1] // 2)
    num_rows, programs, sizes = _tiles(out, out.shape[1])
    if num_rows:
        rows_.swiglu_forward[(programs,)](both_RF, scale_R, out, num_rows, **sizes)  # pyright: ignore
    return out


def swiglu_backward(both_RF: Tensor, scale_R: Tensor, grad_RF: Tensor) -> tuple[Tensor, Tensor]:
    """The gradients of both (R, 2F) and scale (R) by that of what `swiglu` gave."""
    dboth, dscale = torch.empty_like(both_RF), torch.empty_like(scale_R)
    num_rows, programs, sizes = _tiles(grad_RF, grad_RF.shape[1])
    if num_rows:
        given = (both_RF, scale_R, grad_RF.contiguous(), dboth, dscale, num_rows)
        rows_.swiglu_backward[(programs,)](*given, **sizes)  # pyright: ignore
    return dboth, dscale


class CausalConv(torch.autograd.Function):
    """silu of the convolution `naive.causal_conv`: x (T, C), weight (C, W) float32 -> (T, C)."""

    @staticmethod
    def forward(ctx: Any, x_TC: Tensor, weight_CW: Tensor, step: ForwardContext) -> Tensor:
        x_TC, weight_CW = x_TC.contiguous(), weight_CW.contiguous()
        borders = step.derived("borders", lambda: _borders(step))
        out = torch.empty_like(x_TC)
        grid, sizes = _conv_grid(x_TC, weight_CW)
        if len(x_TC):
            conv.forward[grid](x_TC, weight_CW, borders[0], out, len(x_TC), **sizes)  # pyright: ignore
        ctx.save_for_backward(x_TC, weight_CW, *borders)
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None]:
        x_TC, weight_CW, first, end = ctx.saved_tensors
        (tiles, lines), sizes = _conv_grid(x_TC, weight_CW)
        programs, tokens = min(tiles, _PARTS), len(x_TC)
        dtotal, dx = torch.empty_like(x_TC, dtype=torch.float32), torch.empty_like(x_TC)
        parts = weight_CW.new_empty(programs, *weight_CW.T.shape)
        if tokens:
            given = (x_TC, weight_CW, first, grads[0].contiguous(), dtotal, parts, tokens)
            taps = 1 << (sizes["W"] - 1).bit_length()
            conv.backward_weight[(programs, lines)](*given, **sizes, BW=taps)  # pyright: ignore
            conv.backward_input[(tiles, lines)](weight_CW, end, dtotal, dx, tokens, **sizes)  # pyright: ignore
        return dx, parts.sum(0).T.contiguous(), None


def _borders(step: ForwardContext) -> tuple[Tensor, Tensor]:
    """Of each token where its sequence begins and ends, (T) int32 each."""
    lengths = np.diff(step.cu_seqlens)
    arrays = (np.repeat(step.cu_seqlens[:-1], lengths), np.repeat(step.cu_seqlens[1:], lengths))
    first, end = (torch.from_numpy(array.astype(np.int32)).to(step.device) for array in arrays)
    return first, end


def _conv_grid(x_TC: Tensor, weight_CW: Tensor) -> tuple[tuple[int, int], dict[str, int]]:
    (tokens, channels), width = x_TC.shape, weight_CW.shape[1]
    sizes = {"C": channels, "W": width, "BT": _TOKENS, "BC": min(_CHANNELS, 1 << (channels - 1).bit_length())}
    return (-(-tokens // _TOKENS), -(-channels // sizes["BC"])), sizes
