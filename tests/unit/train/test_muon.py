"""Muon against a plain singular value decomposition, and the update it makes."""

from __future__ import annotations

import pytest
import torch

from yunqi.train.muon import Muon, orthogonalize


@pytest.mark.parametrize("shape", [(16, 16), (24, 10), (10, 24), (7, 60)])
def test_the_iteration_points_where_the_svd_does(shape: tuple[int, int]) -> None:
    matrices = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
    u, _, v = torch.linalg.svd(matrices, full_matrices=False)
    exact = u @ v
    found = orthogonalize(matrices, iterations=5)
    values = torch.linalg.svdvals(found)
    assert values.min() > 0.3
    assert values.max() < 1.25
    cosine = (found * exact).flatten(1).sum(1) / (found.flatten(1).norm(dim=1) * exact.flatten(1).norm(dim=1))
    assert cosine.min() > 0.96


def test_singular_directions_are_kept() -> None:
    generator = torch.Generator().manual_seed(1)
    u = torch.linalg.qr(torch.randn(12, 12, generator=generator))[0]
    v = torch.linalg.qr(torch.randn(12, 12, generator=generator))[0]
    matrix = u @ torch.diag(torch.linspace(0.5, 3, 12)) @ v.T
    turned = u.T @ orthogonalize(matrix[None])[0] @ v
    assert (turned - torch.diag(turned.diagonal())).abs().max() < 1e-4
    assert turned.diagonal().min() > 0.6


def test_equal_shapes_are_turned_together_as_apart() -> None:
    matrices = torch.randn(4, 9, 5, generator=torch.Generator().manual_seed(2))
    together = orthogonalize(matrices)
    for alone, row in zip(matrices, together, strict=True):
        assert torch.allclose(orthogonalize(alone[None])[0], row, atol=1e-5)


def test_a_step_moves_against_the_gradient_at_the_scale_of_the_shape() -> None:
    tall = torch.zeros(32, 8, requires_grad=True)
    tall.grad = torch.randn(32, 8, generator=torch.Generator().manual_seed(3))
    Muon({"tall": tall}, momentum=0.9).step(0.1)
    assert (tall.detach() * tall.grad).sum() < 0
    # sqrt(32 / 8) = 2 times the rate, on singular values near one.
    assert torch.linalg.svdvals(tall.detach()).mean() == pytest.approx(0.2, rel=0.15)


def test_weight_decay_shrinks() -> None:
    weight = torch.ones(4, 4, requires_grad=True)
    weight.grad = torch.zeros(4, 4)
    Muon({"w": weight}, weight_decay=0.5).step(0.1)
    assert torch.allclose(weight.detach(), torch.full((4, 4), 0.95))


def test_vectors_are_refused() -> None:
    with pytest.raises(AssertionError, match="matrices"):
        Muon({"norm": torch.ones(4)})
