"""A run: the loss falls, resuming is exact to the bit, signals and full disks lose nothing."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.unit.train import micro
from yunqi.common.errors import YunqiError
from yunqi.common.files import read_json
from yunqi.data.stream import Stream
from yunqi.processing.tokenizer import Tokenizer
from yunqi.train import checkpoint, loop
from yunqi.train.checkpoint import load_state
from yunqi.train.config import TrainConfig
from yunqi.train.run import run, stream


def _train(config: TrainConfig, folder: Path, *, resume: bool = True) -> Any:
    model = micro.model()
    loop.train(config, model, micro.batches(config), folder, resume=resume, silent=True)
    return model


def _stop_after(monkeypatch: pytest.MonkeyPatch, steps: int, number: signal.Signals = signal.SIGINT) -> None:
    """Send this process a signal while it works on the step after `steps`."""
    batch = Stream.batch

    def watched(self: Stream, step: int) -> Any:
        if step == steps - 1:
            os.kill(os.getpid(), number)
        return batch(self, step)

    monkeypatch.setattr(Stream, "batch", watched)


def _same_weights(first: Any, second: Any) -> bool:
    return all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))


def test_the_loss_falls(tmp_path: Path) -> None:
    _train(micro.config(steps=12), tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == list(range(12))
    assert rows[-1]["loss"] < rows[0]["loss"] - 0.5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_and_resumed_equals_never_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    whole = _train(micro.config(), tmp_path / "whole")
    with monkeypatch.context() as patch:
        _stop_after(patch, 2, number)
        with pytest.raises(KeyboardInterrupt):
            _train(micro.config(), tmp_path / "parts")
    found = load_state(tmp_path / "parts", micro.config().fingerprint)
    assert found is not None
    assert found[1].step == 2
    resumed = _train(micro.config(), tmp_path / "parts")
    assert _same_weights(whole, resumed)
    states = [load_state(tmp_path / name, micro.config().fingerprint) for name in ("whole", "parts")]
    assert states[0] is not None
    assert states[1] is not None
    assert states[0][0].keys() == states[1][0].keys()
    assert all(torch.equal(states[0][0][name], states[1][0][name]) for name in states[0][0])
    assert states[0][1].data_hash == states[1][1].data_hash
    assert states[0][1].tokens == states[1][1].tokens == 4096


def test_bfloat16_resumes_to_the_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = micro.config(dtype="bfloat16")
    whole = _train(config, tmp_path / "whole")
    with monkeypatch.context() as patch:
        _stop_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            _train(config, tmp_path / "parts")
    assert _same_weights(whole, _train(config, tmp_path / "parts"))
    assert not _same_weights(whole, _train(micro.config(), tmp_path / "float32"))


def test_a_run_killed_after_a_checkpoint_writes_the_same_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = micro.config(checkpoint_seconds=0.0)
    _train(config, tmp_path / "whole")
    with monkeypatch.context() as patch:
        step = loop._one_step

        def dying(config: TrainConfig, state: Any, *given: Any) -> Any:
            row = step(config, state, *given)
            if state.counters.step == 3:
                raise MemoryError  # stands for kill -9: the step is done, its checkpoint is not
            return row

        patch.setattr(loop, "_one_step", dying)
        with pytest.raises(MemoryError):
            _train(config, tmp_path / "parts")
    _train(config, tmp_path / "parts")
    losses = [
        [json.loads(line)["loss"] for line in (tmp_path / name / "metrics.jsonl").read_text().splitlines()]
        for name in ("whole", "parts")
    ]
    assert losses[0] == losses[1]
    assert len(losses[0]) == 4


def test_fresh_forgets_the_run_that_was_there(tmp_path: Path) -> None:
    _train(micro.config(), tmp_path)
    before = load_state(tmp_path, micro.config().fingerprint)
    _train(micro.config(), tmp_path, resume=False)
    after = load_state(tmp_path, micro.config().fingerprint)
    assert before is not None
    assert after is not None
    assert after[1].tokens == before[1].tokens, "the counters began anew"


def test_another_seed_gives_other_weights(tmp_path: Path) -> None:
    first = _train(micro.config(), tmp_path / "a")
    second = _train(micro.config(seed=1), tmp_path / "b")
    assert not _same_weights(first, second)


def test_other_settings_in_the_same_folder_are_refused(tmp_path: Path) -> None:
    _train(micro.config(), tmp_path)
    with pytest.raises(YunqiError) as caught:
        _train(micro.config(seed=1), tmp_path)
    assert caught.value.code == "run-mismatch"


def test_how_often_to_save_is_no_other_setting() -> None:
    assert micro.config(checkpoint_seconds=1.0, eval_problems=9).fingerprint == micro.config().fingerprint
    assert micro.config(steps=5).fingerprint != micro.config().fingerprint


def test_a_full_disk_says_so_and_keeps_the_last_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        _stop_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            _train(micro.config(), tmp_path)
    before = micro.weights(tmp_path)
    write = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if checkpoint.FILE_NAME in self.name:
            write(self, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(self, data)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(YunqiError) as caught:
            _train(micro.config(), tmp_path)
    assert caught.value.code == "disk-full"
    assert micro.weights(tmp_path) == before
    assert not list(tmp_path.glob("*.tmp"))
    assert not list(tmp_path.glob(".*.tmp"))
    resumed = _train(micro.config(), tmp_path)
    assert _same_weights(resumed, _train(micro.config(), tmp_path / "whole"))


def test_a_full_disk_under_the_metrics_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = checkpoint.MetricsLog(tmp_path / "metrics.jsonl", 0)

    def full(self: Path, *args: Any, **options: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(YunqiError) as caught:
        log.write({"step": 0})
    assert caught.value.code == "disk-full"


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    _train(micro.config(), tmp_path)
    (tmp_path / checkpoint.FILE_NAME).write_bytes(b"\x00" * 64)
    with pytest.raises(YunqiError) as caught:
        _train(micro.config(), tmp_path)
    assert caught.value.code == "weights-corrupt"


def test_a_run_leaves_a_model_and_its_facts(tmp_path: Path) -> None:
    folder = run(micro.config(), tmp_path / "run", silent=True)
    report = read_json(folder / "report.json")
    names = {path.name for path in folder.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "generation_config.json"} <= names
    assert report["tokens"] == 4096
    assert report["steps"] == 4
    assert report["flops"] > 6 * 4096 * 20_000
    assert report["config"]["seed"] == report["seed"] == 0
    assert report["data_hash"]
    batches = stream(micro.config(), Tokenizer.from_directory(folder)).batches(0)
    assert report["longest_example"] == max(batch.longest for batch in batches) > 20
    assert not list(tmp_path.rglob("*.pt")) + list(tmp_path.rglob("*.pkl"))


def test_batches_made_ahead_are_those_made_in_time() -> None:
    """Also from the middle of a run, and by more processes than there are steps."""
    stream = micro.batches(micro.config())
    wanted = [stream.batch(step).ids.tobytes() for step in range(1, 4)]
    assert [batch.ids.tobytes() for batch in stream.batches(1)] == wanted
    assert [batch.ids.tobytes() for batch in stream.batches(1, workers=5)] == wanted


def test_a_signal_to_the_whole_group_leaves_the_workers_to_the_run() -> None:
    """As `timeout` and service managers send it: a worker that died of it would break the step under way."""
    stream = micro.batches(micro.config())
    batches = stream.batches(0, workers=1)
    found = [next(batches)]
    for process in multiprocessing.active_children():
        assert process.pid is not None
        os.kill(process.pid, signal.SIGTERM)
    found += batches
    assert [batch.ids.tobytes() for batch in found] == [stream.batch(step).ids.tobytes() for step in range(4)]
