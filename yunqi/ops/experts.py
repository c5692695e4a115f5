"""The mixture of experts in training: rows of all experts side by side, and gradients by hand.

An expert's part of a sum, weight * down(silu(gate(x)) * up(x)), is computed as down(weight * silu(gate(x)) * up(x)):
its weight lies on the narrow side of the block. R rows: tokens as often as they have experts, sorted by expert; A experts
of a token, D hidden, F ffn.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import silu

from yunqi.ops import naive
from yunqi.ops.context import ForwardContext
from yunqi.ops.native import training as native


def trainable(x_TD: Tensor, module: Any) -> bool:
    """Whether gradients flow and the experts are plain blocks, which this file takes apart."""
    blocks = [*module.experts, *([] if module.shared_expert is None else [module.shared_expert])]
    return torch.is_grad_enabled() and all(_weights(block) is not None for block in blocks)


def moe(x_TD: Tensor, module: Any, ctx: ForwardContext) -> Tensor:
    """`naive.moe`."""
    weights_TA, chosen_TA = naive.route(module.gate(x_TD, ctx), module, ctx)
    routed = _Routed.apply(
        x_TD, weights_TA.float(), chosen_TA, ctx, *(w for expert in module.experts for w in _parts(expert))
    )
    if module.shared_expert is None:
        return routed
    share_T = module.shared_expert_gate(x_TD, ctx).float().sigmoid()[:, 0]
    return routed + _Shared.apply(x_TD, share_T, ctx, *_parts(module.shared_expert))


def _weights(block: Any) -> list[Tensor] | None:
    projections = [getattr(block, f"{name}_proj", None) for name in ("gate", "up", "down")]
    found = [getattr(projection, "weight", None) for projection in projections]
    plain = all(isinstance(w, torch.nn.Parameter) for w in found) and all(p.bias is None for p in projections)
    return found if plain else None


def _parts(block: Any) -> list[Tensor]:
    found = _weights(block)
    assert found is not None
    return found


class _Routed(torch.autograd.Function):
    """x (T, D), weights (T, A) float32, chosen (T, A), then gate, up and down of every expert -> (T, D)."""

    @staticmethod
    def forward(
        ctx: Any, x_TD: Tensor, weights_TA: Tensor, chosen_TA: Tensor, step: ForwardContext, *matrices: Tensor
    ) -> Tensor:
        chosen = chosen_TA.flatten()
        order = chosen.argsort(stable=True)
        borders = [0, *accumulate(chosen.bincount(minlength=len(matrices) // 3).tolist())]
        place_TA = torch.empty_like(order).scatter_(0, order, torch.arange(len(order), device=order.device))
        token_R, place_TA = order // chosen_TA.shape[1], place_TA.view(chosen_TA.shape)
        rows = _Rows(x_TD.dtype, borders, matrices, step)
        x_RD = x_TD.to(rows.dtype).index_select(0, token_R)
        scale_R = weights_TA.flatten().index_select(0, order)
        both, hidden, out_RD = rows.forward(x_RD, scale_R)
        ctx.save_for_backward(x_RD, scale_R, both, hidden, order, token_R, place_TA)
        ctx.rows, ctx.dtype = rows, x_TD.dtype
        return _gathered(out_RD, place_TA).to(x_TD.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x_RD, scale_R, both, hidden, order, token_R, place_TA = ctx.saved_tensors
        grad_RD = grads[0].to(ctx.rows.dtype).index_select(0, token_R)
        dx_RD, dscale_R, found = ctx.rows.backward(x_RD, scale_R, both, hidden, grad_RD)
        dweights = dscale_R.index_select(0, place_TA.flatten()).view(place_TA.shape)
        return _gathered(dx_RD, place_TA).to(ctx.dtype), dweights, None, None, *found


class _Shared(torch.autograd.Function):
    """x (T, D), each token's share (T) float32, then gate, up and down -> (T, D)."""

    @staticmethod
    def forward(ctx: Any, x_TD: Tensor, share_T: Tensor, step: ForwardContext, *matrices: Tensor) -> Tensor:
        rows = _Rows(x_TD.dtype, [0, len(x_TD)], matrices, step)
        x_RD, share_T = x_TD.to(rows.dtype).contiguous(), share_T.contiguous()
        both, hidden, out = rows.forward(x_RD, share_T)
        ctx.save_for_backward(x_RD, share_T, both, hidden)
        ctx.rows, ctx.dtype = rows, x_TD.dtype
        return out.to(x_TD.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x_RD, share_T, both, hidden = ctx.saved_tensors
        dx, dshare, found = ctx.rows.backward(x_RD, share_T, both, hidden, grads[0].to(ctx.rows.dtype).contiguous())
        return dx.to(ctx.dtype), dshare, None, *found


def _gathered(x_RD: Tensor, place_TA: Tensor) -> Tensor:
    """The sum of each token's rows."""
    total = x_RD.index_select(0, place_TA[:, 0])
    for column in range(1, place_TA.shape[1]):
        total += x_RD.index_select(0, place_TA[:, column])
    return total


class _Rows:
    """Blocks over spans of rows: block e has the rows [borders[e], borders[e + 1]). `dtype` is that of its products."""

    def __init__(self, dtype: torch.dtype, borders: Sequence[int], matrices: Sequence[Tensor], step: Any) -> None:
        device = matrices[0].device.type
        self.dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else dtype
        self.spans = [slice(*border) for border in pairwise(borders)]
        self.native = native.available() and device == "cpu" and len(matrices[0]) % native.LANES == 0
        self.into = [torch.cat(pair).to(self.dtype) for pair in zip(matrices[::3], matrices[1::3], strict=True)]
        self.down = [matrix.to(self.dtype) for matrix in matrices[2::3]]
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
