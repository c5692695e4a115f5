"""The part of a checkpoint's configuration that speaks of a mixture of experts: `MoeConfig`. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yunqi.common.config import ModelConfig, contradiction, count_in


@dataclass(frozen=True, kw_only=True)
class MoeConfig(ModelConfig):
    """A decoder whose feed-forward is, in some layers or all, a router over experts.

    `num_local_experts`, the key of some re-saved checkpoints, is read as `num_experts`. A family whose layers also have
    a shared expert makes `shared_expert_intermediate_size` something to be named; None is no such expert.
    """

    num_experts: int
    num_experts_per_tok: int
    moe_intermediate_size: int
    shared_expert_intermediate_size: int | None = None
    norm_topk_prob: bool = False
    decoder_sparse_step: int = 1
    mlp_only_layers: tuple[int, ...] = ()

    @classmethod
    def spelled(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        found = super().spelled(data)
        names = [name for name in ("num_experts", "num_local_experts") if found.get(name) is not None]
        if len({found[name] for name in names if isinstance(found[name], int)}) > 1:
            raise contradiction(f"num_experts={found[names[0]]} and num_local_experts={found[names[1]]}")
        layers = found.get("mlp_only_layers") or []
        if not isinstance(layers, list) or not all(type(layer) is int for layer in layers):
            raise contradiction(f"mlp_only_layers={layers!r} is no list of layers")
        return found | {
            "num_experts": count_in({"num_experts": found[names[0]] if names else None}, "num_experts"),
            "num_experts_per_tok": count_in(found, "num_experts_per_tok"),
            "moe_intermediate_size": count_in(found, "moe_intermediate_size"),
            "decoder_sparse_step": count_in(found, "decoder_sparse_step", 1),
            "mlp_only_layers": tuple(layers),
        }

    def is_sparse(self, layer: int) -> bool:
        """Whether a layer's feed-forward is a mixture of experts."""
        return layer not in self.mlp_only_layers and (layer + 1) % self.decoder_sparse_step == 0

    def check(self) -> None:
        super().check()
        if self.num_experts_per_tok > self.num_experts:
            raise contradiction(f"{self.num_experts_per_tok} experts for each token of {self.num_experts}")
        if not isinstance(self.norm_topk_prob, bool):
            raise contradiction(f"norm_topk_prob={self.norm_topk_prob!r} is neither true nor false")
