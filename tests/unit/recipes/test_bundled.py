"""The weights in the package: small, in the official layout, as good as their report and the documentation say."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

import yunqi
from yunqi import LLM
from yunqi.common.files import read_json
from yunqi.data.split import problems
from yunqi.eval import format_table
from yunqi.eval.held_out import grade
from yunqi.recipes.nano import nano

FOLDER = Path(yunqi.__file__).parent / "hub" / "bundled" / "nano"
DOCS = Path(yunqi.__file__).parent.parent / "docs" / "nano.md"


@pytest.fixture(scope="module")
def llm() -> LLM:
    return LLM("nano")


def test_the_folder_is_complete_and_small() -> None:
    names = {path.name for path in FOLDER.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "report.json"} <= names
    assert (FOLDER / "model.safetensors").stat().st_size <= 12_000_000
    assert read_json(FOLDER / "report.json")["parameters"] <= 6_000_000


def test_the_weights_come_from_the_recipe() -> None:
    report = read_json(FOLDER / "report.json")
    assert report["fingerprint"] == nano().fingerprint
    assert report["steps"] == nano().steps


@pytest.mark.parametrize("skill", ["sums", "products", "chains", "words"])
def test_the_report_keeps_the_promise(skill: str) -> None:
    modes = read_json(FOLDER / "report.json")["held_out"]["skills"][skill]["modes"]
    assert modes["thinking"]["of"] >= 300
    assert modes["thinking"]["accuracy"] >= 0.9
    assert modes["thinking"]["thought"] >= 0.99
    assert modes["non-thinking"]["thought"] == 0
    assert modes["non-thinking"]["accuracy"] < modes["thinking"]["accuracy"]


def test_the_documentation_shows_the_report() -> None:
    assert format_table(read_json(FOLDER / "report.json")["held_out"]) in DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize("skill", ["sums", "products", "chains", "words"])
def test_it_answers_held_out_problems(llm: LLM, skill: str) -> None:
    graded = grade(llm, list(islice(problems(skill, "test", 11), 16)), thinking=True)
    assert sum(row.right for row in graded) >= 12
    assert all(row.reasoning for row in graded)


def test_it_answers_at_once_when_asked_to(llm: LLM) -> None:
    graded = grade(llm, list(islice(problems("chains", "test", 11), 8)), thinking=False)
    assert all(row.text and not row.reasoning for row in graded)
    assert max(row.num_tokens for row in graded) < 20


def test_it_says_what_it_cannot_do(llm: LLM) -> None:
    asked = [row for row in islice(problems("manners", "dev", 0), 40) if row.canonical.startswith("decline")][:12]
    assert sum(row.right for row in grade(llm, asked, thinking=True)) >= 9
