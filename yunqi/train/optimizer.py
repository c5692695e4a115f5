"""The optimiser of a run: Muon for hidden matrices, AdamW for the rest, one schedule and one gradient norm for both.

Each expert's matrices are turned by themselves; what decides between experts is left to AdamW, as are convolutions.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from yunqi.train.config import OptimizerConfig
from yunqi.train.initial import EMBEDDINGS
from yunqi.train.muon import Muon

_ROUTERS = ("mlp.gate.weight", "shared_expert_gate.weight")
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


def learning_rate_share(step: int, steps: int, config: OptimizerConfig) -> float:
    """The share of the full rate at a step: linear warm-up, flat, then linear down to `final_share`."""
    rising = min(1.0, (step + 1) / max(1, config.warmup_steps))
    flat = config.stable_share * steps
    falling = 1.0 if step < flat else (steps - step) / max(1.0, steps - flat)
    return min(rising, max(falling, config.final_share))


class RunOptimizer:
    """Both optimisers behind one `step(share)`; `tensors()` and `load()` carry their whole state. `dtype` is that of
    Muon's products."""

    def __init__(self, model: nn.Module, config: OptimizerConfig, dtype: torch.dtype = torch.float32) -> None:
        self._config = config
        named = dict(model.named_parameters())  # a tied head appears once, as the embedding
        others = (*EMBEDDINGS, "lm_head.weight", *_ROUTERS)
        matrices = {n: p for n, p in named.items() if p.ndim == 2 and not n.endswith(others)}
        self._others = {n: p for n, p in named.items() if n not in matrices}
        self._all = list(named.values())
        self._muon = Muon(matrices, momentum=config.muon_momentum, weight_decay=config.weight_decay, dtype=dtype)
        self._adam = torch.optim.AdamW(
            list(self._others.values()), lr=config.adam_lr, betas=config.adam_betas, eps=1e-10, weight_decay=0.0
        )

    def step(self, share: float) -> Tensor:
        """Clip, update with `share` of the full rates, clear the gradients. Returns the norm before clipping, a scalar
        on the device."""
        norm = nn.utils.clip_grad_norm_(self._all, self._config.clip_norm)
        self._muon.step(self._config.muon_lr * share)
        for group in self._adam.param_groups:
            group["lr"] = self._config.adam_lr * share
        self._adam.step()
        for parameter in self._all:
            parameter.grad = None
        return norm

    def tensors(self) -> dict[str, Tensor]:
        found = {f"muon.{name}": value for name, value in self._muon.state.items()}
        for name, parameter in self._others.items():
            for moment, value in self._adam.state.get(parameter, {}).items():
                found[f"adam.{moment}.{name}"] = value
        return found

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        for name, value in self._muon.state.items():
            value.copy_(tensors[f"muon.{name}"])
        for name, parameter in self._others.items():
            if f"adam.step.{name}" in tensors:
                # The count of steps stays on the host, as AdamW has it.
                self._adam.state[parameter] = {
                    moment: tensors[f"adam.{moment}.{name}"].to(
                        "cpu" if moment == "step" else parameter.device, copy=True
                    )
                    for moment in _MOMENTS
                }
