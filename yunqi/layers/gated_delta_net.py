"""Gated DeltaNet: linear attention whose state decays and is corrected by the delta rule (Yang et al. 2024)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yunqi.common.hybrid import HybridConfig
from yunqi.layers.linear import Linear
from yunqi.layers.norm import GatedRMSNorm
from yunqi.ops import table as ops
from yunqi.ops.context import ForwardContext, RecurrentStateSpec, StateTensor


class CausalConv(nn.Module):
    """The weight of a convolution of each channel with itself over time, (C, 1, W)."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels, 1, width))


class GatedDeltaNetCore(nn.Module):
    """Convolution, delta rule, gated norm and output projection; who inherits adds the input projections.

    M key heads of size H serve N value heads of size P, N / M each.
    """

    norm: GatedRMSNorm
    out_proj: Linear

    def __init__(self, config: HybridConfig, layer_id: int) -> None:
        super().__init__()
        self.layer_id = layer_id
        self.num_key_heads, self.num_value_heads = config.linear_num_key_heads, config.linear_num_value_heads
        self.key_dim, self.value_dim = config.linear_key_head_dim, config.linear_value_head_dim
        self.key_size, self.value_size = self.num_key_heads * self.key_dim, self.num_value_heads * self.value_dim
        self.num_channels, self.width = 2 * self.key_size + self.value_size, config.linear_conv_kernel_dim
        self.dt_bias = nn.Parameter(torch.empty(self.num_value_heads))
        self.A_log = nn.Parameter(torch.empty(self.num_value_heads))
        self.conv1d = CausalConv(self.num_channels, self.width)

    def add_output(self, config: HybridConfig) -> None:
        """What follows the delta rule; a family calls this where its checkpoints have these parameters."""
        self.norm = GatedRMSNorm(self.value_dim, config.rms_norm_eps)
        self.out_proj = Linear(self.value_size, config.hidden_size)

    @property
    def memory_spec(self) -> RecurrentStateSpec:
        """What the engine keeps for this layer: the convolution's last inputs, and the state of each value head."""
        conv = StateTensor(shape=(self.width - 1, self.num_channels))
        delta = StateTensor(shape=(self.num_value_heads, self.key_dim, self.value_dim), dtype="float32")
        return RecurrentStateSpec(tensors={"conv": conv, "delta": delta})

    def mix(self, q: Tensor, k: Tensor, v: Tensor, z: Tensor, b: Tensor, a: Tensor, ctx: ForwardContext) -> Tensor:
        """What the projections made, (T, ...) each, in the order of the heads, to (T, D)."""
        q, k, v = ops.causal_conv((q, k, v), self, ctx)
        q, k = (x.unflatten(-1, (self.num_key_heads, self.key_dim)) for x in (q, k))
        v = v.unflatten(-1, (self.num_value_heads, self.value_dim))
        o_TNP = ops.gated_delta(q, k, v, b, a, self, ctx)
        return self.out_proj(ops.gated_rms_norm(o_TNP, z, self.norm, ctx).flatten(1), ctx)


class GroupedGatedDeltaNet(GatedDeltaNetCore):
    """Projections as Qwen3-Next has them: the parts of a key head and its value heads lie side by side."""

    def __init__(self, config: HybridConfig, layer_id: int) -> None:
        super().__init__(config, layer_id)
        self.in_proj_qkvz = Linear(config.hidden_size, self.num_channels + self.value_size)
        self.in_proj_ba = Linear(config.hidden_size, 2 * self.num_value_heads)
        self.add_output(config)

    def forward(self, x_TD: Tensor, positions: Tensor, ctx: ForwardContext) -> Tensor:
        qkvz, ba = ops.linear_group(x_TD, (self.in_proj_qkvz, self.in_proj_ba), ctx)
        values = self.value_size // self.num_key_heads
        sizes = (self.key_dim, self.key_dim, values, values)
        q, k, v, z = qkvz.unflatten(-1, (self.num_key_heads, -1)).split(sizes, dim=-1)
        b, a = ba.unflatten(-1, (self.num_key_heads, -1)).chunk(2, dim=-1)
        return self.mix(q, k, v, z, b, a, ctx)


class SplitGatedDeltaNet(GatedDeltaNetCore):
    """Projections as Qwen3.5 has them: one for each part but q, k and v, which follow each other."""

    def __init__(self, config: HybridConfig, layer_id: int) -> None:
        super().__init__(config, layer_id)
        self.add_output(config)
        self.in_proj_qkv = Linear(config.hidden_size, self.num_channels)
        self.in_proj_z = Linear(config.hidden_size, self.value_size)
        self.in_proj_b = Linear(config.hidden_size, self.num_value_heads)
        self.in_proj_a = Linear(config.hidden_size, self.num_value_heads)

    def forward(self, x_TD: Tensor, positions: Tensor, ctx: ForwardContext) -> Tensor:
        modules = (self.in_proj_qkv, self.in_proj_z, self.in_proj_b, self.in_proj_a)
        qkv, z, b, a = ops.linear_group(x_TD, modules, ctx)
        q, k, v = qkv.split((self.key_size, self.key_size, self.value_size), dim=-1)
        return self.mix(q, k, v, z, b, a, ctx)
