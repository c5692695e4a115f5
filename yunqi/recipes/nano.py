"""Recipe `nano`: the bundled demonstration model, trained from generators only.

A Qwen3 shape of 3.5 million parameters. The first 92 % of the steps see single questions, a few with earlier turns, in
windows of 256 tokens; the rest sees longer conversations in windows of 1,024, so that a chat does not leave the
trained range after its third question.
"""

from __future__ import annotations

from typing import Any

from yunqi.data.conversations import Mix
from yunqi.data.stream import Phase
from yunqi.train.config import OptimizerConfig, TrainConfig

SKILLS = {"sums": 24.0, "products": 9.0, "quotients": 2.0, "chains": 27.0, "words": 32.0, "manners": 6.0}
THINKING_SHARE = 0.8
CONTEXT = 4096
VOCAB_SIZE = 1024


def nano(*, quick: bool = False, seed: int = 0) -> TrainConfig:
    """The full run takes at most 40 minutes on two cores; `quick` about one minute, enough to see every part work."""
    return TrainConfig(
        name="nano-quick" if quick else "nano",
        model=_model(),
        vocab_size=VOCAB_SIZE,
        tokenizer_examples=1500 if quick else 20_000,
        phases=(
            Phase(until=0.92, window=256, mix=Mix(skills=SKILLS, thinking_share=THINKING_SHARE)),
            Phase(
                until=1.0,
                window=1024,
                mix=Mix(skills=SKILLS, thinking_share=THINKING_SHARE, history_share=0.6, max_earlier=10),
            ),
        ),
        steps=36 if quick else 2000,
        tokens_per_step=4096,
        microbatch_tokens=4096,
        optimizer=OptimizerConfig(warmup_steps=4 if quick else 40),
        seed=seed,
        checkpoint_seconds=10.0 if quick else 300.0,
        eval_problems=8 if quick else 300,
    )


def _model() -> dict[str, Any]:
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "vocab_size": VOCAB_SIZE,
        "hidden_size": 224,
        "intermediate_size": 608,
        "num_hidden_layers": 6,
        "num_attention_heads": 8,
        "num_key_value_heads": 2,
        "head_dim": 32,
        "hidden_act": "silu",
        "max_position_embeddings": CONTEXT,
        "rms_norm_eps": 1e-6,
        "rope_theta": 100_000.0,
        "tie_word_embeddings": True,
        "attention_bias": False,
        "attention_dropout": 0.0,
        "initializer_range": 0.02,
        "use_cache": True,
    }
