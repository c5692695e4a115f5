"""The config.json of released Qwen models by name, as far as it shapes the network, and sketches of the closed ones.

Facts of the makers' published files. What nobody published is named a sketch: an architecture of the family at a size
that fits what is known of it, for planning and for nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yunqi.hub.released import released_shapes

_QWEN2_MOE, _QWEN3_MOE, _QWEN3_NEXT = "Qwen2MoeForCausalLM", "Qwen3MoeForCausalLM", "Qwen3NextForCausalLM"
_VOCABULARY = 151_936
# architecture, name, hidden, feed-forward, an expert's, layers, heads, kv heads, experts, a token's, shared expert's,
# context, rotary base
_MOE = (
    (_QWEN2_MOE, "Qwen/Qwen1.5-MoE-A2.7B", 2048, 5632, 1408, 24, 16, 16, 60, 4, 5632, 8192, 1e6),
    (_QWEN2_MOE, "Qwen/Qwen2-57B-A14B-Instruct", 3584, 18_944, 2560, 28, 28, 4, 64, 8, 20_480, 32_768, 1e6),
    (_QWEN3_MOE, "Qwen/Qwen3-30B-A3B", 2048, 6144, 768, 48, 32, 4, 128, 8, None, 40_960, 1e6),
    (_QWEN3_MOE, "Qwen/Qwen3-235B-A22B", 4096, 12_288, 1536, 94, 64, 4, 128, 8, None, 40_960, 1e6),
    (_QWEN3_MOE, "Qwen/Qwen3-Coder-480B-A35B-Instruct", 6144, 8192, 2560, 62, 96, 8, 160, 8, None, 262_144, 1e7),
    # More than a trillion parameters, says its maker, and no more of its shape.
    (_QWEN3_MOE, "qwen3-max-sketch", 7168, 16_384, 2560, 94, 64, 8, 192, 8, None, 262_144, 1e7),
)
_NEXT = {
    "architectures": [_QWEN3_NEXT],
    "vocab_size": _VOCABULARY,
    "hidden_size": 2048,
    "intermediate_size": 5120,
    "moe_intermediate_size": 512,
    "shared_expert_intermediate_size": 512,
    "num_hidden_layers": 48,
    "full_attention_interval": 4,
    "num_attention_heads": 16,
    "num_key_value_heads": 2,
    "head_dim": 256,
    "partial_rotary_factor": 0.25,
    "rope_theta": 1e7,
    "max_position_embeddings": 262_144,
    "num_experts": 512,
    "num_experts_per_tok": 10,
    "norm_topk_prob": True,
    "linear_conv_kernel_dim": 4,
    "linear_num_key_heads": 16,
    "linear_num_value_heads": 32,
    "linear_key_head_dim": 128,
    "linear_value_head_dim": 128,
    "tie_word_embeddings": False,
}


def released_configs() -> dict[str, Mapping[str, Any]]:
    """Each name's config."""
    found: dict[str, Mapping[str, Any]] = dict(released_shapes())
    found |= {row[1]: _moe(*row) for row in _MOE}
    return found | {"Qwen/Qwen3-Next-80B-A3B-Instruct": _NEXT}


def _moe(
    architecture: str,
    name: str,
    hidden: int,
    ffn: int,
    expert: int,
    layers: int,
    heads: int,
    kv_heads: int,
    experts: int,
    chosen: int,
    shared: int | None,
    context: int,
    theta: float,
) -> dict[str, Any]:
    del name
    config = {
        "architectures": [architecture],
        "vocab_size": _VOCABULARY,
        "hidden_size": hidden,
        "intermediate_size": ffn,
        "moe_intermediate_size": expert,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "num_experts": experts,
        "num_experts_per_tok": chosen,
        "norm_topk_prob": architecture == _QWEN3_MOE,
        "max_position_embeddings": context,
        "rope_theta": theta,
        "tie_word_embeddings": False,
    }
    return config | ({"head_dim": 128} if shared is None else {"shared_expert_intermediate_size": shared})
