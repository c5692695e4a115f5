"""Recipe `nano-next`: nano's problems, and facts recalled from far back, for Qwen3-Next's architecture at nano's size.

Three gated DeltaNets to one gated attention, eight experts of which a token has two and a shared one, zero-centred
norms, and a head that predicts one token further. The stages are nano's, and as many parameters as nano has multiply a
token: 4.7 of 9.5 million, the head that predicts further apart.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from yunqi.data.problems import recall
from yunqi.recipes.nano import nano
from yunqi.train.config import TrainConfig

RECALL = 6.0  # beside weights of nano's skills, 125 together; these conversations are longer than others
CONTEXT = 8192
STEPS = 4800
QUICK_STEPS = 24
BALANCE, FURTHER = 0.01, 0.3


def nano_next(
    *, quick: bool = False, seed: int = 0, start: str = "", steps: int | None = None, windows: int = 1
) -> TrainConfig:
    """The full run takes at most 100 minutes on two cores; `quick` about one minute, enough to see every part work.

    Args:
        start, steps, windows: as for `nano`.
    """
    length = steps or (QUICK_STEPS if quick else STEPS)
    base = nano(quick=quick, seed=seed, start=start, steps=length, windows=windows)
    phases = [
        replace(phase, mix=replace(phase.mix, skills={**phase.mix.skills, recall.SKILL: RECALL}))
        for phase in base.phases
    ]
    return replace(
        base,
        name=base.name.replace("nano", "nano-next", 1),
        model=_model(base.vocab_size),
        phases=tuple(phases),
        balance_weight=BALANCE,
        mtp_weight=FURTHER,
    )


def _model(vocab_size: int) -> dict[str, Any]:
    return {
        "architectures": ["Qwen3NextForCausalLM"],
        "model_type": "qwen3_next",
        "vocab_size": vocab_size,
        "hidden_size": 256,
        "intermediate_size": 512,
        "num_hidden_layers": 8,
        "full_attention_interval": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 64,
        "partial_rotary_factor": 0.25,
        # So small that every angle turns round within the conversations of training: a longer one holds no new angle.
        "rope_theta": 100.0,
        "linear_conv_kernel_dim": 4,
        "linear_key_head_dim": 32,
        "linear_value_head_dim": 32,
        "linear_num_key_heads": 4,
        "linear_num_value_heads": 8,
        "num_experts": 8,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 128,
        "shared_expert_intermediate_size": 128,
        "norm_topk_prob": True,
        "decoder_sparse_step": 1,
        "mlp_only_layers": [],
        "router_aux_loss_coef": BALANCE,
        "hidden_act": "silu",
        "max_position_embeddings": CONTEXT,
        "rms_norm_eps": 1e-6,
        "tie_word_embeddings": True,
        "attention_bias": False,
        "attention_dropout": 0.0,
        "initializer_range": 0.02,
        "use_cache": True,
    }
