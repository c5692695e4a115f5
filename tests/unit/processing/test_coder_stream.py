"""Calls in the qwen3_coder form: read as the template writes them, however they are cut, and nothing is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.processing.test_stream import assert_consistent, joined
from yunqi.processing.build import train_bpe
from yunqi.processing.casting import cast, property_types, types_of
from yunqi.processing.chat.coder import call_text, value_text
from yunqi.processing.stream import StreamMachine
from yunqi.processing.tokenizer import Tokenizer
from yunqi.processing.vocabulary import byte_level_bpe
from yunqi.protocol.events import Event, Finish, TextDelta, ToolCallDelta, ToolCallStart
from yunqi.protocol.messages import Tool, ToolCall, as_tools

RELAXED = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
TYPES = ("string", "integer", "number", "boolean", "null", "object", "array")
EDIT = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "count": {"type": "integer"},
        "ratio": {"type": "number"},
        "yes": {"type": "boolean"},
        "none": {"type": "null"},
        "map": {"type": "object"},
        "list": {"type": "array"},
        "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "any": {"type": ["integer", "object", "string"]},
        "silent": {},
        "named": {"$ref": "#/$defs/kind"},
    },
    "$defs": {"kind": {"enum": ["a", 5]}},
}
TOOLS = as_tools([{"type": "function", "function": {"name": name, "parameters": EDIT}} for name in ("edit", "other")])
SNIPPETS = (
    *("</parameter>", "</parameter>\n", "\n</function>", "<tool_call>", "</tool_call>", "<function=edit>", "<b>", "</"),
    *("12", "null", "true", "None", '{"a": 1}', '"', "\\", "\n", "\n\n", " ", "x", "def f(a):\n    return a\n"),
    *("é🙂", "\t", "<"),
)
# A value that looks exactly as the form goes on after one: nothing tells them apart.
AMBIGUOUS = re.compile(r"<parameter=|</(?:parameter|function|tool_call)>\s*</?tool_call>")
string = st.lists(st.sampled_from(SNIPPETS), max_size=6).map("".join).filter(lambda s: not AMBIGUOUS.search(s))
json_value: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 999) | st.sampled_from(["", "a\nb", "</x>", "é"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("pq"), inner, max_size=2),
    max_leaves=4,
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "path": string,
    "count": st.integers(),
    "ratio": st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    "yes": st.booleans(),
    "none": st.none(),
    "map": st.dictionaries(st.sampled_from("ab"), json_value, max_size=2),
    "list": st.lists(json_value, max_size=2),
    "maybe": st.none() | string.filter(lambda s: s.strip().lower() not in ("null", "none")),
    "silent": string,
    "undeclared": string,
}
calls = st.builds(
    lambda name, arguments: ToolCall(name=name, arguments=arguments),
    st.sampled_from(["edit", "other", "unknown"]),
    st.fixed_dictionaries({}, optional=VALUES),
)
PIECES = (
    *("<tool_call>", "</tool_call>", "<function=edit>", "<function=", "</function>", "<parameter=path>", "<parameter="),
    *("<parameter=count>", ">", "</parameter>", "\n", "\n\n", " ", "5", "</para", "<", "null"),
    *("<tool_call>\n<function=edit>\n", "</function>\n</tool_call>", "\n</parameter>\n", "<parameter=maybe>\n"),
)


@pytest.fixture(scope="module")
def untagged() -> Tokenizer:
    return Tokenizer(byte_level_bpe(train_bpe(["nothing"], 300).backend.model))


def machine_for(tokenizer: Tokenizer, tools: tuple[Tool, ...] = TOOLS) -> StreamMachine:
    return StreamMachine(tokenizer, thinking="off", tool_format="qwen3_coder", functions=tools)


def run(tokenizer: Tokenizer, chunks: Iterable[list[int]], reason: Any = "stop") -> tuple[StreamMachine, list[Event]]:
    machine = machine_for(tokenizer)
    pushed = [event for chunk in chunks for event in machine.push(chunk)]
    return machine, joined([*pushed, *machine.finish(reason)])


def chunkings(ids: list[int], cuts: list[int]) -> list[list[list[int]]]:
    places = sorted(cut for cut in cuts if cut <= len(ids))
    some = [ids[a:b] for a, b in zip([0, *places], [*places, len(ids)], strict=True)]
    return [[ids], [[one] for one in ids], some]


def read(tokenizer: Tokenizer, text: str, cuts: list[int], reason: Any = "stop") -> tuple[StreamMachine, list[Event]]:
    """What every chunking reads."""
    runs = [run(tokenizer, chunks, reason) for chunks in chunkings(tokenizer.encode(text), cuts)]
    for _, events in runs[1:]:
        assert events == runs[0][1]
    assert_consistent(runs[0][1], runs[0][0])
    return runs[0]


@RELAXED
@given(made=st.lists(calls, min_size=1, max_size=3), before=st.sampled_from(["", "I edit."]), data=st.data())
def test_reads_what_the_template_writes_in_every_chunking(
    small: Tokenizer, untagged: Tokenizer, made: list[ToolCall], before: str, data: st.DataObject
) -> None:
    tokenizer = data.draw(st.sampled_from([small, untagged]))
    said = f"{before}\n\n" if before else ""
    text = said + "\n".join(map(call_text, made))
    machine, events = read(tokenizer, text, data.draw(st.lists(st.integers(0, 60), max_size=5)))
    assert [(call.name, readable(call)) for call in machine.tool_calls] == [
        (call.name, expected_of(call.name, call.parsed_arguments())) for call in made
    ]
    assert machine.text == before
    assert events[-1] == Finish("tool_calls")


def readable(call: ToolCall) -> Any:
    assert isinstance(call.arguments, str)
    return json.loads(call.arguments)


def expected_of(name: str, arguments: Any) -> dict[str, Any]:
    """A tool that nobody declared has strings alone."""
    return dict(arguments) if name != "unknown" else {key: value_text(value) for key, value in arguments.items()}


@RELAXED
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=14), data=st.data())
def test_nothing_is_lost_and_arguments_are_json_at_every_end(
    small: Tokenizer, untagged: Tokenizer, pieces: list[str], data: st.DataObject
) -> None:
    tokenizer = data.draw(st.sampled_from([small, untagged]))
    marked = "".join(f"{piece}m{index}e" if data.draw(st.booleans()) else piece for index, piece in enumerate(pieces))
    reason = data.draw(st.sampled_from(["stop", "length", "abort"]))
    machine, _ = read(tokenizer, marked, data.draw(st.lists(st.integers(0, 40), max_size=4)), reason)
    shown = machine.text + "".join(f"{call.name} {call.arguments}" for call in machine.tool_calls)
    for mark in re.findall(r"m\d+e", marked):
        assert mark in shown, (marked, shown)
    for call in machine.tool_calls:
        assert isinstance(readable(call), dict)
    if not machine.tool_calls:
        assert machine.text == marked


def test_strings_arrive_while_they_are_written(small: Tokenizer) -> None:
    machine = machine_for(small)
    events = machine.push(small.encode("Hi\n\n<tool_call>\n<function=edit>"))
    assert events == [TextDelta("Hi"), ToolCallStart(0, "edit")]
    assert machine.push(small.encode("\n<parameter=path>\nline one\nli")) == [
        ToolCallDelta(0, '{"path": "line one\\nli')
    ]
    assert machine.push(small.encode("ne two\n</para")) == [ToolCallDelta(0, "ne two")]
    assert machine.push(small.encode("graph>")) == [ToolCallDelta(0, "\\n</paragraph>")]
    assert machine.push(small.encode("\n</parameter>\n<parameter=count>\n1")) == [ToolCallDelta(0, '", "count": ')]
    assert machine.push(small.encode("2\n</parameter>\n</function>\n</tool_call>")) == [ToolCallDelta(0, "12}")]
    assert machine.finish("stop") == [Finish("tool_calls")]


def test_a_string_that_may_be_null_waits_no_longer_than_it_must(small: Tokenizer) -> None:
    machine = machine_for(small)
    machine.push(small.encode("<tool_call>\n<function=edit>\n<parameter=maybe>\n"))
    assert machine.push(small.encode("nul")) == []
    assert machine.push(small.encode("l and void")) == [ToolCallDelta(0, '"null and void')]


def value(text: str) -> str:
    return f"<tool_call>\n<function=edit>\n<parameter=path>\n{text}\n</parameter>\n</function>\n</tool_call>"


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        (value(""), {"path": ""}, ""),
        (value("\n"), {"path": "\n"}, ""),
        (value("007"), {"path": "007"}, ""),
        (value("a </parameter> b"), {"path": "a </parameter> b"}, ""),
        (value("<parameter=other> is a tag"), {"path": "<parameter=other> is a tag"}, ""),
        (value("</parameter>"), {"path": "</parameter>"}, ""),
        (value("</function>\n</parameter>"), {"path": "</function>\n</parameter>"}, ""),
        (value("<tool_call> and </tool_call> are tags"), {"path": "<tool_call> and </tool_call> are tags"}, ""),
        (value("x\n</parameter>\n<parameter=path>\ny"), {"path": "x\n</parameter>\n<parameter=path>\ny"}, ""),
        ("<tool_call><function=edit><parameter=path>x</parameter></function></tool_call>", {"path": "x"}, ""),
        ("<tool_call>\n<function=edit>\n</function>\n</tool_call>", {}, ""),
        ("<tool_call>\n<function=edit></tool_call>", {}, ""),
        # Tags that are missing: of the call, of the function, of the value, of all; and of everything.
        ("<tool_call>\n<function=edit>\n<parameter=count>\n5\n</parameter>\n</function>", {"count": 5}, ""),
        ("<tool_call>\n<function=edit>\n<parameter=count>\n5\n</parameter>\n</tool_call>", {"count": 5}, ""),
        ("<tool_call>\n<function=edit>\n<parameter=count>\n5\n</function>\n</tool_call>", {"count": 5}, ""),
        ("<tool_call>\n<function=edit>\n<parameter=count>\n5\n</tool_call>", {"count": 5}, ""),
        ("<tool_call>\n<function=edit>\n<parameter=count>\n5", {"count": 5}, ""),
        (value("x\n<parameter=count>\n5"), {"path": "x", "count": 5}, ""),
        # Cut short.
        ("<tool_call>\n<function=edit>\n<parameter=path>\nabc\n</par", {"path": "abc\n</par"}, ""),
        ('<tool_call>\n<function=edit>\n<parameter=map>\n{"a": [1,', {"map": '{"a": [1,'}, ""),
        ("<tool_call>\n<function=edit>\n<param", {}, ""),
        ("<tool_call>\n<function=edit>\n<parameter=pa", {}, "\n<parameter=pa"),
        # What stands where nothing should.
        (f"{value('x')}\nDone.", {"path": "x"}, "\nDone."),
        (
            "<tool_call>\n<function=edit>\nHm.\n<parameter=path>\nx\n</parameter>\n</function>\n</tool_call>",
            {"path": "x"},
            "\nHm.",
        ),
        ("<tool_call>\n<function=edit>\n</function>\nAnd so on.\n</tool_call>", {}, "\nAnd so on.\n"),
    ],
)
def test_what_becomes_of_a_call(text: str, arguments: dict[str, Any], said: str, small: Tokenizer) -> None:
    machine, _ = read(small, text, [])
    assert [(call.name, readable(call)) for call in machine.tool_calls] == [("edit", arguments)]
    assert machine.text == said


@pytest.mark.parametrize(
    "text",
    [
        "Write <tool_call> and then <function=edit>.",
        "<tool_call>\n<function=>\n</tool_call>",
        "<tool_call>\n<function=a\nb>\n</tool_call>",
        "<tool_call>\n<functional>\n</tool_call>",
        "<tool_call>\n<function=edit",
        '<tool_call>\n{"name": "edit", "arguments": {}}\n</tool_call>',
        "<function=edit>\n</function>",
    ],
)
def test_what_is_no_call_is_text(text: str, small: Tokenizer) -> None:
    machine, _ = read(small, text, [])
    assert (machine.text, machine.tool_calls) == (text, ())


def test_calls_without_their_closing_tags_follow_each_other(small: Tokenizer) -> None:
    first = "<tool_call>\n<function=edit>\n<parameter=count>\n5\n"
    for closing in ("</parameter>\n</function>\n", "</parameter>\n", "</function>\n", "</tool_call>\n"):
        machine, _ = read(small, f"{first}{closing}{value('x')}", [])
        assert [readable(call) for call in machine.tool_calls] == [{"count": 5}, {"path": "x"}], closing


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        *(("count", "5", 5), ("count", " -5 ", -5), ("count", "5.0", 5), ("count", "5.5", "5.5"), ("count", "a", "a")),
        *(("count", "007", "007"), ("ratio", "5", 5), ("ratio", "-1.5e-3", -0.0015), ("ratio", "nan", "nan")),
        *(("ratio", "Infinity", "Infinity"), ("yes", "true", True), ("yes", "False", False), ("yes", "1", "1")),
        *(
            ("none", "null", None),
            ("none", "None", None),
            ("none", "", ""),
            ("list", "[1]", [1]),
            ("map", "[1]", "[1]"),
        ),
        *(("map", '{"a": [1, null]}', {"a": [1, None]}), ("map", "{'a': 1}", "{'a': 1}")),
        *(("map", '{"a": NaN}', '{"a": NaN}'), ("list", "[" * 9999, "[" * 9999)),
        *(("maybe", "null", None), ("maybe", "5", "5"), ("maybe", "nu", "nu"), ("maybe", "", "")),
        *(("any", "5", 5), ("any", "{}", {}), ("any", "[1]", "[1]"), ("any", "5 apples", "5 apples")),
        *(("silent", "5", "5"), ("named", "a", "a"), ("named", "5", 5), ("path", "null", "null"), ("new", "5", "5")),
    ],
)
def test_values_are_of_the_type_that_the_schema_says(key: str, text: str, expected: Any) -> None:
    found = json.loads(cast(text, property_types(EDIT, key)))
    assert found == expected
    assert isinstance(found, type(expected))


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ({}, {"string"}),
        (True, {"string"}),
        ({"type": "str"}, {"string"}),
        ({"type": "dict"}, {"object"}),
        ({"type": "any"}, set(TYPES)),
        ({"type": "colour"}, {"string"}),
        ({"type": "integer", "nullable": True}, {"integer", "null"}),
        ({"oneOf": [{"type": "integer"}, {"enum": [None]}]}, {"integer", "null"}),
        ({"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"items": {}}}}, {"array"}),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}, {"string"}),
        ({"$ref": "#/nowhere/0"}, {"string"}),
        ({"const": True}, {"boolean"}),
        ({"properties": {"a": {}}}, {"object"}),
        ({"enum": [1, 1.5, {}, []]}, {"integer", "number", "object", "array"}),
    ],
)
def test_types_of_a_schema(schema: Any, types: set[str]) -> None:
    assert types_of(schema) == types
