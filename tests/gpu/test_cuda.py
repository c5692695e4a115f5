"""The same model on a CUDA device, in plain torch."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.parity.cases import CASES, Case, random_config, reference_model, save_reference
from tests.unit.train import micro
from yunqi import LLM, SamplingParams
from yunqi.train.initial import initialize
from yunqi.train.loss import backward

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
    model, batch = micro.model(), micro.batches(micro.config()).batch(3)
    initialize(model, 0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.02)
    wanted_loss = backward(model, batch, 1024).item()
    wanted = {
        name: parameter.grad.clone() for name, parameter in model.named_parameters() if parameter.grad is not None
    }
    model.zero_grad()
    model.to("cuda")
    assert backward(model, batch, 1024, "cuda", dtype).item() == pytest.approx(wanted_loss, rel=most)
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert (parameter.grad.cpu() - wanted[name]).norm() <= most * wanted[name].norm(), name
