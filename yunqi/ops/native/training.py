"""The native core in training: ops of recurrent layers and experts as autograd functions, forward and backward.

They compute what `yunqi.ops.naive` does, in float32, and read and write float32 or bfloat16. `usable` says where they
can: on a CPU, with the core built, for sizes that are multiples of 16; elsewhere torch computes the same.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from yunqi.ops.context import ForwardContext
from yunqi.ops.native import library

LANES = 16
MOST_TAPS = 8
KINDS = {torch.float32: 0, torch.bfloat16: 1}


def usable(x: Tensor, ctx: ForwardContext, *sizes: int) -> bool:
    """Whether a step that trains, on whole sequences, can have `x` and these sizes computed here."""
    return (
        torch.is_grad_enabled()
        and not ctx.memory
        and x.device.type == "cpu"
        and x.dtype in KINDS
        and len(x) == int(ctx.cu_seqlens[-1])
        and all(size % LANES == 0 for size in sizes)
        and available()
    )


@lru_cache(maxsize=1)
def available() -> bool:
    return library.problem() is None


@lru_cache(maxsize=4)
def _team(num_threads: int) -> library.Team:
    return library.Team(num_threads)


def _handle() -> Any:
    return _team(torch.get_num_threads()).handle


def _pointer(offsets: np.ndarray) -> tuple[Any, int]:
    return offsets.ctypes.data, len(offsets) - 1


class CausalConv(torch.autograd.Function):
    """silu of the convolution `naive.causal_conv`: x (T, C), weight (C, W) float32 -> (T, C)."""

    @staticmethod
    def forward(ctx: Any, x_TC: Tensor, weight_CW: Tensor, step: ForwardContext) -> Tensor:
        x_TC, weight_CW = x_TC.contiguous(), weight_CW.contiguous()
        out = torch.empty_like(x_TC)
        library.library().yq_conv_forward(*_conv(x_TC, weight_CW, step.cu_seqlens), out.data_ptr())
        ctx.save_for_backward(x_TC, weight_CW)
        ctx.offsets = step.cu_seqlens  # the step itself holds tensors whose graph would hold the step
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None]:
        x_TC, weight_CW = ctx.saved_tensors
        grad, dx, dweight = grads[0].contiguous(), torch.empty_like(x_TC), torch.empty_like(weight_CW)
        arguments = _conv(x_TC, weight_CW, ctx.offsets)
        library.library().yq_conv_backward(*arguments, grad.data_ptr(), dx.data_ptr(), dweight.data_ptr())
        return dx, dweight, None


def _conv(x_TC: Tensor, weight_CW: Tensor, offsets: np.ndarray) -> tuple[Any, ...]:
    channels, width = weight_CW.shape
    kind = KINDS[x_TC.dtype]
    return _handle(), kind, x_TC.data_ptr(), weight_CW.data_ptr(), channels, width, *_pointer(offsets)


class GatedDelta(torch.autograd.Function):
    """`naive.gated_delta`: q, k (T, M, H), v (T, N, P), the logarithm of the decay g and beta (T, N) float32 ->
    (T, N, P) in the dtype of v."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, g: Tensor, beta: Tensor, step: ForwardContext) -> Tensor:
        q, k, v = (x if _laid_out(x) else x.contiguous() for x in (q, k, v))
        decay, beta = g.exp(), beta.contiguous()
        chunks = library.library().yq_delta_chunks(*_pointer(step.cu_seqlens))
        rest = torch.empty(v.shape)
        states = torch.empty(chunks, v.shape[1], q.shape[2], v.shape[2])
        out = torch.empty(v.shape, dtype=v.dtype)
        library.library().yq_delta_forward(_handle(), _delta(q, k, v, decay, beta, rest, states, out, step.cu_seqlens))
        ctx.save_for_backward(q, k, v, decay, beta, rest, states)
        ctx.offsets = step.cu_seqlens
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        q, k, v, decay, beta, rest, states = ctx.saved_tensors
        grad = grads[0].contiguous()
        sizes = (q[0].numel(), k[0].numel(), v[0].numel())
        both = torch.empty(len(v), sum(sizes), dtype=v.dtype)
        dq, dk, dv = (part.unflatten(1, x.shape[1:]) for part, x in zip(both.split(sizes, 1), (q, k, v), strict=True))
        dg, dbeta = torch.empty_like(decay), torch.empty_like(beta)
        pointers = [x.data_ptr() for x in (grad, dq, dk, dv)]
        found = library.DeltaGradients(*pointers, both.shape[1], dg.data_ptr(), dbeta.data_ptr())
        given = _delta(q, k, v, decay, beta, rest, states, grad, ctx.offsets)
        library.library().yq_delta_backward(_handle(), given, ctypes.byref(found))
        return dq, dk, dv, dg, dbeta, None


