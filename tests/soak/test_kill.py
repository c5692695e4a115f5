"""A training run killed with SIGKILL at random moments, again and again, ends with the weights of one never killed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PROGRAM = """
import sys, torch
from pathlib import Path
from tests.unit.train import micro
from yunqi.train import loop
torch.set_num_threads(1)
config = micro.config(steps=60, checkpoint_seconds=0.05)
loop.train(config, micro.model(), micro.batches(config), Path(sys.argv[1]), silent=True)
"""


def start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder)], cwd=Path(__file__).resolve().parents[2])


@pytest.mark.parametrize("seed", range(5))
def test_killed_runs_lose_nothing(tmp_path: Path, seed: int) -> None:
    begun = time.monotonic()
    assert start(tmp_path / "whole").wait() == 0
    seconds = time.monotonic() - begun
    draw, kills = random.Random(seed), 0
    while True:
        process = start(tmp_path / "killed")
        try:
            code = process.wait(timeout=draw.uniform(0.3, 0.7 if kills < 1 else 1.5) * seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            assert kills < 60
            continue
        assert code == 0
        break
    assert kills > 0, "no kill came in time: the run has become too short"
    whole, killed = (load_file(tmp_path / name / "state.safetensors") for name in ("whole", "killed"))
    assert whole.keys() == killed.keys()
    for name, tensor in whole.items():
        assert tensor.equal(killed[name]), name
