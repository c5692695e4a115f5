"""The gated feed-forward block."""

from __future__ import annotations

from torch import Tensor, nn

from yunqi.layers.linear import Linear
from yunqi.ops import table as ops
from yunqi.ops.context import ForwardContext


class GatedMLP(nn.Module):
    """down(silu(gate(x)) * up(x))."""

    def __init__(self, hidden_size: int, intermediate_size: int) -> None:
        super().__init__()
        self.gate_proj = Linear(hidden_size, intermediate_size)
        self.up_proj = Linear(hidden_size, intermediate_size)
        self.down_proj = Linear(intermediate_size, hidden_size)

    def forward(self, x_TD: Tensor, ctx: ForwardContext) -> Tensor:
        gate, up = ops.linear_group(x_TD, (self.gate_proj, self.up_proj), ctx)
        return self.down_proj(ops.swiglu(gate, up, ctx), ctx)
