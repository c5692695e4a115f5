"""The loss of a packed batch: cross entropy over the tokens that count, normalised by the whole step's count.

Only the hidden states that predict such a token pass the head, in chunks, so that logits never exist for the rest.

Two more losses join it where an `Objective` gives them a weight: the balance of experts (`balance_loss`), and the cross
entropy of a head that predicts one token further (DeepSeek-V3, section 2.2), over the same tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from yunqi.data.packing import PackedBatch
from yunqi.ops.context import ForwardContext
from yunqi.ops.experts import counted

_CHUNK_ROWS = 4096
Routing = Sequence[tuple[Tensor, Tensor]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Objective:
    """The weights of what joins the cross entropy; with `mtp_weight` the model has its further head as `model.mtp`."""

    balance_weight: float = 0.0
    mtp_weight: float = 0.0


PLAIN = Objective()


def loss_sum(model: Any, batch: PackedBatch, device: str = "cpu") -> Tensor:
    """The summed cross entropy (nats) of a batch; divide by the step's `num_loss_tokens`."""
    return loss_parts(model, batch, device)["loss"]


def loss_parts(model: Any, batch: PackedBatch, device: str = "cpu", objective: Objective = PLAIN) -> dict[str, Tensor]:
    """`loss`, and where asked for `mtp_loss`, both summed over the tokens (nats); `balance`, the mean over the layers;
    `busiest`, the largest share of a layer's choices that fell on one expert, times the number of experts."""
    ctx = ForwardContext.training(batch.cu_seqlens, device=device)
    ctx.routing = [] if objective.balance_weight else None
    ids_T, positions_T = (_on(device, array) for array in (batch.ids, batch.positions))
    hidden_TD = model(ids_T, positions_T, ctx)
    parts = {"loss": _head_loss(model, hidden_TD, batch.loss_rows, batch.targets, ctx, device)}
    if objective.mtp_weight:
        next_TD = model.embedding(_on(device, batch.next_ids), ctx)
        further_TD = model.mtp(next_TD, hidden_TD, positions_T, ctx)
        parts["mtp_loss"] = _head_loss(model, further_TD, *batch.further, ctx, device)
    routing, ctx.routing = ctx.routing, None  # its tensors' graph may hold the step, which must not hold them
    if routing:
        parts |= {"balance": balance_loss(routing), "busiest": busiest(routing)}
    return parts


def _head_loss(
    model: Any, hidden_TD: Tensor, rows: np.ndarray, targets: np.ndarray, ctx: ForwardContext, device: str
) -> Tensor:
    rows_L, targets_L = _on(device, rows), _on(device, targets)
    total = hidden_TD.new_zeros(())
    for start in range(0, max(1, len(rows_L)), _CHUNK_ROWS):  # of no row, too, all parameters have a gradient
        part = slice(start, start + _CHUNK_ROWS)
        logits = model.compute_logits(hidden_TD[rows_L[part]], ctx)
        total = total + cross_entropy(logits.float(), targets_L[part], reduction="sum")
    return total


def balance_loss(routing: Routing) -> Tensor:
    """E times the sum over experts of (choices of it a token) times (mean probability of it), the mean over the layers;
    with A experts a token it is A where all are used alike (Fedus et al. 2021, equation 4; Qiu et al. 2025, "Demons in
    the Detail": over the tokens of the whole step, not of each sequence).

    Args:
        routing: of each layer the router's probabilities (T, E) and the experts chosen (T, A).
    """
    return torch.stack([_balance(*layer) for layer in routing]).mean()


def _balance(shares_TE: Tensor, chosen_TA: Tensor) -> Tensor:
    return shares_TE.shape[1] * (_choices(shares_TE, chosen_TA) * shares_TE.mean(0)).sum()


def busiest(routing: Routing) -> Tensor:
    """Of the layers' busiest experts the busiest: its choices over those it would have if all were used alike."""
    most = [(_choices(*layer).max() * layer[0].shape[1] / layer[1].shape[1]).detach() for layer in routing]
    return torch.stack(most).max()


def _choices(shares_TE: Tensor, chosen_TA: Tensor) -> Tensor:
    """(E) choices of each expert a token."""
    return counted(chosen_TA, shares_TE.shape[1]).float() / len(chosen_TA)


def _on(device: str, array: np.ndarray) -> Tensor:
    """The array as a tensor; the way to a GPU waits for nothing."""
    tensor = torch.from_numpy(array)
    return tensor if device == "cpu" else tensor.pin_memory().to(device, non_blocking=True)


def backward(
    model: Any, batch: PackedBatch, microbatch_tokens: int, device: str = "cpu", dtype: torch.dtype = torch.float32
) -> Tensor:
    """Add the gradients of one step, window by window where it is large. Returns the mean loss a token, a scalar on the
    device: whoever reads it waits for the step.

    Args:
        dtype: of the matrix products; where it is not float32, torch's autocast rounds their operands.
    """
    return backward_parts(model, batch, microbatch_tokens, device, dtype)["loss"]


def backward_parts(
    model: Any,
    batch: PackedBatch,
    microbatch_tokens: int,
    device: str = "cpu",
    dtype: torch.dtype = torch.float32,
    objective: Objective = PLAIN,
) -> dict[str, Tensor]:
    """As `backward`, for an objective of several losses: each one's mean. The balance of experts is that of the tokens
    that pass together, so that it is the step's where `microbatch_tokens` is."""
    windows = max(1, microbatch_tokens // batch.window)
    found: dict[str, Tensor] = {"loss": torch.zeros((), device=device)}
    for first in range(0, batch.num_tokens // batch.window, windows):
        part = batch.rows(first, min(first + windows, batch.num_tokens // batch.window))
        if part.num_loss_tokens == 0:
            continue
        with torch.autocast(torch.device(device).type, dtype, enabled=dtype != torch.float32):
            parts = loss_parts(model, part, device, objective)
            for name in ("loss", "mtp_loss"):
                if name in parts:
                    parts[name] = parts[name] / batch.num_loss_tokens
            if "balance" in parts:
                parts["balance"] = parts["balance"] * (part.num_tokens / batch.num_tokens)
        _total(parts, objective).backward()
        for name, value in parts.items():
            so_far = found.get(name, torch.zeros_like(value))
            found[name] = torch.maximum(so_far, value) if name == "busiest" else so_far + value.detach()
    return found


def _total(parts: dict[str, Tensor], objective: Objective) -> Tensor:
    total = parts["loss"]
    if "mtp_loss" in parts:
        total = total + objective.mtp_weight * parts["mtp_loss"]
    return total + objective.balance_weight * parts["balance"] if "balance" in parts else total
