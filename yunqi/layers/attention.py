"""Grouped-query softmax attention with rotary positions (Ainslie et al. 2023)."""

from __future__ import annotations

from torch import Tensor, nn

from yunqi.common.config import ModelConfig
from yunqi.layers.linear import Linear
from yunqi.layers.norm import RMSNorm, ZeroCentredRMSNorm
from yunqi.layers.rope import RotaryEmbedding
from yunqi.ops import table as ops
from yunqi.ops.context import ForwardContext, PagedKVSpec


class AttentionCore(nn.Module):
    """Heads, rotation and memory of a layer; who inherits adds the projections under the checkpoint's names.

    Args:
        logn_length: scale the query at position p by log(p + 1) / log(logn_length) where that is above 1
            (Su 2021, "log n" scaling); None: never.
    """

    def __init__(
        self, config: ModelConfig, layer_id: int, rotary_emb: RotaryEmbedding, *, logn_length: int | None = None
    ) -> None:
        super().__init__()
        self.layer_id = layer_id
        self.num_heads, self.num_kv_heads = config.num_attention_heads, config.num_key_value_heads
        self.head_dim, self.sliding_window = config.head_dim, config.window_of(layer_id)
        self.logn_length = logn_length
        self.q_norm: RMSNorm | None = None
        self.k_norm: RMSNorm | None = None
        self._rotary_emb = (rotary_emb,)  # in a tuple: the model owns it, not each layer

    @property
    def rotary_emb(self) -> RotaryEmbedding:
        return self._rotary_emb[0]

    @property
    def memory_spec(self) -> PagedKVSpec:
        """What the engine keeps for this layer."""
        return PagedKVSpec(num_kv_heads=self.num_kv_heads, head_dim=self.head_dim)

    def attend(self, q: Tensor, k: Tensor, v: Tensor, positions: Tensor, ctx: ForwardContext) -> Tensor:
        """What the projections made, (T, N*H), (T, K*H), (T, K*H), to the heads' outputs (T, N*H)."""
        q, k, v = ops.qk_norm_rope_write(q, k, v, self, positions, ctx)
        return ops.attention(q, k, v, self, ctx)


class Attention(AttentionCore):
    """q, k, v projections, optional per-head norms of q and k, rotation, attention, output projection.

    Args:
        qkv_bias, o_bias: whether those projections have biases.
        qk_norm: normalise each head of q and k, with weights of head size shared by the heads.
    """

    def __init__(
        self,
        config: ModelConfig,
        layer_id: int,
        rotary_emb: RotaryEmbedding,
        *,
        qkv_bias: bool,
        o_bias: bool,
        qk_norm: bool,
    ) -> None:
        super().__init__(config, layer_id, rotary_emb)
        self.q_proj = Linear(config.hidden_size, self.num_heads * self.head_dim, bias=qkv_bias)
        self.k_proj = Linear(config.hidden_size, self.num_kv_heads * self.head_dim, bias=qkv_bias)
        self.v_proj = Linear(config.hidden_size, self.num_kv_heads * self.head_dim, bias=qkv_bias)
        self.o_proj = Linear(self.num_heads * self.head_dim, config.hidden_size, bias=o_bias)
        if qk_norm:
            self.q_norm = RMSNorm(self.head_dim, config.rms_norm_eps)
            self.k_norm = RMSNorm(self.head_dim, config.rms_norm_eps)

    def forward(self, x_TD: Tensor, positions: Tensor, ctx: ForwardContext) -> Tensor:
        q, k, v = ops.linear_group(x_TD, (self.q_proj, self.k_proj, self.v_proj), ctx)
        return self.o_proj(self.attend(q, k, v, positions, ctx), ctx)


class GatedAttention(AttentionCore):
    """Attention whose output is gated by its own input, elementwise before the output projection (Qiu et al. 2025,
    "Gated Attention for Large Language Models"). q_proj makes each head's query with its gate behind it."""

    def __init__(self, config: ModelConfig, layer_id: int, rotary_emb: RotaryEmbedding) -> None:
        super().__init__(config, layer_id, rotary_emb)
        hidden, bias = config.hidden_size, config.attention_bias
        self.q_proj = Linear(hidden, 2 * self.num_heads * self.head_dim, bias=bias)
        self.k_proj = Linear(hidden, self.num_kv_heads * self.head_dim, bias=bias)
        self.v_proj = Linear(hidden, self.num_kv_heads * self.head_dim, bias=bias)
        self.o_proj = Linear(self.num_heads * self.head_dim, hidden, bias=bias)
        self.q_norm = ZeroCentredRMSNorm(self.head_dim, config.rms_norm_eps)
        self.k_norm = ZeroCentredRMSNorm(self.head_dim, config.rms_norm_eps)

    def forward(self, x_TD: Tensor, positions: Tensor, ctx: ForwardContext) -> Tensor:
        both, k, v = ops.linear_group(x_TD, (self.q_proj, self.k_proj, self.v_proj), ctx)
        q_TNH, gate_TNH = both.unflatten(-1, (self.num_heads, 2 * self.head_dim)).chunk(2, dim=-1)
        out = self.attend(q_TNH, k, v, positions, ctx)
        return self.o_proj(ops.sigmoid_mul(gate_TNH, out, ctx), ctx)
