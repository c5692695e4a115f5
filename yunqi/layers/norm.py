"""Root-mean-square normalisation."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from yunqi.ops import table as ops
from yunqi.ops.context import ForwardContext


class RMSNorm(nn.Module):
    """w * x / rms(x); the weight has the normalised axis's size."""

    zero_centred: ClassVar[bool] = False

    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(size))
        self.eps = eps

    def forward(self, x: Tensor, ctx: ForwardContext) -> Tensor:
        return ops.rms_norm(x, self, ctx)


class ZeroCentredRMSNorm(RMSNorm):
    """(1 + w) * x / rms(x), so that weight decay draws towards no scaling (Qwen3-Next)."""

    zero_centred: ClassVar[bool] = True


class GatedRMSNorm(RMSNorm):
    """w * x / rms(x) * silu(gate): normalised first, then gated. Its op is `gated_rms_norm`."""
