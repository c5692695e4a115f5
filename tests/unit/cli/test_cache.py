from __future__ import annotations

import json
import sys
from pathlib import Path

import click
import pytest

from tests.unit.cli.conftest import Program
from tests.unit.hub.conftest import write_checkpoint


@pytest.fixture
def model(tmp_path: Path, program: Program) -> Path:
    folder = tmp_path / ".cache" / "huggingface" / "hub" / "models--Qwen--Small"
    write_checkpoint(folder / "snapshots" / "c0")
    return folder


def test_the_list_names_size_and_place(program: Program, model: Path) -> None:
    done = program("cache", "ls")
    assert done.code == 0
    heading, row, total = done.out.splitlines()
    assert heading.split() == ["MODEL", "FROM", "SIZE", "PLACE"]
    assert row.split()[:2] == ["Qwen/Small", "huggingface"]
    assert str(model) in row
    assert total.endswith("in all")
    (record,) = json.loads(program("cache", "ls", "--json").out)
    assert (record["name"], record["path"], record["complete"]) == ("Qwen/Small", str(model), True)


def test_nothing_goes_unasked(program: Program, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = program("cache", "rm", "Qwen/Small")
    assert done.code == 2
    assert "Nothing was deleted" in done.err
    assert model.exists()

    def no(*args: object, **more: object) -> None:
        raise click.Abort

    monkeypatch.setattr(
        sys.modules["yunqi.cli.commands.cache"],
        "sys",
        type("S", (), {"stdin": type("T", (), {"isatty": lambda: True})}),
    )
    monkeypatch.setattr(click, "confirm", no)
    assert program("cache", "rm", "Qwen/Small").code == 130
    assert model.exists()


def test_yes_deletes_and_unknown_names_delete_nothing(program: Program, model: Path) -> None:
    done = program("cache", "rm", "--yes", "Qwen/Small", "Qwen/Unknown")
    assert (done.code, model.exists()) == (2, True)
    assert "No cache holds 'Qwen/Unknown'" in done.err
    done = program("cache", "rm", "--yes", "Qwen/Small", "Qwen/Small")
    assert (done.code, model.exists()) == (0, False)
    assert program("cache", "ls").out == "The caches hold no models.\n"


def test_each_subcommand_takes_debug(program: Program, model: Path) -> None:
    assert program("cache", "ls", "--debug").code == 0
