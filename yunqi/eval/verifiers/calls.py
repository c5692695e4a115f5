"""Tool calls: exactly one, of the right name, with equal arguments.

An expression for a calculator has many spellings: it is right when its value is. Texts are compared without regard to
capitals and surrounding blanks, since people type names as they like. Where no tool is of use, none may be called.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from yunqi.data.problems.problem import Problem
from yunqi.eval.expression import evaluate
from yunqi.eval.verifiers.objects import same
from yunqi.eval.verifiers.results import results
from yunqi.protocol.messages import ToolCall

# Only such arguments are computed: "2024-05-03" and "10:30" have values too.
_EXPRESSIONS = ("expression", "formula", "calculation", "equation", "arithmetic")


def tool_call(problem: Problem, text: str, calls: Sequence[ToolCall]) -> bool:
    """`call:{"arguments": {...}, "name": "..."}`, or `say:...` where none of the tools is of use."""
    kind, _, body = problem.canonical.partition(":")
    if kind == "say":
        return not calls and results(problem, text)
    wanted = json.loads(body)
    if len(calls) != 1 or calls[0].name != wanted["name"]:
        return False
    arguments = calls[0].parsed_arguments()
    return isinstance(arguments, dict) and _same_arguments(arguments, wanted["arguments"])


def _same_arguments(given: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return given.keys() == wanted.keys() and all(_same_argument(key, given[key], wanted[key]) for key in wanted)


def _same_argument(key: str, given: Any, wanted: Any) -> bool:
    if isinstance(given, str) and isinstance(wanted, str) and key.lower() in _EXPRESSIONS:
        value = evaluate(wanted)
        return evaluate(given) == value if value is not None else _plain(given) == _plain(wanted)
    return same(_plain(given), _plain(wanted))


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.casefold().split())
    return [_plain(item) for item in value] if isinstance(value, list) else value
