"""The ops a model may call: the whole interface between families and arithmetic.

Each op goes to the backend named in `ctx.plan`; a backend that has no version of its own uses the naive one. Shapes in
names: T tokens, D hidden, N query heads, K kv heads, H head dim, F ffn, E experts, V vocabulary, S rows that need
logits; in linear attention M key heads of size H and N value heads of size P.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from torch import Tensor, dtype

from yunqi.ops import exact, fast, naive
from yunqi.ops.context import ForwardContext, RecurrentStateSpec
from yunqi.ops.native import backend as native


class EmbeddingModule(Protocol):
    weight: Any


class LinearModule(Protocol):
    weight: Any
    bias: Any


class NormModule(Protocol):
    zero_centred: ClassVar[bool]
    weight: Any
    eps: float


class RotaryModule(Protocol):
    def cos_sin(self, positions: Tensor, dtype: dtype, ctx: ForwardContext) -> tuple[Tensor, Tensor]: ...


class AttentionModule(Protocol):
    """What `qk_norm_rope_write` and `attention` read of a layer's attention."""

    layer_id: int
    num_heads: int
    num_kv_heads: int
    head_dim: int
    sliding_window: int | None
    logn_length: int | None
    q_norm: Any
    k_norm: Any

    @property
    def rotary_emb(self) -> RotaryModule: ...


class DeltaModule(Protocol):
    """What `causal_conv` and `gated_delta` read of a linear attention layer."""

    layer_id: int
    conv1d: Any
    A_log: Any
    dt_bias: Any

    @property
    def memory_spec(self) -> RecurrentStateSpec: ...


class MoEModule(Protocol):
    """What `moe` reads of a mixture of experts. Projections and experts are called as modules: `expert(x_TD, ctx)`."""

    gate: Any
    experts: Any
    num_experts_per_tok: int
    norm_topk_prob: bool
    shared_expert: Any
    shared_expert_gate: Any


_BACKENDS: dict[str, Any] = {"naive": naive, "torch": fast, "exact": exact, "native": native}


def _pick(name: str, ctx: ForwardContext) -> Any:
    return getattr(_BACKENDS[ctx.plan.backend], name, None) or getattr(naive, name)


def embed(ids_T: Tensor, module: EmbeddingModule, ctx: ForwardContext) -> Tensor:
    """Rows of the embedding table: (T,) -> (T, D)."""
    return _pick("embed", ctx)(ids_T, module, ctx)


def rms_norm(x: Tensor, norm: NormModule, ctx: ForwardContext) -> Tensor:
    """w * x / sqrt(mean(x^2) + eps) over the last axis, the mean in float32 (Zhang and Sennrich 2019).

    Where the norm is zero-centred its weight counts from 1.
    """
    return _pick("rms_norm", ctx)(x, norm, ctx)


def rms_norms(parts: Sequence[Tensor], norms: Sequence[NormModule], ctx: ForwardContext) -> Tensor:
    """`rms_norm` of each part (T, D), by a norm of its own, side by side: (T, all D)."""
    return _pick("rms_norms", ctx)(parts, norms, ctx)


def add_rms_norm(
    x_TD: Tensor, residual_TD: Tensor | None, norm: NormModule, ctx: ForwardContext
) -> tuple[Tensor, Tensor]:
    """(norm(x + residual), x + residual); the first layer has no residual yet."""
    return _pick("add_rms_norm", ctx)(x_TD, residual_TD, norm, ctx)


def gated_rms_norm(x: Tensor, gate: Tensor, norm: NormModule, ctx: ForwardContext) -> Tensor:
    """rms_norm(x) * silu(gate), for gates of as many elements in the same order."""
    return _pick("gated_rms_norm", ctx)(x, gate, norm, ctx)


def linear(x: Tensor, module: LinearModule, ctx: ForwardContext) -> Tensor:
    """x W^T + b."""
    return _pick("linear", ctx)(x, module, ctx)


