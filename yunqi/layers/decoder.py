"""The frame every dense decoder of the family shares: embeddings, residual stream, final norm, head.

The residual stream is carried beside the last block's output, so that each norm and the addition before it are one op.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torch import Tensor, nn

from yunqi.common.config import ModelConfig
from yunqi.layers.attention import Attention
from yunqi.layers.linear import Embedding, Linear
from yunqi.layers.mlp import GatedMLP
from yunqi.layers.norm import RMSNorm
from yunqi.layers.rope import RotaryEmbedding
from yunqi.ops import table as ops
from yunqi.ops.context import ForwardContext, PagedKVSpec


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
        x_TD, residual_TD = ops.add_rms_norm(x_TD, residual_TD, self.input_layernorm, ctx)
        x_TD = self.self_attn(x_TD, positions, ctx)
        x_TD, residual_TD = ops.add_rms_norm(x_TD, residual_TD, self.post_attention_layernorm, ctx)
        return self.mlp(x_TD, ctx), residual_TD


class Decoder(nn.Module):
    """Embeddings, layers, final norm: what checkpoints call `model`."""

    def __init__(self, config: ModelConfig, layers: Iterator[DecoderLayer]) -> None:
        super().__init__()
        self.embed_tokens = Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(layers)
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, inputs: Tensor, positions: Tensor, ctx: ForwardContext) -> Tensor:
        x_TD = inputs if inputs.is_floating_point() else self.embed_tokens(inputs, ctx)
        residual_TD: Tensor | None = None
        for i, layer in enumerate(self.layers):
            x_TD, residual_TD = layer(x_TD, residual_TD, positions, ctx)
            if i in ctx.plan.capture_layers:
                ctx.captured[i] = x_TD + residual_TD
        return ops.add_rms_norm(x_TD, residual_TD, self.norm, ctx)[0]


class CausalLM(nn.Module):
    """A decoder and its head: the seam `model(inputs, positions, ctx)` and `compute_logits(hidden, ctx)`.

    A family hands in the function that wires one of its layers; nothing here knows which family it is.
    """

    def __init__(
        self, config: ModelConfig, make_layer: Callable[[ModelConfig, int, RotaryEmbedding], DecoderLayer]
    ) -> None:
        super().__init__()
        self.config = config
        rotary_emb = RotaryEmbedding(config)
        self.model = Decoder(config, (make_layer(config, i, rotary_emb) for i in range(config.num_hidden_layers)))
        self.lm_head = Linear(config.hidden_size, config.vocab_size)
        self.tie_weights()

    def tie_weights(self) -> None:
        """Make the head the embedding table where the config says so."""
        if self.config.tie_word_embeddings:
            self.lm_head.weight = self.model.embed_tokens.weight

    def forward(self, inputs: Tensor, positions: Tensor, ctx: ForwardContext) -> Tensor:
        """Token ids (T,) or embeddings (T, D), positions (T,) -> hidden states (T, D) after the final norm."""
        return self.model(inputs, positions, ctx)

    def compute_logits(self, hidden_SD: Tensor, ctx: ForwardContext) -> Tensor:
        """(S, D) -> (S, V)."""
        return self.lm_head(hidden_SD, ctx)

    def memory_specs(self) -> dict[int, PagedKVSpec]:
        """What each remembering layer keeps, by layer id."""
        return {m.layer_id: m.memory_spec for m in self.modules() if isinstance(m, Attention)}


def dense_layer(config: ModelConfig, self_attn: Attention) -> DecoderLayer:
    """A layer whose feed-forward is one gated block."""
    return DecoderLayer(config, self_attn, GatedMLP(config.hidden_size, config.intermediate_size))
