from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import yunqi.engine.llm
from tests.unit.cli.conftest import Program, ScriptedLLM
from tests.unit.hub.conftest import write_checkpoint
from yunqi.protocol.output import RequestOutput
from yunqi.protocol.sampling import SamplingParams


class Knowing(ScriptedLLM):
    """Always says 7, thinking or not."""

    def chat(
        self, messages: list[Any], params: SamplingParams, *, enable_thinking: bool | None = None
    ) -> list[RequestOutput]:
        self.scripts = [["~so", "7"] if enable_thinking else ["7"]] * len(messages)
        return [super(Knowing, self).chat(one, params, enable_thinking=enable_thinking)[0] for one in messages]


@pytest.fixture
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(yunqi.engine.llm, "LLM", lambda model: Knowing())
    return str(write_checkpoint(tmp_path / "model"))


def test_json_holds_every_skill_and_mode_asked_for(program: Program, checkpoint: str) -> None:
    done = program("eval", checkpoint, "--n", "3", "--thinking", "on", "--json")
    assert done.code == 0
    report = json.loads(done.out)
    assert checkpoint.endswith(report["model"])
    assert {"sums", "chains", "words", "products"} <= set(report["skills"])
    assert all(list(row["modes"]) == ["thinking"] for row in report["skills"].values())
    assert report["skills"]["sums"]["modes"]["thinking"]["of"] == 3


def test_the_table_shows_both_modes(program: Program, checkpoint: str) -> None:
    done = program("eval", checkpoint, "--n", "2")
    assert done.code == 0
    heading = done.out.splitlines()[0]
    assert "non-thinking" in heading
    assert "| thinking" in heading


@pytest.mark.parametrize(
    "arguments", [("--n", "0"), ("--n", "some"), ("--split", "train-ish"), ("--thinking", "maybe")]
)
def test_bad_options_exit_with_2(program: Program, checkpoint: str, arguments: tuple[str, ...]) -> None:
    done = program("eval", checkpoint, *arguments)
    assert (done.code, done.out) == (2, "")


def test_an_unknown_model_is_told_at_once(program: Program) -> None:
    assert program("eval", "nowhere/nothing").code == 2
