"""What a tool's schema makes of a value that was written as bare text, as the qwen3_coder form writes arguments.

A string stays as it is written, also where it looks like a number. Where the schema allows other types, the text is
read as the first that it is: null (`null`, `None`), a boolean (`true`, `True`), an integer, a number, an object or an
array of JSON. A text that is none of them stays a string, so that the client sees what was written; so does a value of
which the schema says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# In the order in which they are tried.
ALL_TYPES = ("null", "boolean", "integer", "number", "object", "array", "string")
# Names that are no types of JSON Schema, but that tools made from Python's signatures say.
_OTHER_NAMES = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "double": "number",
    "bool": "boolean",
    "dict": "object",
    "list": "array",
    "tuple": "array",
}
_INTEGER = re.compile(r"(-?(?:0|[1-9]\d*))(?:\.0+)?")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_BOOLEANS = {"true": "true", "false": "false"}
_NULLS = ("null", "none")


def types_of(schema: Any, root: Any = None) -> frozenset[str]:
    """The JSON types that a schema allows, {"string"} where it does not say. `root` holds what its $ref name."""
    return frozenset(_types(schema, schema if root is None else root, ())) or frozenset({"string"})


def property_types(parameters: Any, name: str) -> frozenset[str]:
    """The types of one argument of a function with this schema."""
    for owner in _branches(parameters, parameters, ()):
        properties = owner.get("properties")
        if isinstance(properties, Mapping) and name in properties:
            return types_of(properties[name], parameters)
    further = parameters.get("additionalProperties") if isinstance(parameters, Mapping) else None
    return types_of(further, parameters) if isinstance(further, Mapping) else frozenset({"string"})


def property_names(parameters: Any) -> frozenset[str]:
    """The arguments that the schema names."""
    found: set[str] = set()
    for owner in _branches(parameters, parameters, ()):
        properties = owner.get("properties")
        found |= {str(name) for name in properties} if isinstance(properties, Mapping) else set()
    return frozenset(found)


def cast(text: str, types: frozenset[str]) -> str:
    """The JSON text of a value of one of these types, written as `text`; a JSON string where it is of none of them."""
    bare = text.strip()
    for kind in ALL_TYPES[:-1]:
        found = _cast(bare, kind) if kind in types else None
        if found is not None:
            return found
    return json.dumps(text, ensure_ascii=False)


def may_be_null(text: str) -> bool:
    """Whether what has been written of a value so far may still become `null` or `None`."""
    bare = text.strip().lower()
    return any(word.startswith(bare) for word in _NULLS)


def _cast(bare: str, kind: str) -> str | None:
    if kind == "null":
        return "null" if bare.lower() in _NULLS else None
    if kind == "boolean":
        return _BOOLEANS.get(bare.lower())
    if kind == "integer":
        found = _INTEGER.fullmatch(bare)
        return found[1] if found else None
    if kind == "number":
        return bare if _NUMBER.fullmatch(bare) else None
    return bare if _is_json(bare, dict if kind == "object" else list) else None


def _is_json(text: str, kind: type) -> bool:
    """Whether this is strict JSON of an object or array; NaN and Infinity are none."""
    try:
        return isinstance(json.loads(text, parse_constant=_refuse), kind)
    except (ValueError, RecursionError):
        return False


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _branches(schema: Any, root: Any, above: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """A schema and all that it puts in its own place: what its $ref names, and its alternatives."""
    if not isinstance(schema, Mapping):
        return
    yield schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in above:
        yield from _branches(named(root, reference), root, (*above, reference))
    for word in ("anyOf", "oneOf", "allOf"):
        for branch in _list(schema.get(word)):
            yield from _branches(branch, root, above)


def _types(schema: Any, root: Any, above: Sequence[str]) -> Iterator[str]:
    for branch in _branches(schema, root, above):
        said = branch.get("type")
        for name in [said] if isinstance(said, str) else _list(said):
            name = _OTHER_NAMES.get(str(name).lower(), str(name).lower())
            if name == "any":
                yield from ALL_TYPES
            elif name in ALL_TYPES:
                yield name
        if branch.get("nullable") is True:
            yield "null"
        if said is None:
            yield from _implied(branch)


def _implied(schema: Mapping[str, Any]) -> Iterator[str]:
    """The types that follow from other keywords."""
    for value in [*_list(schema.get("enum")), *([schema["const"]] if "const" in schema else [])]:
        yield _type_of(value)
    if "properties" in schema:
        yield "object"
    if "items" in schema:
        yield "array"


def _type_of(value: Any) -> str:
    if value is None:
        return "null"
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (Mapping, "object")):
        if isinstance(value, kind):
            return name
    return "array"


def named(root: Any, reference: str) -> Any:
    """What a reference into the same schema names; None where there is nothing."""
    if not reference.startswith("#"):
        return None
    for part in reference[1:].split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        root = root.get(part) if isinstance(root, Mapping) else None
    return root


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
