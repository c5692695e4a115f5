"""CRUXEval's output prediction (Gu et al. 2024): what does a short Python function return for this input?

`cruxeval/cruxeval.jsonl` holds `code`, `input`, `output` and `id`. The prompt is the published one for answers step by
step, without its example. Nothing that a model writes is run: the literal in its assertion is compared with the
expected one, as `==` compares them. A correct expression that is no literal, such as `'ab' * 2`, counts as wrong; the
prompt asks for a literal.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from yunqi.eval.public.files import Row, read_rows, text_of, unreadable
from yunqi.eval.public.task import Task, user

FILE = "cruxeval/cruxeval.jsonl"
PROMPT = """You are given a Python function and an assertion containing an input to the function. Complete the \
assertion with a literal (no unsimplified expressions, no function calls) containing the output when executing the \
provided code on the given input, even if the function is incorrect or incomplete. Execute the program step by step \
before arriving at an answer, and provide the full assertion with the correct output in [ANSWER] and [/ANSWER] tags.

[PYTHON]
{code}
assert f({input}) == ??
[/PYTHON]"""

LONGEST = 20_000

_TAGGED = re.compile(r"\[ANSWER\](.*?)(?:\[/ANSWER\]|\Z)", re.DOTALL)
_FENCED = re.compile(r"```[a-zA-Z]*\n(.*?)(?:```|\Z)", re.DOTALL)
_ASSERTION = re.compile(r"^\s*(assert\b.*)$", re.MULTILINE)
_NOTHING = object()


def load(folder: Path) -> list[Task]:
    """Every function with its input. Raises `data-missing` or `data-unreadable`."""
    return [_task(row, place) for place, row in read_rows(folder / FILE)]


def is_right(text: str, expected: Any) -> bool:
    """Whether a reply's literal equals the expected one."""
    found = _literal(_answer(text[-LONGEST:]))
    return found is not _NOTHING and bool(found == expected)


def _answer(text: str) -> str:
    """What stands between the tags; without tags the last assertion, else the last line."""
    if tagged := _TAGGED.findall(text):
        text = tagged[-1]
    if fenced := _FENCED.findall(text):
        text = fenced[-1]
    text = text.strip().strip("`").strip()
    if not tagged and (assertions := _ASSERTION.findall(text)):
        return assertions[-1]
    return text if tagged or fenced else text.rpartition("\n")[2].strip().strip("`")


def _literal(text: str) -> Any:
    """The value of a literal, or of the literal that an assertion or comparison holds beside its call."""
    try:
        parsed = ast.parse(text.strip())
        if len(parsed.body) != 1:
            return _NOTHING
        statement = parsed.body[0]
        node = statement.test if isinstance(statement, ast.Assert) else getattr(statement, "value", None)
        if isinstance(node, ast.Compare):
            sides = [side for side in (node.left, *node.comparators) if not isinstance(side, ast.Call)]
            if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq) or len(sides) != 1:
                return _NOTHING
            node = sides[0]
        return _NOTHING if node is None else ast.literal_eval(node)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return _NOTHING


def _task(row: Row, place: str) -> Task:
    code, output = text_of(row, "code", place), text_of(row, "output", place)
    given = text_of(row, "input", place, may_be_empty=True)
    expected = _literal(output)
    if expected is _NOTHING:
        raise unreadable(place, "'output' is no literal")
    return Task(
        name=f"cruxeval/{row.get('id', place)}",
        messages=user(PROMPT.replace("{code}", code).replace("{input}", given)),
        grader=lambda output: is_right(output.text, expected),
    )
