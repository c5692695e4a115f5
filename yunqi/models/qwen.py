"""Qwen, the first generation (2023: 1.8B, 7B, 14B, 72B): one fused q, k, v projection with biases, heads not grouped.

Two tricks carry it beyond the length it was trained on, `seq_length`; up to there neither does anything:

- dynamic NTK: a sequence whose prompt has n tokens stretches its rotary base by
  max(1, 2^ceil(log2(n / seq_length) + 1) - 1) and keeps that while it grows;
- LogN: the query at position p is multiplied by max(1, log(p + 1) / log(seq_length)).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor, nn

from yunqi.common.config import ModelConfig, contradiction
from yunqi.layers.attention import AttentionCore
from yunqi.layers.decoder import CausalLM, run_decoder, run_layer
from yunqi.layers.linear import Embedding, Linear
from yunqi.layers.norm import RMSNorm
from yunqi.layers.rope import RotaryEmbedding
from yunqi.ops import table as ops
from yunqi.ops.context import ForwardContext


@dataclass(frozen=True, kw_only=True)
class QWenConfig(ModelConfig):
    """`yunqi.common.spelling` brings its keys to the later names; these have none."""

    seq_length: int
    use_dynamic_ntk: bool = True
    use_logn_attn: bool = True
    no_bias: bool = True

    def check(self) -> None:
        super().check()
        for name in ("use_dynamic_ntk", "use_logn_attn", "no_bias"):
            if not isinstance(getattr(self, name), bool):
                raise contradiction(f"{name}={getattr(self, name)!r} is neither true nor false")
        if isinstance(self.seq_length, bool) or not isinstance(self.seq_length, int) or self.seq_length < 2:
            raise contradiction(f"seq_length={self.seq_length!r} is not a whole number from 2 on")
        if self.head_dim * self.num_attention_heads != self.hidden_size:
            wanted = f"{self.num_attention_heads} heads of kv_channels={self.head_dim}"
            raise contradiction(f"{wanted} do not make up hidden_size={self.hidden_size}")
        if self.use_dynamic_ntk and self.rotary_dim <= 2:
            raise contradiction("dynamic NTK needs more than 2 rotary dimensions")


class QWenAttention(AttentionCore):
    def __init__(self, config: QWenConfig, layer_id: int, rotary_emb: RotaryEmbedding) -> None:
        logn_length = config.seq_length if config.use_logn_attn else None
        super().__init__(config, layer_id, rotary_emb, logn_length=logn_length)
        self.c_attn = Linear(config.hidden_size, 3 * config.hidden_size, bias=True)
        self.c_proj = Linear(config.hidden_size, config.hidden_size, bias=not config.no_bias)

    def forward(self, x_TD: Tensor, positions: Tensor, ctx: ForwardContext) -> Tensor:
        q, k, v = self.c_attn(x_TD, ctx).chunk(3, dim=-1)
        return self.c_proj(self.attend(q, k, v, positions, ctx), ctx)


class QWenMLP(nn.Module):
    """c_proj(w1(x) * silu(w2(x))): the gate is the second."""

    def __init__(self, config: QWenConfig) -> None:
        super().__init__()
        bias = not config.no_bias
        self.w1 = Linear(config.hidden_size, config.intermediate_size, bias=bias)
        self.w2 = Linear(config.hidden_size, config.intermediate_size, bias=bias)
        self.c_proj = Linear(config.intermediate_size, config.hidden_size, bias=bias)

    def forward(self, x_TD: Tensor, ctx: ForwardContext) -> Tensor:
        gate, up = ops.linear_group(x_TD, (self.w2, self.w1), ctx)
        return self.c_proj(ops.swiglu(gate, up, ctx), ctx)


class QWenBlock(nn.Module):
    def __init__(self, config: QWenConfig, layer_id: int, rotary_emb: RotaryEmbedding) -> None:
        super().__init__()
        self.ln_1 = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.attn = QWenAttention(config, layer_id, rotary_emb)
        self.ln_2 = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.mlp = QWenMLP(config)

    def forward(
        self, x_TD: Tensor, residual_TD: Tensor | None, positions: Tensor, ctx: ForwardContext
    ) -> tuple[Tensor, Tensor]:
        norms = (self.ln_1, self.ln_2)
        return run_layer(x_TD, residual_TD, positions, ctx, norms=norms, attention=self.attn, mlp=self.mlp)


class QWenModel(nn.Module):
    def __init__(self, config: ModelConfig, layers: Iterator[nn.Module]) -> None:
        super().__init__()
        self.wte = Embedding(config.vocab_size, config.hidden_size)
        self.h = nn.ModuleList(layers)
        self.ln_f = RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, inputs: Tensor, positions: Tensor, ctx: ForwardContext) -> Tensor:
        return run_decoder(inputs, positions, ctx, embedding=self.wte, layers=self.h, norm=self.ln_f)


class QWenLMHeadModel(CausalLM):
    config_class = QWenConfig
    config: QWenConfig

    def __init__(self, config: QWenConfig) -> None:
        super().__init__(config, QWenBlock)

    def add_decoder(self, layers: Iterator[nn.Module]) -> None:
        self.transformer = QWenModel(self.config, layers)

    @property
    def decoder(self) -> nn.Module:
        return self.transformer

    @property
    def embedding(self) -> Embedding:
        return self.transformer.wte

    def rope_factor(self, prompt_len: int) -> float | None:
        if not self.config.use_dynamic_ntk:
            return None
        return max(1.0, 2.0 ** math.ceil(math.log2(prompt_len / self.config.seq_length) + 1) - 1)
