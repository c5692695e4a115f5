"""Qwen2, Qwen2.5 and QwQ-32B: biases on q, k and v alone, heads of hidden_size / num_attention_heads."""

from __future__ import annotations

from yunqi.common.config import ModelConfig
from yunqi.layers.attention import Attention
from yunqi.layers.decoder import CausalLM, DecoderLayer, dense_layer
from yunqi.layers.rope import RotaryEmbedding


class Qwen2ForCausalLM(CausalLM):
    config_class = ModelConfig

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config, decoder_layer)


def decoder_layer(config: ModelConfig, layer_id: int, rotary_emb: RotaryEmbedding) -> DecoderLayer:
    attention = Attention(config, layer_id, rotary_emb, qkv_bias=True, o_bias=False, qk_norm=False)
    return dense_layer(config, attention)
