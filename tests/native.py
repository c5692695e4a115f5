"""Tests of the native core are left out where nothing could build it; with a compiler it must be there.

`Replayed` runs one layer in the core by itself, recorded once and replayed.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from yunqi.layers.linear import Linear, PackedLinear
from yunqi.ops.context import ForwardContext, Plan
from yunqi.ops.native import library
from yunqi.ops.native.matrix import Kind, PackedMatrix
from yunqi.ops.native.recorder import Recorder

COMPILERS = ("c++", "g++", "clang++")


def require_native() -> None:
    """End a test here on a machine without a compiler."""
    reason = library.problem()
    if reason is not None and not any(map(shutil.which, COMPILERS)):
        pytest.skip(f"no native core, and no compiler: {reason}")


def pack_linears(module: nn.Module, kind: Kind, wide: Sequence[str] = ()) -> Any:
    """Every projection of a layer packed, those named `wide` in float32; the other ops then compute with the same
    weights, unpacked."""
    for name, child in module.named_children():
        if isinstance(child, Linear):
            matrix = PackedMatrix.pack(child.weight.detach(), "float32" if name in wide else kind)
            setattr(module, name, PackedLinear(matrix, child.bias))
        else:
            pack_linears(child, kind, wide)
    return module


class Replayed:
    """A layer over rows (T, D), at most `max_tokens` of them; `memory` is its store where it remembers."""

    def __init__(
        self, layer: Any, width: int, max_tokens: int, *, memory: Mapping[int, Any] | None = None, threads: int = 1
    ) -> None:
        self.team, recorder = library.Team(threads), Recorder(max_tokens)
        nothing = np.zeros(1, dtype=np.int32)
        ctx = ForwardContext(
            plan=Plan(backend="native", num_tokens=max_tokens),
            cu_seqlens=nothing,
            context_lens=nothing[:0],
            memory=memory or {},
            recorder=recorder,
        )
        self._input = recorder.buffer(width)
        with torch.inference_mode():
            positional = (None, ctx) if memory else (ctx,)
            self._output = layer(self._input, *positional)
        self._program = recorder.program()

    def __call__(self, x_TD: Tensor, lengths: Sequence[int] | None = None, slots: Sequence[int] = (1,)) -> Tensor:
        """Sequences of these lengths, whose states are in these slots."""
        offsets = np.cumsum([0, *(lengths or [len(x_TD)])]).astype(np.int32)
        state_slots = np.asarray(slots, dtype=np.int32)
        self._input[: len(x_TD)] = x_TD
        step = library.Step(num_tokens=len(x_TD), num_seqs=len(offsets) - 1, offsets=offsets.ctypes.data)
        step.state_slots = state_slots.ctypes.data
        self._program.run(self.team, step)
        return self._output[: len(x_TD)].clone()
