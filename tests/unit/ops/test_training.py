"""The training kernels: gradients of the recurrence in float64, the same bits at every level, near in bfloat16."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.native import require_native
from yunqi.ops import fast, naive
from yunqi.ops.context import ForwardContext
from yunqi.ops.native import library, training

LENGTHS = [5, 0, 70, 1, 64, 33]
TOKENS = sum(LENGTHS)
HEADS = ((2, 4, 32, 32), (1, 3, 16, 48), (2, 2, 64, 32))  # key heads, value heads, their sizes


@pytest.fixture(autouse=True)
def best_level() -> Iterator[None]:
    require_native()
    yield
    library.set_level(library.best_level())


def step() -> ForwardContext:
    return ForwardContext.training(np.cumsum([0, *LENGTHS]))


def draw(*shape: int, seed: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(dtype).requires_grad_()


def delta_inputs(heads: tuple[int, ...], dtype: torch.dtype = torch.float32) -> list[Tensor]:
    m, n, h, p = heads
    q, k, v = (draw(TOKENS, *size, seed=i, dtype=dtype) for i, size in enumerate(((m, h), (m, h), (n, p))))
    g = (-2 * draw(TOKENS, n, seed=3).detach().exp()).requires_grad_()
    beta = draw(TOKENS, n, seed=4).detach().sigmoid().requires_grad_()
    return [q, k, v, g, beta]


def recurrence(q: Tensor, k: Tensor, v: Tensor, g: Tensor, beta: Tensor) -> Tensor:
    """The formula of `ops.table.gated_delta`, token by token, in the inputs' dtype."""
    group = v.shape[1] // k.shape[1]
    q, k = (
        (x * torch.rsqrt(x.pow(2).sum(-1, keepdim=True) + naive.UNIT_EPS)).repeat_interleave(group, 1) for x in (q, k)
    )
    out, at = [], 0
    for length in LENGTHS:
        state = torch.zeros(v.shape[1], k.shape[2], v.shape[2], dtype=v.dtype)
        for t in range(at, at + length):
            state = g[t].exp()[:, None, None] * state
            change = beta[t][:, None] * (v[t] - torch.einsum("nhp,nh->np", state, k[t]))
            state = state + torch.einsum("nh,np->nhp", k[t], change)
            out.append(torch.einsum("nhp,nh->np", state, q[t]) * q.shape[2] ** -0.5)
        at += length
    return torch.stack(out)


def with_gradients(run: Callable[..., Tensor], inputs: list[Tensor]) -> list[Tensor]:
    out = run(*inputs)
    weights = torch.randn(out.shape, generator=torch.Generator().manual_seed(9)).to(out.dtype)
    return [out.detach(), *torch.autograd.grad(out, inputs, weights)]


def close(found: list[Tensor], wanted: list[Tensor], share: float) -> bool:
    return all(
        (a.double() - b.double()).abs().max() <= share * b.abs().max() for a, b in zip(found, wanted, strict=True)
    )


def delta(*inputs: Tensor) -> Tensor:
    return training.GatedDelta.apply(*inputs, step())  # pyright: ignore


@pytest.mark.parametrize("heads", HEADS)
def test_the_delta_rule_has_the_gradients_of_its_recurrence(heads: tuple[int, ...]) -> None:
    inputs = delta_inputs(heads)
    wanted = with_gradients(recurrence, [x.detach().double().requires_grad_() for x in inputs])
    assert close(with_gradients(delta, inputs), wanted, 5e-6)


def test_heads_that_lie_apart_are_read_where_they_are() -> None:
    inputs = delta_inputs(HEADS[0])
    q, k, v, g, beta = inputs
    joined = torch.cat([x.flatten(1) for x in (q, k, v)], dim=1)
    sizes = [x[0].numel() for x in (q, k, v)]
    parts = [part.unflatten(1, x.shape[1:]) for part, x in zip(joined.split(sizes, 1), (q, k, v), strict=True)]
    assert torch.equal(delta(*parts, g, beta), delta(*inputs))


def norm_gate(x: Tensor, gate: Tensor, weight: Tensor) -> Tensor:
    return training.GatedRMSNorm.apply(x, gate, weight, 1e-5)  # pyright: ignore


def norm(x: Tensor, weight: Tensor) -> Tensor:
    return training.RMSNorm.apply(x, weight, 1e-5, 1.0)  # pyright: ignore


def conv(x: Tensor, weight: Tensor) -> Tensor:
    return training.CausalConv.apply(x, weight, step())  # pyright: ignore


class Swiglu(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, both: Tensor, scale: Tensor) -> Tensor:
        ctx.save_for_backward(both, scale)
        return training.swiglu(both, scale)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:
        return training.swiglu_backward(*ctx.saved_tensors, grads[0])


def swiglu(both: Tensor, scale: Tensor) -> Tensor:
    return Swiglu.apply(both, scale)  # pyright: ignore


