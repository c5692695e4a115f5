"""First weights: small normal embeddings and matrices of fan-in scale, projections into the residual stream at zero.

Zero output projections make every block start as the identity, which lets the first steps be large.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

EMBEDDINGS = ("embed_tokens.weight", "wte.weight")
_INTO_RESIDUAL = ("o_proj.weight", "down_proj.weight", "c_proj.weight")


@torch.no_grad()
def fill(model: nn.Module, values: Mapping[str, Tensor]) -> None:
    """Copy a value into every parameter."""
    for name, parameter in model.named_parameters():
        parameter.copy_(values[name])


@torch.no_grad()
def initialize(model: nn.Module, seed: int) -> None:
    """Fill every parameter from `seed` alone."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        if parameter.ndim == 1:
            parameter.fill_(0.0 if name.endswith("bias") else 1.0)
        elif name.endswith(_INTO_RESIDUAL):
            parameter.zero_()
        elif name.endswith(EMBEDDINGS) or "lm_head" in name:
            parameter.normal_(0.0, 0.02, generator=generator)
        else:
            parameter.normal_(0.0, 0.5 * parameter.shape[1] ** -0.5, generator=generator)
