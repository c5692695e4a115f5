"""A mixture of experts in place of the feed-forward block."""

from __future__ import annotations

from torch import Tensor, nn

from yunqi.common.moe import MoeConfig
from yunqi.layers.linear import Linear
from yunqi.layers.mlp import GatedMLP
from yunqi.ops import table as ops
from yunqi.ops.context import ForwardContext


class SparseMoE(nn.Module):
    """A router, its experts and, where the config gives it a size, a shared expert that every token passes.

    The arithmetic is `yunqi.ops.table.moe`. An expert is a module of its own, under the checkpoint's names, so that
    weights stay where a checkpoint has them and a projection can be replaced like any other.
    """

    def __init__(self, config: MoeConfig) -> None:
        super().__init__()
        hidden_size, shared_size = config.hidden_size, config.shared_expert_intermediate_size
        self.num_experts_per_tok, self.norm_topk_prob = config.num_experts_per_tok, config.norm_topk_prob
        self.gate = Linear(hidden_size, config.num_experts)
        self.experts = nn.ModuleList(
            GatedMLP(hidden_size, config.moe_intermediate_size) for _ in range(config.num_experts)
        )
        self.shared_expert = None if shared_size is None else GatedMLP(hidden_size, shared_size)
        self.shared_expert_gate = None if shared_size is None else Linear(hidden_size, 1)

    def forward(self, x_TD: Tensor, ctx: ForwardContext) -> Tensor:
        """(T, D) -> (T, D)."""
        return ops.moe(x_TD, self, ctx)


def feed_forward(config: MoeConfig, layer_id: int) -> nn.Module:
    """A layer's mixture of experts, or the gated block where the config keeps the layer dense."""
    if config.is_sparse(layer_id):
        return SparseMoE(config)
    return GatedMLP(config.hidden_size, config.intermediate_size)
