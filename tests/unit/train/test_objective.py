"""Losses beside the cross entropy: the balance of experts and the head that predicts one token further."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from tests.unit.train import micro
from tests.unit.train.test_initial import shape
from yunqi.data.packing import Example, PackedBatch, pack
from yunqi.data.stream import Stream
from yunqi.engine.loader import build_model, load_model, load_mtp, save_model
from yunqi.ops.context import ForwardContext
from yunqi.train import loop
from yunqi.train.checkpoint import load_state
from yunqi.train.loop import train
from yunqi.train.loss import Objective, backward_parts, balance_loss, busiest, loss_parts

SHAPE = shape("Qwen3NextForCausalLM") | {"model_type": "qwen3_next", "partial_rotary_factor": 0.5}
BOTH = Objective(balance_weight=0.01, mtp_weight=0.3)
EXAMPLES = (
    Example(ids=tuple(range(5, 42)), loss_start=1, loss_end=30),
    Example(ids=tuple(range(80, 93)), loss_start=2, loss_end=13),
    Example(ids=(7, 9), loss_start=1, loss_end=2),
)


@pytest.fixture
def model() -> Any:
    found: Any = build_model(SHAPE)
    found.mtp = found.make_mtp()
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in found.parameters():
            scale = 0.3 if parameter.ndim == 1 else 2 * parameter.shape[-1] ** -0.5
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * scale)
    return found


def together() -> PackedBatch:
    return pack([list(EXAMPLES)], window=64, pad_id=0)


def gradients(model: Any) -> dict[str, torch.Tensor]:
    found = {name: p.grad.clone() for name, p in model.named_parameters()}
    model.zero_grad()
    return found


def test_the_balance_equals_the_reference() -> None:
    from transformers.models.qwen3_next.modeling_qwen3_next import load_balancing_loss_func

    logits = torch.randn(53, 6, generator=torch.Generator().manual_seed(0))
    shares = logits.softmax(-1)
    chosen = shares.topk(2).indices
    wanted = load_balancing_loss_func((logits,), 6, 2)
    torch.testing.assert_close(balance_loss([(shares, chosen)]), wanted)


def test_the_balance_is_least_where_all_experts_are_used_alike() -> None:
    even = torch.full((12, 4), 0.25), torch.arange(24).view(12, 2) % 4
    one = torch.tensor([[0.7, 0.1, 0.1, 0.1]]).expand(12, 4), torch.tensor([[0, 1]]).expand(12, 2)
    assert balance_loss([even]).item() == pytest.approx(2)
    assert balance_loss([one]).item() == pytest.approx(4 * (0.7 + 0.1))
    assert balance_loss([even, one]).item() == pytest.approx((2 + 3.2) / 2)
    assert busiest([even]).item() == pytest.approx(1)
    assert busiest([even, one]).item() == pytest.approx(2)


def test_the_further_loss_is_that_of_the_token_after_the_next(model: Any) -> None:
    """Sequence by sequence, position by position."""
    wanted = 0.0
    for example in EXAMPLES:
        ids, length = torch.tensor(example.ids), len(example.ids)
        ctx, positions = ForwardContext.training([0, length], backend="naive"), torch.arange(length)
        with torch.no_grad():
            hidden = model(ids, positions, ctx)
            following = torch.cat((ids[1:], ids[-1:]))
            logits = model.compute_logits(model.mtp(model.embedding(following, ctx), hidden, positions, ctx), ctx)
        for place in range(length - 2):
            if example.loss_start <= place + 2 < example.loss_end:
                wanted += cross_entropy(logits[place], ids[place + 2]).item()
    found = loss_parts(model, together(), objective=BOTH)["mtp_loss"].item()
    assert found == pytest.approx(wanted, rel=1e-4)


def test_packed_equals_separate(model: Any) -> None:
    objective = Objective(mtp_weight=0.3)  # the balance is that of all tokens together
    backward_parts(model, together(), 64, objective=objective)
    packed = gradients(model)
    count = together().num_loss_tokens
    total = dict.fromkeys(packed, torch.zeros(()))
    for example in EXAMPLES:
        batch = pack([[example]], window=len(example.ids), pad_id=0)
        backward_parts(model, batch, 64, objective=objective)
        total = {n: total[n] + g * batch.num_loss_tokens / count for n, g in gradients(model).items()}
    for name, gradient in packed.items():
        assert torch.allclose(gradient, total[name], rtol=1e-3, atol=1e-5 * float(gradient.abs().max()) + 1e-8), name


def test_every_loss_moves_what_it_should(model: Any) -> None:
    plain = backward_parts(model, together(), 64)
    assert set(plain) == {"loss"}
    assert all(p.grad is None for p in model.mtp.parameters())
    model.zero_grad()
    found = backward_parts(model, together(), 64, objective=BOTH)
    assert found["loss"].item() == pytest.approx(plain["loss"].item(), rel=1e-5)
    assert found["balance"].item() >= 2 - 1e-3
    assert found["busiest"].item() >= 1
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    assert model.mtp.fc.weight.grad.any()


def test_further_rows_stay_inside_their_sequence() -> None:
    batch = together()
    rows, targets = batch.further
    starts = batch.cu_seqlens
    for row, target in zip(rows, targets, strict=True):
        assert batch.ids[row + 2] == target
        assert np.searchsorted(starts, row, side="right") == np.searchsorted(starts, row + 2, side="right")
    assert len(rows) == batch.num_loss_tokens - 2  # two conversations have their first target at place 1
    ends = starts[1:] - 1
    assert (batch.next_ids[ends] == batch.ids[ends]).all()
    inside = np.setdiff1d(np.arange(64), ends)
    assert (batch.next_ids[inside] == batch.ids[inside + 1]).all()


def test_the_head_is_saved_under_the_official_names(model: Any, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    save_model(model, tmp_path)
    loaded = load_model(tmp_path, dtype="float32")
    head = load_mtp(tmp_path, loaded)  # pyright: ignore
    for name, parameter in model.mtp.named_parameters():
        assert torch.equal(dict(head.named_parameters())[name], parameter)
    batch = together()
    ids, positions = torch.from_numpy(batch.ids), torch.from_numpy(batch.positions)
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    length = len(EXAMPLES[0].ids)
    ctx = ForwardContext.training([0, length])
    with torch.no_grad():
        wanted = theirs(ids[None, :length]).logits[0]
        found = loaded.compute_logits(loaded(ids[:length], positions[:length], ctx), ctx)
    assert (found - wanted).abs().max() < 1e-3 * wanted.abs().max()


def test_a_run_with_all_losses_resumes_to_the_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = micro.config(model=SHAPE, dtype="bfloat16", balance_weight=0.01, mtp_weight=0.3)

    def run(folder: Path) -> Any:
        found: Any = build_model(SHAPE)
        found.mtp = found.make_mtp()
        train(config, found, micro.batches(config), folder, silent=True)
        return found

    def stopped(self: Stream, step: int) -> Any:
        if step == 2:
            raise SystemExit  # as a process that is killed
        return batch(self, step)

    whole, batch = run(tmp_path / "whole"), Stream.batch
    monkeypatch.setattr(Stream, "batch", stopped)
    monkeypatch.setattr(loop, "time", Hurried)
    with pytest.raises(SystemExit):
        run(tmp_path / "parts")
    monkeypatch.undo()
    found = load_state(tmp_path / "parts", config.fingerprint)
    assert found is not None
    assert found[1].step == 2
    resumed = run(tmp_path / "parts")
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))
    rows = [json.loads(line) for line in (tmp_path / "parts" / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [0, 1, 2, 3]
    assert all({"loss", "mtp_loss", "balance", "busiest"} <= set(row) for row in rows)


class Hurried:
    """A clock by which it is time to save after every step."""

    now = 0.0

    @classmethod
    def monotonic(cls) -> float:
        cls.now += 1000.0
        return cls.now

    process_time = monotonic
