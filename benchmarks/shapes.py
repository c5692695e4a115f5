"""Checkpoints of random weights for the benchmarks, in the shapes of released models and in smaller ones.

Beside the dense shapes of Qwen3 there are `moe`, half of Qwen3-30B-A3B in every direction, and `next`, half of
Qwen3-Next-80B-A3B; both with 16 layers and 64 experts, 8 of them for a token.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from yunqi.engine.loader import build_model, save_model

_SHARD_BYTES = 1 << 30  # what is written is copied a shard at a time
SHAPES: dict[str, dict[str, Any]] = {
    "nano": {"hidden_size": 256, "intermediate_size": 640, "num_hidden_layers": 6, "num_attention_heads": 8,
             "num_key_value_heads": 4, "head_dim": 32, "vocab_size": 1024},
    "0.6B": {"hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 28, "num_attention_heads": 16,
             "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151_936},
    "1.7B": {"hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 28, "num_attention_heads": 16,
             "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151_936},
    "4B": {"hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36, "num_attention_heads": 32,
           "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151_936},
    "moe": {"architectures": ["Qwen3MoeForCausalLM"], "model_type": "qwen3_moe", "hidden_size": 1024,
            "intermediate_size": 3072, "num_hidden_layers": 16, "num_attention_heads": 16, "num_key_value_heads": 2,
            "head_dim": 128, "vocab_size": 151_936, "num_experts": 64, "num_experts_per_tok": 8,
            "moe_intermediate_size": 384, "norm_topk_prob": True},
    "next": {"architectures": ["Qwen3NextForCausalLM"], "model_type": "qwen3_next", "hidden_size": 1024,
             "intermediate_size": 2560, "num_hidden_layers": 16, "num_attention_heads": 8, "num_key_value_heads": 2,
             "head_dim": 256, "vocab_size": 151_936, "num_experts": 64, "num_experts_per_tok": 8,
             "moe_intermediate_size": 256, "shared_expert_intermediate_size": 256, "norm_topk_prob": True,
             "linear_num_key_heads": 8, "linear_num_value_heads": 16, "linear_key_head_dim": 128,
             "linear_value_head_dim": 128, "linear_conv_kernel_dim": 4, "full_attention_interval": 4,
             "partial_rotary_factor": 0.25},
}  # fmt: skip
# The same architectures, small enough for a first try and for comparing numbers.
_SMALL = {"hidden_size": 128, "intermediate_size": 320, "num_hidden_layers": 4, "num_attention_heads": 4,
          "num_key_value_heads": 2, "head_dim": 64, "vocab_size": 512}  # fmt: skip
_FEW_EXPERTS = {"num_experts": 8, "num_experts_per_tok": 3, "moe_intermediate_size": 96}
SHAPES |= {
    "tiny": _SMALL,
    "tiny-moe": SHAPES["moe"] | _SMALL | _FEW_EXPERTS,
    "tiny-next": SHAPES["next"] | _SMALL | _FEW_EXPERTS
    | {"shared_expert_intermediate_size": 64, "linear_num_key_heads": 2, "linear_num_value_heads": 6,
       "linear_key_head_dim": 64, "linear_value_head_dim": 64},
}  # fmt: skip


def config_of(shape: str) -> dict[str, Any]:
    """The config.json of a shape."""
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "max_position_embeddings": 40_960,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1_000_000.0,
        "tie_word_embeddings": True,
        "attention_bias": False,
        "hidden_act": "silu",
        "torch_dtype": "bfloat16",
        **SHAPES[shape],
    }


def checkpoint(config: Mapping[str, Any], folder: Path, *, spread: float = 0.02) -> None:
    """Write a model of random weights in bfloat16, matrices with this standard deviation; one that is there stays."""
    if (folder / "config.json").exists():  # written last
        return
    model = build_model(config, device="meta").to(torch.bfloat16).to_empty(device="cpu")
    model.tie_weights()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=spread if parameter.ndim > 1 else 1.0, generator=generator)
    folder.mkdir(parents=True, exist_ok=True)
    save_model(model, folder, shard_bytes=_SHARD_BYTES)
    del model
    gc.collect()
