"""Qwen1.5-MoE and Qwen2-57B-A14B: Qwen2's attention, and in place of the feed-forward many small experts, of which a
router chooses a few for each token, beside a shared one that a gate of its own weighs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yunqi.common.config import contradiction, count_in
from yunqi.common.moe import MoeConfig
from yunqi.layers.attention import Attention
from yunqi.layers.decoder import CausalLM, DecoderLayer
from yunqi.layers.moe import feed_forward
from yunqi.layers.rope import RotaryEmbedding


@dataclass(frozen=True, kw_only=True)
class Qwen2MoeConfig(MoeConfig):
    """Where `use_sliding_window` says so, every other layer of the first `max_window_layers` has the window."""

    qkv_bias: bool = True

    @classmethod
    def spelled(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        found = super().spelled(data)
        found["shared_expert_intermediate_size"] = count_in(found, "shared_expert_intermediate_size")
        if found.get("use_sliding_window") and found.get("layer_types") is None:
            found["layer_types"] = _every_other(found)
        return found

    def check(self) -> None:
        super().check()
        if not isinstance(self.qkv_bias, bool):
            raise contradiction(f"qkv_bias={self.qkv_bias!r} is neither true nor false")


def _every_other(data: Mapping[str, Any]) -> list[str]:
    last = data.get("max_window_layers", 28)
    if type(last) is not int:
        raise contradiction(f"max_window_layers={last!r} is not a whole number")
    layers = range(count_in(data, "num_hidden_layers"))
    return ["sliding_attention" if i % 2 == 0 and i < last else "full_attention" for i in layers]


class Qwen2MoeForCausalLM(CausalLM):
    config_class = Qwen2MoeConfig

    def __init__(self, config: Qwen2MoeConfig) -> None:
        super().__init__(config, decoder_layer)


def decoder_layer(config: Qwen2MoeConfig, layer_id: int, rotary_emb: RotaryEmbedding) -> DecoderLayer:
    attention = Attention(config, layer_id, rotary_emb, qkv_bias=config.qkv_bias, o_bias=False, qk_norm=False)
    return DecoderLayer(config, attention, feed_forward(config, layer_id))
