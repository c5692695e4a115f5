"""Families against an independent reference: logits, gradients, cached and packed forms."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest
import torch

from tests.parity.cases import CASES, Case, random_config, reference_model
from yunqi.families import find_family
from yunqi.ops.context import ForwardContext

SEEDS = range(24)
TOLERANCE = 1e-4


def ours(case: Case, config: dict[str, Any], reference: Any) -> Any:
    """Our model with the reference's parameters."""
    model_class = find_family(case.architecture).load_class()
    model = model_class(model_class.config_class.from_dict(config))
    model.load_state_dict(case.to_ours(reference.state_dict()), strict=True)
    return model.float().eval()


def lengths_of(seed: int) -> list[int]:
    """Unequal, mostly odd lengths of packed sequences."""
    draw = random.Random(seed)
    return [draw.choice([1, 2, 5, 7, 17, 33, 51]) for _ in range(draw.randint(1, 4))]


def packed(config: dict[str, Any], lengths: list[int], seed: int) -> tuple[torch.Tensor, torch.Tensor, np.ndarray]:
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(0, config["vocab_size"], (sum(lengths),), generator=generator)
    positions = torch.cat([torch.arange(n) for n in lengths])
    return ids, positions, np.cumsum([0, *lengths])


def close(found: torch.Tensor, wanted: torch.Tensor, *, tolerance: float = TOLERANCE, least: float = 0.0) -> bool:
    """Whether the greatest difference is within the tolerance of the values' own scale, which is `least` or more."""
    return bool((found - wanted).abs().max() <= tolerance * wanted.abs().max().clamp_min(least))


@pytest.mark.parametrize("backend", ["naive", "torch"])
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.architecture)
def test_logits_of_packed_sequences(case: Case, seed: int, backend: str) -> None:
    config = random_config(case, seed)
    reference = reference_model(case, config, seed)
    model = ours(case, config, reference)
    lengths = lengths_of(seed)
    ids, positions, offsets = packed(config, lengths, seed)
    with torch.no_grad():
        ctx = ForwardContext.training(offsets, backend=backend)  # pyright: ignore
        logits = model.compute_logits(model(ids, positions, ctx), ctx)
        for start, stop in itertools.pairwise(offsets):
            wanted = reference(ids[None, start:stop]).logits[0]
            assert close(logits[start:stop], wanted), (config, lengths)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.architecture)
def test_gradients(case: Case, seed: int) -> None:
    config = random_config(case, seed)
    reference = reference_model(case, config, seed)
    model = ours(case, config, reference)
    ids, positions, offsets = packed(config, [9, 14], seed)
    loss = torch.zeros(())
    for start, stop in itertools.pairwise(offsets):
        logits = reference(ids[None, start:stop]).logits[0]
        loss = loss + torch.nn.functional.cross_entropy(logits[:-1], ids[start + 1 : stop], reduction="sum")
    loss.backward()
    ctx = ForwardContext.training(offsets)
    logits = model.compute_logits(model(ids, positions, ctx), ctx)
    targets = torch.full_like(ids, -100)
    for start, stop in itertools.pairwise(offsets):
        targets[start : stop - 1] = ids[start + 1 : stop]
    torch.nn.functional.cross_entropy(logits, targets, ignore_index=-100, reduction="sum").backward()
    wanted = case.to_ours({name: p.grad for name, p in reference.named_parameters()})
    for name, parameter in model.named_parameters():
        # The router of a single expert, whose weight is 1 whatever it says, has rounding errors for a gradient.
        assert parameter.grad is not None, name
        assert close(parameter.grad, wanted[name], tolerance=case.gradient_tolerance, least=1e-2), name


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.architecture)
def test_windows_equal_single_sequences(case: Case) -> None:
    config = random_config(case, 3)
    model = ours(case, config, reference_model(case, config, 3))
    lengths = [5, 11, 16, 9, 0, 7]
    ids, positions, offsets = packed(config, lengths, 3)
    with torch.no_grad():
        one = model(ids, positions, ForwardContext.training(offsets))
        rows = model(ids, positions, ForwardContext.training(offsets))
    assert close(rows, one)
