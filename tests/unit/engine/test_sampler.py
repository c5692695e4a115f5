"""Drawing tokens: limits, penalties, log-probabilities, and random numbers that depend on (seed, index) alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.engine.test_scheduling import request
from yunqi.engine import sampler
from yunqi.engine.request import Drawing, Request, StopRules


def asking(prompt: list[int] | None = None, outputs: list[int] | None = None, **drawing: object) -> Request:
    made = request("r", prompt or [0], 100)
    made.token_ids += outputs or []
    made.drawing = Drawing(**({"seed": 1} | drawing))  # pyright: ignore
    return made


rows = st.lists(st.floats(-8, 8, width=32), min_size=2, max_size=40).map(lambda x: np.asarray(x, dtype=np.float32))


def reference(row: np.ndarray, drawing: Drawing) -> dict[int, float]:
    """Probabilities after temperature, min-p, top-k and top-p, written token by token."""
    scaled = {i: float(x) / drawing.temperature for i, x in enumerate(row)}
    order = sorted(scaled, key=lambda i: (-row[i], i))
    top = max(scaled.values())
    weight = {i: float(np.exp(scaled[i] - top)) for i in order}
    if 0 < drawing.top_k < len(row):
        order = order[: drawing.top_k]
    order = [i for i in order if weight[i] >= drawing.min_p]
    total, kept, mass = sum(weight[i] for i in order), [], 0.0
    for i in order:
        if mass >= drawing.top_p * total and drawing.top_p < 1:
            break
        kept.append(i)
        mass += weight[i]
    return {i: weight[i] / sum(weight[j] for j in kept) for i in kept}


@settings(max_examples=150, deadline=None)
@given(
    row=rows,
    temperature=st.floats(0.1, 3),
    top_k=st.integers(0, 12),
    top_p=st.sampled_from([1.0, 0.95, 0.7, 0.3, 0.01]),
    min_p=st.sampled_from([0.0, 0.05, 0.5]),
)
def test_candidates_equal_the_definition(row, temperature, top_k, top_p, min_p) -> None:
    drawing = Drawing(seed=0, temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p)
    ids, weights = sampler._candidates(row, drawing)
    found = dict(zip(ids.tolist(), (weights / weights.sum()).tolist(), strict=True))
    wanted = reference(row, drawing)
    assert set(found) == set(wanted)
    assert found == pytest.approx(wanted, rel=1e-6)


@given(
    size=st.integers(1, 20_000), count=st.integers(0, 300), levels=st.sampled_from([3, 1000]), seed=st.integers(0, 999)
)
def test_the_highest_of_a_wide_row(size: int, count: int, levels: int, seed: int) -> None:
    """Many equal values, and pieces that hold nothing."""
    random = np.random.default_rng(seed)
    row = random.integers(0, levels, size).astype(np.float32)
    row[random.random(size) < 0.4] = -np.inf
    wanted = sorted(range(size), key=lambda i: (-row[i], i))[:count]
    assert sampler._highest(row, count).tolist() == wanted


def test_frequencies_follow_the_distribution() -> None:
    row = np.log(np.asarray([0.5, 0.3, 0.15, 0.05], dtype=np.float32))
    made = asking()
    counts = np.zeros(4)
    for _ in range(6_000):
        counts[sampler.draw(row, made)] += 1
        made.token_ids.append(0)
    assert counts / 6_000 == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.02)


def test_numbers_depend_on_seed_and_index_alone() -> None:
    numbers = [sampler.uniform(7, i) for i in range(100)]
    assert numbers == [sampler.uniform(7, i) for i in range(100)]
    assert len({sampler.uniform(s, i) for s in range(20) for i in range(20)}) == 400
    assert 0.4 < float(np.mean(numbers)) < 0.6
    assert sampler.uniform(-1, 0) == sampler.uniform(2**64 - 1, 0)


def test_greedy_takes_the_lowest_of_equals() -> None:
    assert sampler.draw(np.asarray([1, 3, 3, 2], dtype=np.float32), asking(temperature=0)) == 1


def test_penalties() -> None:
    row = np.asarray([2.0, -2.0, 1.0, 0.5], dtype=np.float32)
    made = asking(prompt=[0, 1], outputs=[2, 2, 3], repetition_penalty=2.0)
    assert sampler._adjust(row, made).tolist() == [1.0, -4.0, 0.5, 0.25]
    made = asking(prompt=[0, 1], outputs=[2, 2, 3], presence_penalty=0.5, frequency_penalty=0.25)
    assert sampler._adjust(row, made).tolist() == [2.0, -2.0, 0.0, -0.25]
    assert row.tolist() == [2.0, -2.0, 1.0, 0.5]


def test_bias_and_bans() -> None:
    row = np.zeros(4, dtype=np.float32)
    assert sampler.draw(row, asking(temperature=0, logit_bias=((2, 5.0),))) == 2
    made = asking(temperature=0, logit_bias=((2, 5.0),))
    made.stop = StopRules(max_tokens=9, min_tokens=3, eos_ids=frozenset({2}), stop_ids=frozenset({0}))
    assert sampler.draw(row, made) == 1


@settings(max_examples=50, deadline=None)
@given(row=rows, count=st.integers(0, 8), data=st.data())
def test_log_probabilities(row: np.ndarray, count: int, data: st.DataObject) -> None:
    token = data.draw(st.integers(0, len(row) - 1))
    found = sampler.describe(row, token, count)
    exact = row.astype(np.float64) - np.log(np.exp(row.astype(np.float64)).sum())
    order = sorted(range(len(row)), key=lambda i: (-row[i], i))
    assert set(found) == {token, *order[:count]}
    for i, entry in found.items():
        assert entry.logprob == pytest.approx(exact[i], abs=1e-9)
        assert entry.rank == 1 + sum(row[j] > row[i] for j in range(len(row)))
