"""Muon: momentum whose matrix is replaced by the nearest orthogonal one, so that every direction learns alike.

Source: Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024): Newton-Schulz iteration of
fifth order with coefficients that push every singular value to about one, Nesterov momentum, and an update scaled by
sqrt(max(1, rows / columns)).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import torch
from torch import Tensor

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def orthogonalize(matrices: Tensor, iterations: int = 5, dtype: torch.dtype = torch.float32) -> Tensor:
    """(B, rows, columns) -> the same shape, every singular value moved to between about 0.7 and 1.2.

    Args:
        dtype: of the products; the iteration forgives bfloat16 (Jordan et al.).
    """
    a, b, c = _COEFFICIENTS
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    x = (x / (torch.linalg.matrix_norm(x, keepdim=True) + 1e-7)).to(dtype)
    for _ in range(iterations):
        gram = x @ x.mT
        x = a * x + torch.baddbmm(gram, gram, gram, beta=b, alpha=c) @ x
    return (x.mT if tall else x).to(matrices.dtype)


class Muon:
    """The optimiser for named 2-D parameters. `state` holds one momentum tensor a parameter."""

    def __init__(
        self,
        parameters: Mapping[str, Tensor],
        *,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        assert all(p.ndim == 2 for p in parameters.values()), "Muon turns matrices"
        self.parameters = dict(parameters)
        self.momentum, self.weight_decay, self.dtype = momentum, weight_decay, dtype
        self.state = {name: torch.zeros_like(parameter) for name, parameter in self.parameters.items()}
        # Matrices of one shape are turned together: one batched product instead of many small ones.
        self._shapes: dict[torch.Size, list[str]] = defaultdict(list)
        for name, parameter in self.parameters.items():
            self._shapes[parameter.shape].append(name)

    @torch.no_grad()
    def step(self, lr: float) -> None:
        for shape, names in self._shapes.items():
            parameters = [self.parameters[name] for name in names]
            directions = orthogonalize(torch.stack(self._nesterov(names)), dtype=self.dtype)
            if self.weight_decay:
                torch._foreach_mul_(parameters, 1 - lr * self.weight_decay)  # pyright: ignore
            scale = max(1.0, shape[0] / shape[1]) ** 0.5
            torch._foreach_add_(parameters, list(directions.unbind()), alpha=-lr * scale)  # pyright: ignore

    def _nesterov(self, names: list[str]) -> list[Tensor]:
        """The gradients ahead of their momentum; for all matrices of a shape at once, which on a GPU is one launch."""
        gradients = []
        for name in names:
            gradient = self.parameters[name].grad
            assert gradient is not None, f"{name} has no gradient"
            gradients.append(gradient)
        velocities = [self.state[name] for name in names]
        torch._foreach_lerp_(velocities, gradients, 1 - self.momentum)  # pyright: ignore
        return list(torch._foreach_lerp(gradients, velocities, self.momentum))  # pyright: ignore
