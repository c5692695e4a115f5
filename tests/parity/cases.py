"""Random tiny configs of every family, and their independent references. One row per family.

Configs are drawn wide: odd head counts, every grouping, head sizes that are not hidden / heads, tied and untied heads,
biases, rope variants, sliding windows; of the first generation both spellings, with its length tricks on where no test
reaches the trained length, or off.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

Tensors = dict[str, Tensor]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A family of `yunqi.families` beside the reference's config and model classes.

    A reference of another family serves where the maths coincides: `to_reference` turns a config into its spelling,
    `to_ours` its tensors (parameters or gradients) into those of our checkpoints.
    """

    architecture: str
    config_class: str
    model_class: str
    explicit_head_dim: bool = False
    optional_bias: bool = False
    shared_expert: bool = False
    draw: Callable[[Case, random.Random], dict[str, Any]] | None = None
    to_reference: Callable[[dict[str, Any]], dict[str, Any]] = dict
    to_ours: Callable[[Tensors], Tensors] = dict
    gradient_tolerance: float = 1e-4
    num_requests: int = 16
    """What the serving tests ask at once: fewer where a step is many small products."""
    own_reference: bool = True
    """Whether what the reference saves is the family's own layout."""


def qwen_config(case: Case, draw: random.Random) -> dict[str, Any]:
    """The first generation: no grouping, heads of hidden / heads, the feed-forward width counted twice."""
    heads, head_dim = draw.choice([1, 2, 3, 5, 7]), draw.choice([4, 6, 8, 10, 16])
    beyond = draw.random() < 0.5  # whether sequences may pass the trained length: then without the tricks
    config: dict[str, Any] = {
        "architectures": [case.architecture],
        "model_type": "qwen",
        "vocab_size": draw.randint(50, 200),
        "layer_norm_epsilon": draw.choice([1e-6, 1e-5]),
        "kv_channels": head_dim,
        "rotary_emb_base": draw.choice([100, 10_000, 1_000_000]),
        "rotary_pct": 1.0,
        "seq_length": draw.choice([4, 16, 40]) if beyond else draw.choice([512, 2048]),
        "use_dynamic_ntk": not beyond and draw.random() < 0.8,
        "use_logn_attn": not beyond and draw.random() < 0.8,
        "no_bias": True,
        "tie_word_embeddings": draw.random() < 0.3,
    }
    values = (heads * head_dim, draw.randint(1, 4), heads, 512, 2 * draw.randint(8, 70))
    spelling = QWEN_AUGUST if draw.random() < 0.4 else QWEN_SEPTEMBER
    return config | dict(zip(spelling, values, strict=True))


QWEN_AUGUST = ("n_embd", "n_layer", "n_head", "n_positions", "ffn_hidden_size")
QWEN_SEPTEMBER = (
    *("hidden_size", "num_hidden_layers", "num_attention_heads", "max_position_embeddings", "intermediate_size"),
)


def qwen_as_qwen2(config: dict[str, Any]) -> dict[str, Any]:
    found = {new: config.get(new, config.get(old)) for new, old in zip(QWEN_SEPTEMBER, QWEN_AUGUST, strict=True)}
    return found | {
        "intermediate_size": found["intermediate_size"] // 2,
        "num_key_value_heads": found["num_attention_heads"],
        "vocab_size": config["vocab_size"],
        "rms_norm_eps": config["layer_norm_epsilon"],
        "rope_theta": float(config["rotary_emb_base"]),
        "tie_word_embeddings": config["tie_word_embeddings"],
    }


def qwen2_as_qwen(tensors: Tensors) -> Tensors:
    """q, k, v joined in this order; of the feed-forward's inputs the first goes up, the second is the gate."""
    renamed = {
        **{"model.embed_tokens.": "transformer.wte.", "model.norm.": "transformer.ln_f."},
        **{"model.layers.": "transformer.h.", ".input_layernorm.": ".ln_1.", ".post_attention_layernorm.": ".ln_2."},
        **{".self_attn.o_proj.": ".attn.c_proj.", ".self_attn.q_proj.": ".attn.c_attn."},
        **{".mlp.up_proj.": ".mlp.w1.", ".mlp.gate_proj.": ".mlp.w2.", ".mlp.down_proj.": ".mlp.c_proj."},
    }
    found: Tensors = {}
    for name, tensor in tensors.items():
        if "k_proj" in name or "v_proj" in name:
            continue
        if "q_proj" in name:
            tensor = torch.cat([tensors[name.replace("q_proj", part)] for part in ("q_proj", "k_proj", "v_proj")])
        for theirs, own in renamed.items():
            name = name.replace(theirs, own)
        found[name] = tensor
    return found


def moe_config(case: Case, draw: random.Random) -> dict[str, Any]:
    """A dense config's attention; experts few or many, all sparse layers or some, with a shared expert or without."""
    config = attention_config(case, draw)
    layers = min(2, config["num_hidden_layers"])
    return config | {"num_hidden_layers": layers} | sparse_config(case, draw, layers)


def sparse_config(case: Case, draw: random.Random, layers: int) -> dict[str, Any]:
    experts = draw.choice([1, 2, 3, 5, 8, 17])
    config = {
        "num_experts": experts,
        "num_experts_per_tok": draw.randint(1, min(experts, 5)),
        "moe_intermediate_size": draw.randint(3, 40),
        "norm_topk_prob": draw.random() < 0.5,
        "decoder_sparse_step": draw.choice([1, 1, 1, 2]),
        "mlp_only_layers": draw.sample(range(layers), draw.choice([0, 0, min(1, layers - 1)])),
    }
    if case.shared_expert:
        config |= {"shared_expert_intermediate_size": draw.randint(3, 40), "qkv_bias": draw.random() < 0.7}
    return config