def naive_conv(width: int) -> Callable[[Tensor, Tensor], Tensor]:
    def run(x: Tensor, weight: Tensor) -> Tensor:
        padded = torch.cat([torch.cat((x.new_zeros(width - 1, x.shape[1]), part)) for part in x.split(LENGTHS)])
        whole = torch.nn.functional.conv1d(padded.T[None], weight[:, None], groups=len(weight))[0].T
        keep = np.concatenate([np.arange(n) + start for n, start in zip(LENGTHS, starts(width), strict=True)])
        return torch.nn.functional.silu(whole[keep])

    return run


def starts(width: int) -> np.ndarray:
    return np.cumsum([0, *(n + width - 1 for n in LENGTHS)])[:-1]


def formula_norm_gate(x: Tensor, gate: Tensor, weight: Tensor) -> Tensor:
    return weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * torch.nn.functional.silu(gate)


def formula_norm(x: Tensor, weight: Tensor) -> Tensor:
    return (1 + weight) * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)


def formula_swiglu(both: Tensor, scale: Tensor) -> Tensor:
    gate, up = both.chunk(2, dim=1)
    return scale[:, None] * torch.nn.functional.silu(gate) * up


OTHERS: dict[str, tuple[Callable[..., Tensor], Callable[..., Tensor], tuple[tuple[int, ...], ...], int]] = {
    # The kernel, its formula, shapes of its inputs, and how many of these are in the dtype of the products.
    "convolution of 4": (conv, naive_conv(4), ((TOKENS, 48), (48, 4)), 1),
    "convolution of 3": (conv, naive_conv(3), ((TOKENS, 16), (16, 3)), 1),
    "gated norm": (norm_gate, formula_norm_gate, ((37, 3, 48), (37, 3, 48), (48,)), 2),
    "norm": (norm, formula_norm, ((37, 80), (80,)), 1),
    "swiglu": (swiglu, formula_swiglu, ((37, 96), (37,)), 1),
}


@pytest.mark.parametrize("name", OTHERS)
def test_every_other_kernel_has_the_gradients_of_its_formula(name: str) -> None:
    kernel, formula, shapes, _ = OTHERS[name]
    inputs = [draw(*shape, seed=i) for i, shape in enumerate(shapes)]
    wanted = with_gradients(formula, [x.detach().double().requires_grad_() for x in inputs])
    assert close(with_gradients(kernel, inputs), wanted, 5e-6)


@pytest.mark.parametrize("name", ["delta rule", *OTHERS])
def test_every_level_has_the_same_bits_in_either_dtype(name: str) -> None:
    for dtype, share in ((torch.float32, 0.0), (torch.bfloat16, 0.02)):
        kernel, inputs = delta, delta_inputs(HEADS[0], dtype)
        if name != "delta rule":
            kernel, _, shapes, many = OTHERS[name]
            kinds = [dtype if i < many else torch.float32 for i in range(len(shapes))]
            inputs = [draw(*shape, seed=i, dtype=kinds[i]) for i, shape in enumerate(shapes)]
        found = {}
        for level in library.levels():
            library.set_level(level)
            found[level] = with_gradients(kernel, inputs)
            assert all(torch.equal(a, b) for a, b in zip(found[level], found["scalar"], strict=True)), level
        wide = with_gradients(kernel, [x.detach().float().requires_grad_() for x in inputs])
        assert close(found["scalar"], wide, share)


def test_more_threads_give_the_same_but_for_the_sums_of_weights() -> None:
    inputs, before = delta_inputs(HEADS[0]), torch.get_num_threads()
    found = []
    for count in (1, 2):
        torch.set_num_threads(count)
        found.append(with_gradients(delta, inputs))
    torch.set_num_threads(before)
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


def test_what_no_kernel_takes_is_left_to_torch() -> None:
    x, ctx = draw(TOKENS, 20, seed=0), step()
    assert training.usable(x, ctx, 32, 16)
    assert not training.usable(x, ctx, 20)
    assert not training.usable(x.double(), ctx, 16)
    with torch.no_grad():
        assert not training.usable(x, ctx, 16)
    layer = SimpleNamespace(zero_centred=True, weight=draw(20, seed=1), eps=1e-5)
    assert torch.allclose(fast.rms_norm(x, layer, ctx), formula_norm(x, layer.weight), atol=1e-5)


def test_a_step_ends_with_its_gradients() -> None:
    """What the step gathered, an op's result with its graph, keeps the step of that op alive no longer than needed."""

    def of_one_step() -> None:
        ctx = step()
        ctx.routing = []
        q, k, v, g, beta = delta_inputs(HEADS[0])
        x = training.CausalConv.apply(q.flatten(1), draw(64, 4, seed=5), ctx)
        out = training.GatedDelta.apply(x.view_as(q), k, v, g, beta, ctx)
        ctx.routing.append((out, out))
        out.sum().backward()

    gc.collect()
    before = sum(type(found) is ForwardContext for found in gc.get_objects())
    of_one_step()
    gc.collect()
    assert sum(type(found) is ForwardContext for found in gc.get_objects()) == before
