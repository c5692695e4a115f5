"""The published files: each is read whole, its own answers are right, and corrupted ones are wrong."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.unit.eval.public_files import said
from yunqi.eval.public import cruxeval, gsm8k, load_tasks, math500
from yunqi.eval.public.task import Task
from yunqi.protocol.messages import ToolCall


def published(data_dir: Path, name: str) -> tuple[Task, ...]:
    return load_tasks(data_dir, (name,))[name]


def rows_of(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.split("\n") if line]


def test_gsm8k_as_published(data_dir: Path) -> None:
    tasks, rows = published(data_dir, "gsm8k"), rows_of(data_dir / gsm8k.FILE)
    assert len(tasks) == 1319
    for task, row in zip(tasks, rows, strict=True):
        number = row["answer"].rpartition("#### ")[2]
        assert task.grader(said(row["answer"]))
        assert task.grader(said(f"Done: \\boxed{{{number}}}."))
        assert not task.grader(said(f"Done: \\boxed{{{number}1}}."))
        assert not task.grader(said(f"{row['answer']} or 1{number}"))


def test_math500_as_published(data_dir: Path) -> None:
    tasks, rows = published(data_dir, "math500"), rows_of(data_dir / math500.FILE)
    assert len(tasks) == 500
    for task, row, other in zip(tasks, rows, rows[1:] + rows[:1], strict=True):
        assert task.grader(said(row["solution"]))
        assert task.grader(said(f"The answer is: {row['answer']}"))
        assert not task.grader(said(f"\\boxed{{{corrupted(row['answer'])}}}")), row["answer"]
        if re.sub(r"\D", "", other["answer"]) != re.sub(r"\D", "", row["answer"]):
            assert not task.grader(said(f"\\boxed{{{other['answer']}}}")), row["answer"]


def corrupted(answer: str) -> str:
    """With another first digit, or else with something added."""
    digit = re.search(r"\d", answer)
    return f"7 + {answer}" if digit is None else answer.replace(digit[0], str((int(digit[0]) + 1) % 10), 1)


def test_cruxeval_as_published(data_dir: Path) -> None:
    tasks, rows = published(data_dir, "cruxeval"), rows_of(data_dir / cruxeval.FILE)
    assert len(tasks) == 800
    for task, row in zip(tasks, rows, strict=True):
        assert task.grader(said(f"[ANSWER]\nassert f({row['input']}) == {row['output']}\n[/ANSWER]"))
        assert task.grader(said(row["output"]))
        assert not task.grader(said(f"[ANSWER]assert f({row['input']}) == [{row['output']}][/ANSWER]"))


def test_bfcl_as_published(data_dir: Path) -> None:
    tasks = published(data_dir, "bfcl")
    counts = {"simple_python": 400, "multiple": 200, "parallel": 200, "parallel_multiple": 200, "irrelevance": 240}
    found = [task.labels["category"] for task in tasks]
    assert {category: found.count(category) for category in counts} == counts
    answers = {
        row["id"]: row["ground_truth"]
        for path in (data_dir / "bfcl" / "possible_answer").glob("*.json")
        for row in rows_of(path)
    }
    for task in tasks:
        if task.labels["category"] == "irrelevance":
            assert task.grader(said("No."))
            assert not task.grader(said("", ToolCall(name=task.tools[0].name)))
            continue
        calls = [
            called(name, values, task)
            for call in answers[task.name.removeprefix("bfcl/")]
            for name, values in call.items()
        ]
        assert task.grader(said("", *calls[::-1])), task.name
        assert not task.grader(said("", *calls[1:]))
        assert not task.grader(said("", replace(calls[0], name="other"), *calls[1:]))
        assert not task.grader(said("", replace(calls[0], arguments={"other": 1}), *calls[1:]))


def called(name: str, values: dict[str, list[Any]], task: Task) -> ToolCall:
    (tool,) = (tool for tool in task.tools if tool.name == name)
    given = {key: first(some) for key, some in values.items() if key in tool.parameters["properties"]}
    return ToolCall(name=name, arguments={key: value for key, value in given.items() if value != ""})


def first(values: list[Any]) -> Any:
    """The first value that is not "may be left out"; where there is none at all, an empty list."""
    some = [value for value in values if value != ""]
    return plain(some[0]) if some else "" if values else []


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: first(part) for key, part in value.items() if first(part) != ""}
    return [plain(part) for part in value] if isinstance(value, list) else value
