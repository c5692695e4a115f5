"""The same model on a CUDA device, in plain torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.parity.cases import CASES, Case, random_config, reference_model, save_reference
from tests.unit.train import micro
from yunqi import LLM, SamplingParams
from yunqi.data.packing import PackedBatch
from yunqi.engine.loader import build_model
from yunqi.recipes.nano_next import nano_next
from yunqi.train.initial import initialize
from yunqi.train.loss import PLAIN, Objective, backward_parts

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


@pytest.mark.parametrize("deterministic", [False, True])
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.architecture)
def test_cuda_gives_the_tokens_of_the_cpu(case: Case, deterministic: bool, tmp_path: Path) -> None:
    config = random_config(case, 3)
    save_reference(case, config, reference_model(case, config, 3), tmp_path)
    prompts = [[1, 2, 3], list(range(40))]
    params = SamplingParams(temperature=0, max_tokens=16, ignore_eos=True)
    tokens = [
        [
            output.outputs[0].token_ids
            for output in LLM(tmp_path, device=device, dtype="float32", deterministic=deterministic).generate(
                prompts, params
            )
        ]
        for device in ("cpu", "cuda")
    ]
    assert tokens[0] == tokens[1]


@pytest.mark.parametrize(("dtype", "most"), [(torch.float32, 1e-4), (torch.bfloat16, 0.05)])
def test_cuda_gives_the_gradients_of_the_cpu(dtype: torch.dtype, most: float) -> None:
    """In float32 by groups of like length, in bfloat16 by the kernel for sequences of any length."""
    model = micro.model()
    initialize(model, 0)
    assert_agrees(model, PLAIN, dtype, most)


@pytest.mark.parametrize(("dtype", "most"), [(torch.float32, 1e-4), (torch.bfloat16, 0.05)])
def test_cuda_gives_the_gradients_of_a_hybrid(dtype: torch.dtype, most: float) -> None:
    """The delta rule token by token, experts together where they are bfloat16, and a head that predicts further.

    Each token has all experts: near a tie, rounding would choose another one."""
    model: Any = build_model({**nano_next(quick=True).model, "vocab_size": 290, "num_experts_per_tok": 8})
    model.mtp = model.make_mtp()
    initialize(model, 0)
    assert_agrees(model, Objective(balance_weight=0.01, mtp_weight=0.3), dtype, most)


def assert_agrees(model: Any, objective: Objective, dtype: torch.dtype, most: float) -> None:
    """Loss and gradients of one step on both devices, on the CPU in float32. Of bfloat16 a gradient may be as far from
    these as twice what it is on the CPU."""
    batch = micro.batches(micro.config()).batch(3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.02)
    wanted_loss, wanted = step(model, batch, "cpu", torch.float32, objective)
    allowed = dict.fromkeys(wanted, 0.0)
    if dtype != torch.float32:
        rounded = step(model, batch, "cpu", dtype, objective)[1]
        allowed = {name: 2 * (rounded[name] - grad).norm().item() for name, grad in wanted.items()}
    loss, found = step(model.to("cuda"), batch, "cuda", dtype, objective)
    assert loss == pytest.approx(wanted_loss, rel=most)
    far = {name: (found[name] - grad).norm().item() for name, grad in wanted.items()}
    near = {name for name, grad in wanted.items() if far[name] <= max(most * grad.norm(), allowed[name])}
    assert near == set(wanted)


def step(
    model: Any, batch: PackedBatch, device: str, dtype: torch.dtype, objective: Objective
) -> tuple[float, dict[str, Tensor]]:
    model.zero_grad()
    loss = backward_parts(model, batch, 1024, device, dtype, objective)["loss"].item()
    # Copied: a move of the model takes its gradients along.
    return loss, {name: parameter.grad.cpu().clone() for name, parameter in model.named_parameters()}
