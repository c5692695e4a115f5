"""Qwen3-Next (80B-A3B; Qwen3-Coder-Next): three gated DeltaNets to one gated attention, a mixture of experts in every
layer, zero-centred norms, and a head that predicts one token further (`make_mtp`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yunqi.common.config import count_in
from yunqi.common.hybrid import HybridMoeConfig
from yunqi.layers.gated_delta_net import GroupedGatedDeltaNet
from yunqi.layers.hybrid import HybridCausalLM, HybridLayer, MultiTokenPredictor, mixer_of
from yunqi.layers.moe import feed_forward
from yunqi.layers.rope import RotaryEmbedding


@dataclass(frozen=True, kw_only=True)
class Qwen3NextConfig(HybridMoeConfig):
    norm_topk_prob: bool = True

    @classmethod
    def spelled(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        found = super().spelled(data)
        return found | {"shared_expert_intermediate_size": count_in(found, "shared_expert_intermediate_size")}


class Qwen3NextForCausalLM(HybridCausalLM):
    config_class = Qwen3NextConfig
    config: Qwen3NextConfig

    def __init__(self, config: Qwen3NextConfig) -> None:
        super().__init__(config, decoder_layer)

    def make_mtp(self) -> MultiTokenPredictor:
        """The checkpoint's `mtp.*`; its layer has the feed-forward of the decoder's first."""
        return MultiTokenPredictor(self.config, feed_forward(self.config, 0))


def decoder_layer(config: Qwen3NextConfig, layer_id: int, rotary_emb: RotaryEmbedding) -> HybridLayer:
    mixer = mixer_of(config, layer_id, rotary_emb, GroupedGatedDeltaNet)
    return HybridLayer(config, mixer, feed_forward(config, layer_id))