def linear_group(x: Tensor, modules: Sequence[Any], ctx: ForwardContext) -> tuple[Tensor, ...]:
    """Several projections of one input, each through its own module, as one product where a backend can."""
    return _pick("linear_group", ctx)(x, modules, ctx)


def qk_norm_rope_write(
    q: Tensor, k: Tensor, v: Tensor, attn: AttentionModule, positions: Tensor, ctx: ForwardContext
) -> tuple[Tensor, Tensor, Tensor]:
    """Split heads, normalise q and k where the layer does, rotate them, and write k and v into the layer's memory.

    Where the layer has a `logn_length` L, the query at position p is then multiplied by max(1, log(p + 1) / log(L)).

    (T, N*H), (T, K*H), (T, K*H) -> (T, N, H), (T, K, H), (T, K, H).
    """
    return _pick("qk_norm_rope_write", ctx)(q, k, v, attn, positions, ctx)


def attention(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, attn: AttentionModule, ctx: ForwardContext) -> Tensor:
    """Causal attention inside each sequence, over its memory when serving and over k, v themselves in training.

    Returns (T, N*H).
    """
    return _pick("attention", ctx)(q_TNH, k_TKH, v_TKH, attn, ctx)


def swiglu(gate_TF: Tensor, up_TF: Tensor, ctx: ForwardContext) -> Tensor:
    """silu(gate) * up (Shazeer 2020)."""
    return _pick("swiglu", ctx)(gate_TF, up_TF, ctx)


def sigmoid_mul(gate: Tensor, x_TD: Tensor, ctx: ForwardContext) -> Tensor:
    """sigmoid(gate) * x, for gates (T, ...) of as many elements in the same order."""
    return _pick("sigmoid_mul", ctx)(gate, x_TD, ctx)


def causal_conv(parts: Sequence[Tensor], layer: DeltaModule, ctx: ForwardContext) -> tuple[Tensor, ...]:
    """silu of a convolution of each channel over its own last W tokens, in each sequence and its memory.

    y_t = silu(sum over j of w_j x_(t - W + 1 + j)); w, (C, 1, W), is the weight of `layer.conv1d`, for the channels of
    all parts side by side. Parts (T, ...) of C channels together -> the same parts, each (T, its channels).
    """
    return _pick("causal_conv", ctx)(parts, layer, ctx)


def gated_delta(
    q_TMH: Tensor, k_TMH: Tensor, v_TNP: Tensor, b: Tensor, a: Tensor, layer: DeltaModule, ctx: ForwardContext
) -> Tensor:
    """The gated delta rule in each sequence, from the state in the layer's memory (Yang et al. 2024, "Gated Delta
    Networks", section 3.1): with q and k of length 1, q divided by sqrt(H), for each value head a state S (H, P),

        S <- e^g S;  S <- S + k beta (v - S^T k)^T;  o = S^T q

    where beta = sigmoid(b) and g = -exp(A_log) softplus(a + dt_bias). A key head serves N / M value heads that follow
    each other. b, a: (T, ...) of N elements. Returns (T, N, P).
    """
    return _pick("gated_delta", ctx)(q_TMH, k_TMH, v_TNP, b, a, layer, ctx)


def moe(x_TD: Tensor, module: MoEModule, ctx: ForwardContext) -> Tensor:
    """A router's choice of experts for each token (Shazeer et al. 2017; Qwen1.5-MoE for the shared expert): (T, D).

    With p = softmax(gate(x)) over all experts, in float32, y = sum of p_e expert_e(x) over the `num_experts_per_tok`
    experts of the highest p, which `norm_topk_prob` makes add up to 1; a layer with a shared expert adds
    sigmoid(shared_expert_gate(x)) shared_expert(x).
    """
    return _pick("moe", ctx)(x_TD, module, ctx)


def gather_rows(x_TD: Tensor, rows_S: Tensor, ctx: ForwardContext) -> Tensor:
    """The rows that need logits: (T, D) -> (S, D)."""
    return _pick("gather_rows", ctx)(x_TD, rows_S, ctx)
