"""Configs of the first generation (`QWenLMHeadModel`, 2023) in the spelling of the later ones.

That generation had two spellings of its own: the one of August 2023 (`n_embd`, `n_layer`, `n_head`, `n_positions`,
`ffn_hidden_size`) and the one since September (`hidden_size` and so on). In both, the feed-forward width counts its two
input projections together, so it is twice what later configs say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FIRST_GENERATION = "QWenLMHeadModel"
_CONTEXT = 8192  # what a config means that does not say

# Later name -> the first generation's own, the surest first.
_NAMES: dict[str, tuple[str, ...]] = {
    "hidden_size": ("hidden_size", "n_embd"),
    "num_hidden_layers": ("num_hidden_layers", "n_layer"),
    "num_attention_heads": ("num_attention_heads", "n_head"),
    "intermediate_size": ("intermediate_size", "ffn_hidden_size"),
    "max_position_embeddings": ("max_position_embeddings", "n_positions"),
    "vocab_size": ("vocab_size", "padded_vocab_size"),
    "rms_norm_eps": ("layer_norm_epsilon",),
    "head_dim": ("kv_channels",),
    "rope_theta": ("rotary_emb_base", "rope_theta"),
    "partial_rotary_factor": ("rotary_pct",),
}


def later_spelling(config: Mapping[str, Any]) -> dict[str, Any]:
    """A config.json's object as a copy; one of the first generation with the later names and meanings.

    `seq_length`, the trained length, is the whole context where a config leaves it out.
    """
    architectures = config.get("architectures")
    if not isinstance(architectures, list) or FIRST_GENERATION not in architectures:
        return dict(config)
    found = {later: _first(config, names) for later, names in _NAMES.items()}
    width = found["intermediate_size"]
    if isinstance(width, int) and not isinstance(width, bool):
        found["intermediate_size"] = width // 2
    if found["max_position_embeddings"] is None:
        found["max_position_embeddings"] = _CONTEXT
    found["num_key_value_heads"] = found["num_attention_heads"]
    trained = config.get("seq_length")
    found["seq_length"] = found["max_position_embeddings"] if trained is None else trained
    return {**config, **found}


def _first(config: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((config[name] for name in names if config.get(name) is not None), None)
