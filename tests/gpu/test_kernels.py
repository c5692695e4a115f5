"""Triton's programs against their formulas in float64, forward and backward.

With TRITON_INTERPRET=1 they run on a CPU, where the package triton is there: it comes with torch's wheels for a GPU.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from yunqi.ops import naive
from yunqi.ops.context import ForwardContext

pytest.importorskip("triton")
DEVICE = "cpu" if os.environ.get("TRITON_INTERPRET") else "cuda"


@pytest.fixture(autouse=True, params=[2, 512])
def parts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs that share a sum over all rows: with few, each goes on to further tiles."""
    from yunqi.ops.gpu import training

    monkeypatch.setattr(training, "_PARTS", request.param)


pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(DEVICE == "cuda" and not torch.cuda.is_available(), reason="needs a CUDA device"),
]
LENGTHS = [5, 0, 70, 1, 64, 133] if DEVICE == "cuda" else [5, 0, 35, 1]


def context() -> ForwardContext:
    return ForwardContext.training(np.cumsum([0, *LENGTHS]), device=DEVICE)


def random(*sizes: int, seed: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(sizes, generator=torch.Generator().manual_seed(seed)).to(DEVICE, dtype)


def assert_agrees(
    op: Callable[..., Tensor], formula: Callable[..., Tensor], inputs: list[Tensor], share: float
) -> None:
    """Outputs and gradients; the formula gets float64."""
    results = []
    for run, dtype in ((op, None), (formula, torch.float64)):
        leaves = [x.detach().to(dtype or x.dtype).requires_grad_() for x in inputs]
        out = run(*leaves)
        weights = random(*out.shape, seed=99).to(out.dtype)
        results.append([out.detach(), *torch.autograd.grad(out, leaves, weights)])
    for number, (found, wanted) in enumerate(zip(*results, strict=True)):
        assert (found - wanted).abs().max() <= share * wanted.abs().max(), number


@pytest.mark.parametrize("width", [3, 7, 32, 256, 1000])
@pytest.mark.parametrize(("dtype", "share"), [(torch.float32, 1e-5), (torch.bfloat16, 2e-2)])
def test_norms(width: int, dtype: torch.dtype, share: float) -> None:
    from yunqi.ops.gpu.training import GatedRMSNorm, RMSNorm, Unit

    x, gate = (random(37, 3, width, seed=i, dtype=dtype) for i in (1, 2))
    weight = random(width, seed=3)
    for centre in (0.0, 1.0):
        assert_agrees(
            lambda x, weight, centre=centre: RMSNorm.apply(x, weight, 1e-5, centre),
            lambda x, weight, centre=centre: (weight + centre) * over_rms(x, 1e-5),
            [x, weight],
            share,
        )
    assert_agrees(
        lambda x, gate, weight: GatedRMSNorm.apply(x, gate, weight, 1e-5),
        lambda x, gate, weight: weight * over_rms(x, 1e-5) * torch.nn.functional.silu(gate),
        [x, gate, weight],
        share,
    )
    assert_agrees(lambda x: Unit.apply(x, 0.3, naive.UNIT_EPS), lambda x: 0.3 * naive.unit(x), [x], share)


def over_rms(x: Tensor, eps: float) -> Tensor:
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps)


@pytest.mark.skipif(DEVICE == "cpu", reason="Triton's interpreter cuts off where a GPU rounds")
def test_sixteen_bit_rows_are_rounded_before_they_meet_a_plain_weight() -> None:
    from yunqi.ops.gpu.training import RMSNorm

    x, weight = random(9, 64, seed=1, dtype=torch.bfloat16), random(64, seed=2)
    found = RMSNorm.apply(x, weight, 1e-5, 0.0)
    assert found.dtype == torch.float32
    wanted = weight * over_rms(x.float(), 1e-5).bfloat16()
    assert ((found - wanted).abs() <= 0.01 * wanted.abs()).all()
    assert (found == wanted).float().mean() > 0.98, "another rounding of a tie is all that differs"


@pytest.mark.parametrize("width", [8, 24, 640])
@pytest.mark.parametrize(("dtype", "share"), [(torch.float32, 1e-5), (torch.bfloat16, 2e-2)])
def test_swiglu(width: int, dtype: torch.dtype, share: float) -> None:
    from yunqi.ops.gpu.training import swiglu, swiglu_backward

    class Op(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, both: Tensor, scale: Tensor) -> Tensor:
            ctx.save_for_backward(both, scale)
            return swiglu(both, scale)

        @staticmethod
        def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:
            both, scale = ctx.saved_tensors
            return swiglu_backward(both, scale, grads[0])

    def formula(both: Tensor, scale: Tensor) -> Tensor:
        gate, up = both.chunk(2, dim=1)
        return scale[:, None] * torch.nn.functional.silu(gate) * up

    assert_agrees(Op.apply, formula, [random(45, 2 * width, seed=1, dtype=dtype), random(45, seed=2)], share)  # pyright: ignore


@pytest.mark.parametrize(("channels", "width"), [(5, 2), (200, 4), (128, 1)])
@pytest.mark.parametrize(("dtype", "share"), [(torch.float32, 1e-5), (torch.bfloat16, 2e-2)])
def test_the_causal_convolution(channels: int, width: int, dtype: torch.dtype, share: float) -> None:
    from yunqi.ops.gpu.training import CausalConv

    ctx = context()

    def formula(x: Tensor, weight: Tensor) -> Tensor:
        parts = [torch.cat((part.new_zeros(width - 1, channels), part)) for part in x.split(LENGTHS)]
        sums = [sum(weight[:, j] * part[j : len(part) - width + 1 + j] for j in range(width)) for part in parts]
        return torch.nn.functional.silu(torch.cat(sums))  # pyright: ignore

    inputs = [random(sum(LENGTHS), channels, seed=1, dtype=dtype), random(channels, width, seed=2)]
    assert_agrees(lambda x, weight: CausalConv.apply(x, weight, ctx), formula, inputs, share)


@pytest.mark.parametrize(
    "shape", [(2, 4, 32, 32), (1, 3, 5, 7), (1, 2, 128, 128), (2, 2, 24, 200)][: 4 if DEVICE == "cuda" else 2]
)
def test_the_delta_rule_by_tokens_is_that_by_chunks(shape: tuple[int, ...]) -> None:
    """Outputs, gradients and last states, of long and short sequences, of one without tokens, and rows of none."""
    from yunqi.ops.gpu.delta import gated_delta

    key_heads, heads, key_size, value_size = shape
    ctx, padding = context(), 3
    rows = sum(LENGTHS) + padding
    q, k = (torch.nn.functional.normalize(random(rows, key_heads, key_size, seed=i), dim=-1) for i in (1, 2))
    v, g, beta = (
        random(rows, heads, value_size, seed=3),
        -random(rows, heads, seed=4).exp(),
        random(rows, heads, seed=5),
    )
    inputs = [q, k, v, g, beta.sigmoid()]
    initial = random(len(LENGTHS), heads, key_size, value_size, seed=6)
    weights = random(rows, heads, value_size, seed=7)
    results = []
    rules: list[tuple[Any, torch.dtype]] = [(gated_delta, torch.float32), (recurrence, torch.float64)]
    for rule, dtype in rules:
        leaves = [x.detach().to(dtype).requires_grad_() for x in inputs]
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
