from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Program
from tests.unit.hub.conftest import write_checkpoint
from yunqi.common import machine


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "memory_bandwidth", lambda measure=False: 20e9)
    write_checkpoint(tmp_path / ".cache/huggingface/hub/models--Qwen--Small/snapshots/c0")


def _checks(program: Program) -> tuple[int, dict[str, dict[str, str]]]:
    done = program("doctor", "--json")
    document = json.loads(done.out)
    assert document["complete"] == (done.code == 0)
    return done.code, {check["name"]: check for check in document["checks"]}


def test_a_whole_installation_is_told_as_such(program: Program) -> None:
    code, checks = _checks(program)
    assert code == 0
    assert {check["level"] for check in checks.values()} <= {"ok", "advice"}
    assert "Qwen/Small" in checks["models found"]["value"]
    assert "20.0 GB/s" in checks["memory bandwidth"]["value"]
    assert "huggingface" in checks["models, huggingface"]["value"]
    for name in ("processor", "instruction sets", "threads", "memory", "torch", "GPU", "home", "settings"):
        assert checks[name]["value"]


def test_the_text_ends_with_what_to_do(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "memory", lambda: machine.Memory(total=2**30, available=2**20))
    done = program("doctor")
    assert done.code == 0
    assert "advice: memory: Close other programs" in done.out


def test_missing_torch_fails_with_its_remedy(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    code, checks = _checks(program)
    assert code == 1
    assert checks["torch"]["level"] == "missing"
    assert "pip install torch" in checks["torch"]["remedy"]


def test_a_home_that_cannot_be_written_is_missing(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("YUNQI_HOME", str(tmp_path / "file" / "home"))
    code, checks = _checks(program)
    assert code == 1
    assert "YUNQI_HOME" in checks["home"]["remedy"]


def test_broken_settings_do_not_stop_the_doctor(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("YUNQI_HOME", str(tmp_path))
    (tmp_path / "config.toml").write_text("[")
    code, checks = _checks(program)
    assert code == 1
    assert "config.toml" in checks["models"]["value"]
    assert "Correct or remove" in checks["models"]["remedy"]


def test_fewer_threads_than_cores_is_an_advice(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.os, "cpu_count", lambda: 64)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    _, checks = _checks(program)
    assert checks["threads"]["level"] == "advice"
    assert "1 of 64" in checks["threads"]["value"]
