"""The states of a recurrent layer, for all sequences of a step at once."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from yunqi.ops.context import ForwardContext, RecurrentState


def read(name: str, layer: Any, like: Tensor, ctx: ForwardContext) -> Tensor:
    """(S, ...): a copy of every sequence's state before this step; zeros where nothing remembers."""
    memory: RecurrentState | None = ctx.memory.get(layer.layer_id)
    if memory is not None:
        return memory.tensors[name][_slots(ctx)]
    spec = layer.memory_spec.tensors[name]
    dtype = like.dtype if spec.dtype is None else getattr(torch, spec.dtype)
    return torch.zeros((ctx.num_seqs, *spec.shape), dtype=dtype, device=like.device)


def write(name: str, layer: Any, states: Tensor, ctx: ForwardContext) -> None:
    """Keep every sequence's state after this step, where something remembers."""
    memory: RecurrentState | None = ctx.memory.get(layer.layer_id)
    if memory is not None:
        memory.tensors[name][_slots(ctx)] = states.to(memory.tensors[name].dtype)


def _slots(ctx: ForwardContext) -> Tensor:
    assert ctx.state_slots is not None
    assert (ctx.state_slots > 0).all(), "a sequence without a slot"
    return ctx.view("state_slots").long()
