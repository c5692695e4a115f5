from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.conftest import Program
from tests.unit.eval.public_files import Knows, write_sets
from tests.unit.eval.scripted import Scripted
from yunqi.cli import options
from yunqi.data.problems.catalogue import SKILLS
from yunqi.eval import skill_table


@pytest.fixture(autouse=True, scope="module")
def _few_known() -> Iterator[None]:
    """Baselines that remember little, to be quick."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(skill_table, "KNOWN_PROBLEMS", 40)
        yield


@pytest.fixture
def checkpoint(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(options, "load_llm", lambda model, **_: Scripted.of(n=2))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # one copy: there is no model of that name to copy
    return "some/model"


def evaluate(program: Program, checkpoint: str, *arguments: str) -> dict[str, Any]:
    done = program("eval", checkpoint, *arguments, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def budgets_of(report: dict[str, Any]) -> Sequence[str]:
    return [row["budget"] for row in report["budgets"]["rows"]]


def test_json_holds_every_skill_and_mode_asked_for(program: Program, checkpoint: str) -> None:
    report = evaluate(program, checkpoint, "--n", "2", "--thinking", "on", "--brief")
    assert report["model"] == "model"
    assert set(report["skills"]) == set(SKILLS)
    assert all(list(row["modes"]) == ["thinking"] for row in report["skills"].values())
    assert report["skills"]["sums"]["modes"]["thinking"]["of"] == 2


def test_the_tables_show_both_modes_budgets_and_conduct(program: Program, checkpoint: str) -> None:
    done = program("eval", checkpoint, "--n", "2", "--skills", "sums,chains")
    assert done.code == 0
    head = done.out.splitlines()[2]
    assert "non-thinking" in head
    assert "| thinking" in head
    for part in ("| 128 |", "| none |", "Longer than anything", "switch obeyed", "empty answers: 0 of"):
        assert part in done.out


def test_budgets_are_the_ones_asked_for_in_rising_order(program: Program, checkpoint: str) -> None:
    some = ("--n", "1", "--skills", "sums,chains")
    assert budgets_of(evaluate(program, checkpoint, *some, "--budgets", "none,8,0")) == ["0", "8", "none"]
    assert evaluate(program, checkpoint, *some, "--budgets", "")["budgets"] == {}
    everywhere = evaluate(program, checkpoint, *some, "--budgets", "8", "--budgets-on", "all")
    assert everywhere["budgets"]["skills"] == ["sums", "chains"]


def test_the_report_and_its_picture_are_written(program: Program, checkpoint: str, tmp_path: Path) -> None:
    out, png = tmp_path / "report.json", tmp_path / "report.png"
    some = ("--n", "2", "--skills", "chains", "--out", str(out), "--png", str(png))
    assert evaluate(program, checkpoint, *some) == json.loads(out.read_text(encoding="utf-8"))
    assert png.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--n", "0"),
        ("--n", "some"),
        ("--split", "train-ish"),
        ("--thinking", "maybe"),
        ("--skills", "poetry"),
        ("--budgets", "8,many"),
        ("--budgets", "-1"),
        ("--budgets-on", "some"),
    ],
)
def test_bad_options_exit_with_2_before_a_model_is_loaded(
    program: Program, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr(options, "load_llm", lambda model, **_: pytest.fail("the model was loaded"))
    done = program("eval", "some/model", *arguments)
    assert (done.code, done.out) == (2, "")


def test_an_unknown_model_is_told_at_once(program: Program) -> None:
    assert program("eval", "nowhere/nothing").code == 2


def test_public_sets_are_asked_instead(program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(options, "load_llm", lambda model, **_: Knows())
    data, out = write_sets(tmp_path), tmp_path / "report.json"
    report = evaluate(program, "some/model", "--data", str(data), "--n", "1", "--out", str(out))
    assert list(report["sets"]) == ["gsm8k", "math500", "bfcl", "cruxeval"]
    assert report == json.loads(out.read_text(encoding="utf-8"))
    assert "skills" not in report
    chosen = ("--data", str(data), "--sets", "bfcl, gsm8k", "--thinking", "on", "--budgets", "8", "--max-tokens", "64")
    report = evaluate(program, "some/model", *chosen)
    assert report["max_tokens"] == 64
    assert {name: list(found["modes"]) for name, found in report["sets"].items()} == {
        "bfcl": ["thinking", "at most 8"],
        "gsm8k": ["thinking", "at most 8"],
    }
    done = program("eval", "some/model", "--data", str(data), "--out", str(out))
    assert "| gsm8k | thinking | 2 | 100.0 (34.2 to 100.0) |" in done.out
    assert "is written" in done.out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--data", "nowhere"), "not there"),
        (("--data", "."), "not there"),
        (("--data", ".", "--sets", "humaneval"), "humaneval"),
        (("--data", ".", "--n", "0"), "n=0"),
        (("--data", ".", "--skills", "sums"), "--skills"),
        (("--data", ".", "--budgets-on", "all"), "--budgets-on"),
        (("--data", ".", "--brief"), "--brief"),
        (("--data", ".", "--png", "a.png"), "--png"),
        (("--data", ".", "--budgets", "x"), "--budgets=x"),
        (("--data", ".", "--max-tokens", "0"), "--max-tokens=0"),
        (("--sets", "gsm8k"), "--data DIR"),
        (("--max-tokens", "9"), "--data DIR"),
    ],
)
def test_bad_options_for_public_sets_are_one_sentence(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, ...], word: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(options, "load_llm", lambda model, **_: pytest.fail("the model was loaded"))
    done = program("eval", "some/model", *arguments)
    assert (done.code, done.out) == (2, "")
    assert word in done.err
    assert len(done.err.splitlines()) == 1
