r"""Grammars of calls in the qwen3_coder form, where values are bare text and a schema says what the text means.

Parameters come in the order of the schema, those that are not required may be left out, and a function whose schema
names none takes any. Values that are no strings are JSON of their schema. A string is any text without the form's own
tags, of the lengths or words that its schema gives; other keywords of strings, and mixtures of strings with other types
that the reader could take for one another, are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from yunqi.processing.casting import named, types_of

_ANNOTATIONS = {
    "title",
    "description",
    "default",
    "examples",
    "example",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$comment",
}
_OF_FUNCTION = {"type", "properties", "required", "additionalProperties", "$defs", "definitions", "$schema", "$id"}
_OF_STRING = {"type", "enum", "const", "minLength", "maxLength", "nullable"}
_TAGS = ("</parameter>", "</function>", "<parameter=")
_WORD = re.compile(r"[^<>\n]+")
_END = "\n</parameter>\n"
# A whole value with the tag that ends it, as one terminal: nothing of it can be longer than its tag.
_TEXT = r"(/(?s:.{bounds})/ & ~/(?s:.*)(<\/parameter>|<\/function>|<parameter=)(?s:.*)/) " + json.dumps(_END)

JsonRule = Callable[[Any], str]  # a schema as a part of a grammar


class Unwritable(Exception):
    """The reason why a schema cannot be kept to in this form."""


def call_rules(rule: str, name: str, schema: Mapping[str, Any], json_rule: JsonRule) -> list[str]:
    """The rules of one call of this function between its tags; the first is called `rule`. Raises `Unwritable`."""
    _check_word(name, "its name")
    _refuse_keywords(schema, _OF_FUNCTION | _ANNOTATIONS, _FUNCTION_KEYWORDS)
    properties, further = _properties(schema)
    required = {str(key) for key in schema.get("required") or ()}
    rules, body = [], []
    for index, (key, value) in enumerate(properties.items()):
        _check_word(key, f"the name of its parameter '{key}'")
        own = f"{rule}_{index}"
        rules += _value_rules(own, value, schema, json_rule, before=f"<parameter={key}>\n")
        body.append(own if key in required else f"{own}?")
    if not properties and further is not None:
        rules += _value_rules(f"{rule}_any", further, schema, json_rule, before="")
        rules.append(f'{rule}_key: "<parameter=" {rule.upper()}_KEY {rule}_any')
        rules.append(f"{rule.upper()}_KEY: /[^<>\\n]{{1,64}}>\\n/")
        body.append(f"{rule}_key*")
    head, tail = json.dumps(f"\n<function={name}>\n", ensure_ascii=False), json.dumps("</function>\n")
    return [f"{rule}: {head} {' '.join(body)} {tail}", *rules]


# What constrains an object beyond its properties, or a string beyond its length: never passed over.
_FUNCTION_KEYWORDS = {
    *("anyOf", "oneOf", "allOf", "not", "$ref", "if", "then", "else", "enum", "const", "patternProperties"),
    *("minProperties", "maxProperties", "propertyNames", "dependencies", "dependentRequired", "dependentSchemas"),
    *("unevaluatedProperties",),
}
_STRING_KEYWORDS = {"pattern", "format", "not", "allOf", "if", "then", "else", "contentEncoding", "contentMediaType"}


def _properties(schema: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """The parameters, with those that are only required; and the schema of further ones, None where there are none."""
    said = schema.get("properties") or {}
    if not isinstance(said, Mapping):
        raise Unwritable("its 'properties' are no object")
    further = schema.get("additionalProperties", True)
    further = None if further is False else (further if isinstance(further, Mapping) else {})
    properties = dict(said)
    for key in schema.get("required") or ():
        if key not in properties:
            if further is None:
                raise Unwritable(f"it requires '{key}' and forbids it")
            properties[str(key)] = further
    return properties, further


def _value_rules(rule: str, value: Any, root: Any, json_rule: JsonRule, *, before: str) -> list[str]:
    """The rules of one value, with the tags around it."""
    head = json.dumps(before, ensure_ascii=False)
    if value is False:
        raise Unwritable("a parameter allows no value")
    types = types_of(value, root)
    if "string" not in types:
        definitions = {key: root[key] for key in ("$defs", "definitions") if key in root}
        return [f"{rule}: {head} {json_rule({**value, **definitions})} {json.dumps(_END)}"]
    text, words = _text(value, types, root)
    if words is not None:
        return [f"{rule}: {head} ({' | '.join(json.dumps(word + _END, ensure_ascii=False) for word in words)})"]
    return [f"{rule}: {head} {rule.upper()}_TEXT", f"{rule.upper()}_TEXT: {text}"]


def _text(value: Any, types: frozenset[str], root: Any) -> tuple[str, list[str] | None]:
    """The terminal of a value that may be a string; or the words of which it must be one."""
    strings = []
    for branch in _branches(value, root):
        kinds = types_of(branch, root)
        if "string" in kinds:
            if branch.get("type", "string") not in ("string", ["string"], ["string", "null"], ["null", "string"]):
                raise Unwritable("its 'type' cannot be used here")
            _refuse_keywords(branch, _OF_STRING | _ANNOTATIONS, _STRING_KEYWORDS)
            strings.append(branch)
        elif kinds != {"null"} and set(branch) - {"type"} - _ANNOTATIONS:
            raise Unwritable("a parameter may be a string or a value of another type that is constrained")
    bounded = [branch for branch in strings if set(branch) & {"enum", "const", "minLength", "maxLength"}]
    if not bounded:
        return _TEXT.replace("{bounds}", "*"), None
    if types - {"string", "null"} or len(strings) > 1:
        raise Unwritable("a parameter may be a constrained string or something else")
    null = ["null"] if "null" in types else []
    words = _words(bounded[0])
    if words is not None:
        return "", _checked([*words, *null])
    low, high = bounded[0].get("minLength", 0), bounded[0].get("maxLength", "")
    text = _TEXT.replace("{bounds}", f"{{{low},{high}}}")
    return f"{text} | {json.dumps('null' + _END)}" if null else text, None


def _branches(value: Any, root: Any) -> Iterator[Mapping[str, Any]]:
    """The alternatives of a schema, each without alternatives of its own."""
    if not isinstance(value, Mapping):
        yield {}
        return
    for word in ("anyOf", "oneOf"):
        if word in value:
            if set(value) - {word} - _ANNOTATIONS:
                raise Unwritable(f"a parameter has '{word}' beside other keywords")
            for branch in value[word]:
                yield from _branches(branch, root)
            return
    if "$ref" in value:
        if set(value) - {"$ref"} - _ANNOTATIONS:
            raise Unwritable("a parameter has '$ref' beside other keywords")
        found = named(root, str(value["$ref"]))
        if not isinstance(found, Mapping) or "$ref" in found:
            raise Unwritable("its '$ref' cannot be used")
        yield from _branches(found, root)
        return
    said = value.get("type")
    if isinstance(said, list | tuple) and len(said) > 1 and not set(value) - {"type"} - _ANNOTATIONS:
        for kind in said:
            yield {"type": kind}
        return
    yield value


def _words(schema: Mapping[str, Any]) -> list[str] | None:
    """The values of an enumeration that are strings of the lengths allowed; None where there is no enumeration."""
    if "const" not in schema and "enum" not in schema:
        return None
    said = [schema["const"]] if "const" in schema else list(schema["enum"])
    if any(not isinstance(word, str | None) for word in said):
        raise Unwritable("an 'enum' mixes strings with other values")
    low, high = schema.get("minLength", 0), schema.get("maxLength", float("inf"))
    return [word for word in said if word is not None and low <= len(word) <= high]


def _checked(words: list[str]) -> list[str]:
    if not words:
        raise Unwritable("an 'enum' has no value that is allowed")
    for word in words:
        if any(tag in word for tag in _TAGS):
            raise Unwritable("an 'enum' has a value with a tag of the call's own form")
    return list(dict.fromkeys(words))


def _refuse_keywords(schema: Mapping[str, Any], known: set[str], refused: set[str]) -> None:
    found = sorted(set(schema) & refused - known)
    if found:
        raise Unwritable(f"in this model's form of calls '{found[0]}' cannot be used here")


def _check_word(word: str, what: str) -> None:
    if not _WORD.fullmatch(word):
        raise Unwritable(f"{what} has a sign that this model's form of calls cannot hold")
