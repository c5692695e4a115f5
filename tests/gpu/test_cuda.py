"""The same model on a CUDA device, in plain torch."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.parity.cases import CASES, Case, random_config, reference_model, save_reference
from tests.unit.train import micro
from yunqi import LLM, SamplingParams
from yunqi.engine.loader import build_model
from yunqi.ops.context import ForwardContext
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
    compare(model, PLAIN, dtype, most)


@pytest.mark.parametrize(("dtype", "most"), [(torch.float32, 1e-4), (torch.bfloat16, 0.05)])
def test_cuda_gives_the_gradients_of_a_hybrid(dtype: torch.dtype, most: float) -> None:
    """The delta rule token by token, experts together where they are bfloat16, and a head that predicts further.

    Each token has all experts: near a tie, rounding would choose another one."""
    model: Any = build_model({**nano_next(quick=True).model, "vocab_size": 290, "num_experts_per_tok": 8})
    model.mtp = model.make_mtp()
    initialize(model, 0)
    compare(model, Objective(balance_weight=0.01, mtp_weight=0.3), dtype, most)


def compare(model: Any, objective: Objective, dtype: torch.dtype, most: float) -> None:
    """Loss and gradients of one step on both devices; on the CPU in float32."""
    batch = micro.batches(micro.config()).batch(3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.02)
    wanted_loss = backward_parts(model, batch, 1024, objective=objective)["loss"].item()
    wanted = {
        name: parameter.grad.clone() for name, parameter in model.named_parameters() if parameter.grad is not None
    }
    model.zero_grad()
    model.to("cuda")
    found = backward_parts(model, batch, 1024, "cuda", dtype, objective)["loss"].item()
    assert found == pytest.approx(wanted_loss, rel=most)
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert (parameter.grad.cpu() - wanted[name]).norm() <= most * wanted[name].norm(), name


@pytest.mark.parametrize("shape", [(2, 4, 32, 32), (1, 3, 5, 7), (1, 2, 128, 128), (2, 2, 24, 200)])
def test_the_delta_rule_by_tokens_is_that_by_chunks(shape: tuple[int, ...]) -> None:
    """Outputs, gradients and last states, of long and short sequences, of one without tokens, and rows of none."""
    pytest.importorskip("triton")
    from yunqi.ops.gpu.delta import gated_delta

    key_heads, heads, key_size, value_size = shape
    lengths, padding = [5, 0, 70, 1, 64, 133], 3
    ctx = ForwardContext.training(np.cumsum([0, *lengths]), device="cuda")
    draw = torch.Generator("cuda").manual_seed(1)

    def random(*sizes: int) -> Tensor:
        return torch.randn(sum(lengths) + padding, *sizes, device="cuda", generator=draw)

    q, k = (torch.nn.functional.normalize(random(key_heads, key_size), dim=-1) for _ in range(2))
    inputs = [q, k, random(heads, value_size), -random(heads).exp(), random(heads).sigmoid()]
    initial = torch.randn(len(lengths), heads, key_size, value_size, device="cuda", generator=draw)
    weights = random(heads, value_size)
    results = []
    rules: list[tuple[Any, torch.dtype]] = [(gated_delta, torch.float32), (recurrence, torch.float64)]
    for rule, dtype in rules:
        leaves = [x.to(dtype).requires_grad_() for x in inputs]
        out, last = rule(*leaves, initial.to(dtype), ctx)
        results.append([out, last, *torch.autograd.grad(out, leaves, weights.to(dtype))])
    for found, wanted in zip(*results, strict=True):
        assert (found - wanted).abs().max() <= 2e-5 * wanted.abs().max()
    assert not results[0][0][-padding:].any()


def recurrence(
    q: Tensor, k: Tensor, v: Tensor, g: Tensor, beta: Tensor, initial: Tensor, ctx: ForwardContext
) -> tuple[Tensor, Tensor]:
    """The formula of `naive.gated_delta`, without norm and scale."""
    q, k = (x.repeat_interleave(v.shape[1] // x.shape[1], dim=1) for x in (q, k))
    out, last = [], []
    for state, (start, stop) in zip(initial, itertools.pairwise(ctx.cu_seqlens.tolist()), strict=True):
        for t in range(start, stop):
            state = g[t].exp()[:, None, None] * state
            change = beta[t][:, None] * (v[t] - torch.einsum("nhp,nh->np", state, k[t]))
            state = state + torch.einsum("nh,np->nhp", k[t], change)
            out.append(torch.einsum("nhp,nh->np", state, q[t]))
        last.append(state.detach())
    return torch.cat((torch.stack(out), v.new_zeros(len(v) - len(out), *v.shape[1:]))), torch.stack(last)
