"""The frame of hybrid decoders: zero-centred norms around a gated DeltaNet or gated attention, and a feed-forward."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn

from yunqi.common.errors import YunqiError
from yunqi.common.hybrid import HybridConfig
from yunqi.layers.attention import GatedAttention
from yunqi.layers.decoder import CausalLM, Decoder, run_layer
from yunqi.layers.gated_delta_net import GatedDeltaNetCore
from yunqi.layers.linear import Linear
from yunqi.layers.norm import ZeroCentredRMSNorm
from yunqi.layers.rope import RotaryEmbedding
from yunqi.ops import table as ops
from yunqi.ops.context import ForwardContext


class HybridLayer(nn.Module):
    """One pre-norm layer. What mixes the tokens is called `self_attn` where it attends, else `linear_attn`."""

    def __init__(self, config: HybridConfig, mixer: GatedAttention | GatedDeltaNetCore, mlp: nn.Module) -> None:
        super().__init__()
        self.mixer_name = "self_attn" if isinstance(mixer, GatedAttention) else "linear_attn"
        self.add_module(self.mixer_name, mixer)
        self.mlp = mlp
        self.input_layernorm = ZeroCentredRMSNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = ZeroCentredRMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(
        self, x_TD: Tensor, residual_TD: Tensor | None, positions: Tensor, ctx: ForwardContext
    ) -> tuple[Tensor, Tensor]:
        norms, mixer = (self.input_layernorm, self.post_attention_layernorm), getattr(self, self.mixer_name)
        return run_layer(x_TD, residual_TD, positions, ctx, norms=norms, attention=mixer, mlp=self.mlp)


class HybridCausalLM(CausalLM):
    """A hybrid decoder and its head."""

    def add_decoder(self, layers: Iterator[nn.Module]) -> None:
        self.model = Decoder(self.config, layers, norm_class=ZeroCentredRMSNorm)

    def own_name(self, stored: str) -> str | None:
        """The text of a model of more than text, without the head that predicts one token further."""
        if stored.startswith(("mtp.", "model.visual.")):
            return None
        return stored.replace("model.language_model.", "model.", 1)

    def make_mtp(self) -> MultiTokenPredictor:
        """The head that predicts one token further, parameters not yet given; a family that has one makes it."""
        supported = "that of Qwen3-Next and Qwen3.5"
        raise YunqiError("config-unsupported", feature="a multi-token head of this family", supported=supported)


def mixer_of(
    config: HybridConfig, layer_id: int, rotary_emb: RotaryEmbedding, linear_class: type[GatedDeltaNetCore]
) -> GatedAttention | GatedDeltaNetCore:
    """What mixes the tokens of a layer."""
    if config.layer_types[layer_id] == "linear_attention":
        return linear_class(config, layer_id)
    return GatedAttention(config, layer_id, rotary_emb)


class MultiTokenPredictor(nn.Module):
    """Predicts the token after the next (DeepSeek-V3, section 2.2), with the main model's embedding and head.

    Its one layer attends; it stands behind the main layers, so its keys have the layer id `num_hidden_layers`.
    """

    def __init__(self, config: HybridConfig, mlp: nn.Module) -> None:
        super().__init__()
        hidden, eps = config.hidden_size, config.rms_norm_eps
        self.fc = Linear(2 * hidden, hidden)
        attention = GatedAttention(config, config.num_hidden_layers, RotaryEmbedding(config))
        self.layers = nn.ModuleList([HybridLayer(config, attention, mlp)])
        self.norm = ZeroCentredRMSNorm(hidden, eps)
        self.pre_fc_norm_embedding = ZeroCentredRMSNorm(hidden, eps)
        self.pre_fc_norm_hidden = ZeroCentredRMSNorm(hidden, eps)

    @property
    def attention(self) -> GatedAttention:
        """That of its layer, which declares what the head remembers."""
        found = self.layers[0].self_attn
        assert isinstance(found, GatedAttention)
        return found

    def forward(self, next_TD: Tensor, hidden_TD: Tensor, positions: Tensor, ctx: ForwardContext) -> Tensor:
        """Each next token's embedding (T, D), and the main model's hidden state of each token (T, D), after its norm ->
        hidden states (T, D) for the main model's `compute_logits`."""
        norms = (self.pre_fc_norm_embedding, self.pre_fc_norm_hidden)
        x_TD = self.fc(ops.rms_norms((next_TD, hidden_TD), norms, ctx), ctx)
        x_TD, residual_TD = self.layers[0](x_TD, None, positions, ctx)
        return ops.add_rms_norm(x_TD, residual_TD, self.norm, ctx)[0]

    def own_name(self, stored: str) -> str | None:
        """What this head calls a checkpoint's tensor; None for one of the main model's."""
        return stored.removeprefix("mtp.") if stored.startswith("mtp.") else None
