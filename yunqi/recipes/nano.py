"""Recipe `nano`: the bundled demonstration model, trained from generators only.

Four stages. Pretraining counts every token of the conversations, so that the network learns the language of questions,
too. The cold start teaches worked thoughts. Fusion mixes answers with and without thought, by switch and by soft
switch. The last stretch sees longer conversations, so that a chat does not leave the trained range after its third
question.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yunqi.data.conversations import Mix
from yunqi.data.problems.problem import Language
from yunqi.data.stream import Phase
from yunqi.train.config import OptimizerConfig, TrainConfig

SKILLS = {
    "sums": 11.0,
    "products": 8.0,
    "quotients": 5.5,
    "chains": 11.0,
    "follow_ups": 4.5,
    "words": 16.0,
    "prices": 4.5,
    "units": 4.5,
    "comparing": 4.0,
    "sorting": 3.5,
    "letters": 9.0,
    "dates": 7.0,
    "countdown": 4.5,
    "tools": 5.0,
    "results": 2.0,
    "extraction": 3.0,
    "manners": 4.0,
    "declining": 7.0,
}
LANGUAGES: Mapping[Language, float] = {"en": 0.82, "de": 0.09, "zh": 0.09}
CONTEXT = 4096
VOCAB_SIZE = 2048
STEPS = 3400
WINDOW = 384  # holds nine in ten tool calls; the last stage has room for all


def nano(*, quick: bool = False, seed: int = 0) -> TrainConfig:
    """The full run takes at most 100 minutes on two cores; `quick` about one minute, enough to see every part work."""
    return TrainConfig(
        name="nano-quick" if quick else "nano",
        model=_model(),
        vocab_size=VOCAB_SIZE,
        tokenizer_examples=3000 if quick else 30_000,
        phases=_phases(),
        steps=36 if quick else STEPS,
        tokens_per_step=11 * WINDOW,
        microbatch_tokens=11 * WINDOW,
        dtype="bfloat16",
        optimizer=OptimizerConfig(warmup_steps=4 if quick else 40),
        seed=seed,
        checkpoint_seconds=10.0 if quick else 300.0,
        eval_problems=1 if quick else 110,
    )


def _phases() -> tuple[Phase, ...]:
    def mix(thinking_share: float, **changes: Any) -> Mix:
        return Mix(skills=SKILLS, languages=LANGUAGES, thinking_share=thinking_share, **changes)

    return (
        Phase(name="pretraining", until=0.1, window=WINDOW, mix=mix(0.6), loss_on="text"),
        Phase(name="cold start", until=0.3, window=WINDOW, mix=mix(0.9)),
        Phase(name="fusion", until=0.92, window=WINDOW, mix=mix(0.6)),
        Phase(name="long", until=1.0, window=11 * WINDOW // 4, mix=mix(0.6, history_share=0.5, max_earlier=8)),
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
