"""The mixture of experts in training: rows of all experts side by side, and gradients by hand.

An expert's part of a sum, weight * down(silu(gate(x)) * up(x)), is computed as down(weight * silu(gate(x)) * up(x)):
its weight lies on the narrow side of the block. R rows: tokens as often as they have experts, sorted by expert; A
experts of a token, D hidden, F ffn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.functional import pad, silu

from yunqi.ops import naive
from yunqi.ops.context import ForwardContext
from yunqi.ops.gpu import has_triton
from yunqi.ops.native import training as native

_UNIT = 64
_ALIGNED = 8  # elements of bfloat16 that a grouped product reads at once
_Ends = Tensor | Sequence[int]


def trainable(x_TD: Tensor, module: Any) -> bool:
    """Whether gradients flow and the experts are plain blocks, which this file takes apart."""
    blocks = [*module.experts, *([] if module.shared_expert is None else [module.shared_expert])]
    return torch.is_grad_enabled() and all(_weights(block) is not None for block in blocks)


def moe(x_TD: Tensor, module: Any, ctx: ForwardContext) -> Tensor:
    """`naive.moe`."""
    x_TD = x_TD.to(_product_dtype(x_TD))  # once for all that reads it
    weights_TA, chosen_TA = naive.route(module.gate(x_TD, ctx), module, ctx)
    matrices = (weight for expert in module.experts for weight in _parts(expert))
    routed = _Routed.apply(x_TD, weights_TA.float(), chosen_TA, *matrices)
    if module.shared_expert is None:
        return routed
    share_T = module.shared_expert_gate(x_TD, ctx).float().sigmoid()[:, 0]
    return routed + _Shared.apply(x_TD, share_T, *_parts(module.shared_expert))


def _product_dtype(x: Tensor) -> torch.dtype:
    """What matrix products compute in here."""
    device = x.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else x.dtype


def _weights(block: Any) -> list[Tensor] | None:
    """gate, up and down of a block of plain projections; None of another."""
    projections = [getattr(block, f"{name}_proj", None) for name in ("gate", "up", "down")]
    found = [getattr(projection, "weight", None) for projection in projections]
    if any(getattr(projection, "bias", None) is not None for projection in projections):
        return None
    weights = [weight for weight in found if isinstance(weight, torch.nn.Parameter)]
    return weights if len(weights) == len(found) else None  # pyright: ignore - a list of parameters is one of tensors


def _parts(block: Any) -> list[Tensor]:
    found = _weights(block)
    assert found is not None
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """Rows sorted by expert. Each expert's span is filled up to a multiple of `_UNIT` rows, so that products come in
    few shapes: for a new one oneDNN takes longer than for the product. What fills up is token 0 with a weight of zero.

    `token` (R,) and `weighs` (R,), the place among the (T * A) weights, T * A where there is none; `place` (T, A) the
    row of each token's experts; `ends` of the experts' spans of rows.
    """

    token: Tensor
    weighs: Tensor
    place: Tensor
    ends: _Ends


def _order(chosen_TA: Tensor, num_experts: int, *, together: bool) -> _Order:
    chosen = chosen_TA.flatten()
    order, counts = chosen.argsort(stable=True), counted(chosen, num_experts)
    sizes = (counts + _UNIT - 1) // _UNIT * _UNIT
    if together:  # some kernels leave the gradient of an expert without rows as it was
        sizes = sizes.clamp_min(_UNIT)
    ends = sizes.cumsum(0)
    shift = (ends - sizes) - (counts.cumsum(0) - counts)
    rows = torch.arange(len(order), device=order.device) + shift.index_select(0, chosen.index_select(0, order))
    if together:  # as many rows as there can be: nobody waits for the GPU to tell
        total = -(-len(order) // _UNIT) * _UNIT + num_experts * _UNIT
        ends[-1] = total
    else:
        ends = ends.tolist()
        total = ends[-1]
    weighs = torch.full((total,), len(order), device=order.device).index_copy_(0, rows, order)
    place = torch.empty_like(order).index_copy_(0, order, rows).view(chosen_TA.shape)
    token = torch.where(weighs < len(order), weighs // chosen_TA.shape[1], 0)
    return _Order(token=token, weighs=weighs, place=place, ends=ends)


def counted(chosen: Tensor, num_experts: int) -> Tensor:
    """(E) how often each expert was chosen; nobody waits for a GPU, as `bincount` would."""
    flat = chosen.flatten()
    return flat.new_zeros(num_experts).scatter_add_(0, flat, torch.ones_like(flat))


def _together(x: Tensor, matrix: Tensor) -> bool:
    """Whether the products of all experts can be one launch."""
    known = x.is_cuda and hasattr(functional, "grouped_mm") and x.dtype == torch.bfloat16
    return known and all(size % _ALIGNED == 0 for size in matrix.shape)


class _Routed(torch.autograd.Function):
    """x (T, D), weights (T, A) float32, chosen (T, A), then gate, up and down of every expert -> (T, D)."""

    @staticmethod
    def forward(ctx: Any, x_TD: Tensor, weights_TA: Tensor, chosen_TA: Tensor, *matrices: Tensor) -> Tensor:
        together = _together(x_TD, matrices[0])
        order = _order(chosen_TA, len(matrices) // 3, together=together)
        rows = _Rows(x_TD.dtype, order.ends, matrices)
        x_RD = x_TD.index_select(0, order.token)
        scale_R = pad(weights_TA.flatten(), (0, 1)).index_select(0, order.weighs)
        both, hidden, out_RD = rows.forward(x_RD, scale_R)
        ctx.save_for_backward(x_RD, scale_R, both, hidden)
        ctx.rows, ctx.order = rows, order
        return _gathered(out_RD, order.place)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x_RD, scale_R, both, hidden = ctx.saved_tensors
        order: _Order = ctx.order
        grad_RD = grads[0].index_select(0, order.token)
        dx_RD, dscale_R, found = ctx.rows.backward(x_RD, scale_R, both, hidden, grad_RD)
        dweights = dscale_R.index_select(0, order.place.flatten()).view(order.place.shape)
        return _gathered(dx_RD, order.place), dweights, None, *found


class _Shared(torch.autograd.Function):
    """x (T, D), each token's share (T) float32, then gate, up and down -> (T, D)."""

    @staticmethod
    def forward(ctx: Any, x_TD: Tensor, share_T: Tensor, *matrices: Tensor) -> Tensor:
        rows = _Rows(x_TD.dtype, [len(x_TD)], matrices)
        x_RD, share_T = x_TD.contiguous(), share_T.contiguous()
        both, hidden, out = rows.forward(x_RD, share_T)
        ctx.save_for_backward(x_RD, share_T, both, hidden)
        ctx.rows = rows
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x_RD, share_T, both, hidden = ctx.saved_tensors
        dx, dshare, found = ctx.rows.backward(x_RD, share_T, both, hidden, grads[0].contiguous())
        return dx, dshare, *found


