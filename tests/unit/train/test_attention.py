"""Attention and norms as training computes them: equal to the naive ops, forward and backward, in any company."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from yunqi.ops import fast, naive
from yunqi.ops.context import ForwardContext


def layer(kv_heads: int, head_dim: int, sliding_window: int | None) -> SimpleNamespace:
    return SimpleNamespace(num_kv_heads=kv_heads, head_dim=head_dim, sliding_window=sliding_window, layer_id=0)


def both(lengths: list[int], attn: SimpleNamespace, group: int, seed: int) -> list[list[Tensor]]:
    """Output and gradients by the naive op and by the fast one."""
    ctx = ForwardContext.training(np.cumsum([0, *lengths]))
    random = torch.Generator().manual_seed(seed)
    shapes = [(attn.num_kv_heads * group, attn.head_dim)] + [(attn.num_kv_heads, attn.head_dim)] * 2
    inputs = [torch.randn(sum(lengths), *shape, generator=random) for shape in shapes]
    weight = torch.randn(sum(lengths), shapes[0][0] * attn.head_dim, generator=random)
    results = []
    for backend in (naive, fast):
        leaves = [x.clone().requires_grad_() for x in inputs]
        out = backend.attention(*leaves, attn, ctx)
        (out * weight).sum().backward()
        results.append([out, *(x.grad for x in leaves)])
    return results


@given(
    lengths=st.lists(st.integers(0, 90), min_size=2, max_size=12).filter(any),
    kv_heads=st.sampled_from([1, 3]),
    group=st.sampled_from([1, 2]),
    window=st.sampled_from([None, 1, 7]),
    seed=st.integers(0, 999),
)
def test_packed_attention_equals_the_naive_one(
    lengths: list[int], kv_heads: int, group: int, window: int | None, seed: int
) -> None:
    for wanted, found in zip(*both(lengths, layer(kv_heads, 4, window), group, seed), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("window", [None, 100])
def test_long_sequences_beside_short_ones(window: int | None) -> None:
    """Above the length whose scores are laid out in whole, and at it."""
    for wanted, found in zip(*both([700, 3, 512, 513, 60], layer(2, 4, window), 2, 0), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


def test_layers_of_different_windows_share_a_step() -> None:
    ctx = ForwardContext.training([0, 20, 40])
    x = torch.randn(40, 2, 4, generator=torch.Generator().manual_seed(0))
    for window in (None, 3, 5):
        attn = layer(2, 4, window)
        torch.testing.assert_close(fast.attention(x, x, x, attn, ctx), naive.attention(x, x, x, attn, ctx))


def test_what_fills_a_group_up_changes_nothing_under_autocast() -> None:
    """In bfloat16 a sequence gets the same bits beside a longer one of its group as beside one of its own length."""
    random = torch.Generator().manual_seed(1)
    q, k, v = (torch.randn(72, 2, 8, generator=random).bfloat16() for _ in range(3))
    attn = layer(2, 8, None)
    with torch.autocast("cpu", torch.bfloat16):
        beside = fast.attention(q, k, v, attn, ForwardContext.training([0, 40, 72]))
        wanted = naive.attention(q.float(), k.float(), v.float(), attn, ForwardContext.training([0, 40, 72]))
    torch.testing.assert_close(beside.float(), wanted.float(), rtol=0.03, atol=0.03)


@pytest.mark.parametrize("shape", [(5, 16), (3, 4, 8)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_rms_norm_has_the_gradient_of_its_formula(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    random = torch.Generator().manual_seed(2)
    values, weights, up = (torch.randn(s, generator=random) for s in (shape, shape[-1:], shape))
    results = []
    for backend in (naive, fast):
        x = values.to(dtype).requires_grad_()
        norm = SimpleNamespace(weight=weights.clone().requires_grad_(), eps=1e-5, zero_centred=False)
        out = backend.rms_norm(x, norm, ForwardContext.training([0, len(values)]))
        (out * up).sum().backward()
        results.append([out, x.grad, norm.weight.grad])
    for wanted, found in zip(*results, strict=True):
        tolerance = 1e-5 if dtype is torch.float32 else 0.05
        torch.testing.assert_close(found, wanted, rtol=tolerance, atol=tolerance)
