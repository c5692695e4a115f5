"""Qwen3.5, the text alone: Qwen3-Next's layers with a projection for each part of the linear ones. Dense (0.8B to 27B)
or with a mixture of experts in every layer (35B-A3B, 122B-A10B, 397B-A17B). Both have its head that predicts one token
further.

Positions of text are the same on all three axes of its rotation, so that here it is the plain one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yunqi.common.config import count_in
from yunqi.common.hybrid import HybridConfig, HybridMoeConfig
from yunqi.layers.gated_delta_net import SplitGatedDeltaNet
from yunqi.layers.hybrid import HybridCausalLM, HybridLayer, MultiTokenPredictor, mixer_of
from yunqi.layers.mlp import GatedMLP
from yunqi.layers.moe import SparseMoE
from yunqi.layers.rope import RotaryEmbedding


@dataclass(frozen=True, kw_only=True)
class Qwen3_5MoeConfig(HybridMoeConfig):
    """Every layer is sparse, and the weights of a token's experts always add up to 1."""

    @classmethod
    def spelled(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        always = {"norm_topk_prob": True, "decoder_sparse_step": 1, "mlp_only_layers": []}
        found = super().spelled({**data, **always})
        return found | {"shared_expert_intermediate_size": count_in(found, "shared_expert_intermediate_size")}


class Qwen3_5ForCausalLM(HybridCausalLM):
    config_class = HybridConfig
    config: HybridConfig

    def __init__(self, config: HybridConfig) -> None:
        super().__init__(config, dense_layer)

    def make_mtp(self) -> MultiTokenPredictor:
        return MultiTokenPredictor(self.config, GatedMLP(self.config.hidden_size, self.config.intermediate_size))


class Qwen3_5MoeForCausalLM(HybridCausalLM):
    config_class = Qwen3_5MoeConfig
    config: Qwen3_5MoeConfig

    def __init__(self, config: Qwen3_5MoeConfig) -> None:
        super().__init__(config, sparse_layer)

    def make_mtp(self) -> MultiTokenPredictor:
        return MultiTokenPredictor(self.config, SparseMoE(self.config))


def dense_layer(config: HybridConfig, layer_id: int, rotary_emb: RotaryEmbedding) -> HybridLayer:
    mixer = mixer_of(config, layer_id, rotary_emb, SplitGatedDeltaNet)
    return HybridLayer(config, mixer, GatedMLP(config.hidden_size, config.intermediate_size))


def sparse_layer(config: Qwen3_5MoeConfig, layer_id: int, rotary_emb: RotaryEmbedding) -> HybridLayer:
    return HybridLayer(config, mixer_of(config, layer_id, rotary_emb, SplitGatedDeltaNet), SparseMoE(config))
