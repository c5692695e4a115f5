"""Qwen3 dense: no biases, each head of q and k normalised before the rotation, heads of their own size (128)."""

from __future__ import annotations

from typing import ClassVar

from yunqi.common.config import ModelConfig
from yunqi.layers.attention import Attention
from yunqi.layers.decoder import CausalLM, DecoderLayer, dense_layer
from yunqi.layers.rope import RotaryEmbedding


class Qwen3Config(ModelConfig):
    """A Qwen3 checkpoint that leaves `head_dim` out means 128."""

    default_head_dim: ClassVar[int | None] = 128


class Qwen3ForCausalLM(CausalLM):
    config_class = Qwen3Config

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config, decoder_layer)


def decoder_layer(config: ModelConfig, layer_id: int, rotary_emb: RotaryEmbedding) -> DecoderLayer:
    bias = config.attention_bias
    attention = Attention(config, layer_id, rotary_emb, qkv_bias=bias, o_bias=bias, qk_norm=True)
    return dense_layer(config, attention)
