"""A tiny model that alternates gated DeltaNet and attention, to prove what the engine does with recurrent state.

The layer is that of Qwen3-Next with its naive recurrence (Yang et al. 2024, "Gated Delta Networks"): per head a state
S (dk, dv), S <- e^g S; d = b (v - S^T k); S <- S + k d^T; o = S^T q. It runs token by token in prefill as in decode, so
that a token's bits depend on the tokens before it alone; what a vector instruction might round otherwise is computed
in float64. States begin anew at every sequence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from yunqi.common.config import ModelConfig
from yunqi.layers.attention import Attention
from yunqi.layers.decoder import CausalLM, DecoderLayer, dense_layer
from yunqi.layers.linear import Linear
from yunqi.layers.mlp import GatedMLP
from yunqi.layers.rope import RotaryEmbedding
from yunqi.ops.context import ForwardContext, RecurrentState, RecurrentStateSpec, StateTensor

KERNEL = 4
EPS = 1e-6


@dataclass(frozen=True, kw_only=True)
class HybridConfig(ModelConfig):
    """Every second layer attends; the others have `key_heads` of `key_dim` and `value_heads` of `value_dim`."""

    key_heads: int = 2
    value_heads: int = 4
    key_dim: int = 8
    value_dim: int = 8


class GatedDeltaNet(nn.Module):
    """Projections, a causal convolution of 4 tokens, the delta rule, a gated norm, the output projection."""

    def __init__(self, config: HybridConfig, layer_id: int) -> None:
        super().__init__()
        self.layer_id, self.config = layer_id, config
        keys, values = config.key_heads * config.key_dim, config.value_heads * config.value_dim
        self.sizes = (keys, keys, values)
        self.in_proj_qkv = Linear(config.hidden_size, sum(self.sizes))
        self.in_proj_z = Linear(config.hidden_size, values)
        self.in_proj_ba = Linear(config.hidden_size, 2 * config.value_heads)
        self.out_proj = Linear(values, config.hidden_size)
        self.conv = nn.Parameter(torch.empty(KERNEL, sum(self.sizes)))
        self.norm = nn.Parameter(torch.empty(config.value_dim))
        self.A_log = nn.Parameter(torch.empty(config.value_heads))
        self.dt_bias = nn.Parameter(torch.empty(config.value_heads))

    @property
    def memory_spec(self) -> RecurrentStateSpec:
        c = self.config
        delta = StateTensor(shape=(c.value_heads, c.key_dim, c.value_dim), dtype="float32")
        return RecurrentStateSpec(tensors={"conv": StateTensor(shape=(KERNEL - 1, sum(self.sizes))), "delta": delta})

    def forward(self, x_TD: Tensor, positions: Tensor, ctx: ForwardContext) -> Tensor:
        mixed, z, ba = self.in_proj_qkv(x_TD, ctx), self.in_proj_z(x_TD, ctx), self.in_proj_ba(x_TD, ctx)
        out = torch.zeros_like(z)
        for i in range(ctx.num_seqs):
            rows = slice(int(ctx.cu_seqlens[i]), int(ctx.cu_seqlens[i + 1]))
            out[rows] = self._sequence(mixed[rows], z[rows], ba[rows], *self._state(mixed, ctx, i))
        return self.out_proj(out, ctx)

    def _state(self, mixed: Tensor, ctx: ForwardContext, index: int) -> tuple[Tensor, Tensor]:
        """The sequence's two states, to be changed in place; zeros where nothing remembers."""
        memory: RecurrentState | None = ctx.memory.get(self.layer_id)
        if memory is None:
            delta = self.memory_spec.tensors["delta"]
            return mixed.new_zeros(KERNEL - 1, mixed.shape[1]), torch.zeros(delta.shape)
        assert ctx.state_slots is not None
        slot = int(ctx.state_slots[index])
        assert slot > 0, "a sequence without a slot"
        return memory.tensors["conv"][slot], memory.tensors["delta"][slot]

    def _sequence(self, mixed: Tensor, z: Tensor, ba: Tensor, tail: Tensor, state: Tensor) -> Tensor:
        c = self.config
        reach = torch.cat((tail, mixed))
        tail.copy_(reach[-(KERNEL - 1) :])
        weight = self.conv.double()
        convolved = sum(weight[j] * reach[j : j + len(mixed)].double() for j in range(KERNEL))
        q, k, v = silu(convolved).split(self.sizes, -1)  # pyright: ignore
        q, k = unit(q.unflatten(-1, (-1, c.key_dim))) * c.key_dim**-0.5, unit(k.unflatten(-1, (-1, c.key_dim)))
        q, k = (x.repeat_interleave(c.value_heads // c.key_heads, 1).float() for x in (q, k))
        v = v.unflatten(-1, (-1, c.value_dim)).float()
        b, a = ba.double().chunk(2, -1)
        beta = (1 / (1 + (-b).exp())).float()
        decay = (-self.A_log.double().exp() * (1 + (a + self.dt_bias.double()).exp()).log()).exp().float()
        o = delta_rule(q, k, v, beta, decay, state).double()
        o = self.norm.double() * o * torch.rsqrt(o.pow(2).mean(-1, keepdim=True) + EPS)
        return (o * silu(z.double().unflatten(-1, (-1, c.value_dim)))).flatten(1).to(mixed.dtype)


def delta_rule(q: Tensor, k: Tensor, v: Tensor, beta: Tensor, decay: Tensor, state: Tensor) -> Tensor:
    """Token by token over (T, heads, size); `decay` is e^g (T, heads). `state` (heads, dk, dv) moves on in place."""
    out = []
    for t in range(len(q)):
        state *= decay[t][:, None, None]
        change = beta[t][:, None] * (v[t] - (state * k[t][:, :, None]).sum(1))
        state += k[t][:, :, None] * change[:, None]
        out.append((state * q[t][:, :, None]).sum(1))
    return torch.stack(out)


def silu(x: Tensor) -> Tensor:
    return x / (1 + (-x).exp())


def unit(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.pow(2).sum(-1, keepdim=True) + EPS)


class HybridForCausalLM(CausalLM):
    config_class = HybridConfig

    def __init__(self, config: HybridConfig) -> None:
        super().__init__(config, hybrid_layer)


def hybrid_layer(config: HybridConfig, layer_id: int, rotary_emb: RotaryEmbedding) -> DecoderLayer:
    if layer_id % 2:
        return dense_layer(config, Attention(config, layer_id, rotary_emb, qkv_bias=False, o_bias=False, qk_norm=True))
    mixer: Any = GatedDeltaNet(config, layer_id)
    return DecoderLayer(config, mixer, GatedMLP(config.hidden_size, config.intermediate_size))


SHAPE = {
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 40,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 512,
}


def random_weights(model: nn.Module, seed: int) -> Any:
    """Every parameter drawn anew, none left at a value that would hide a mistake."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            scale, shift = (0.5, 0.3) if parameter.dim() == 1 else (parameter.shape[-1] ** -0.5, 0.0)
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * scale + shift)
    return model.eval()


def hybrid(seed: int) -> HybridForCausalLM:
    return random_weights(HybridForCausalLM(HybridConfig.from_dict(SHAPE)), seed)