def hybrid_config(case: Case, draw: random.Random) -> dict[str, Any]:
    """Attention now and then, partial rotation, value heads that share key heads; layers listed or by interval."""
    config = attention_config(case, draw) | {"max_position_embeddings": 256}
    for name in ("use_sliding_window", "sliding_window", "max_window_layers"):
        config.pop(name, None)
    layers, head_dim, key_heads = config["num_hidden_layers"], draw.choice([8, 16, 24]), draw.choice([1, 2, 3])
    config |= {
        "head_dim": head_dim,
        "linear_num_key_heads": key_heads,
        "linear_num_value_heads": key_heads * draw.choice([1, 2, 3]),
        "linear_key_head_dim": draw.choice([3, 4, 8, 12]),
        "linear_value_head_dim": draw.choice([3, 4, 8, 16]),
        "linear_conv_kernel_dim": draw.choice([4, 4, 2, 3]),
        "partial_rotary_factor": draw.choice([0.25, 0.5, 1.0]),
    }
    if draw.random() < 0.5:  # the reference's cache needs a layer that attends
        config["full_attention_interval"] = draw.randint(1, layers)
    else:
        config["layer_types"] = [draw.choice(["linear_attention", "full_attention"]) for _ in range(layers)]
        config["layer_types"][draw.randrange(layers)] = "full_attention"
    return config | (sparse_config(case, draw, layers) if case.shared_expert else {})


def unfused(tensors: Tensors) -> Tensors:
    """The reference holds the experts of a layer in two tensors: gate over up (E, 2F, D), and down (E, D, F)."""
    found: Tensors = {}
    for name, tensor in tensors.items():
        prefix, _, last = name.rpartition(".")
        if last not in ("gate_up_proj", "down_proj"):
            found[name] = tensor
            continue
        parts = tensor.chunk(2, dim=1) if last == "gate_up_proj" else (tensor,)
        for part, kind in zip(parts, last.removesuffix("_proj").split("_"), strict=True):
            found |= {f"{prefix}.{i}.{kind}_proj.weight": expert for i, expert in enumerate(part)}
    return found


CASES = (
    Case(
        architecture="Qwen2ForCausalLM",
        config_class="Qwen2Config",
        model_class="Qwen2ForCausalLM",
    ),
    Case(
        architecture="Qwen3ForCausalLM",
        config_class="Qwen3Config",
        model_class="Qwen3ForCausalLM",
        explicit_head_dim=True,
        optional_bias=True,
    ),
    Case(
        architecture="QWenLMHeadModel",
        config_class="Qwen2Config",
        model_class="Qwen2ForCausalLM",
        draw=qwen_config,
        to_reference=qwen_as_qwen2,
        to_ours=qwen2_as_qwen,
        own_reference=False,
    ),
    Case(
        architecture="Qwen2MoeForCausalLM",
        config_class="Qwen2MoeConfig",
        model_class="Qwen2MoeForCausalLM",
        shared_expert=True,
        draw=moe_config,
        to_ours=unfused,
        num_requests=6,
    ),
    Case(
        architecture="Qwen3MoeForCausalLM",
        config_class="Qwen3MoeConfig",
        model_class="Qwen3MoeForCausalLM",
        explicit_head_dim=True,
        optional_bias=True,
        draw=moe_config,
        to_ours=unfused,
        num_requests=6,
    ),
    Case(
        architecture="Qwen3NextForCausalLM",
        config_class="Qwen3NextConfig",
        model_class="Qwen3NextForCausalLM",
        explicit_head_dim=True,
        optional_bias=True,
        shared_expert=True,
        draw=hybrid_config,
        gradient_tolerance=5e-4,
        num_requests=6,
        to_ours=unfused,
    ),
    Case(
        architecture="Qwen3_5ForCausalLM",
        config_class="Qwen3_5TextConfig",
        model_class="Qwen3_5ForCausalLM",
        explicit_head_dim=True,
        optional_bias=True,
        draw=hybrid_config,
        gradient_tolerance=5e-4,
        num_requests=6,
    ),
    Case(
        architecture="Qwen3_5MoeForCausalLM",
        config_class="Qwen3_5MoeTextConfig",
        model_class="Qwen3_5MoeForCausalLM",
        explicit_head_dim=True,
        optional_bias=True,
        shared_expert=True,
        draw=hybrid_config,
        gradient_tolerance=5e-4,
        num_requests=6,
        to_ours=unfused,
    ),
)


def random_config(case: Case, seed: int) -> dict[str, Any]:
    """A config.json's object, drawn from `seed`."""
    return (case.draw or attention_config)(case, random.Random(f"{case.architecture} {seed}"))


def attention_config(case: Case, draw: random.Random) -> dict[str, Any]:
    """What all families since Qwen2 have."""
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

    loaded = getattr(transformers, case.config_class)(**case.to_reference(config))
    loaded._attn_implementation, loaded._experts_implementation = "eager", "eager"
    model = getattr(transformers, case.model_class)(loaded).float().eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            scale = 0.5 if parameter.dim() == 1 else parameter.shape[-1] ** -0.5
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * scale + (parameter.dim() == 1) * 0.3)
    return model


def save_reference(case: Case, config: dict[str, Any], reference: Any, folder: Path) -> None:
    """The reference's weights as a checkpoint folder of the family."""
    if case.own_reference:
        reference.save_pretrained(folder)
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    tensors = case.to_ours(reference.state_dict())
    if config["tie_word_embeddings"]:
        del tensors["lm_head.weight"]
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "model.safetensors")
