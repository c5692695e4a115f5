"""Rotary position embedding (Su et al. 2021) and its length variants.

YaRN: Peng et al. 2023, section 3: each frequency is a blend of itself and itself / factor, by how often it turns over
the original context; cos and sin are scaled by 0.1 ln(factor) + 1. Llama-3 scaling blends by wavelength instead.

A sequence may stretch its base by a factor of its own, `ctx.rope_factors` ("NTK-aware" scaling, bloc97 2023): the base
times factor^(d / (d - 2)), d the rotating dimensions, which divides the slowest frequency by the factor and leaves the
fastest as it is.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from yunqi.common.config import ModelConfig, RopeParameters
from yunqi.ops.context import ForwardContext


class RotaryEmbedding(nn.Module):
    """cos and sin of position * frequency, computed in float32; shared by the layers of a model."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        with torch.device("cpu"):  # no parameter: it exists also where the model is built on the meta device
            self.frequency, self.scale = frequencies(config)
        self._config = config
        self._stretched: dict[float, Tensor] = {1.0: self.frequency}

    def cos_sin(self, positions: Tensor, dtype: torch.dtype, ctx: ForwardContext) -> tuple[Tensor, Tensor]:
        """Two tensors (T, 1, R), for the pairs (i, i + R) of every head; made once per step."""
        return ctx.derived((self, dtype), lambda: self._compute(positions, dtype, ctx))

    def _compute(self, positions: Tensor, dtype: torch.dtype, ctx: ForwardContext) -> tuple[Tensor, Tensor]:
        angle = positions.float()[:, None] * self._per_token(len(positions), ctx).to(positions.device)
        return tuple((f(angle) * self.scale).to(dtype)[:, None] for f in (torch.cos, torch.sin))  # pyright: ignore

    def _per_token(self, num_tokens: int, ctx: ForwardContext) -> Tensor:
        """(R,) where all sequences rotate alike, else (T, R): each token as its sequence does."""
        if ctx.rope_factors is None:
            return self.frequency
        sequence = np.zeros(num_tokens, dtype=np.int64)  # rows that only pad a step stand at position 0 of any
        sequence[: ctx.cu_seqlens[-1]] = np.repeat(np.arange(ctx.num_seqs), np.diff(ctx.cu_seqlens))
        rows = torch.stack([self.stretched(float(factor)) for factor in ctx.rope_factors])
        return rows[torch.from_numpy(sequence)]

    def stretched(self, factor: float) -> Tensor:
        """The frequencies (R,) of a sequence that stretches the base by this factor."""
        # Kept, and made by itself: a factor's frequencies have the same bits in every company.
        if factor not in self._stretched:
            self._stretched[factor] = frequencies(self._config, factor)[0]
        return self._stretched[factor]


def frequencies(config: ModelConfig, factor: float = 1.0) -> tuple[Tensor, float]:
    """(R,) radians per position where the base is stretched by `factor`, and the factor of cos and sin."""
    rope, dim = config.rope, config.rotary_dim
    base = rope.rope_theta if factor == 1.0 else rope.rope_theta * factor ** (dim / (dim - 2))
    plain = 1.0 / (base ** (torch.arange(0, dim, 2, dtype=torch.float32) / dim))
    if rope.rope_type == "linear":
        return plain / (rope.factor or 1.0), 1.0
    original = rope.original_max_position_embeddings or config.max_position_embeddings
    if rope.rope_type == "llama3":
        return _llama3(plain, rope, original), 1.0
    if rope.rope_type == "yarn":
        reach = rope.factor or config.max_position_embeddings / original
        return _yarn(plain, rope, dim, original, reach), _yarn_scale(rope, reach)
    return plain, 1.0


def _yarn(plain: Tensor, rope: RopeParameters, dim: int, original: int, factor: float) -> Tensor:
    def turning(times: float) -> float:
        """The (fractional) pair that turns this many times over the original context."""
        return dim * math.log(original / (times * 2 * math.pi)) / (2 * math.log(rope.rope_theta))

    low, high = turning(rope.beta_fast or 32), turning(rope.beta_slow or 1)
    if rope.truncate:
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, dim - 1)
    width = 0.001 if low == high else high - low
    slow = ((torch.arange(dim // 2, dtype=torch.float32) - low) / width).clamp(0, 1)
    return plain / factor * slow + plain * (1 - slow)


def _yarn_scale(rope: RopeParameters, factor: float) -> float:
    def scale(weight: float) -> float:
        return 1.0 if factor <= 1 else 0.1 * weight * math.log(factor) + 1.0

    if rope.attention_factor is not None:
        return rope.attention_factor
    if rope.mscale and rope.mscale_all_dim:
        return scale(rope.mscale) / scale(rope.mscale_all_dim)
    return scale(1.0)


def _llama3(plain: Tensor, rope: RopeParameters, original: int) -> Tensor:
    assert rope.factor
    assert rope.low_freq_factor
    assert rope.high_freq_factor
    wavelength = 2 * math.pi / plain
    low, high = rope.low_freq_factor, rope.high_freq_factor
    share = ((original / wavelength - low) / (high - low)).clamp(0, 1)
    return (1 - share) * plain / rope.factor + share * plain
