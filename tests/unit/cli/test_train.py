from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

import yunqi.recipes
from tests.unit.cli.conftest import Program


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []

    def run_recipe(name: str, **options: Any) -> Path:
        seen.append({"name": name} | options)
        return (options["out"] or Path("run")) / "model"

    monkeypatch.setattr(yunqi.recipes, "run_recipe", run_recipe)
    return seen


def test_the_options_reach_the_recipe(program: Program, calls: list[dict[str, Any]], tmp_path: Path) -> None:
    done = program("train", "nano", "--quick", "--fresh", "--threads", "1", "--out", str(tmp_path / "run"))
    assert done.code == 0
    assert calls == [{"name": "nano", "out": tmp_path / "run", "quick": True, "resume": False, "threads": 1}]
    assert str(tmp_path / "run" / "model") in done.out


def test_what_is_left_out_is_the_recipes_choice(program: Program, calls: list[dict[str, Any]]) -> None:
    assert program("train", "nano").code == 0
    assert calls == [{"name": "nano", "out": None, "quick": False, "resume": True, "threads": None}]


def test_a_recipe_that_is_none_is_told_before_torch_is_loaded(program: Program) -> None:
    done = program("train", "giant")
    assert done.code == 2
    assert "recipe=giant is not valid. There is nano" in done.err


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
