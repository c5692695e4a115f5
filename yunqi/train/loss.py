"""The loss of a packed batch: cross entropy over the tokens that count, normalised by the whole step's count.

Only the hidden states that predict such a token pass the head, in chunks, so that logits never exist for the rest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from yunqi.data.packing import PackedBatch
from yunqi.ops.context import ForwardContext

_CHUNK_ROWS = 4096


def loss_sum(model: Any, batch: PackedBatch, device: str = "cpu") -> Tensor:
    """The summed cross entropy (nats) of a batch; divide by the step's `num_loss_tokens`."""
    ctx = ForwardContext.training(batch.cu_seqlens, device=device)
    ids_T, positions_T = (_on(device, array) for array in (batch.ids, batch.positions))
    hidden_TD = model(ids_T, positions_T, ctx)
    rows_L, targets_L = (_on(device, array) for array in (batch.loss_rows, batch.targets))
    total = hidden_TD.new_zeros(())
    for start in range(0, len(rows_L), _CHUNK_ROWS):
        part = slice(start, start + _CHUNK_ROWS)
        logits = model.compute_logits(hidden_TD[rows_L[part]], ctx)
        total = total + cross_entropy(logits.float(), targets_L[part], reduction="sum")
    return total


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
    windows = max(1, microbatch_tokens // batch.window)
    total = torch.zeros((), device=device)
    for first in range(0, batch.num_tokens // batch.window, windows):
        part = batch.rows(first, min(first + windows, batch.num_tokens // batch.window))
        if part.num_loss_tokens == 0:
            continue
        with torch.autocast(torch.device(device).type, dtype, enabled=dtype != torch.float32):
            loss = loss_sum(model, part, device) / batch.num_loss_tokens
        loss.backward()
        total += loss.detach()
    return total
