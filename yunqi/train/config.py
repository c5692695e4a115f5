"""What a training run is: `TrainConfig`. Equal configs give equal weights on the same machine and thread count."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

from yunqi.data.stream import Phase


@dataclass(frozen=True, kw_only=True, slots=True)
class OptimizerConfig:
    """Muon turns the hidden matrices, AdamW the embedding and the norms.

    `warmup_steps` rise linearly; after `stable_share` of the steps the rates fall linearly to `final_share`.
    """

    muon_lr: float = 0.02
    muon_momentum: float = 0.95
    adam_lr: float = 3e-3
    adam_betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float = 0.0
    clip_norm: float = 1.0
    warmup_steps: int = 40
    stable_share: float = 0.3
    final_share: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainConfig:
    """One run. `model` holds the keys of config.json; `microbatch_tokens` bounds what one forward pass sees.

    `dtype` is that of the matrix products; weights, gradients and updates are float32 in either. bfloat16 is faster
    where the processor multiplies it in hardware and slower elsewhere, so it has to be asked for. `start` is the
    SHA-256 of the weights that the run begins with; empty: random ones. In the loss `balance_weight` is that of the
    experts' balance, `mtp_weight` that of the head which predicts one token further; 0: there is no such head.
    """

    name: str
    model: Mapping[str, Any]
    vocab_size: int
    tokenizer_examples: int
    phases: tuple[Phase, ...]
    steps: int
    tokens_per_step: int
    microbatch_tokens: int
    dtype: Literal["float32", "bfloat16"] = "float32"
    optimizer: OptimizerConfig = OptimizerConfig()
    seed: int = 0
    start: str = ""
    balance_weight: float = 0.0
    mtp_weight: float = 0.0
    checkpoint_seconds: float = 300.0
    eval_problems: int = 300

    def to_json(self) -> dict[str, Any]:
        return json.loads(json.dumps(dataclasses.asdict(self)))

    @property
    def fingerprint(self) -> str:
        """Names everything that shapes the weights; how often to save and how much to evaluate do not."""
        settings = self.to_json()
        del settings["checkpoint_seconds"], settings["eval_problems"]
        for name in ("balance_weight", "mtp_weight"):
            if not settings[name]:  # as of before there were such losses
                del settings[name]
        return blake2b(json.dumps(settings, sort_keys=True).encode(), digest_size=8).hexdigest()