def _laid_out(x: Tensor) -> bool:
    """Whether the elements of a token lie side by side."""
    return x.stride(2) == 1 and x.stride(1) == x.shape[2]


def _delta(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    decay: Tensor,
    beta: Tensor,
    rest: Tensor,
    states: Tensor,
    out: Tensor,
    offsets: Any,
) -> Any:
    sizes = (k.shape[1], v.shape[1], k.shape[2], v.shape[2])
    pointers, strides = [x.data_ptr() for x in (q, k, v)], [x.stride(0) for x in (q, k, v)]
    others = [x.data_ptr() for x in (decay, beta, rest, states, out)]
    return ctypes.byref(library.Delta(KINDS[v.dtype], *sizes, *_pointer(offsets), *pointers, *strides, *others))


class GatedRMSNorm(torch.autograd.Function):
    """weight * x / rms(x) * silu(gate), x and gate (..., P) alike."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, gate: Tensor, weight: Tensor, eps: float) -> Tensor:
        x, gate, weight = x.contiguous(), gate.contiguous(), weight.float().contiguous()
        out = torch.empty_like(x)
        library.library().yq_gated_norm_forward(*_gated_norm(x, gate, weight, eps), out.data_ptr())
        ctx.save_for_backward(x, gate, weight)
        ctx.eps = eps
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, gate, weight = ctx.saved_tensors
        found = grads[0].contiguous(), torch.empty_like(x), torch.empty_like(gate), torch.empty_like(weight)
        arguments = _gated_norm(x, gate, weight, ctx.eps)
        library.library().yq_gated_norm_backward(*arguments, *(tensor.data_ptr() for tensor in found))
        return *found[1:], None


def _gated_norm(x: Tensor, gate: Tensor, weight: Tensor, eps: float) -> tuple[Any, ...]:
    rows, width = x.numel() // x.shape[-1], x.shape[-1]
    return _handle(), KINDS[x.dtype], x.data_ptr(), gate.data_ptr(), weight.data_ptr(), eps, rows, width


class RMSNorm(torch.autograd.Function):
    """(weight + centre) * x / rms(x) over the last axis."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, eps: float, centre: float) -> Tensor:
        x, weight = x.contiguous(), weight.float().contiguous()
        out = torch.empty_like(x)
        library.library().yq_norm_forward(*_norm(x, weight, eps, centre), out.data_ptr())
        ctx.save_for_backward(x, weight)
        ctx.constants = eps, centre
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        found = grads[0].contiguous(), torch.empty_like(x), torch.empty_like(weight)
        pointers = [tensor.data_ptr() for tensor in found]
        library.library().yq_norm_backward(*_norm(x, weight, *ctx.constants), *pointers)
        return *found[1:], None, None


def _norm(x: Tensor, weight: Tensor, eps: float, centre: float) -> tuple[Any, ...]:
    rows, width = x.numel() // x.shape[-1], x.shape[-1]
    return _handle(), KINDS[x.dtype], x.data_ptr(), weight.data_ptr(), centre, eps, rows, width


def swiglu(both_RF: Tensor, scale_R: Tensor) -> Tensor:
    """scale * silu(gate) * up: both (R, 2F), gate and then up, contiguous, scale (R) float32 -> (R, F). No gradient."""
    out = both_RF.new_empty(len(both_RF), both_RF.shape[1] // 2)
    library.library().yq_swiglu_forward(*_swiglu(both_RF, scale_R), out.data_ptr())
    return out


def swiglu_backward(both_RF: Tensor, scale_R: Tensor, grad_RF: Tensor) -> tuple[Tensor, Tensor]:
    """The gradients of both (R, 2F) and scale (R) by that of what `swiglu` gave."""
    dboth, dscale = torch.empty_like(both_RF), torch.empty_like(scale_R)
    pointers = [tensor.data_ptr() for tensor in (grad_RF, dboth, dscale)]
    library.library().yq_swiglu_backward(*_swiglu(both_RF, scale_R), *pointers)
    return dboth, dscale


def _swiglu(both: Tensor, scale: Tensor) -> tuple[Any, ...]:
    return _handle(), KINDS[both.dtype], both.data_ptr(), scale.data_ptr(), len(both), both.shape[1] // 2
