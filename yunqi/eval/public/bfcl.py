"""The Berkeley Function-Calling Leaderboard (Patil et al.): its categories of one turn in Python, judged by AST.

`bfcl/BFCL_v4_CATEGORY.json` holds JSON lines with `question` (a list of turns), `function` and `id`;
`bfcl/possible_answer/` the right calls under the same ids. Categories that are there are asked, in the newest version;
those of irrelevance have no answers: nothing may be called. See `yunqi.eval.public.calls` for the rules.

Tools are shown as JSON schema: the leaderboard's `dict`, `float`, `tuple` and `any` become `object`, `number`, `array`
and `string`, and each description gets the sentence on Python that it adds, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.eval.public.calls import Wanted, calls_are_right
from yunqi.eval.public.files import Row, read_rows, text_of, unreadable
from yunqi.eval.public.task import Grader, Task
from yunqi.protocol.messages import Message, Tool, as_messages

FOLDER = "bfcl"
# fmt: off
CATEGORIES = (
    "simple", "simple_python", "multiple", "parallel", "parallel_multiple", "irrelevance",
    "live_simple", "live_multiple", "live_parallel", "live_parallel_multiple", "live_irrelevance", "live_relevance",
)
# fmt: on

_FILE = re.compile(r"BFCL_v(\d+)_(\w+)\.json")
_TYPES = {"dict": "object", "float": "number", "tuple": "array", "any": "string"}
_KNOWN_TYPES = ("object", "number", "array", "string", "integer", "boolean", "null")
_PYTHON = " Note that the provided function is in Python 3 syntax."


def load(folder: Path) -> list[Task]:
    """Every question of every category there is. Raises `data-missing` or `data-unreadable`."""
    folder = folder / FOLDER
    files = _newest(folder)
    if not files:
        raise YunqiError("data-missing", path=folder / "BFCL_v4_CATEGORY.json")
    return [task for category in CATEGORIES if category in files for task in _category(category, files[category])]


def _newest(folder: Path) -> dict[str, Path]:
    """The file of each category; of several versions the latest."""
    found: dict[str, tuple[int, Path]] = {}
    for path in folder.glob("BFCL_v*.json"):
        match = _FILE.fullmatch(path.name)
        if match and match[2] in CATEGORIES:
            found[match[2]] = max(found.get(match[2], (0, path)), (int(match[1]), path))
    return {category: path for category, (_, path) in found.items()}


def _category(category: str, path: Path) -> list[Task]:
    rows = read_rows(path)
    if category.endswith("relevance"):
        calls_one = category.endswith("live_relevance")
        return [_task(row, place, category, lambda output: bool(output.tool_calls) is calls_one) for place, row in rows]
    answers = {
        text_of(row, "id", place): (place, row) for place, row in read_rows(path.parent / "possible_answer" / path.name)
    }
    return [_task(row, place, category, _grader(row, place, answers)) for place, row in rows]


def _task(row: Row, place: str, category: str, grader: Grader) -> Task:
    return Task(
        name=f"bfcl/{text_of(row, 'id', place)}",
        messages=_messages(row, place),
        tools=tuple(_tool(function) for function in _functions(row, place)),
        grader=grader,
        labels={"category": category},
    )


def _grader(row: Row, place: str, answers: Mapping[str, tuple[str, Row]]) -> Grader:
    number = text_of(row, "id", place)
    if number not in answers:
        raise unreadable(place, f"there is no possible answer to '{number}'")
    wanted = _wanted(*answers[number])
    schemas = {function["name"]: json_schema(function["parameters"]) for function in _functions(row, place)}
    return lambda output: calls_are_right(output.tool_calls, wanted, schemas)


def _wanted(place: str, row: Row) -> list[Wanted]:
    calls = row.get("ground_truth")
    good = isinstance(calls, list) and calls and all(_is_call(call) for call in calls)
    if not isinstance(calls, list) or not good:
        raise unreadable(place, "'ground_truth' is no list of calls")
    return calls


def _is_call(call: Any) -> bool:
    if not isinstance(call, dict) or len(call) != 1:
        return False
    (values,) = call.values()
    return isinstance(values, dict) and all(isinstance(value, list) for value in values.values())


def _messages(row: Row, place: str) -> tuple[Message, ...]:
    turns = row.get("question")
    if not isinstance(turns, list) or len(turns) != 1 or not isinstance(turns[0], list) or not turns[0]:
        raise unreadable(place, "'question' is no list of one turn")
    try:
        return as_messages(turns[0])
    except YunqiError as error:
        raise unreadable(place, error.sentence) from error


def _functions(row: Row, place: str) -> Sequence[Mapping[str, Any]]:
    functions = row.get("function")
    if not isinstance(functions, list) or not functions or not all(_is_function(f) for f in functions):
        raise unreadable(place, "'function' is no list of functions with name and parameters")
    return functions


def _is_function(function: Any) -> bool:
    named = isinstance(function, dict) and isinstance(function.get("name"), str)
    return named and isinstance(function.get("parameters"), dict)


def _tool(function: Mapping[str, Any]) -> Tool:
    shown = {**function, "description": f"{function.get('description', '')}{_PYTHON}".strip()}
    return Tool.from_dict({**shown, "parameters": json_schema(function["parameters"])})


def json_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The leaderboard's description of a value as JSON schema; what else it says stays as it is."""
    found = dict(schema)
    if isinstance(kind := schema.get("type"), str):
        kind = _TYPES.get(kind, kind)
        found["type"] = kind if kind in _KNOWN_TYPES else "string"
    if isinstance(properties := schema.get("properties"), dict):
        found["properties"] = {
            key: json_schema(part) if isinstance(part, dict) else part for key, part in properties.items()
        }
    if isinstance(items := schema.get("items"), dict):
        found["items"] = json_schema(items)
    return found
