"""First weights: small normal embeddings and matrices of fan-in scale, projections into the residual stream at zero.

Zero output projections make every block start as the identity, which lets the first steps be large. Gated DeltaNet
starts as its authors have it: decays A of up to 16, their steps softplus(dt_bias) between 0.001 and 0.1, so that heads
remember from a token to thousands (Yang et al. 2024; Dao and Gu 2024).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from yunqi.layers.norm import ZeroCentredRMSNorm

EMBEDDINGS = ("embed_tokens.weight", "wte.weight")
_INTO_RESIDUAL = ("o_proj.weight", "down_proj.weight", "c_proj.weight", "out_proj.weight")
_LEAST_DECAY, _MOST_DECAY = 0.01, 16.0
_STEPS = 0.001, 0.1


@torch.no_grad()
def fill(model: nn.Module, values: Mapping[str, Tensor]) -> None:
    """Copy a value into every parameter."""
    for name, parameter in model.named_parameters():
        parameter.copy_(values[name])


@torch.no_grad()
def initialize(model: nn.Module, seed: int) -> None:
    """Fill every parameter from `seed` alone."""
    generator = torch.Generator().manual_seed(seed)
    centred = {id(module.weight) for module in model.modules() if isinstance(module, ZeroCentredRMSNorm)}
    for name, parameter in model.named_parameters():
        if name.endswith("A_log"):
            parameter.uniform_(_LEAST_DECAY, _MOST_DECAY, generator=generator).log_()
        elif name.endswith("dt_bias"):
            steps = parameter.uniform_(*map(math.log, _STEPS), generator=generator).exp_()
            parameter.copy_(steps + torch.log(-torch.expm1(-steps)))  # softplus backwards
        elif id(parameter) in centred:
            parameter.zero_()
        elif parameter.ndim == 1:
            parameter.fill_(0.0 if name.endswith("bias") else 1.0)
        elif name.endswith(_INTO_RESIDUAL):
            parameter.zero_()
        elif name.endswith(EMBEDDINGS) or "lm_head" in name:
            parameter.normal_(0.0, 0.02, generator=generator)
        else:
            parameter.normal_(0.0, 0.5 * parameter.shape[1] ** -0.5, generator=generator)
