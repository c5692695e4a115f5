from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.processing import conversations
from yunqi.processing.build import train_bpe
from yunqi.processing.chat.hermes import call_text
from yunqi.processing.chat.rendered import Thinking
from yunqi.processing.stream import StreamMachine
from yunqi.processing.tokenizer import Tokenizer
from yunqi.processing.vocabulary import byte_level_bpe
from yunqi.protocol.events import Event, Finish, ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStart
from yunqi.protocol.messages import ToolCall

RELAXED = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
STATES = get_args(Thinking)
CALL = '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>'
PIECES = (
    *("<think>", "</think>", "<tool_call>", "</tool_call>", "\n", "\n\n", " ", "{", "}", '"', "\\", ":", ",", "[", "]"),
    *('{"name": "add"', ', "arguments": {"a": 1}}', '"arguments": ', "Hello", "é🙂", CALL, "<|im_end|>", "<tool"),
    *('{"arguments": {"x": "}"}, "name": "b"}', '{"name": 1}', "1", "null", "<think>\n\n</think>\n\n"),
)
answers = st.lists(st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=12)


@pytest.fixture(scope="session")
def untagged() -> Tokenizer:
    """A tokenizer that spells the tags with ordinary tokens."""
    return Tokenizer(byte_level_bpe(train_bpe(["nothing"], 300).backend.model))


def run(tokenizer: Tokenizer, text: str, thinking: Thinking, **options: Any) -> tuple[StreamMachine, list[Event]]:
    machine = StreamMachine(tokenizer, thinking=thinking, **options)
    return machine, joined([*machine.push(tokenizer.encode(text)), *machine.finish("stop")])


def joined(events: Iterable[Event]) -> list[Event]:
    """Adjacent deltas of a kind as one."""
    whole: list[Event] = []
    for event in events:
        match whole[-1] if whole else None, event:
            case ReasoningDelta(text=before), ReasoningDelta(text=after):
                whole[-1] = ReasoningDelta(before + after)
            case TextDelta(text=before), TextDelta(text=after):
                whole[-1] = TextDelta(before + after)
            case ToolCallDelta(index=i, arguments=before), ToolCallDelta(index=j, arguments=after) if i == j:
                whole[-1] = ToolCallDelta(i, before + after)
            case _:
                whole.append(event)
    return whole


@pytest.mark.parametrize("tools", [True, False])
@pytest.mark.parametrize("thinking", STATES)
@RELAXED
@given(data=st.data())
def test_any_chunking_gives_the_same_events(
    thinking: Thinking, tools: bool, small: Tokenizer, untagged: Tokenizer, data: st.DataObject
) -> None:
    tokenizer = data.draw(st.sampled_from([small, untagged]))
    ids = tokenizer.encode("".join(data.draw(answers)))
    ids += data.draw(st.lists(st.integers(0, tokenizer.vocab_size), max_size=4))
    reason = data.draw(st.sampled_from(["stop", "length", "abort"]))
    hidden = data.draw(st.booleans())

    def events(chunks: Iterable[list[int]]) -> tuple[list[Event], StreamMachine]:
        machine = StreamMachine(tokenizer, thinking=thinking, tools=tools, skip_special_tokens=hidden)
        pushed = [event for chunk in chunks for event in machine.push(chunk)]
        return joined([*pushed, *machine.finish(reason)]), machine

    cuts = sorted(data.draw(st.lists(st.integers(0, len(ids)), max_size=4)))
    whole, one = events([ids])
    for chunks in ([[i] for i in ids], [ids[a:b] for a, b in zip([0, *cuts], [*cuts, len(ids)], strict=True)]):
        parts, other = events(chunks)
        assert parts == whole
        assert other.num_reasoning_tokens == one.num_reasoning_tokens
    assert_consistent(whole, one)


def assert_consistent(events: list[Event], machine: StreamMachine) -> None:
    """The collected answer is what the events say, and the end comes once."""
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == machine.text
    assert "".join(e.text for e in events if isinstance(e, ReasoningDelta)) == (machine.reasoning or "")
    starts = [e for e in events if isinstance(e, ToolCallStart)]
    assert [(e.index, e.name) for e in starts] == [(i, c.name) for i, c in enumerate(machine.tool_calls)]
    for index, call in enumerate(machine.tool_calls):
        deltas = [e.arguments for e in events if isinstance(e, ToolCallDelta) and e.index == index]
        assert "".join(deltas) == call.arguments
    assert [isinstance(e, Finish) for e in events] == [False] * (len(events) - 1) + [True]


@RELAXED
@given(text=answers.map("".join))
def test_without_tools_and_thoughts_everything_is_text(small: Tokenizer, text: str) -> None:
    ids = small.encode(text)
    machine = StreamMachine(small, thinking="off", tools=False, skip_special_tokens=False)
    machine.push(ids)
    machine.finish("stop")
    assert machine.text == small.decode(ids)
    assert (machine.reasoning, machine.tool_calls) == (None, ())


