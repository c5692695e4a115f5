"""Random tiny configs of every family, and their independent references. One row per family.

Configs are drawn wide: odd head counts, every grouping, head sizes that are not hidden / heads, tied and untied heads,
biases, rope variants, sliding windows.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, kw_only=True)
class Case:
    """A family of `yunqi.families` beside the reference's config and model classes."""

    architecture: str
    config_class: str
    model_class: str
    explicit_head_dim: bool
    optional_bias: bool


CASES = (
    Case(
        architecture="Qwen2ForCausalLM",
        config_class="Qwen2Config",
        model_class="Qwen2ForCausalLM",
        explicit_head_dim=False,
        optional_bias=False,
    ),
    Case(
        architecture="Qwen3ForCausalLM",
        config_class="Qwen3Config",
        model_class="Qwen3ForCausalLM",
        explicit_head_dim=True,
        optional_bias=True,
    ),
)


def random_config(case: Case, seed: int) -> dict[str, Any]:
    """A config.json's object, drawn from `seed`."""
    draw = random.Random(f"{case.architecture} {seed}")
    groups, kv_heads = draw.choice([1, 2, 3, 5, 7]), draw.choice([1, 2, 3])
    heads, head_dim = groups * kv_heads, draw.choice([4, 6, 8, 10, 16])
    hidden = draw.choice([20, 24, 40, 56]) if case.explicit_head_dim else heads * head_dim
    layers = draw.randint(1, 4)
    config: dict[str, Any] = {
        "architectures": [case.architecture],
        "vocab_size": draw.randint(50, 200),
        "hidden_size": hidden,
        "intermediate_size": draw.randint(8, 70),
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "max_position_embeddings": draw.choice([64, 128, 256]),
        "rms_norm_eps": draw.choice([1e-6, 1e-5]),
        "tie_word_embeddings": draw.random() < 0.5,
        "hidden_act": "silu",
        "rope_theta": draw.choice([100.0, 10_000.0, 1_000_000.0]),
    }
    if case.explicit_head_dim:
        config["head_dim"] = head_dim
    if case.optional_bias:
        config["attention_bias"] = draw.random() < 0.4
    if draw.random() < 0.25:
        config |= {"use_sliding_window": True, "sliding_window": draw.randint(3, 12)}
        config["max_window_layers"] = draw.randint(0, layers)
    config |= _rope(draw)
    return config


def _rope(draw: random.Random) -> dict[str, Any]:
    kind = draw.choice(["default", "default", "yarn", "yarn", "linear", "llama3"])
    if kind == "default":
        return {}
    rope: dict[str, Any] = {"factor": draw.choice([2.0, 4.0])}
    if kind == "yarn":
        rope["original_max_position_embeddings"] = draw.choice([16, 32])
        if draw.random() < 0.5:
            rope |= {"beta_fast": 16.0, "beta_slow": 2.0}
    if kind == "llama3":
        rope |= {"original_max_position_embeddings": 32, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
    return {"rope_scaling": rope | {draw.choice(["type", "rope_type"]): kind}}


def reference_model(case: Case, config: dict[str, Any], seed: int) -> Any:
    """The reference on this config, in float32, every parameter drawn anew: fresh norms sit at 1 and hide errors."""
    import transformers

    loaded = getattr(transformers, case.config_class)(**config)
    loaded._attn_implementation = "eager"
    model = getattr(transformers, case.model_class)(loaded).float().eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            scale = 0.5 if parameter.dim() == 1 else parameter.shape[-1] ** -0.5
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * scale + (parameter.dim() == 1) * 0.3)
    return model
