from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Program
from tests.unit.hub.conftest import CONFIG, write_checkpoint
from yunqi.common import machine


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(machine, "memory_bandwidth", lambda measure=False: 1e9)
    root = tmp_path / ".cache" / "huggingface" / "hub"
    write_checkpoint(root / "models--Qwen--Small" / "snapshots" / "c0")
    other = CONFIG | {"architectures": ["OtherForCausalLM"]}
    write_checkpoint(root / "models--Other--Small" / "snapshots" / "c0", other)
    return root


def test_the_table_has_a_line_for_each_model(program: Program, cache: Path) -> None:
    done = program("models")
    assert done.code == 0
    heading, *rows = done.out.splitlines()
    found = {row.split()[0]: row for row in rows}
    assert heading.startswith("MODEL")
    assert "cannot run: The architecture 'OtherForCausalLM'" in found["Other/Small"]
    assert "huggingface" in found["Qwen/Small"]
    assert "cannot run" not in found["Qwen/Small"]


def test_json_holds_what_the_table_rounds(program: Program, cache: Path) -> None:
    records = {record["name"]: record for record in json.loads(program("models", "--json").out)}
    small, other = records["Qwen/Small"], records["Other/Small"]
    assert small["path"] == str(cache / "models--Qwen--Small" / "snapshots" / "c0")
    assert (small["num_parameters"], small["supported"], small["source"]) == (88, True, "huggingface")
    assert small["memory_bytes"] > 0
    assert small["estimated_tokens_per_second"] > 0
    assert (other["supported"], other["memory_bytes"], other["estimated_tokens_per_second"]) == (False, None, None)


def test_broken_settings_are_told(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNQI_HOME", str(tmp_path))
    (tmp_path / "config.toml").write_text("model_dirs = 3")
    done = program("models")
    assert done.code == 2
    assert str(tmp_path / "config.toml") in done.err