def _gathered(x_RD: Tensor, place_TA: Tensor) -> Tensor:
    """The sum of each token's rows."""
    total = x_RD.index_select(0, place_TA[:, 0])
    for column in range(1, place_TA.shape[1]):
        total += x_RD.index_select(0, place_TA[:, column])
    return total


def _kernels(matrix: Tensor, dtype: torch.dtype) -> Any:
    """Who has `swiglu` for this matrix's blocks in few passes; None where torch does it."""
    if native.available() and matrix.device.type == "cpu" and len(matrix) % native.LANES == 0 and dtype in native.KINDS:
        return native
    if matrix.is_cuda and has_triton():
        from yunqi.ops.gpu import training as gpu

        return gpu
    return None


def _spans(ends: Sequence[int]) -> Iterator[slice]:
    return (slice(*border) for border in pairwise((0, *ends)))


class _Rows:
    """Blocks over spans of rows, one each, computed in `dtype`. Where `ends` of the spans are a tensor, all blocks are
    computed at once."""

    def __init__(self, dtype: torch.dtype, ends: _Ends, matrices: Sequence[Tensor]) -> None:
        first = matrices[0]
        self.ends = ends.int() if isinstance(ends, Tensor) else ends
        self.kernels = _kernels(first, dtype)
        blocks = len(matrices) // 3
        into_E2FD = torch.empty(blocks, 2, *first.shape, dtype=dtype, device=first.device)
        down_EDF = torch.empty(blocks, *matrices[2].shape, dtype=dtype, device=first.device)
        targets = [part for pair, down in zip(into_E2FD, down_EDF, strict=True) for part in (*pair, down)]
        torch._foreach_copy_(targets, list(matrices))  # pyright: ignore - a launch, not one a matrix
        self.into, self.down = into_E2FD.flatten(1, 2), down_EDF
        self.wide = first.dtype

    def forward(self, x_RD: Tensor, scale_R: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(gate and up (R, 2F), what the last product takes (R, F), what it gives (R, D))."""
        with torch.autocast(x_RD.device.type, enabled=False):
            both = self._products(x_RD, self.into.mT)
            hidden = self._gated(both, scale_R)
            return both, hidden, self._products(hidden, self.down.mT)

    def backward(
        self, x_RD: Tensor, scale_R: Tensor, both: Tensor, hidden: Tensor, grad_RD: Tensor
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """The gradients of x, of the scale, and of every matrix in the order in which they were given."""
        with torch.autocast(x_RD.device.type, enabled=False):
            grad_both, dscale = self._gated_backward(both, scale_R, self._products(grad_RD, self.down))
            into = self._outer(grad_both, x_RD).to(self.wide).unflatten(1, (2, -1))
            down = self._outer(grad_RD, hidden).to(self.wide)
            found = [part for pair, last in zip(into, down, strict=True) for part in (*pair, last)]
            return self._products(grad_both, self.into), dscale, found

    def _products(self, x_RI: Tensor, matrices_EIO: Tensor) -> Tensor:
        """(R, O): each span's rows by its matrix."""
        if isinstance(self.ends, Tensor):
            return functional.grouped_mm(x_RI, matrices_EIO, offs=self.ends)
        out = x_RI.new_empty(len(x_RI), matrices_EIO.shape[2])
        for rows, matrix in zip(_spans(self.ends), matrices_EIO, strict=True):
            torch.mm(x_RI[rows], matrix, out=out[rows])
        return out

    def _outer(self, grad_RO: Tensor, x_RI: Tensor) -> Tensor:
        """(E, O, I): over each span's rows the sum of the outer products."""
        if isinstance(self.ends, Tensor):
            return functional.grouped_mm(grad_RO.T, x_RI, offs=self.ends)
        return torch.stack([grad_RO[rows].T @ x_RI[rows] for rows in _spans(self.ends)])

    def _gated(self, both: Tensor, scale_R: Tensor) -> Tensor:
        if self.kernels is not None:
            return self.kernels.swiglu(both, scale_R)
        gate, up = both.chunk(2, dim=1)
        return (silu(gate.float()) * up.float() * scale_R[:, None]).to(both.dtype)

    def _gated_backward(self, both: Tensor, scale_R: Tensor, grad: Tensor) -> tuple[Tensor, Tensor]:
        if self.kernels is not None:
            return self.kernels.swiglu_backward(both, scale_R, grad)
        gate, up = (part.float() for part in both.chunk(2, dim=1))
        wide, s = grad.float(), gate.sigmoid()
        dscale = (wide * gate * s * up).sum(1)
        wide = wide * scale_R[:, None]
        dgate = wide * up * s * (1 + gate * (1 - s))
        return torch.cat((dgate, wide * gate * s), dim=1).to(both.dtype), dscale
