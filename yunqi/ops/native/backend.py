"""The ops under a recorder: nothing is computed, each op joins the recording (`yunqi.ops.native.recorder`)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from torch import Tensor

from yunqi.ops.context import ForwardContext
from yunqi.ops.native.library import MAX_GROUP


def embed(ids_T: Tensor, module: Any, ctx: ForwardContext) -> Tensor:
    return ctx.recorder.embed(module.matrix)


def rms_norm(x: Tensor, norm: Any, ctx: ForwardContext) -> Tensor:
    return ctx.recorder.add_norm(x, None, norm)[0]


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
    ctx.recorder.heads(q, k, v, attn, ctx.memory[attn.layer_id])
    return (
        q.unflatten(1, (attn.num_heads, attn.head_dim)),
        k.unflatten(1, (attn.num_kv_heads, attn.head_dim)),
        v.unflatten(1, (attn.num_kv_heads, attn.head_dim)),
    )


def attention(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, attn: Any, ctx: ForwardContext) -> Tensor:
    return ctx.recorder.attention(q_TNH, attn, ctx.memory[attn.layer_id])


def swiglu(gate_TF: Tensor, up_TF: Tensor, ctx: ForwardContext) -> Tensor:
    return ctx.recorder.swiglu(gate_TF, up_TF)


def gather_rows(x_TD: Tensor, rows_S: Tensor, ctx: ForwardContext) -> Tensor:
    return ctx.recorder.gather(x_TD)
