"""Root-mean-square normalisation."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from yunqi.ops import table as ops
from yunqi.ops.context import ForwardContext


class RMSNorm(nn.Module):
    """w * x / rms(x); the weight has the normalised axis's size."""

    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(size))
        self.eps = eps

    def forward(self, x: Tensor, ctx: ForwardContext) -> Tensor:
        return ops.rms_norm(x, self, ctx)
