from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Program
from tests.unit.hub.conftest import CONFIG, write_checkpoint
from yunqi.cli.commands import models
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
    assert "not usable: The architecture 'OtherForCausalLM'" in found["Other/Small"]
    assert "huggingface" in found["Qwen/Small"]
    assert "not usable" not in found["Qwen/Small"]


def test_what_is_damaged_or_pickled_is_listed_with_the_reason(program: Program, cache: Path) -> None:
    broken = write_checkpoint(cache / "models--Qwen--Broken" / "snapshots" / "c0")
    (broken / "tokenizer.json").write_text('{"model": {"vocab": {"a": 0')
    pickled = write_checkpoint(cache / "models--Qwen--Pickled" / "snapshots" / "c0")
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    rows = {row.split()[0]: row for row in program("models").out.splitlines()}
    assert rows["Qwen/Broken"].endswith("not usable: Its tokenizer.json is damaged. Fetch that file again.")
    assert rows["Qwen/Pickled"].endswith(
        "not usable: Its weights are pickled (pytorch_model.bin). Convert them to safetensors."
    )
    records = {record["name"]: record for record in json.loads(program("models", "--json").out)}
    assert (records["Qwen/Pickled"]["num_parameters"], records["Qwen/Pickled"]["memory_bytes"]) == (None, None)
    assert records["Qwen/Broken"]["num_parameters"] == 88


def test_json_holds_what_the_table_rounds(program: Program, cache: Path) -> None:
    records = {record["name"]: record for record in json.loads(program("models", "--json").out)}
    small, other = records["Qwen/Small"], records["Other/Small"]
    assert small["path"] == str(cache / "models--Qwen--Small" / "snapshots" / "c0")
    assert (small["num_parameters"], small["supported"], small["source"]) == (88, True, "huggingface")
    assert small["memory_bytes"] > 0
    assert small["estimated_tokens_per_second"] > 0
    assert (other["supported"], other["memory_bytes"], other["estimated_tokens_per_second"]) == (False, None, None)


def test_what_does_not_fit_names_the_next_smaller(
    program: Program, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from yunqi.hub import released

    four = next(model for model in released.released_models() if model.name == "Qwen/Qwen3-4B")
    monkeypatch.setattr(models, "list_models", lambda: (dataclasses.replace(four, path=tmp_path),))
    monkeypatch.setattr(machine, "has_native_bfloat16", lambda: True)
    monkeypatch.setattr(machine, "memory", lambda: machine.Memory(total=5 * 10**9, available=5 * 10**9))
    done = program("models")
    assert "does not fit; Qwen/Qwen3-1.7B would" in done.out
    assert done.out.endswith("5.0 GB of memory are available now.\n")
    (document,) = json.loads(program("models", "--json").out)
    assert (document["fits"], document["next_smaller"], document["verified"]) == (False, "Qwen/Qwen3-1.7B", None)


def test_a_verified_model_says_so_until_it_changes(program: Program, cache: Path) -> None:
    from yunqi.hub.record import fingerprint, keep_record

    path = cache / "models--Qwen--Small" / "snapshots" / "c0"
    keep_record(path, {"passed": True, "files": fingerprint(path)})
    (row,) = (line for line in program("models").out.splitlines() if line.startswith("Qwen/Small"))
    assert row.endswith("  verified")
    (path / "config.json").write_text((path / "config.json").read_text() + "\n")
    (row,) = (line for line in program("models").out.splitlines() if line.startswith("Qwen/Small"))
    assert row.endswith("  changed since verified")


@pytest.mark.parametrize("command", [("ask", "-m", "Qwen/Small", "hi"), ("chat", "Qwen/Small")])
def test_a_model_that_does_not_fit_is_not_loaded(
    program: Program, cache: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    from yunqi.hub import fit

    def load(model: str, **_: object) -> None:
        raise AssertionError(f"{model} was loaded")

    monkeypatch.setattr("yunqi.LLM", load, raising=False)
    monkeypatch.setattr(fit, "memory", lambda: machine.Memory(total=10**8, available=10**8))
    done = program(*command)
    assert done.code == 2
    assert done.err.startswith("Error: 'Qwen/Small' needs about 4")
    assert "--anyway" in done.err
    done = program(*command, "--anyway") if command[0] == "chat" else program("ask", "--anyway", *command[1:])
    assert "AssertionError: Qwen/Small was loaded" in done.err


def test_broken_settings_are_told(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNQI_HOME", str(tmp_path))
    (tmp_path / "config.toml").write_text("model_dirs = 3")
    done = program("models")
    assert done.code == 2
    assert str(tmp_path / "config.toml") in done.err


def test_what_starts_with_its_experts_on_the_disk_is_told(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from yunqi.hub.catalog import Experts, ModelRecord

    experts = Experts(num_parameters=29 * 10**9, num_bytes=58 * 10**9, layer_bytes=12 * 10**8, share=1 / 16)
    sparse = ModelRecord(
        name="Qwen/Sparse",
        path=tmp_path,
        source="folder",
        architecture="Qwen3MoeForCausalLM",
        supported=True,
        num_parameters=30 * 10**9,
        num_read_parameters=3 * 10**9,
        num_layers=48,
        dtype="bfloat16",
        experts=experts,
    )
    monkeypatch.setattr(models, "list_models", lambda: (sparse,))
    monkeypatch.setattr(machine, "has_native_bfloat16", lambda: True)
    for room, told in ((8, "larger than memory: its experts stay on the disk"), (3, "does not fit")):
        available = machine.Memory(total=room * 10**9, available=room * 10**9)
        monkeypatch.setattr(machine, "memory", lambda available=available: available)
        assert told in program("models").out
        (document,) = json.loads(program("models", "--json").out)
        assert (document["fits"], document["experts_on_disk"]) == (False, room == 8)
