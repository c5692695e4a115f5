"""Long matrices: many more configs, arrangements and schedules than the daily tests draw."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import settings

from tests.integration import test_exactness
from tests.integration.arrangements import every, name_of
from tests.parity import test_dense, test_serving
from tests.parity.cases import CASES, Case
from tests.unit.engine.test_scheduling import check_schedule, schedules

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.mark.parametrize("seed", range(100, 200))
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.architecture)
def test_parity(case: Case, seed: int) -> None:
    test_dense.test_logits_of_packed_sequences(case, seed, "torch")
    test_dense.test_gradients(case, seed)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("seed", range(100, 110))
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.architecture)
def test_exact_rows(case: Case, seed: int, dtype: torch.dtype) -> None:
    test_serving.test_rows_keep_their_bits(case, dtype, seed)


@pytest.mark.parametrize("row", list(every()), ids=name_of)
def test_every_arrangement(row: dict[str, Any]) -> None:
    test_exactness.check_arrangement(row)


test_schedules = settings(max_examples=4_000, deadline=None)(schedules(check_schedule))
