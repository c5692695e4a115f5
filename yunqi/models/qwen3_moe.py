"""Qwen3-30B-A3B, Qwen3-235B-A22B, Qwen3-Coder: Qwen3's attention, and a mixture of experts without a shared one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yunqi.common.moe import MoeConfig
from yunqi.layers.attention import Attention
from yunqi.layers.decoder import CausalLM, DecoderLayer
from yunqi.layers.moe import feed_forward
from yunqi.layers.rope import RotaryEmbedding


@dataclass(frozen=True, kw_only=True)
class Qwen3MoeConfig(MoeConfig):
    """Unlike the dense models': a config without `head_dim` means hidden_size / num_attention_heads, and
    `use_sliding_window` gives every layer the window."""

    @classmethod
    def spelled(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        return super().spelled(data) | {"max_window_layers": 0, "shared_expert_intermediate_size": None}


class Qwen3MoeForCausalLM(CausalLM):
    config_class = Qwen3MoeConfig

    def __init__(self, config: Qwen3MoeConfig) -> None:
        super().__init__(config, decoder_layer)


def decoder_layer(config: Qwen3MoeConfig, layer_id: int, rotary_emb: RotaryEmbedding) -> DecoderLayer:
    bias = config.attention_bias
    attention = Attention(config, layer_id, rotary_emb, qkv_bias=bias, o_bias=bias, qk_norm=True)
    return DecoderLayer(config, attention, feed_forward(config, layer_id))
