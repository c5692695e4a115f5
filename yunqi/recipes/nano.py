"""Recipe `nano`: the bundled demonstration model, trained from generators only.

Four stages. Pretraining counts every token of the conversations, so that the network learns the language of questions,
too. The cold start teaches worked thoughts. Fusion mixes answers with and without thought, by switch and by soft
switch. The last stretch sees longer conversations, so that a chat does not leave the trained range after its third
question.

A run that begins with the weights of an earlier one takes up fusion at a lower rate, with problems of another seed,
more of what is learnt last, and a fifth of the thoughts cut off by the sentence that ends a spent budget.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from yunqi.data.conversations import Mix
from yunqi.data.problems.problem import Language
from yunqi.data.stream import Phase
from yunqi.train.config import OptimizerConfig, TrainConfig

SKILLS = {
    "sums": 6.0,
    "products": 3.5,
    "quotients": 5.0,
    "chains": 6.0,
    "follow_ups": 3.0,
    "words": 15.0,
    "prices": 5.0,
    "units": 6.5,
    "comparing": 8.0,
    "sorting": 6.0,
    "letters": 10.0,
    "dates": 7.5,
    "countdown": 8.0,
    "tools": 11.0,
    "results": 2.0,
    "extraction": 7.0,
    "manners": 5.0,
    "declining": 5.5,
}
LEARNT_LAST = {"words": 18.0, "units": 8.0, "tools": 18.0, "manners": 6.0}
LANGUAGES: Mapping[Language, float] = {"en": 0.82, "de": 0.09, "zh": 0.09}
CONTEXT = 4096
VOCAB_SIZE = 1024
STEPS = 6400
STEP_TOKENS = 4224


def nano(
    *, quick: bool = False, seed: int = 0, start: str = "", steps: int | None = None, windows: int = 1
) -> TrainConfig:
    """The full run takes at most 100 minutes on two cores; `quick` about one minute, enough to see every part work.

    Args:
        start: the SHA-256 of the weights of a nano to go on from; empty: from random weights.
        steps: of the optimiser; None: as many as two cores manage.
        windows: of 4,224 tokens in a step; a GPU wants several.
    """
    return TrainConfig(
        name=f"nano{'-further' if start else ''}{'-quick' if quick else ''}",
        model=_model(),
        vocab_size=VOCAB_SIZE,
        tokenizer_examples=3000 if quick else 30_000,
        phases=_phases(further=bool(start)),
        steps=steps or (36 if quick else STEPS),
        tokens_per_step=windows * STEP_TOKENS,
        microbatch_tokens=windows * STEP_TOKENS,
        dtype="bfloat16",
        optimizer=_optimizer(4 if quick else 40, windows, further=bool(start)),
        seed=seed + int(start[:8] or "0", 16),  # other problems than any run before
        start=start,
        checkpoint_seconds=10.0 if quick else 300.0,
        eval_problems=1 if quick else 110,
    )


def _optimizer(warmup_steps: int, windows: int, *, further: bool) -> OptimizerConfig:
    """What goes on does so at a lower rate; with more tokens a step at one that grows as their root, up to the full."""
    full = OptimizerConfig(warmup_steps=warmup_steps)
    if not further:
        return full
    muon_lr, adam_lr = min(full.muon_lr, 0.006 * windows**0.5), min(full.adam_lr, 1e-3 * windows**0.5)
    return replace(full, muon_lr=muon_lr, adam_lr=adam_lr, stable_share=0.25)


def _phases(*, further: bool) -> tuple[Phase, ...]:
    skills, truncated = (SKILLS | LEARNT_LAST, 0.2) if further else (SKILLS, 0.0)

    def mix(thinking_share: float, **changes: Any) -> Mix:
        return Mix(
            skills=skills,
            languages=LANGUAGES,
            thinking_share=thinking_share,
            truncated_share=truncated,
            **changes,
        )

    learning = (
        Phase(name="pretraining", until=0.12, window=STEP_TOKENS, mix=mix(0.6), loss_on="text"),
        Phase(name="cold start", until=0.3, window=STEP_TOKENS, mix=mix(0.9)),
    )
    return (
        *(() if further else learning),
        Phase(name="fusion", until=0.92, window=STEP_TOKENS, mix=mix(0.75 if further else 0.7)),
        Phase(name="long", until=1.0, window=STEP_TOKENS, mix=mix(0.7, history_share=0.5, max_earlier=8)),
    )


def _model() -> dict[str, Any]:
    return {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "vocab_size": VOCAB_SIZE,
        "hidden_size": 256,
        "intermediate_size": 640,
        "num_hidden_layers": 6,
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
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
