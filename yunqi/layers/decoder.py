"""The frame every dense decoder of the family shares: embeddings, residual stream, final norm, head.

The residual stream is carried beside the last block's output, so that each norm and the addition before it are one op.
The flow is in `run_layer` and `run_decoder`; the classes give it the names that checkpoints since Qwen2 have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from torch import Tensor, nn

from yunqi.common.config import ModelConfig
from yunqi.layers.attention import Attention
from yunqi.layers.linear import Embedding, Linear
from yunqi.layers.mlp import GatedMLP
from yunqi.layers.norm import RMSNorm
from yunqi.layers.rope import RotaryEmbedding
from yunqi.ops import table as ops
from yunqi.ops.context import ForwardContext, MemorySpec


def run_layer(
    x_TD: Tensor,
    residual_TD: Tensor | None,
    positions: Tensor,
    ctx: ForwardContext,
    *,
    norms: tuple[RMSNorm, RMSNorm],
    attention: nn.Module,
    mlp: nn.Module,
) -> tuple[Tensor, Tensor]:
    """One pre-norm layer: (the last block's output, the residual stream without it)."""
    x_TD, residual_TD = ops.add_rms_norm(x_TD, residual_TD, norms[0], ctx)
    x_TD = attention(x_TD, positions, ctx)
    x_TD, residual_TD = ops.add_rms_norm(x_TD, residual_TD, norms[1], ctx)
    return mlp(x_TD, ctx), residual_TD


def run_decoder(
    inputs: Tensor,
    positions: Tensor,
    ctx: ForwardContext,
    *,
    embedding: Embedding,
    layers: Iterable[nn.Module],
    norm: RMSNorm,
) -> Tensor:
    """Ids (T,) or embeddings (T, D) through all layers and the final norm, (T, D)."""
    x_TD = inputs if inputs.is_floating_point() else embedding(inputs, ctx)
    residual_TD: Tensor | None = None
    for i, layer in enumerate(layers):
        x_TD, residual_TD = layer(x_TD, residual_TD, positions, ctx)
        if i in ctx.plan.capture_layers:
            ctx.captured[i] = x_TD + residual_TD
    return ops.add_rms_norm(x_TD, residual_TD, norm, ctx)[0]


class DecoderLayer(nn.Module):
    """Pre-norm attention and feed-forward on one residual stream. A family hands in its own two blocks."""

    def __init__(self, config: ModelConfig, self_attn: Attention, mlp: nn.Module) -> None:
        super().__init__()
        self.self_attn, self.mlp = self_attn, mlp
        self.input_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(
        self, x_TD: Tensor, residual_TD: Tensor | None, positions: Tensor, ctx: ForwardContext
    ) -> tuple[Tensor, Tensor]:
        norms = (self.input_layernorm, self.post_attention_layernorm)
        return run_layer(x_TD, residual_TD, positions, ctx, norms=norms, attention=self.self_attn, mlp=self.mlp)


class Decoder(nn.Module):
    """Embeddings, layers, final norm: what checkpoints call `model`."""

    def __init__(
        self, config: ModelConfig, layers: Iterator[nn.Module], *, norm_class: type[RMSNorm] = RMSNorm
    ) -> None:
        super().__init__()
        self.embed_tokens = Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(layers)
        self.norm = norm_class(config.hidden_size, config.rms_norm_eps)

    def forward(self, inputs: Tensor, positions: Tensor, ctx: ForwardContext) -> Tensor:
        return run_decoder(
            inputs, positions, ctx, embedding=self.embed_tokens, layers=self.layers, norm=self.norm
        )  # fmt: skip


class CausalLM(nn.Module):
    """A decoder and its head: the seam `model(inputs, positions, ctx)` and `compute_logits(hidden, ctx)`.

    A family hands in the function that wires one of its layers; nothing here knows which family it is. One whose
    checkpoints have other names overrides `add_decoder`, `decoder` and `embedding`.
    """

    def __init__(self, config: ModelConfig, make_layer: Callable[[Any, int, RotaryEmbedding], nn.Module]) -> None:
        super().__init__()
        self.config = config
        rotary_emb = RotaryEmbedding(config)
        self.add_decoder(make_layer(config, i, rotary_emb) for i in range(config.num_hidden_layers))
        self.lm_head = Linear(config.hidden_size, config.vocab_size)
        self.tie_weights()

    def add_decoder(self, layers: Iterator[nn.Module]) -> None:
        self.model = Decoder(self.config, layers)

    @property
    def decoder(self) -> nn.Module:
        return self.model

    @property
    def embedding(self) -> Embedding:
        return self.model.embed_tokens

    def tie_weights(self) -> None:
        """Make the head the embedding table where the config says so."""
        if self.config.tie_word_embeddings:
            self.lm_head.weight = self.embedding.weight

    def forward(self, inputs: Tensor, positions: Tensor, ctx: ForwardContext) -> Tensor:
        """Token ids (T,) or embeddings (T, D), positions (T,) -> hidden states (T, D) after the final norm."""
        return self.decoder(inputs, positions, ctx)

    def compute_logits(self, hidden_SD: Tensor, ctx: ForwardContext) -> Tensor:
        """(S, D) -> (S, V)."""
        return self.lm_head(hidden_SD, ctx)

    def memory_specs(self) -> dict[int, MemorySpec]:
        """What each remembering layer keeps, by layer id: its `memory_spec`."""
        found: dict[int, Any] = {id(m): m for m in self.modules() if hasattr(m, "memory_spec")}
        return {m.layer_id: m.memory_spec for m in found.values()}

    def own_name(self, stored: str) -> str | None:
        """What this model calls a checkpoint's tensor; None for one that it leaves out."""
        return stored

    def rope_factor(self, prompt_len: int) -> float | None:
        """What a sequence's rotary base is stretched by (`RotaryEmbedding`), all its life long, given its prompt's
        length; None in families whose rotation does not depend on it."""
        return None

    def cache_salt(self, prompt_len: int) -> str | None:
        """What the keys of a prompt's prefix blocks are salted with: prompts of different salts share no block.

        None where a token's keys and values depend on the tokens up to it alone.
        """
        factor = self.rope_factor(prompt_len)
        return None if factor is None else f"rope_factor={factor!r}"


def dense_layer(config: ModelConfig, self_attn: Attention) -> DecoderLayer:
    """A layer whose feed-forward is one gated block."""
    return DecoderLayer(config, self_attn, GatedMLP(config.hidden_size, config.intermediate_size))
