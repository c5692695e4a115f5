"""The ops under a recorder: nothing is computed, each op joins the recording (`yunqi.ops.native.recorder`)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from torch import Tensor

from yunqi.common.errors import YunqiError
from yunqi.ops.context import ForwardContext
from yunqi.ops.native.library import MAX_GROUP
from yunqi.ops.native.matrix import PackedMatrix


def embed(ids_T: Tensor, module: Any, ctx: ForwardContext) -> Tensor:
    return ctx.recorder.embed(module.matrix)


def rms_norm(x: Tensor, norm: Any, ctx: ForwardContext) -> Tensor:
    return ctx.recorder.add_norm(x, None, norm)[0]


def rms_norms(parts: Sequence[Tensor], norms: Sequence[Any], ctx: ForwardContext) -> Tensor:
    sizes = [part.shape[-1] for part in parts]
    out = ctx.recorder.buffer(sum(sizes))
    for part, norm, place in zip(parts, norms, out.split(sizes, dim=-1), strict=True):
        ctx.recorder.add_norm(part, None, norm, place)
    return out


def add_rms_norm(x_TD: Tensor, residual_TD: Tensor | None, norm: Any, ctx: ForwardContext) -> tuple[Tensor, Tensor]:
    return ctx.recorder.add_norm(x_TD, residual_TD, norm)


def linear(x: Tensor, module: Any, ctx: ForwardContext) -> Tensor:
    return ctx.recorder.linear(x, (module.matrix,), (module.bias,))[0]


def linear_group(x: Tensor, modules: Sequence[Any], ctx: ForwardContext) -> tuple[Tensor, ...]:
    matrices = [module.matrix for module in modules]
    alike = all((a.kind, a.group) == (b.kind, b.group) for a, b in pairwise(matrices))
    if not alike or len(modules) > MAX_GROUP:
        return tuple(linear(x, module, ctx) for module in modules)
    return ctx.recorder.linear(x, matrices, [module.bias for module in modules])


def qk_norm_rope_write(
    q: Tensor, k: Tensor, v: Tensor, attn: Any, positions: Tensor, ctx: ForwardContext
) -> tuple[Tensor, Tensor, Tensor]:
    q = ctx.recorder.heads(q, k, v, attn, ctx.memory[attn.layer_id])
    return (
        q.unflatten(1, (attn.num_heads, attn.head_dim)),
        k.unflatten(1, (attn.num_kv_heads, attn.head_dim)),
        v.unflatten(1, (attn.num_kv_heads, attn.head_dim)),
    )


def attention(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, attn: Any, ctx: ForwardContext) -> Tensor:
    return ctx.recorder.attention(q_TNH, attn, ctx.memory[attn.layer_id])


def swiglu(gate_TF: Tensor, up_TF: Tensor, ctx: ForwardContext) -> Tensor:
    return ctx.recorder.swiglu(gate_TF, up_TF)


def gated_rms_norm(x: Tensor, gate: Tensor, norm: Any, ctx: ForwardContext) -> Tensor:
    return ctx.recorder.gated_norm(x, gate, norm).view(x.shape)


def sigmoid_mul(gate: Tensor, x_TD: Tensor, ctx: ForwardContext) -> Tensor:
    return ctx.recorder.sigmoid_mul(gate, x_TD)


def causal_conv(parts: Sequence[Tensor], layer: Any, ctx: ForwardContext) -> tuple[Tensor, ...]:
    out = ctx.recorder.conv(parts, layer, ctx.memory[layer.layer_id].tensors["conv"])
    return out.split([part[0].numel() for part in parts], dim=-1)


def gated_delta(
    q_TMH: Tensor, k_TMH: Tensor, v_TNP: Tensor, b: Tensor, a: Tensor, layer: Any, ctx: ForwardContext
) -> Tensor:
    state = ctx.memory[layer.layer_id].tensors["delta"]
    return ctx.recorder.delta((q_TMH, k_TMH, v_TNP, b, a), layer, state).unflatten(1, v_TNP.shape[1:])


def moe(x_TD: Tensor, module: Any, ctx: ForwardContext) -> Tensor:
    shared, gate = module.shared_expert, module.shared_expert_gate
    logits = linear_group(x_TD, (module.gate,) if shared is None else (module.gate, gate), ctx)
    experts = [_matrices(expert) for expert in module.experts]
    if not all(_alike(one, experts[0]) for one in experts):
        raise YunqiError("native-unsupported", feature="experts of one layer that are packed in different ways")
    apart = None
    if shared is not None and _alike(_matrices(shared), experts[0]):
        experts.append(_matrices(shared))
    elif shared is not None:
        apart = shared(x_TD, ctx)
    return ctx.recorder.moe(x_TD, logits, experts, apart, module)


def _matrices(expert: Any) -> tuple[PackedMatrix, PackedMatrix, PackedMatrix]:
    return expert.gate_proj.matrix, expert.up_proj.matrix, expert.down_proj.matrix


def _alike(some: Sequence[PackedMatrix], others: Sequence[PackedMatrix]) -> bool:
    return [(m.kind, m.group) for m in some] == [(m.kind, m.group) for m in others]


def gather_rows(x_TD: Tensor, rows_S: Tensor, ctx: ForwardContext) -> Tensor:
    return ctx.recorder.gather(x_TD)
