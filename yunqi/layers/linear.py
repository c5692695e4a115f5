"""Projections and embeddings: parameters under the checkpoint's names, arithmetic in the ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from yunqi.ops import table as ops
from yunqi.ops.context import ForwardContext
from yunqi.ops.native.matrix import PackedMatrix


class Linear(nn.Module):
    """x W^T + b with W (out, in). A quantised or adapted projection replaces this module and keeps its call."""

    def __init__(self, in_features: int, out_features: int, *, bias: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out_features, in_features))
        self.bias = nn.Parameter(torch.empty(out_features)) if bias else None

    def forward(self, x: Tensor, ctx: ForwardContext) -> Tensor:
        return ops.linear(x, self, ctx)


class StoredLinear(nn.Module):
    """A `Linear` whose weight is read from where it is stored, and made what it is computed with, at every use.

    `nbytes` are those of the weight as it is computed with.
    """

    def __init__(self, read: Callable[[], Tensor], nbytes: int) -> None:
        super().__init__()
        self._read, self.nbytes, self.bias = read, nbytes, None

    @property
    def weight(self) -> Tensor:
        return self._read()

    def forward(self, x: Tensor, ctx: ForwardContext) -> Tensor:
        return ops.linear(x, self, ctx)

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        destination[f"{prefix}weight"] = self.weight


class Embedding(nn.Module):
    """A table of V rows of D."""

    def __init__(self, vocab_size: int, hidden_size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(vocab_size, hidden_size))

    def forward(self, ids_T: Tensor, ctx: ForwardContext) -> Tensor:
        return ops.embed(ids_T, self, ctx)


class Packed(nn.Module):
    """A matrix packed for the native core in place of a weight; `weight` is what it stands for, computed anew."""

    def __init__(self, matrix: PackedMatrix) -> None:
        super().__init__()
        self.matrix = matrix
        self.register_buffer("packed", torch.from_numpy(matrix.data))

    @property
    def weight(self) -> Tensor:
        return self.matrix.unpack()


class PackedLinear(Packed):
    """A `Linear` over a packed matrix."""

    def __init__(self, matrix: PackedMatrix, bias: Tensor | None) -> None:
        super().__init__(matrix)
        self.bias = bias if bias is None else nn.Parameter(bias.detach().float(), requires_grad=False)

    def forward(self, x: Tensor, ctx: ForwardContext) -> Tensor:
        return ops.linear(x, self, ctx)


class PackedEmbedding(Packed):
    """An `Embedding` over a packed matrix."""

    def forward(self, ids_T: Tensor, ctx: ForwardContext) -> Tensor:
        return ops.embed(ids_T, self, ctx)
