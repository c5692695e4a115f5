from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

import yunqi.recipes
from tests.unit.cli.conftest import Program
from yunqi.common.files import write_json, write_text
from yunqi.recipes.nano import nano


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []

    def run_recipe(name: str, **options: Any) -> Path:
        seen.append({"name": name} | options)
        return (options["out"] or Path("run")) / "model"

    monkeypatch.setattr(yunqi.recipes, "run_recipe", run_recipe)
    return seen


CHOICES = {
    "name": "nano",
    "out": None,
    "start": None,
    "quick": False,
    "resume": True,
    "threads": None,
    "device": "cpu",
    "workers": 0,
    "steps": None,
    "windows": 1,
}


def test_the_options_reach_the_recipe(program: Program, calls: list[dict[str, Any]], tmp_path: Path) -> None:
    where = ("--out", str(tmp_path / "run"), "--device", "cuda", "--workers", "3")
    done = program("train", "nano", "--quick", "--fresh", "--threads", "1", "--steps", "9", "--windows", "2", *where)
    assert done.code == 0
    run = {"out": tmp_path / "run", "quick": True, "resume": False, "threads": 1}
    assert calls == [CHOICES | run | {"device": "cuda", "workers": 3, "steps": 9, "windows": 2}]
    assert str(tmp_path / "run" / "model") in done.out


def test_what_is_left_out_is_the_recipes_choice(program: Program, calls: list[dict[str, Any]]) -> None:
    assert program("train", "nano").code == 0
    assert calls == [CHOICES]


def test_a_recipe_that_is_none_is_told_before_torch_is_loaded(program: Program) -> None:
    done = program("train", "giant")
    assert done.code == 2
    assert "RECIPE=giant is not valid. There is nano" in done.err


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of nano in 36 quick steps that was stopped at the twelfth."""
    config = nano(quick=True)
    _save(tmp_path / "run", config.fingerprint, step=12)
    write_json(tmp_path / "run" / "run.json", {"fingerprint": config.fingerprint})
    return tmp_path / "run"


def _save(folder: Path, fingerprint: str, *, step: int) -> None:
    from yunqi.train.checkpoint import Counters, save_state

    save_state(folder, {}, Counters(fingerprint=fingerprint, step=step))


def _report(run: Path, **facts: Any) -> None:
    write_json(run / "model" / "report.json", {"fingerprint": nano(quick=True).fingerprint} | facts)
    write_text(run / "model" / "report.md", "report")


def test_a_stopped_run_says_where_it_goes_on(program: Program, calls: list[dict[str, Any]], run: Path) -> None:
    done = program("train", "nano", "--quick", "--out", str(run))
    assert done.out.startswith("Going on from step 12 of 36.\n")
    assert len(calls) == 1
    assert "Going on" not in program("train", "nano", "--quick", "--fresh", "--out", str(run)).out


def test_a_complete_run_is_left_as_it_is(program: Program, calls: list[dict[str, Any]], run: Path) -> None:
    _save(run, nano(quick=True).fingerprint, step=36)
    _report(run, held_out={})
    done = program("train", "nano", "--quick", "--out", str(run))
    assert (done.code, done.out) == (0, f"Already complete: {run / 'model'}; --fresh starts again.\n")
    assert calls == []
    assert program("train", "nano", "--quick", "--fresh", "--out", str(run)).code == 0
    assert len(calls) == 1


def test_a_trained_model_without_its_evaluation_is_not_complete(
    program: Program, calls: list[dict[str, Any]], run: Path
) -> None:
    _report(run, held_out={})  # of an earlier run: this one is at its twelfth step
    assert "step 12 of 36" in program("train", "nano", "--quick", "--out", str(run)).out
    _save(run, nano(quick=True).fingerprint, step=36)
    _report(run)
    done = program("train", "nano", "--quick", "--out", str(run))
    assert done.out.startswith("All 36 steps are done; going on with the evaluation.\n")
    assert len(calls) == 2


def test_a_run_with_other_settings_is_told(program: Program, calls: list[dict[str, Any]], run: Path) -> None:
    done = program("train", "nano", "--out", str(run))
    assert (done.code, calls) == (2, [])
    assert "holds a run with other settings" in done.err
    assert done.err.endswith("begin again with --fresh.\n")


@pytest.mark.parametrize(
    "error, code, words",
    [
        (KeyboardInterrupt(), 130, "The same command goes on"),
        (OSError(errno.ENOSPC, "No space left on device", "state.safetensors"), 2, "no room on the disk"),
    ],
)
def test_what_stops_a_run_says_how_to_go_on(
    program: Program, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, words: str
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(yunqi.recipes, "run_recipe", fail)
    done = program("train", "nano")
    assert done.code == code
    assert words in done.out + done.err
    assert "Traceback" not in done.err


def test_threads_are_a_positive_number(program: Program) -> None:
    assert program("train", "nano", "--threads", "0").code == 2
