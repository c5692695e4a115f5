"""Holds answers to the server's own OpenAPI document: nothing may be missing, wrong or more than it says.

`mismatches` knows the keywords of JSON Schema that these tests meet, and raises for any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from yunqi.server.openapi import document

_SILENT = {"title", "description", "default", "discriminator", "$defs", "contentMediaType", "contentSchema", "examples"}
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "integer": (int,),
    "number": (int, float),
}


def mismatches(value: Any, schema: Any, root: Any, place: str = "") -> Iterator[str]:
    """What is wrong with a value, by JSON Schema; `root` holds what references name."""
    if isinstance(schema, bool):
        if not schema:
            yield f"{place}: nothing is allowed here"
        return
    for keyword, rule in schema.items():
        if keyword not in _SILENT:
            yield from _CHECKS[keyword](value, rule, schema, root, place)


def _resolved(reference: str, root: Any) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        root = root[part]
    return root


def _is(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES[name]) or (name == "integer" and isinstance(value, float) and value.is_integer())


def _type(value: Any, rule: Any, schema: Any, root: Any, place: str) -> Iterator[str]:
    names = [rule] if isinstance(rule, str) else rule
    if not any(_is(value, name) for name in names):
        yield f"{place}: {value!r} is no {' or '.join(names)}"


def _some(least: int, most: int) -> Any:
    def check(value: Any, rule: Any, schema: Any, root: Any, place: str) -> Iterator[str]:
        found = [list(mismatches(value, one, root, place)) for one in rule]
        fitting = sum(not errors for errors in found)
        if not least <= fitting <= most:
            yield f"{place}: {fitting} kinds fit: {found}"

    return check


def _all(value: Any, rule: Any, schema: Any, root: Any, place: str) -> Iterator[str]:
    for one in rule:
        yield from mismatches(value, one, root, place)


def _properties(value: Any, rule: Any, schema: Any, root: Any, place: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name in rule.keys() & value.keys():
            yield from mismatches(value[name], rule[name], root, f"{place}.{name}")


def _additional(value: Any, rule: Any, schema: Any, root: Any, place: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name in value.keys() - schema.get("properties", {}).keys():
            yield from mismatches(value[name], rule, root, f"{place}.{name}")


def _required(value: Any, rule: Any, schema: Any, root: Any, place: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{place}.{name} is missing" for name in rule if name not in value)


def _items(value: Any, rule: Any, schema: Any, root: Any, place: str) -> Iterator[str]:
    if isinstance(value, list):
        for index, item in enumerate(value[len(schema.get("prefixItems", ())) :]):
            yield from mismatches(item, rule, root, f"{place}[{index}]")


def _prefix(value: Any, rule: Any, schema: Any, root: Any, place: str) -> Iterator[str]:
    if isinstance(value, list):
        for index, (item, own) in enumerate(zip(value, rule, strict=False)):
            yield from mismatches(item, own, root, f"{place}[{index}]")


def _bound(kinds: tuple[type, ...], fits: Any) -> Any:
    def check(value: Any, rule: Any, schema: Any, root: Any, place: str) -> Iterator[str]:
        if isinstance(value, kinds) and not isinstance(value, bool) and not fits(value, rule):
            yield f"{place}: {value!r} breaks a bound of {rule!r}"

    return check


def _same(value: Any, other: Any) -> bool:
    return json.dumps(value, sort_keys=True) == json.dumps(other, sort_keys=True)


_numbers = (int, float)
_CHECKS: dict[str, Any] = {
    "$ref": lambda value, rule, schema, root, place: mismatches(value, _resolved(rule, root), root, place),
    "type": _type,
    "anyOf": _some(1, 1_000),
    "oneOf": _some(1, 1),
    "allOf": _all,
    "const": lambda value, rule, schema, root, place: () if _same(value, rule) else (f"{place}: not {rule!r}",),
    "enum": lambda value, rule, schema, root, place: (
        () if any(_same(value, one) for one in rule) else (f"{place}: {value!r} is none of {rule}",)
    ),
    "properties": _properties,
    "additionalProperties": _additional,
    "required": _required,
    "items": _items,
    "prefixItems": _prefix,
    "minItems": _bound((list,), lambda value, rule: len(value) >= rule),
    "maxItems": _bound((list,), lambda value, rule: len(value) <= rule),
    "minProperties": _bound((dict,), lambda value, rule: len(value) >= rule),
    "maxProperties": _bound((dict,), lambda value, rule: len(value) <= rule),
    "minLength": _bound((str,), lambda value, rule: len(value) >= rule),
    "maxLength": _bound((str,), lambda value, rule: len(value) <= rule),
    "pattern": _bound((str,), lambda value, rule: re.search(rule, value)),
    "minimum": _bound(_numbers, lambda value, rule: value >= rule),
    "maximum": _bound(_numbers, lambda value, rule: value <= rule),
    "exclusiveMinimum": _bound(_numbers, lambda value, rule: value > rule),
    "exclusiveMaximum": _bound(_numbers, lambda value, rule: value < rule),
    "multipleOf": _bound(_numbers, lambda value, rule: abs(value / rule - round(value / rule)) < 1e-9),
}


def check_answer(method: str, path: str, status: int, headers: Any, body: str) -> None:
    """Raise where an answer is not as the document says. Routes it does not know answer with an error."""
    page = document()
    answers = _responses(page, method.lower(), path)
    answer = answers.get(str(status)) or answers.get(f"{status // 100}XX")
    assert answer, f"{method} {path}: no {status} is described"
    for name, rule in answer.get("headers", {}).items():
        wrong = list(mismatches(int(headers[name]), rule["schema"], page, name))
        assert not wrong, wrong
    kind = headers["content-type"].partition(";")[0]
    assert kind in answer["content"], f"{method} {path}: {kind} is not described"
    if kind == "application/json":
        wrong = list(mismatches(json.loads(body), answer["content"][kind]["schema"], page))
        assert not wrong, (path, status, wrong, body[:500])
    elif kind == "text/event-stream":
        for event in events_in(body):
            wrong = list(mismatches(event, answer["content"][kind]["x-itemSchema"], page))
            data = answer["content"][kind]["x-itemSchema"]["properties"]["data"]["contentSchema"]
            if event["data"] != "[DONE]":
                wrong += mismatches(json.loads(event["data"]), data, page)
            assert not wrong, (path, wrong, event)


def events_in(body: str) -> list[dict[str, str]]:
    """The events of a stream, each with its fields; comments are none."""
    found = []
    for frame in body.strip().split("\n\n"):
        lines = [line.partition(": ") for line in frame.split("\n") if not line.startswith(":")]
        if lines:
            found.append({name: text for name, _, text in lines})
    return found


def _responses(page: Any, method: str, path: str) -> Any:
    """The answers of the most exact route; those of /tokenize or of messages where there is none."""
    for route, operations in page["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", ".+", route), path) and method in operations:
            return operations[method]["responses"]
    likest = "/v1/messages" if path.startswith("/v1/messages/") else "/tokenize"
    return page["paths"][likest]["post"]["responses"]
