from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.unit.hub.conftest import write_checkpoint
from yunqi.hub import record
from yunqi.hub.record import RECORD_FILE, find_record, fingerprint, keep_record, standing


@pytest.fixture
def path(user: Path) -> Path:
    path = write_checkpoint(user / "mine")
    (path / "tokenizer.json").write_text("{}")
    return path


def signed(path: Path) -> Path:
    return keep_record(path, {"passed": True, "files": fingerprint(path)})


def test_a_record_lies_beside_the_checkpoint_and_names_its_files(path: Path) -> None:
    assert standing(path) is None
    assert signed(path) == path / RECORD_FILE
    assert standing(path) == "verified"
    kept = find_record(path)
    assert kept is not None
    assert set(kept["files"]) == {"config.json", "tokenizer.json", "model.safetensors"}
    assert all(len(facts["sha256"]) == 64 for facts in kept["files"].values())


def test_where_the_folder_is_closed_it_lies_in_the_home(
    path: Path, monkeypatch: pytest.MonkeyPatch, user: Path
) -> None:
    monkeypatch.setattr(record.os, "access", lambda *_: False)
    place = signed(path)
    assert place.parent == user / "yunqi" / "verified"
    assert standing(path) == "verified"
    shutil.copytree(path, user / "other")
    assert standing(user / "other") is None
    os.utime(path / "model.safetensors")
    assert standing(path) == "stale"


def _append(file: Path, data: bytes) -> None:
    file.write_bytes(file.read_bytes() + data)


@pytest.mark.parametrize(
    "change",
    [
        lambda p: _append(p / "config.json", b"\n"),
        lambda p: _append(p / "tokenizer.json", b"\n"),
        lambda p: (p / "tokenizer.json").unlink(),
        lambda p: (p / "chat_template.jinja").write_text("new"),
        lambda p: (p / "model.safetensors").write_bytes((p / "model.safetensors").read_bytes()[:-1] + b"\x01"),
        lambda p: (p / "model.safetensors").unlink(),
        lambda p: _append(p / "model.safetensors", b"x"),
    ],
)
def test_any_change_makes_it_stale(path: Path, change: object) -> None:
    signed(path)
    os.utime(path / "model.safetensors", ns=(1, 1))
    signed(path)
    assert standing(path) == "verified"
    assert callable(change)
    change(path)
    assert standing(path) == "stale"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 1}', '{"format": 2, "files": {}}', '{"format": 1, "files": 3}']
)
def test_what_is_no_record_is_none(path: Path, text: str) -> None:
    (path / RECORD_FILE).write_text(text)
    assert find_record(path) is None
    assert standing(path) is None


def test_a_record_of_a_failure_verifies_nothing(path: Path) -> None:
    keep_record(path, {"passed": False, "files": fingerprint(path)})
    assert standing(path) == "stale"
