"""Copies of a model answer as the model alone does, in order, whatever its questions bring along."""

from __future__ import annotations

from pathlib import Path

import pytest

from yunqi import LLM
from yunqi.eval import copies
from yunqi.eval.asking import AT_ONCE, Answer, Setting, as_question, ask
from yunqi.eval.copies import Copies, useful_copies
from yunqi.eval.skill_table import Draw


@pytest.fixture(scope="module")
def llm() -> LLM:
    return LLM("nano")


def test_they_answer_as_one(llm: LLM, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "CHUNK", 2)
    draw = Draw(skills=("sums", "tools"), split="test", n=2, seed=3)
    questions = [as_question(problem) for skill in draw.skills for problem in draw.problems(skill)]
    asked = [(question, setting) for question in questions for setting in (AT_ONCE, Setting(thinking=True, budget=1))]
    alone = ask(llm, asked, max_tokens=120)
    with Copies(llm, "nano", 2) as both:
        assert both.thinking_mode == "hybrid"
        together = ask(both, asked, max_tokens=120)
    assert [said(answer) for answer in together] == [said(answer) for answer in alone]


def said(answer: Answer) -> tuple[str, str, int]:
    return answer.text, answer.reasoning, answer.num_tokens


def test_a_copy_that_cannot_load_is_told(llm: LLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "CHUNK", 1)
    asked = [(as_question(p), AT_ONCE) for p in Draw(skills=("sums",), split="test", n=3, seed=3).problems("sums")]
    with Copies(llm, tmp_path / "nothing", 2) as both, pytest.raises(RuntimeError, match="a copy of the model ended"):
        ask(both, asked, max_tokens=20)


def test_one_copy_a_core_for_small_models_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "allowed_cores", lambda: 3)
    assert useful_copies("nano") == 3
    monkeypatch.setattr(copies, "SMALL_PARAMETERS", 1000)
    assert useful_copies("nano") == 1
    monkeypatch.setattr(copies, "allowed_cores", lambda: 1)
    assert useful_copies("a name that nobody resolves") == 1
