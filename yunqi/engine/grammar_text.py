r"""JSON schemas -> grammars in the Lark dialect of llguidance. What cannot be kept to is refused, naming the keyword.

A grammar that is allowed here is exact: nothing in a schema is passed over, but annotations and keywords that nobody
knows, which JSON Schema itself passes over. The size of a schema is bounded, so that compiling it is: half of a second
at most, and no deeper than a thread's stack.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.engine.grammar_coder import Unwritable, call_rules

MAX_SCHEMA_BYTES = 64 * 2**10
MAX_GRAMMAR_BYTES = 512 * 2**10
MAX_PROPERTIES = 500  # of one object: the time to compile grows with their square
MAX_LEVELS = 1_000  # of all that is referred to, one below the other
ANY_OBJECT: Mapping[str, Any] = {"type": "object"}

# Between the parts of JSON in an answer: as pretty or as compact as the model likes, and never without end.
_FREE_SPACE = {"whitespace_pattern": r"\n?[ ]{0,32}"}
# In a call's arguments: as the models of this family were trained to write them.
_FIXED_SPACE = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
_KEYS = re.compile(r"Unimplemented keys: \[(.*?)\]")
_KEYWORDS_OF = (
    ("oneOf constraints", "oneOf"),
    ("format", "format"),
    ("Pointer", "$ref"),
    ("Resource", "$ref"),
    ("Invalid type", "type"),
    ("regex", "pattern"),
)


def answer_grammar(schema: Any) -> str:
    """The grammar of an answer that is JSON of this schema. Raises `schema-unsupported`."""
    text = f"start: {_json(schema, _FREE_SPACE, 'the answer')}\n"
    _check(text, "the answer")
    return text


def calls_grammar(functions: Mapping[str, Any], tool_format: str = "hermes") -> str:
    """The grammar of one call, between its tags, of any of these functions; each name has its arguments' schema.

    `tool_format` is the form that the model writes (`yunqi.processing.tool_format.FORMATS`).

    Raises:
        YunqiError: `schema-unsupported`, which names the function.
    """
    rules = [f"start: {' | '.join(f'call_{i}' for i in range(len(functions)))}"]
    for i, (name, schema) in enumerate(functions.items()):
        whose = f"the tool '{name}'"
        form = _coder_rules if tool_format == "qwen3_coder" else _hermes_rules
        own = form(f"call_{i}", name, _of_object(schema), whose)
        _check("\n".join([f"start: call_{i}", *own, ""]), whose)
        rules += own
    text = "\n".join(rules) + "\n"
    if len(text.encode()) > MAX_GRAMMAR_BYTES:
        raise _unsupported("these tools", f"together they are larger than {MAX_GRAMMAR_BYTES // 1024} KiB")
    return text


def _hermes_rules(rule: str, name: str, schema: Any, whose: str) -> list[str]:
    head = _quoted(f'\n{{"name": {json.dumps(name, ensure_ascii=False)}, "arguments": ')
    return [f"{rule}: {head} {_json(schema, _FIXED_SPACE, whose)} {_quoted('}' + chr(10))}"]


def _coder_rules(rule: str, name: str, schema: Any, whose: str) -> list[str]:
    _json(schema, _FIXED_SPACE, whose)  # its bounds hold here too
    try:
        return call_rules(rule, name, schema, lambda value: _json(value, _FIXED_SPACE, whose))
    except Unwritable as error:
        raise _unsupported(whose, str(error)) from error


def _of_object(schema: Any) -> Any:
    """Arguments are an object, also where a schema takes that for granted."""
    return {"type": "object", **schema} if isinstance(schema, Mapping) else schema


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _json(schema: Any, space: Mapping[str, Any], whose: str) -> str:
    """A schema inside a grammar. What it says about its own compilation is not taken."""
    if isinstance(schema, bool):
        schema = {} if schema else {"not": {}}
    if not isinstance(schema, Mapping):
        raise _unsupported(whose, "it is no object")
    try:
        text = json.dumps({**schema, "x-guidance": space}, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise _unsupported(whose, "it is no JSON") from error
    if size > MAX_SCHEMA_BYTES:
        raise _unsupported(whose, f"it is larger than {MAX_SCHEMA_BYTES // 1024} KiB")
    _bound(schema, whose)
    return f"%json {text}"


def _bound(schema: Mapping[str, Any], whose: str) -> None:
    """Refuse what would be compiled for long, or too deep: each definition may stand below every other."""
    references = {reference for reference in _references(schema) if reference != "#"}
    levels = _levels(schema)
    for reference in references:
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise _unsupported(whose, "a $ref does not begin with #/")
        levels += _levels(_found(schema, reference))
    if levels > MAX_LEVELS:
        raise _unsupported(whose, f"with what its $ref name it is more than {MAX_LEVELS} levels deep")
    if any(len(value) > MAX_PROPERTIES for value in _values(schema) if isinstance(value, dict)):
        raise _unsupported(whose, f"an object has more than {MAX_PROPERTIES} properties")


def _references(schema: Any) -> Iterator[Any]:
    return (value["$ref"] for value in _values(schema) if isinstance(value, Mapping) and "$ref" in value)


def _found(schema: Any, reference: str) -> Any:
    """What a reference names; None where there is nothing, which the compiler tells of."""
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(schema, list) and name.isdigit() and int(name) < len(schema):
            schema = schema[int(name)]
        elif isinstance(schema, Mapping) and name in schema:
            schema = schema[name]
        else:
            return None
    return schema


def _values(value: Any) -> Iterator[Any]:
    """A value and all inside it."""
    left = [value]
    while left:
        one = left.pop()
        yield one
        left += one.values() if isinstance(one, Mapping) else one if isinstance(one, list | tuple) else ()


def _levels(value: Any) -> int:
    """How deep objects and lists stand in each other."""
    count, row = 0, [value]
    while row := [one for one in row if isinstance(one, Mapping | list | tuple)]:
        count += 1
        row = [inner for one in row for inner in (one.values() if isinstance(one, Mapping) else one)]
    return count


def _check(text: str, whose: str) -> None:
    if message := _mistake(text):
        raise _unsupported(whose, _told(message))


@lru_cache(maxsize=256)
def _mistake(text: str) -> str:
    """What the compiler says against a grammar."""
    from llguidance import LLMatcher

    is_error, messages = LLMatcher.validate_grammar_with_warnings(text)
    return messages[0] if is_error else ""


def _told(message: str) -> str:
    """The compiler's message in a sentence that names the keyword."""
    line = message.split("\n")[0].partition("failed to compile JSON schema: ")
    text = (line[2] or line[0]).removeprefix("failed to parse ")[:200]
    if keys := _KEYS.search(text):
        names = keys[1].replace('"', "'")
        return f"it uses {names}"
    for mark, keyword in _KEYWORDS_OF:
        if mark in text and not text.startswith("Unsatisfiable"):
            return f"its '{keyword}' cannot be used ({text})"
    return text[:1].lower() + text[1:]


def _unsupported(whose: str, reason: str) -> YunqiError:
    return YunqiError("schema-unsupported", whose=whose, reason=reason)
