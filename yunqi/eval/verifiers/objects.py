"""JSON objects: equal by value, whatever the order of their keys, their blanks, or the fence around them."""

from __future__ import annotations

import json
from typing import Any

from yunqi.data.problems.problem import Problem

_DECODER = json.JSONDecoder()


def extraction(problem: Problem, text: str) -> bool:
    """`json:{...}`: the last object that the text holds is the right one."""
    found = read_objects(text)
    return bool(found) and same(found[-1], json.loads(problem.canonical.partition(":")[2]))


def read_objects(text: str) -> list[Any]:
    """Every JSON object or list that stands in a text, none inside another."""
    found: list[Any] = []
    place = 0
    while place < len(text):
        if text[place] in "{[":
            try:
                value, place = _DECODER.raw_decode(text, place)
            except (ValueError, RecursionError):
                place += 1
            else:
                found.append(value)
            continue
        place += 1
    return found


def same(left: Any, right: Any) -> bool:
    """Equal as JSON: numbers by value, true and 1 apart."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    return isinstance(left, bool) == isinstance(right, bool) and left == right
