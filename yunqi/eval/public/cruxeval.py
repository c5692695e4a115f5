"""CRUXEval's output prediction (Gu et al. 2024): what does a short Python function return for this input?

`cruxeval/cruxeval.jsonl` holds `code`, `input`, `output` and `id`. The prompt is the published one for answers step by
step, without its example. Nothing that a model writes is run: the literal in its assertion is compared with the
expected one, as `==` compares them. A correct expression that is no literal, such as `'ab' * 2`, counts as wrong; the
prompt asks for a literal.
"""

from __future__ import annotations

import ast
import re
import warnings
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

_TAIL = 20_000  # characters of a reply in which the answer is looked for
_LONGEST = 4_000  # of a literal; those of the set have some hundreds
_TAGGED = re.compile(r"\[ANSWER\](.*?)(?:\[/ANSWER\]|\Z)", re.DOTALL)
_FENCED = re.compile(r"```[a-zA-Z]*\n(.*?)(?:```|\Z)", re.DOTALL)
_ASSERTION = re.compile(r"^\s*(assert\b.*)$", re.MULTILINE)
_NOTHING = object()


def load(folder: Path) -> list[Task]:
    """Every function with its input. Raises `data-missing` or `data-unreadable`."""
    return [_task(row, place) for place, row in read_rows(folder / FILE)]


def is_right(text: str, expected: Any) -> bool:
    """Whether a reply's literal equals the expected one."""
    found = (_literal(candidate) for candidate in _candidates(text[-_TAIL:]))
    value = next((value for value in found if value is not _NOTHING), _NOTHING)
    return value is not _NOTHING and bool(value == expected)


def _candidates(text: str) -> list[str]:
    """Where the literal may stand: between the tags, in a block of code, in the last assertion, on the last line."""
    if tagged := _TAGGED.findall(text):
        text = tagged[-1]
    if fenced := _FENCED.findall(text):
        text = fenced[-1]
    text = text.strip().strip("`").strip()
    whole = [text] if tagged or fenced else []
    return [*whole, *_ASSERTION.findall(text)[-1:], text.rpartition("\n")[2].strip().strip("`")]


def _literal(text: str) -> Any:
    """The value of a literal, or of the one that an assertion or a comparison holds beside its call."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a model writes warns nobody
            body = ast.parse(text[:_LONGEST].strip()).body
        node = _beside_call(body[-1]) if body else None
        return _NOTHING if node is None else ast.literal_eval(node)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return _NOTHING


def _beside_call(statement: ast.stmt) -> ast.expr | None:
    """The expression of a statement; of `f(...) == x` the other side."""
    if not isinstance(statement, ast.Assert | ast.Expr):
        return None
    node = statement.test if isinstance(statement, ast.Assert) else statement.value
    if not isinstance(node, ast.Compare):
        return node
    sides = [side for side in (node.left, *node.comparators) if not isinstance(side, ast.Call)]
    return sides[0] if len(sides) == 1 and [type(sign) for sign in node.ops] == [ast.Eq] else None


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
