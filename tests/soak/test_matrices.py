"""Long matrices: many more configs, arrangements and schedules than the daily tests draw."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import settings

from tests.integration import test_exactness
from tests.integration.arrangements import AXES, NUM_OUTPUTS, build, engine_of, every, made, name_of, question, serve
from tests.integration.matrix import said_of
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


@pytest.mark.parametrize("dtype", AXES["dtype"], ids=str)
@pytest.mark.parametrize("model", [model for model in AXES["model"] if model != "native"])
def test_a_new_process_goes_on_from_the_disk(model: str, dtype: torch.dtype, tmp_path: Path) -> None:
    name = str(dtype).removeprefix("torch.")

    def life(*options: str) -> str:
        command = [sys.executable, "-m", "tests.integration.matrix", model, "--dtype", name, *options]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    life("--write", str(tmp_path))
    found = json.loads(life("--read", str(tmp_path)))
    asked = made("asked", question(), NUM_OUTPUTS)
    serve(engine_of(build(model, dtype), chunk=512, caching=False), asked, [], preempted=False)
    assert found == said_of(asked) | {"num_cached": 144}


test_schedules = settings(max_examples=4_000, deadline=None)(schedules(check_schedule))
