"""A run small enough for tests: a one-layer model, a tiny vocabulary, four steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from yunqi.data.conversations import Mix
from yunqi.data.stream import Phase, Stream
from yunqi.engine.loader import build_model
from yunqi.processing.build import train_bpe
from yunqi.train.config import OptimizerConfig, TrainConfig
from yunqi.train.run import stream

MODEL = {
    "architectures": ["Qwen3ForCausalLM"],
    "model_type": "qwen3",
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 16,
    "max_position_embeddings": 2048,
    "rope_theta": 10000.0,
    "tie_word_embeddings": True,
}


def config(**changes: Any) -> TrainConfig:
    mix = Mix(skills={"sums": 1.0, "words": 1.0})
    values: dict[str, Any] = {
        "name": "micro",
        "model": MODEL,
        "vocab_size": 290,
        "tokenizer_examples": 20,
        "phases": (
            Phase(name="text", until=0.5, window=256, mix=mix, loss_on="text"),
            Phase(name="answers", until=1.0, window=512, mix=mix),
        ),
        "steps": 4,
        "tokens_per_step": 1024,
        "microbatch_tokens": 512,
        "optimizer": OptimizerConfig(warmup_steps=2),
        "eval_problems": 2,
    }
    return TrainConfig(**(values | changes))


def model() -> Any:
    return build_model({**MODEL, "vocab_size": 290})


def batches(settings: TrainConfig) -> Stream:
    return stream(settings, train_bpe((), 290))


def weights(folder: Path) -> bytes:
    return (folder / "state.safetensors").read_bytes()