@RELAXED
@given(text=answers.map("".join))
def test_what_is_no_call_is_never_lost(small: Tokenizer, text: str) -> None:
    machine, _ = run(small, text, "off", skip_special_tokens=False)
    if not machine.tool_calls:
        assert machine.text == small.decode(small.encode(text))


def _call(name: str, arguments: dict[str, Any]) -> ToolCall:
    """With composed characters only, because tokenizers compose them."""
    text = unicodedata.normalize("NFC", json.dumps(arguments, ensure_ascii=False))
    return ToolCall(name=name, arguments=json.loads(text))


calls = st.builds(_call, conversations.name, conversations.json_object)


@RELAXED
@given(thought=st.text("ab \n", max_size=6), prose=st.text("xy ", max_size=6), made=st.lists(calls, max_size=3))
def test_reads_what_the_templates_write(
    small: Tokenizer, untagged: Tokenizer, thought: str, prose: str, made: list[ToolCall]
) -> None:
    for tokenizer in (small, untagged):
        text = f"<think>\n{thought}\n</think>\n\n{prose}" + "".join("\n" + call_text(c, verbatim=True) for c in made)
        machine, events = run(tokenizer, text, "auto")
        assert (machine.reasoning or "") == thought
        assert machine.text == prose
        assert [(c.name, c.parsed_arguments()) for c in machine.tool_calls] == [(c.name, c.arguments) for c in made]
        assert events[-1] == Finish("tool_calls" if made else "stop")


def test_arguments_arrive_while_they_are_written(small: Tokenizer) -> None:
    machine = StreamMachine(small, thinking="off")
    events = machine.push(small.encode('Hi\n<tool_call>\n{"name": "add"'))
    assert events == [TextDelta("Hi"), ToolCallStart(0, "add")]
    assert machine.push(small.encode(', "arguments": {"a": [1, ')) == [ToolCallDelta(0, '{"a": [1, ')]
    assert machine.push(small.encode('"}"]}')) == [ToolCallDelta(0, '"}"]}')]
    assert machine.push(small.encode("}\n</tool_call>")) == []
    assert machine.finish("stop") == [Finish("tool_calls")]


@pytest.mark.parametrize(
    ("written", "name", "arguments"),
    [
        ('{"name": "f", "arguments": {"a": "\\"}\\\\"}}', "f", '{"a": "\\"}\\\\"}'),
        ('{"arguments": {"a": {"b": []}}, "name": "f"}', "f", '{"a": {"b": []}}'),
        ('{"id": [1, "}"], "name": "f", "arguments": { "a" : 1 } }', "f", '{ "a" : 1 }'),
        ('{"name": "f"}', "f", "{}"),
        ('{"name":"f","arguments":"{\\"a\\": 1}"}', "f", '{"a": 1}'),
        ('{"name":"f","arguments":"plain"}', "f", '"plain"'),
        ('{"name":"f","arguments":null}', "f", "null"),
        ('{"name": "\\u00e9", "arguments": {}}', "é", "{}"),
        ('{"name": "f", "arguments": {"a": 1}', "f", '{"a": 1}'),
        ('{"name": "f", "arguments": {"a": 1}}}', "f", '{"a": 1}'),
        (
            '{"name": "f", "arguments": {"a": "<tool_call> and </tool_call>"}}',
            "f",
            '{"a": "<tool_call> and </tool_call>"}',
        ),
        ('{"name": "f", "arguments": {"a": oops}', "f", '{"a": oops}'),
        ('{"name": "f", "arguments": {"a": "open\n', "f", '{"a": "open\n'),
        ('{"name": "f", oops', "f", "oops"),
    ],
)
def test_calls_are_read_as_written(written: str, name: str, arguments: str, small: Tokenizer) -> None:
    machine, events = run(small, f"<tool_call>\n{written}\n</tool_call>\n{CALL}", "off")
    assert machine.tool_calls[0].name == name
    assert str(machine.tool_calls[0].arguments).rstrip("\n") == arguments.rstrip("\n")
    assert machine.tool_calls[1:] == (ToolCall(name="add", arguments='{"a": 1}'),)
    assert machine.text == ""
    assert events[-1] == Finish("tool_calls")


@pytest.mark.parametrize(
    "text",
    [
        "Write <tool_call> and then go on.",
        "Write <tool_call>\n{not json}\n</tool_call> so.",
        '<tool_call>\n{"name": 5, "arguments": {}}\n</tool_call>',
        '<tool_call>\n{"name": "", "arguments": {}}\n</tool_call>',
        '<tool_call>\n{"arguments": {}}\n</tool_call>\nEnd',
        "<tool_call>\n</tool_call>",
        "<tool_call><tool_call></tool_call>",
        '<tool_call>\n[{"name": "f"}]\n</tool_call>',
        '<tool_call>\n{"na',
        "a </tool_call> b\n",
        "</think>\n\nHi <think>x</think>",
    ],
)
@pytest.mark.parametrize("thinking", ["off", "auto"])
def test_literal_tags_are_text(text: str, thinking: Thinking, small: Tokenizer) -> None:
    machine, events = run(small, text, thinking)
    assert (machine.text, machine.tool_calls, machine.reasoning) == (text, (), None)
    assert events == [TextDelta(text), Finish("stop")]


