"""The mixture of experts in training: rows of all experts side by side, and gradients by hand.

An expert's part of a sum, weight * down(silu(gate(x)) * up(x)), is computed as down(weight * silu(gate(x)) * up(x)):
its weight lies on the narrow side of the block. R rows: tokens as often as they have experts, sorted by expert; A
experts of a token, D hidden, F ffn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad, silu

from yunqi.ops import naive
from yunqi.ops.context import ForwardContext
from yunqi.ops.native import training as native

_UNIT = 64


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
    row of each token's experts; `spans` of rows, one an expert.
    """

    token: Tensor
    weighs: Tensor
    place: Tensor
    spans: list[slice]


def _order(chosen_TA: Tensor, num_experts: int) -> _Order:
    chosen = chosen_TA.flatten()
    order, counts = chosen.argsort(stable=True), chosen.bincount(minlength=num_experts)
    sizes = (counts + _UNIT - 1) // _UNIT * _UNIT
    shift = (sizes.cumsum(0) - sizes) - (counts.cumsum(0) - counts)
    rows = torch.arange(len(order), device=order.device) + shift.index_select(0, chosen.index_select(0, order))
    borders = [0, *accumulate(sizes.tolist())]
    weighs = torch.full((borders[-1],), len(order), device=order.device).index_copy_(0, rows, order)
    place = torch.empty_like(order).index_copy_(0, order, rows).view(chosen_TA.shape)
    token = torch.where(weighs < len(order), weighs // chosen_TA.shape[1], 0)
    return _Order(token=token, weighs=weighs, place=place, spans=[slice(*border) for border in pairwise(borders)])


class _Routed(torch.autograd.Function):
    """x (T, D), weights (T, A) float32, chosen (T, A), then gate, up and down of every expert -> (T, D)."""

    @staticmethod
    def forward(ctx: Any, x_TD: Tensor, weights_TA: Tensor, chosen_TA: Tensor, *matrices: Tensor) -> Tensor:
        order = _order(chosen_TA, len(matrices) // 3)
        rows = _Rows(x_TD.dtype, order.spans, matrices)
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
        rows = _Rows(x_TD.dtype, [slice(0, len(x_TD))], matrices)
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


class _Rows:
    """Blocks over spans of rows, one each, computed in `dtype`."""

    def __init__(self, dtype: torch.dtype, spans: list[slice], matrices: Sequence[Tensor]) -> None:
        first = matrices[0]
        self.spans = spans
        self.native = native.available() and first.device.type == "cpu" and len(first) % native.LANES == 0
        into = torch.empty(len(spans), 2, *first.shape, dtype=dtype, device=first.device)
        for pair, gate, up in zip(into, matrices[::3], matrices[1::3], strict=True):
            pair[0], pair[1] = gate, up
        self.into = into.flatten(1, 2).unbind()
        self.down = [matrix.to(dtype) for matrix in matrices[2::3]]
        self.wide = matrices[0].dtype

    def forward(self, x_RD: Tensor, scale_R: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(gate and up (R, 2F), what the last product takes (R, F), what it gives (R, D))."""
        with torch.autocast(x_RD.device.type, enabled=False):
            both = x_RD.new_empty(len(x_RD), len(self.into[0]))
            for rows, matrix in zip(self.spans, self.into, strict=True):
                torch.mm(x_RD[rows], matrix.T, out=both[rows])
            hidden, out = self._gated(both, scale_R), torch.empty_like(x_RD)
            for rows, matrix in zip(self.spans, self.down, strict=True):
                torch.mm(hidden[rows], matrix.T, out=out[rows])
        return both, hidden, out

    def backward(
        self, x_RD: Tensor, scale_R: Tensor, both: Tensor, hidden: Tensor, grad_RD: Tensor
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """The gradients of x, of the scale, and of every matrix in the order in which they were given."""
        with torch.autocast(x_RD.device.type, enabled=False):
            grad_hidden, dx = torch.empty_like(hidden), torch.empty_like(x_RD)
            for rows, matrix in zip(self.spans, self.down, strict=True):
                torch.mm(grad_RD[rows], matrix, out=grad_hidden[rows])
            grad_both, dscale = self._gated_backward(both, scale_R, grad_hidden)
            found: list[Tensor] = []
            for rows, matrix in zip(self.spans, self.into, strict=True):
                torch.mm(grad_both[rows], matrix, out=dx[rows])
                found += (grad_both[rows].T @ x_RD[rows]).to(self.wide).chunk(2)
                found.append((grad_RD[rows].T @ hidden[rows]).to(self.wide))
        return dx, dscale, found

    def _gated(self, both: Tensor, scale_R: Tensor) -> Tensor:
        if self.native and both.dtype in native.KINDS:
            return native.swiglu(both, scale_R)
        gate, up = both.chunk(2, dim=1)
        return (silu(gate.float()) * up.float() * scale_R[:, None]).to(both.dtype)

    def _gated_backward(self, both: Tensor, scale_R: Tensor, grad: Tensor) -> tuple[Tensor, Tensor]:
        if self.native and both.dtype in native.KINDS:
            return native.swiglu_backward(both, scale_R, grad)
        gate, up = (part.float() for part in both.chunk(2, dim=1))
        wide, s = grad.float(), gate.sigmoid()
        dscale = (wide * gate * s * up).sum(1)
        wide = wide * scale_R[:, None]
        dgate = wide * up * s * (1 + gate * (1 - s))
        return torch.cat((dgate, wide * gate * s), dim=1).to(both.dtype), dscale
