"""Training and serving agree: to the bit where both are exact, closely where they are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.integration.test_checkpoints import checkpoint
from tests.native import require_native
from yunqi import LLM, SamplingParams
from yunqi.engine.loader import load_model
from yunqi.eval.agreement import score
from yunqi.ops.context import ForwardContext

PARAMS = SamplingParams(temperature=1.0, seed=3, max_tokens=150, logprobs=0, ignore_eos=True)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_exact_training_forward_is_the_deterministic_engine(tmp_path: Path, dtype: str) -> None:
    _, path = checkpoint(tmp_path)
    llm = LLM(path, dtype=dtype, backend="torch", deterministic=True, max_num_batched_tokens=48)
    outputs = llm.generate(_prompts(), PARAMS)
    found = score(load_model(path, dtype=dtype), outputs, backend="exact")
    assert found.tokens == 3 * 150
    assert found.largest == 0.0


@pytest.mark.parametrize("backend", ["torch", "native"])
def test_the_free_roads_agree_closely(tmp_path: Path, backend: str) -> None:
    if backend == "native":
        require_native()
    _, path = checkpoint(tmp_path)
    outputs = LLM(path, dtype="float32", backend=backend, deterministic=False).generate(_prompts(), PARAMS)
    found = score(load_model(path, dtype="float32"), outputs, backend="torch")
    assert 0.0 < found.mean <= found.largest < 1e-4


def test_packed_exact_rows_and_gradients_are_those_of_the_formulas(tmp_path: Path) -> None:
    _, path = checkpoint(tmp_path)
    model = load_model(path, dtype="float32")
    lengths = (5, 131, 40)
    ids = torch.arange(sum(lengths)) * 7 % 40
    positions = torch.cat([torch.arange(n) for n in lengths])
    results = {}
    for backend in ("naive", "exact"):
        model.requires_grad_(True).zero_grad()
        ctx = ForwardContext.training(np.cumsum([0, *lengths]), backend=backend)
        hidden = model(ids, positions, ctx)
        hidden.square().mean().backward()
        results[backend] = [hidden.detach(), *(p.grad.clone() for p in model.parameters() if p.grad is not None)]
    for wanted, found in zip(results["naive"], results["exact"], strict=True):
        assert torch.allclose(wanted, found, atol=1e-5 * float(wanted.abs().max()))


def _prompts() -> list[list[int]]:
    return [[(i * step) % 40 for i in range(size)] for step, size in ((1, 7), (3, 100), (7, 33))]