def test_prose_after_a_literal_tag_is_not_held_back(small: Tokenizer) -> None:
    machine = StreamMachine(small, thinking="off")
    machine.push(small.encode("The tag <tool_call>"))
    assert machine.push(small.encode(" is")) == [TextDelta("<tool_call> is")]


def test_a_call_ends_the_thought(small: Tokenizer) -> None:
    machine = StreamMachine(small, thinking="open")
    assert machine.in_reasoning
    machine.push(small.encode("Let me see.\n<tool_call>"))
    assert not machine.in_reasoning
    machine.push(small.encode(CALL.removeprefix("<tool_call>") + "\n</think>\n\nDone"))
    machine.finish("stop")
    assert (machine.reasoning, machine.text, len(machine.tool_calls)) == ("Let me see.", "Done", 1)
    assert machine.num_reasoning_tokens == len(small.encode("Let me see.\n"))


def test_a_literal_tag_does_not_end_the_thought(small: Tokenizer) -> None:
    machine = StreamMachine(small, thinking="open")
    thought = "A <tool_call> tag\nwould help."
    machine.push(small.encode(thought))
    assert machine.in_reasoning
    machine.push(small.encode("\n</think>\n\nYes"))
    machine.finish("stop")
    assert (machine.reasoning, machine.text) == (thought, "Yes")
    assert machine.num_reasoning_tokens == len(small.encode(thought + "\n"))


@pytest.mark.parametrize(
    ("thinking", "text", "reasoning", "answer"),
    [
        ("open", "Hm\n</think>\n\nYes", "Hm", "Yes"),
        ("open", "Hm", "Hm", ""),
        ("open", "Hm\n", "Hm\n", ""),
        ("open", "\n\nHm\n\n</think>\n\n\nYes\n", "\n\nHm\n", "\nYes\n"),
        ("open", "<think>\nHm</think>Yes", "Hm", "Yes"),
        ("open", "\n</think>\n\nYes", None, "Yes"),
        ("auto", "<think>\nHm\n</think>\n\nYes", "Hm", "Yes"),
        ("auto", "\n<think>\nHm\n</think>\n\n", "Hm", ""),
        ("auto", "<think>\n\n</think>\n\nYes", None, "Yes"),
        ("auto", "Yes <think> no", None, "Yes <think> no"),
        ("auto", "\n Yes", None, "\n Yes"),
        ("auto", "\n", None, "\n"),
        ("off", "<think>\nHm\n</think>\n\nYes", None, "<think>\nHm\n</think>\n\nYes"),
        ("off", f"Look\n{CALL}\n", None, "Look"),
        ("off", f"Look\n{CALL}\nand see", None, "Look\nand see"),
    ],
)
def test_line_ends_around_tags_belong_to_them(
    thinking: Thinking, text: str, reasoning: str | None, answer: str, small: Tokenizer, untagged: Tokenizer
) -> None:
    for tokenizer in (small, untagged):
        machine, _ = run(tokenizer, text, thinking)
        assert (machine.reasoning, machine.text) == (reasoning, answer)


def test_finish_reasons(small: Tokenizer) -> None:
    for reason in ("length", "abort"):
        machine = StreamMachine(small, thinking="off")
        machine.push(small.encode(CALL))
        assert machine.finish(reason) == [Finish(reason)]
    machine = StreamMachine(small, thinking="off")
    assert machine.finish("stop", "END") == [Finish("stop", "END")]


def test_a_call_cut_short_is_kept(small: Tokenizer) -> None:
    machine = StreamMachine(small, thinking="off")
    machine.push(small.encode('<tool_call>\n{"name": "f", "arguments": {"a": "x'))
    assert machine.finish("length") == [Finish("length")]
    assert machine.tool_calls == (ToolCall(name="f", arguments='{"a": "x'),)


def test_half_a_character_before_a_tag(small: Tokenizer) -> None:
    half = small.encode("🙂")[:-1]
    assert small.think_close_id is not None
    machine = StreamMachine(small, thinking="open")
    machine.push([*half, small.think_close_id, *half])
    machine.finish("length")
    assert (machine.reasoning, machine.text) == ("\ufffd", "\ufffd")


def test_special_tokens_can_be_shown(small: Tokenizer) -> None:
    for hidden, text in ((True, "Hi"), (False, "Hi<|im_end|>")):
        machine, _ = run(small, "Hi<|im_end|>", "off", skip_special_tokens=hidden)
        assert machine.text == text


def test_long_arguments_are_whole(small: Tokenizer) -> None:
    written = json.dumps({"name": "write", "arguments": {"text": "line of text\n" * 3000}})
    machine, _ = run(small, f"<tool_call>\n{written}\n</tool_call>", "off")
    assert json.loads(str(machine.tool_calls[0].arguments))["text"].count("\n") == 3000
