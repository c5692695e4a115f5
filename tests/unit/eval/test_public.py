"""Public sets: their files as published, their graders, and the report on a model that answers by heart."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.unit.eval.public_files import ANSWERS, BFCL, REPLIES, Knows, lamp, lines, said, write_sets
from yunqi.common.errors import YunqiError
from yunqi.eval.public import (
    SETS,
    bfcl,
    cruxeval,
    evaluate_public,
    format_public,
    gsm8k,
    load_tasks,
    math500,
    run_public,
)
from yunqi.eval.public.task import Task
from yunqi.protocol.messages import ToolCall


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sets(tmp_path_factory.mktemp("sets"))


@pytest.fixture(scope="module")
def tasks(folder: Path) -> dict[str, tuple[Task, ...]]:
    return load_tasks(folder)


def test_all_sets_are_read(tasks: dict[str, tuple[Task, ...]]) -> None:
    assert {name: len(found) for name, found in tasks.items()} == {"gsm8k": 2, "math500": 3, "bfcl": 3, "cruxeval": 2}
    assert [task.labels for task in tasks["gsm8k"]] == [{"steps": "1"}, {"steps": "2"}]
    assert tasks["math500"][1].labels == {"level": "4", "subject": "Algebra"}
    assert [task.labels["category"] for task in tasks["bfcl"]] == ["simple_python", "parallel", "irrelevance"]
    assert tasks["math500"][0].messages[0].text.endswith("put your final answer within \\boxed{}.")
    assert "assert f([1, 'a']) == ??" in tasks["cruxeval"][0].messages[0].text
    assert "assert f() == ??" in tasks["cruxeval"][1].messages[0].text
    assert len({task.name for found in tasks.values() for task in found}) == 10


def test_sets_are_chosen_by_name_and_spread(folder: Path, tmp_path: Path) -> None:
    assert list(load_tasks(folder, ("math500", "gsm8k", "math500"))) == ["math500", "gsm8k"]
    assert [task.name for task in load_tasks(folder, ("math500",), 2)["math500"]] == ["math500/a", "math500/b"]
    assert len(load_tasks(folder, limit=50)["gsm8k"]) == 2
    (tmp_path / "gsm8k").mkdir()
    (tmp_path / "gsm8k" / "test.jsonl").write_text('{"question": "1+1?", "answer": "#### 2"}\n\n', encoding="utf-8")
    assert list(load_tasks(tmp_path)) == ["gsm8k"]


def test_every_reply_known_by_heart_is_right(tasks: dict[str, tuple[Task, ...]]) -> None:
    for task in (task for found in tasks.values() for task in found):
        replies = [reply for start, reply in REPLIES.items() if start in task.messages[-1].text]
        assert len(replies) == 1
        wrong = {"irrelevance": said("", lamp("hall"))}.get(task.labels.get("category", ""), said("Hm."))
        assert task.grader(replies[0]) or task.name == "cruxeval/sample_1"  # a call is no literal
        assert not task.grader(wrong)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("\\boxed{1200}", True),
        ("\\boxed{1,200}", True),
        ("\\boxed{\\$1200.00}", True),
        ("\\boxed{1200 \\text{ eggs}}", True),
        ("\\boxed{1200 eggs in all}", True),
        ("\\boxed{x = 1200}", True),
        ("Work.\n#### 1200", True),
        ("That makes 6 × 200 = 1,200 eggs.", True),
        ("It is **1200**.", True),
        ("1200.", True),
        ("\\boxed{120}. Or was it 1200", False),
        ("\\boxed{-1200}", False),
        ("\\boxed{6 or 1200}", False),
        ("1200 eggs in 200 days", False),
        ("12000", False),
        ("1200.5", False),
        ("", False),
        ("- 7" * 50_000, False),
    ],
)
def test_a_number_at_the_end(text: str, right: bool) -> None:
    assert gsm8k.is_right(text, Fraction(1200)) is right


def test_a_final_answer_in_a_text() -> None:
    assert math500.is_right("Thus $\\boxed{\\dfrac{3}{4}}$.", "\\frac34")
    assert math500.is_right("The answer is 0.75.", "\\frac34")
    assert not math500.is_right("It might be \\frac34, who knows.", "\\frac34")
    assert not math500.is_right("\\boxed{3}\\boxed{4}", "3")


@pytest.mark.parametrize(
    ("text", "expected", "right"),
    [
        ("[ANSWER]\nassert f(1) == [1, 'a']\n[/ANSWER]", [1, "a"], True),
        ("[ANSWER][1, \"a\"][/ANSWER]", [1, "a"], True),
        ("[ANSWER] f(2) == {'b': (1,)}", {"b": (1,)}, True),
        ("I think so.\n```python\nassert f('x == y') == 'x == y'\n```", "x == y", True),
        ("[ANSWER]```python\nassert f(3) == -4.5\n```[/ANSWER]", -4.5, True),
        ("Steps.\nassert f(0) == True\nDone.", True, True),
        ("[ANSWER]First 1.\nassert f(1) == 2[/ANSWER]", 2, True),
        ("So:\n`'ab'`", "ab", True),
        ("[ANSWER]assert 5 == f(1)[/ANSWER]", 5, True),
        ("[ANSWER]set()[/ANSWER]", set(), True),
        ("[ANSWER]1[/ANSWER] no: [ANSWER]2[/ANSWER]", 2, True),
        ("[ANSWER]assert f(1) == 3[/ANSWER]", 2, False),
        ("[ANSWER](1, 2)[/ANSWER]", [1, 2], False),
        ("[ANSWER]'1'[/ANSWER]", 1, False),
        ("[ANSWER]'a' * 2[/ANSWER]", "aa", False),
        ("[ANSWER]assert f(1) == f(1)[/ANSWER]", 1, False),
        ("[ANSWER]assert f(1) != 1[/ANSWER]", 1, False),
        ("[ANSWER]assert f(1) == ??[/ANSWER]", 1, False),
        ("[ANSWER]return 1[/ANSWER]", 1, False),
        ("", 1, False),
        ("(" * 5000, 1, False),
        ("-" * 3990 + "1", 1, False),
        ("[" * 1999 + "]" * 1999, 1, False),
    ],
)  # fmt: skip
def test_a_literal_in_an_assertion(text: str, expected: Any, right: bool) -> None:
    assert cruxeval.is_right(text, expected) is right


def test_nothing_a_model_writes_is_run(tmp_path: Path) -> None:
    door = tmp_path / "opened"
    for code in (f"open({str(door)!r}, 'w')", f"__import__('pathlib').Path({str(door)!r}).touch()"):
        for text in (
            code,
            f"[ANSWER]{code}[/ANSWER]",
            f"[ANSWER]assert f(1) == {code}[/ANSWER]",
            f"assert {code} == 1",
        ):
            cruxeval.is_right(text, 1)
    assert not door.exists()


@pytest.mark.parametrize(
    ("calls", "right"),
    [
        ([lamp("hall")], True),
        ([lamp("The Hall")], True),
        ([lamp("hall", steps=2)], True),
        ([ToolCall(name="lamp.set", arguments='{"level": 0.5, "room": "hall"}')], True),
        ([lamp("hall", steps=3)], False),
        ([lamp("hall", steps=2.0)], False),
        ([lamp("hall", steps=True)], False),
        ([lamp("hall", steps=None)], False),
        ([lamp("attic")], False),
        ([lamp("hall", level=0.6)], False),
        ([lamp("hall", level="0.5")], False),
        ([lamp("hall", colours=[])], False),
        ([lamp("hall", dimmer=1)], False),
        ([ToolCall(name="lamp.set", arguments={"room": "hall"})], False),
        ([ToolCall(name="lamp.set", arguments='{"room": "hall", "level": 0.5')], False),
        ([ToolCall(name="lamp_set", arguments={"room": "hall", "level": 0.5})], False),
        ([lamp("hall"), lamp("hall")], False),
        ([], False),
    ],
)
def test_one_call(tasks: dict[str, tuple[Task, ...]], calls: list[ToolCall], right: bool) -> None:
    assert tasks["bfcl"][0].grader(said("", *calls)) is right


@pytest.mark.parametrize(
    ("calls", "right"),
    [
        ([lamp("hall"), lamp("attic")], True),
        ([lamp("attic"), lamp("hall")], True),
        ([lamp("attic"), lamp("attic")], False),
        ([lamp("hall")], False),
        ([lamp("hall"), lamp("attic"), lamp("hall")], False),
    ],
)
def test_several_calls_in_any_order(tasks: dict[str, tuple[Task, ...]], calls: list[ToolCall], right: bool) -> None:
    assert tasks["bfcl"][1].grader(said("", *calls)) is right


WANTED = {
    "room": ["hall"],
    "level": [1, 2.5],
    "colours": [["red", "Light-Blue"], []],
    "type": [{"kind": ["LED", ""], "watts": [5]}, ""],
}


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        ({"colours": ["red", "light blue"], "level": 2.5}, True),
        ({"colours": [], "level": 1}, True),
        ({"colours": [], "level": 1.0, "type": {"watts": 5.0}}, True),
        ({"colours": [], "level": 1, "type": {"watts": 5, "kind": "led"}}, True),
        ({"colours": ["light blue", "red"], "level": 1}, False),
        ({"colours": ["red"], "level": 1}, False),
        ({"colours": "red", "level": 1}, False),
        ({"colours": [], "level": True}, False),
        ({"colours": [], "level": 1, "type": {"kind": "LED"}}, False),
        ({"colours": [], "level": 1, "type": {"watts": 5, "maker": "x"}}, False),
        ({"colours": [], "level": 1, "type": "LED"}, False),
        ({"level": 1}, False),
    ],
)
def test_lists_and_objects_as_arguments(tmp_path: Path, arguments: dict[str, Any], right: bool) -> None:
    answers = {"simple_python": [{"id": "simple_python_0", "ground_truth": [{"lamp.set": WANTED}]}]}
    write_category(tmp_path, "simple_python", answers)
    (task,) = bfcl.load(tmp_path)
    assert task.grader(said("", ToolCall(name="lamp.set", arguments={"room": "hall"} | arguments))) is right


def write_category(folder: Path, category: str, answers: Any = ANSWERS, version: int = 4) -> None:
    path = folder / "bfcl" / f"BFCL_v{version}_{category}.json"
    (path.parent / "possible_answer").mkdir(parents=True, exist_ok=True)
    path.write_text(lines(BFCL[category]), encoding="utf-8")
    (path.parent / "possible_answer" / path.name).write_text(lines(answers[category]), encoding="utf-8")


def test_the_newest_version_counts(tmp_path: Path) -> None:
    write_category(tmp_path, "simple_python", {"simple_python": [{"id": "simple_python_0", "ground_truth": [{}]}]}, 3)
    write_category(tmp_path, "simple_python", version=10)
    (task,) = bfcl.load(tmp_path)
    assert task.grader(said("", lamp("hall")))


def test_tools_are_shown_as_json_schema(tasks: dict[str, tuple[Task, ...]]) -> None:
    (tool,) = tasks["bfcl"][0].tools
    assert tool.name == "lamp.set"
    assert tool.definition["function"]["description"].startswith("Sets a lamp. Note")
    properties = tool.parameters["properties"]
    assert tool.parameters["type"] == "object"
    assert {name: part["type"] for name, part in properties.items()} == {
        "room": "string",
        "level": "number",
        "steps": "integer",
        "colours": "array",
        "type": "object",
    }
    assert properties["colours"]["items"] == {"type": "string"}
    assert properties["type"]["properties"]["watts"] == {"type": "number"}


@pytest.mark.parametrize(
    ("name", "text", "place", "reason"),
    [
        ("gsm8k/test.jsonl", '{"question": "a", "answer": "#### 1"}\n{"question": ', "line 2", "no JSON"),
        ("gsm8k/test.jsonl", '\n{"question": "a", "answer": "one"}', "line 2", "####"),
        ("gsm8k/test.jsonl", '{"question": "a"}', "line 1", "'answer'"),
        ("gsm8k/test.jsonl", '"a"', "line 1", "no JSON object"),
        ("gsm8k/test.jsonl", "", "test.jsonl", "nothing"),
        ("gsm8k/test.jsonl", "[" * 100_000, "test.jsonl", "no JSON"),
        ("math500/math500_test.json", '[{"problem": "a", "answer": "1"}, {"problem": 1}]', "entry 2", "'problem'"),
        ("math500/math500_test.json", '[{"problem": "a"', "math500_test.json", "no JSON"),
        ("cruxeval/cruxeval.jsonl", '{"code": "c", "input": "1", "output": "f(1)"}', "line 1", "no literal"),
        ("bfcl/BFCL_v4_multiple.json", '{"id": "a", "question": [], "function": []}', "BFCL_v4_multiple.json", "there"),
        ("bfcl/BFCL_v4_irrelevance.json", '{"id": "a", "question": [[]], "function": []}', "line 1", "'question'"),
        ("bfcl/BFCL_v4_irrelevance.json", '{"id": "a", "question": [[{"role": "x"}]]}', "line 1", "role 'x'"),
        ("bfcl/BFCL_v4_irrelevance.json", '{"question": [[]], "function": []}', "line 1", "'id'"),
    ],
)  # fmt: skip
def test_a_badly_written_file_is_named_with_its_line(
    tmp_path: Path, name: str, text: str, place: str, reason: str
) -> None:
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(YunqiError) as caught:
        load_tasks(tmp_path)
    assert caught.value.code in ("data-unreadable", "data-missing")
    assert place in caught.value.sentence
    assert reason in caught.value.sentence
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "truth", [None, [], [{}], ["call"], [{"a": {"x": 1}}], [{"a": []}], [{"a": {}, "b": {}}], {"a": {}}]
)
def test_a_badly_written_answer_is_named(tmp_path: Path, truth: Any) -> None:
    write_category(tmp_path, "simple_python", {"simple_python": [{"id": "simple_python_0", "ground_truth": truth}]})
    with pytest.raises(YunqiError, match=r"line 1 cannot be used: 'ground_truth'"):
        bfcl.load(tmp_path)
    write_category(tmp_path, "simple_python", {"simple_python": [{"id": "simple_python_7", "ground_truth": truth}]})
    with pytest.raises(YunqiError, match=r"no possible answer to 'simple_python_0'"):
        bfcl.load(tmp_path)


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gsm8k" / "test.jsonl"
    path.parent.mkdir()
    path.write_bytes(b'{"question": "\xff"}')
    with pytest.raises(YunqiError, match=r"test\.jsonl cannot be used: it is no UTF-8"):
        load_tasks(tmp_path)
    monkeypatch.setattr("yunqi.eval.public.files.MAX_BYTES", 10)
    with pytest.raises(YunqiError, match=r"test\.jsonl cannot be used: it is larger"):
        load_tasks(tmp_path)


def test_what_is_not_there_is_named(tmp_path: Path, folder: Path) -> None:
    for data, names in ((tmp_path / "none", ()), (tmp_path, ()), (tmp_path, ("bfcl",)), (tmp_path, ("gsm8k",))):
        with pytest.raises(YunqiError) as caught:
            load_tasks(data, names)
        assert caught.value.code == "data-missing"
    for names, limit in ((("humaneval",), None), ((), 0)):
        with pytest.raises(YunqiError) as caught:
            load_tasks(folder, names, limit)
        assert caught.value.code == "option-invalid"


def test_the_report_counts_by_set_mode_and_kind(tasks: dict[str, tuple[Task, ...]]) -> None:
    report = evaluate_public(Knows(), tasks)
    assert list(report["sets"]) == list(SETS)
    maths = report["sets"]["math500"]
    assert list(maths["modes"]) == ["thinking", "non-thinking"]
    thinking = maths["modes"]["thinking"]
    assert (thinking["right"], thinking["of"], thinking["unfinished"], thinking["too_long"]) == (3, 3, 0, 0)
    assert (thinking["tokens"], thinking["reasoning_tokens"]) == (34, 30)
    assert thinking["interval"] == [0.4385, 1.0]
    assert maths["modes"]["non-thinking"]["right"] == 0
    assert {level: row["thinking"]["of"] for level, row in maths["by"]["level"].items()} == {"1": 2, "4": 1}
    assert set(maths["by"]["subject"]) == {"Prealgebra", "Algebra"}
    assert report["sets"]["cruxeval"]["modes"]["thinking"]["right"] == 1
    assert report["sets"]["cruxeval"]["by"] == {}
    irrelevance = report["sets"]["bfcl"]["by"]["category"]["irrelevance"]
    assert irrelevance["non-thinking"]["right"] == 1  # "Hm." calls nothing


def test_budgets_are_asked_besides_and_no_limit_once(tasks: dict[str, tuple[Task, ...]]) -> None:
    model = Knows()
    some = {"gsm8k": tasks["gsm8k"]}
    modes = evaluate_public(model, some, thinking=False, budgets=(8, None, 0))["sets"]["gsm8k"]["modes"]
    assert {name: (row["right"], row["tokens"]) for name, row in modes.items()} == {
        "non-thinking": (0, 4),
        "thinking": (2, 34),
        "at most 0": (0, 4),
        "at most 8": (2, 12),
    }
    assert len(model.asked) == 8


@pytest.mark.parametrize(("mode", "name"), [("always", "thinking"), ("none", "non-thinking")])
def test_a_model_of_one_mode_is_asked_in_that_one(tasks: dict[str, tuple[Task, ...]], mode: Any, name: str) -> None:
    report = evaluate_public(Knows(thinking_mode=mode), {"gsm8k": tasks["gsm8k"]})
    assert list(report["sets"]["gsm8k"]["modes"]) == [name]


def test_tokens_are_drawn_as_published_and_repeatably(tasks: dict[str, tuple[Task, ...]]) -> None:
    def params(seed: int) -> list[Any]:
        model = Knows()
        evaluate_public(model, tasks, seed=seed, max_tokens=99)
        return [params for _, _, params in model.asked]

    assert params(3) == params(3)
    assert {one.seed for one in params(3)}.isdisjoint({one.seed for one in params(4)})
    assert {(one.temperature, one.max_tokens) for one in params(0)} == {(None, 99)}


def test_cut_off_answers_and_questions_beyond_the_context_are_counted(tasks: dict[str, tuple[Task, ...]]) -> None:
    longest = max(len(task.messages[-1].text) for task in tasks["math500"])
    report = evaluate_public(Knows(context=longest - 1, short=True), {"math500": tasks["math500"]}, thinking=True)
    row = report["sets"]["math500"]["modes"]["thinking"]
    assert (row["right"], row["of"], row["too_long"]) == (2, 3, 1)
    assert row["unfinished"] == round(2 / 3, 4)
    nothing = evaluate_public(Knows(context=1), {"math500": tasks["math500"]})["sets"]["math500"]["modes"]["thinking"]
    assert (nothing["right"], nothing["too_long"], nothing["tokens"]) == (0, 3, 0)


@dataclass
class Refuses(Knows):
    error: YunqiError = field(default_factory=lambda: YunqiError("input-not-utf8"))

    def chat(self, *args: Any, **options: Any) -> Any:
        raise self.error


def test_other_errors_are_not_taken_for_long_questions(tasks: dict[str, tuple[Task, ...]]) -> None:
    with pytest.raises(YunqiError, match="UTF-8"):
        evaluate_public(Refuses(), tasks)
    few = Refuses(error=YunqiError("thinking-no-room", max_tokens=9, needed=40))
    with pytest.raises(YunqiError, match="no room"):
        evaluate_public(few, tasks, max_tokens=9)
    report = evaluate_public(few, {"gsm8k": tasks["gsm8k"]}, max_tokens=64)  # 9 is what the context has left
    assert report["sets"]["gsm8k"]["modes"]["thinking"]["too_long"] == 2


@pytest.mark.parametrize("options", [{"thinking": True}, {"budgets": (8,)}])
def test_a_model_without_thoughts_is_not_asked_for_them(
    tasks: dict[str, tuple[Task, ...]], options: dict[str, Any]
) -> None:
    model = Knows(thinking_mode="none")
    with pytest.raises(YunqiError, match="no thinking mode"):
        evaluate_public(model, tasks, **options)
    assert model.asked == []


def test_the_tables_have_a_row_for_each_set_mode_and_kind(tasks: dict[str, tuple[Task, ...]]) -> None:
    text = format_public(evaluate_public(Knows(), tasks))
    assert "| math500 | thinking | 3 | 100.0 (43.9 to 100.0) | 34 | 0.0 | 0 |" in text
    assert "| bfcl | category | parallel | 1 |" in text
    assert sum(line.startswith("| ") for line in text.splitlines()) == (2 + 8) + (2 + 2 + 2 + 2 + 3)
    few = format_public(evaluate_public(Knows(), {"cruxeval": tasks["cruxeval"]}))
    assert "By kind" not in few


def test_a_run_loads_the_model_after_the_data_and_writes_its_report(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    report = run_public("some/model", folder, n=1, json=out, load=lambda _: Knows())
    assert report["model"] == "model"
    assert json.loads(out.read_text(encoding="utf-8")) == report
    with pytest.raises(YunqiError, match="is not there"):
        run_public("some/model", tmp_path / "none", load=lambda _: pytest.fail("the model was loaded"))
