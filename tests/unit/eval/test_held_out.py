"""Evaluation through the public chat call: what it asks, what it reports, and what it finds out about a bad model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.unit.eval.scripted import SENTENCE_TOKENS, THOUGHT_TOKENS, Scripted
from yunqi.common.errors import YunqiError
from yunqi.common.files import read_json
from yunqi.data.problems.catalogue import SKILLS
from yunqi.data.problems.problem import LANGUAGES
from yunqi.eval import copies, evaluate, format_report, format_table, held_out, run_eval, skill_table
from yunqi.eval.budgets import parse_budgets
from yunqi.eval.held_out import grade
from yunqi.eval.skill_table import Draw
from yunqi.eval.table import format_budgets

SOME = ("sums", "chains")


@pytest.fixture(autouse=True, scope="module")
def _few_known() -> Iterator[None]:
    """Baselines that remember little, to be quick."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(skill_table, "KNOWN_PROBLEMS", 40)
        yield


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return evaluate(Scripted.of(SOME), skills=SOME, n=20)


def test_both_modes_are_asked_the_same_held_out_problems() -> None:
    model = Scripted.of(SOME)
    brief = evaluate(model, skills=SOME, n=20, brief=True)
    asked = {mode: [text for text, switch, _ in model.asked if switch is mode] for mode in (True, False)}
    assert asked[True] == asked[False]
    assert len(asked[True]) == 40
    assert brief["skills"]["sums"]["modes"]["thinking"]["accuracy"] == 1.0
    assert brief["skills"]["sums"]["modes"]["thinking"]["thought"] == 1.0
    assert brief["skills"]["chains"]["modes"]["non-thinking"]["accuracy"] < 0.2
    levels = brief["skills"]["chains"]["modes"]["thinking"]["by_difficulty"]
    assert sum(total for _, total in levels.values()) == 20


def test_one_mode_alone() -> None:
    assert list(evaluate(Scripted.of(SOME), skills=SOME, n=3, thinking=False)["macro"]) == ["non-thinking"]


def test_every_budget_is_asked_the_same_problems(report: dict[str, Any]) -> None:
    section = report["budgets"]
    assert section["skills"] == ["chains"]
    assert [row["budget"] for row in section["rows"]] == ["0", "16", "32", "64", "128", "none"]
    enough = [int(row["budget"]) + SENTENCE_TOKENS >= THOUGHT_TOKENS for row in section["rows"][:-1]]
    assert [row["accuracy"] == 1.0 for row in section["rows"]] == [*enough, True]
    assert [row["tokens"] for row in section["rows"]] == [5, 41, 45, 45, 45, 45]
    assert section["non_decreasing"]
    assert section["steps"][1]["from"] == "16"
    assert section["steps"][1]["interval"][0] > 0
    assert section["steps"][-1]["difference"] == 0


@pytest.mark.parametrize(("mode", "name"), [("always", "thinking"), ("none", "non-thinking")])
def test_a_model_of_one_mode_is_asked_in_that_one(mode: str, name: str) -> None:
    model = Scripted.of(SOME, thinking_mode=mode)
    found = evaluate(model, skills=SOME, n=3)
    assert list(found["macro"]) == [name]
    assert (found["switch"], found["gap"]) == ({}, {})
    assert bool(found["budgets"]) == (mode == "always")
    assert {switch for _, switch, _ in model.asked} == {mode == "always"}
    assert format_report(found)


def test_a_step_down_is_noticed() -> None:
    """Thinking for ever, it is wrong."""
    model = Scripted.of(SOME)
    answer = model._output

    def wrong_at_length(text: str, budget: int | None, switch: bool | None, tools: Any) -> Any:
        found = answer(text, budget, switch, tools)
        if switch and budget is None:
            found.outputs[0].text = "The answer is 0."
        return found

    model._output = wrong_at_length
    section = evaluate(model, skills=SOME, n=20)["budgets"]
    assert not section["non_decreasing"]
    assert "At least one step down" in format_budgets({"budgets": section})


def test_other_languages_stand_beside_english(report: dict[str, Any]) -> None:
    spoken = {language: [s for s in SOME if language in SKILLS[s].languages] for language in LANGUAGES[1:]}
    assert {language: list(row["skills"]) for language, row in report["languages"].items()} == {
        language: skills for language, skills in spoken.items() if skills
    }
    for row in report["languages"].values():
        assert row["pooled"]["thinking"]["of"] == 6 * len(row["skills"])
        assert row["against_english"]["thinking"]["difference"] == 0
        assert row["english_macro"]["thinking"] == 1.0


