from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.conftest import Program
from yunqi.engine import quantize
from yunqi.hub.resolve import resolve


def test_a_model_is_saved_with_its_texts(program: Program, tmp_path: Path) -> None:
    out = tmp_path / "small"
    done = program("quantize", "nano", "--out", str(out), "--group", "128")
    assert done.code == 0, done.err
    assert "8.8 MB became 2.7 MB" in done.out
    assert "100%" in done.err
    names = {path.name for path in out.iterdir()}
    assert names >= {"config.json", "model.safetensors", "tokenizer.json", "chat_template.jinja"}
    assert not names & {"report.json", "model.safetensors.index.json"}
    config = json.loads((out / "config.json").read_text())
    added = config.pop("quantization_config")
    assert config == json.loads((resolve("nano") / "config.json").read_text())
    assert added["config_groups"]["group_0"]["weights"]["group_size"] == 128
    assert program("models").code == 0


def test_nothing_is_written_over_and_nothing_twice(program: Program, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    done = program("quantize", "nano", "--out", str(tmp_path / "full"))
    assert (done.code, "not empty" in done.err) == (2, True)
    assert program("quantize", "nano", "--out", str(tmp_path / "once"), "--bits", "8").code == 0
    done = program("quantize", str(tmp_path / "once"), "--out", str(tmp_path / "twice"))
    assert (done.code, "quantised already" in done.err) == (2, True)
    assert not (tmp_path / "twice").exists()
    assert program("quantize", "nano", "--out", str(tmp_path / "odd"), "--bits", "3").code == 2


@pytest.mark.parametrize(
    "error, code, words",
    [(OSError(errno.ENOSPC, "No space left on device"), 2, "no room on the disk"), (KeyboardInterrupt(), 130, "")],
)
def test_stopped_it_leaves_nothing(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, words: str
) -> None:
    calls = 0

    def quantized(*given: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise error
        return real(*given, **more)

    real = quantize.quantize
    monkeypatch.setattr(quantize, "quantize", quantized)
    (tmp_path / "new").mkdir()
    done = program("quantize", "nano", "--out", str(tmp_path / "new" / "small"))
    assert done.code == code
    assert words in done.err
    assert list((tmp_path / "new").iterdir()) == []


def test_a_disk_too_small_is_said_before(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1_000_000))
    done = program("quantize", "nano", "--out", str(tmp_path / "small"))
    assert (done.code, "no room on the disk" in done.err) == (2, True)
    assert not (tmp_path / "small").exists()
