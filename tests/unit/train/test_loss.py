"""The loss: accumulated equals whole, only counted tokens matter, and a packed sequence learns as it would alone."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch

from tests.unit.train import micro
from yunqi.data.packing import Example, pack
from yunqi.train.initial import initialize
from yunqi.train.loss import backward, loss_sum
from yunqi.train.optimizer import learning_rate_share


@pytest.fixture
def model() -> Any:
    model = micro.model()
    initialize(model, 3)
    with torch.no_grad():  # zero output projections would hide the layers from the loss
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(5)))
    return model


def _gradients(model: Any) -> dict[str, torch.Tensor]:
    found = {name: p.grad.clone() for name, p in model.named_parameters()}
    model.zero_grad()
    return found


@pytest.mark.parametrize("microbatch_tokens", [256, 512])
def test_accumulated_gradients_equal_the_batch(model: Any, microbatch_tokens: int) -> None:
    batch = micro.batches(micro.config()).batch(0)
    whole = backward(model, batch, 1024)
    wanted = _gradients(model)
    parts = backward(model, batch, microbatch_tokens)
    assert parts.item() == pytest.approx(whole.item(), rel=1e-5)
    for name, gradient in _gradients(model).items():
        assert torch.allclose(gradient, wanted[name], rtol=1e-4, atol=1e-6), name


def test_uneven_parts_weigh_by_their_tokens(model: Any) -> None:
    long = Example(ids=tuple(range(5, 55)), loss_start=5, loss_end=50)
    short = Example(ids=tuple(range(60, 70)), loss_start=8, loss_end=9)
    batch = pack([[long], [short]], window=64, pad_id=0)
    mean = sum(loss_sum(model, pack([[e]], window=64, pad_id=0)).item() for e in (long, short)) / 46
    assert backward(model, batch, 64).item() == pytest.approx(mean, rel=1e-5)


def test_packed_sequences_do_not_see_each_other(model: Any) -> None:
    first = Example(ids=tuple(range(5, 30)), loss_start=4, loss_end=25)
    second = Example(ids=tuple(range(80, 110)), loss_start=2, loss_end=30)
    together = loss_sum(model, pack([[first, second]], window=64, pad_id=0)).item()
    apart = sum(loss_sum(model, pack([[e]], window=64, pad_id=0)).item() for e in (first, second))
    assert together == pytest.approx(apart, rel=1e-5)


def test_tokens_outside_the_span_do_not_count(model: Any) -> None:
    ids = tuple(range(5, 45))
    one = loss_sum(model, pack([[Example(ids=ids, loss_start=20, loss_end=30)]], window=64, pad_id=0))
    other = ids[:30] + tuple(range(200, 210))
    two = loss_sum(model, pack([[Example(ids=other, loss_start=20, loss_end=30)]], window=64, pad_id=0))
    assert one.item() == pytest.approx(two.item(), rel=1e-6)


def test_the_schedule_rises_stays_and_falls_to_nothing() -> None:
    optimizer = micro.config().optimizer
    shares = [learning_rate_share(step, 100, optimizer) for step in range(101)]
    assert shares[0] == 0.5
    assert shares[1:30] == [1.0] * 29
    assert all(a > b for a, b in pairwise(shares[31:]))
    assert shares[100] == 0.0


def test_bfloat16_products_leave_float32_gradients_near_the_same(model: Any) -> None:
    batch = micro.batches(micro.config()).batch(0)
    wanted_loss = backward(model, batch, 512)
    wanted = torch.cat([gradient.flatten() for gradient in _gradients(model).values()])
    loss = backward(model, batch, 512, dtype=torch.bfloat16)
    found = torch.cat([gradient.flatten() for gradient in _gradients(model).values()])
    assert found.dtype == torch.float32
    assert not torch.equal(found, wanted), "the products were rounded"
    assert loss.item() == pytest.approx(wanted_loss.item(), rel=1e-2)
    assert (found - wanted).norm() < 0.05 * wanted.norm()