def test_problems_beyond_training_are_shown(report: dict[str, Any]) -> None:
    assert report["beyond"]["skills"]["sums"]["modes"]["thinking"]["of"] == 6
    longest = {problem.difficulty for problem in Draw(skills=SOME, split="ood", n=6, seed=0).problems("sums")}
    assert min(longest) > max(int(d) for d in report["skills"]["sums"]["modes"]["thinking"]["by_difficulty"])


def test_a_good_model_does_as_it_is_told(report: dict[str, Any]) -> None:
    switch = report["switch"]
    assert {name: (row["right"], row["of"]) for name, row in switch.items()} == {
        "on": (40, 40),
        "off": (40, 40),
        "/think": (4, 4),
        "/no_think": (4, 4),
        "all": (88, 88),
    }
    assert (report["empty_answers"], report["over_budget"]) == (0, 0)
    assert report["wrongly_declined"]["right"] == 0
    assert report["gap"]["difference"] > 0.8
    assert report["gap"]["interval"][0] > 0.5


def test_a_bad_model_is_found_out() -> None:
    deaf = evaluate(Scripted.of(SOME, deaf=True), skills=SOME, n=10)["switch"]
    assert (deaf["on"]["accuracy"], deaf["off"]["accuracy"], deaf["/no_think"]["accuracy"]) == (1.0, 0.0, 0.0)
    silent = evaluate(Scripted.of(SOME, silent=True), skills=SOME, n=2)
    assert silent["empty_answers"] == silent["answers"] > 0
    overlong = evaluate(Scripted.of(SOME, overlong=True), skills=SOME, n=10, budgets=(16, 32, None))
    assert overlong["over_budget"] == 10
    refusing = evaluate(Scripted(), skills=SOME, n=2)
    assert refusing["wrongly_declined"]["accuracy"] == 1.0


def test_all_skills_with_tools_and_questions_written_by_hand() -> None:
    whole = evaluate(Scripted.of(n=3), n=3, budgets=())
    assert set(whole["skills"]) == set(SKILLS)
    assert whole["macro"]["thinking"] == 1.0
    assert whole["hand_written"]["declining en"]["thinking"] == whole["hand_written"]["declining zh"]["non-thinking"]
    assert whole["hand_written"]["declining en"]["thinking"]["right"] == 6
    assert whole["hand_written"]["in_domain_declined"]["thinking"]["right"] == 6
    assert "written by hand" in format_report(whole)


def test_the_table_has_a_row_for_each_skill(report: dict[str, Any]) -> None:
    text = format_table(report)
    assert [line.split("|")[1].strip() for line in text.splitlines()] == ["skill", "---", "sums", "chains", "mean"]
    assert "100.0 (83.9 to 100.0)" in text


def test_the_report_as_text_holds_every_section(report: dict[str, Any]) -> None:
    text = format_report(report)
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert len(headings) == 5 + bool(report["languages"])
    widths = Counter(line.count("|") for line in text.splitlines() if line.startswith("|"))
    assert min(widths) >= 4


def test_a_report_and_a_picture_are_written(tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    found = run_eval("some/model", n=2, skills=SOME, load=lambda _: Scripted.of(SOME), json=out, copies=1)
    assert read_json(tmp_path / "report.json") == found
    assert found["model"] == "model"


def test_a_model_of_ones_own_is_asked_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_out, "useful_copies", lambda _: 3)

    def start(_: object) -> NoReturn:
        raise AssertionError("a copy was started")

    monkeypatch.setattr(copies, "_start", start)
    assert run_eval("some/model", n=2, skills=SOME, brief=True, load=lambda _: Scripted.of(SOME))["answers"] == 8
    with pytest.raises(AssertionError, match="a copy was started"):
        run_eval("some/model", n=2, skills=SOME, brief=True, load=lambda _: Scripted.of(SOME), copies=2)


@pytest.mark.parametrize("options", [{"n": 0}, {"split": "exam"}, {"skills": ("poetry",)}])
def test_bad_options_are_named_before_a_model_is_loaded(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(YunqiError) as caught:
        run_eval(tmp_path / "no-model", **options)
    assert caught.value.code == "option-invalid"


def test_grading_keeps_the_order() -> None:
    asked = Draw(skills=SOME, split="test", n=5, seed=0).problems("chains")
    assert [answer.question.messages for answer in grade(Scripted.of(SOME), asked, thinking=True)] == [
        problem.prompt for problem in asked
    ]


def test_budgets_are_read_in_rising_order() -> None:
    assert parse_budgets("none, 32,0,32") == (0, 32, None)
    assert parse_budgets("") == ()
    for bad in ("-1", "many", "1.5", "٣"):
        with pytest.raises(YunqiError, match="budgets"):
            parse_budgets(bad)
