"""The same events, however they are chunked, give the same message in either dialect."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.serving import SECRET, blocks_of, chunks_of, events_of, message_of
from yunqi.common.errors import YunqiError
from yunqi.protocol.events import Event, Finish, ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStart
from yunqi.protocol.requests import Delta, Usage
from yunqi.server.answers import Answer
from yunqi.server.dialects.anthropic.messages import MessageEvents, message_reply
from yunqi.server.dialects.anthropic.replies import MessageReply
from yunqi.server.dialects.openai.chat import ChatChunks
from yunqi.server.dialects.openai.replies import ChatChunk
from yunqi.server.problems import problem_of

EXCHANGE: Any = SimpleNamespace(id="id", created=1, request=SimpleNamespace(model="nano"), usage=Usage())
characters = st.characters(exclude_categories=["Cs"])
pieces = st.lists(st.text(characters, min_size=1, max_size=5), min_size=1, max_size=4)


@st.composite
def answers(draw: st.DrawFn) -> list[Event]:
    events: list[Event] = [ReasoningDelta(text) for text in draw(st.just([]) | pieces)]
    events += [TextDelta(text) for text in draw(st.just([]) | pieces)]
    calls = draw(st.integers(0, 3))
    for index in range(calls):
        events.append(ToolCallStart(index, draw(st.sampled_from(["add", "sub"]))))
        events += [ToolCallDelta(index, part) for part in ('{"a"', ": 1", "}")[: draw(st.sampled_from([0, 3]))]]
    return [*events, Finish("tool_calls" if calls else draw(st.sampled_from(["stop", "length"])))]


def cut(events: list[Event], places: list[int]) -> list[Delta]:
    """Deltas of these events, cut at places; some are empty."""
    ends = sorted(place % (len(events) + 1) for place in places)
    return [
        Delta(index=0, events=tuple(events[start:stop]))
        for start, stop in zip([0, *ends], [*ends, len(events)], strict=True)
    ]


def streamed(encoder: Any, deltas: list[Delta]) -> str:
    frames = [*encoder.start(), *(frame for delta in deltas for frame in encoder.push(delta)), *encoder.end(Usage())]
    return b"".join(frames).decode()


@settings(max_examples=150)
@given(events=answers(), places=st.lists(st.integers(0, 30), max_size=6))
def test_openai_chunks_give_the_whole_message(events: list[Event], places: list[int]) -> None:
    answer = Answer()
    for event in events:
        answer.add(event)
    chunks = chunks_of(streamed(ChatChunks("id", "nano", 1, None, False), cut(events, places)))
    for chunk in chunks:
        ChatChunk.model_validate(chunk)
    message = message_of(chunks)
    assert message["content"] == answer.joined("text")
    assert message["reasoning"] == answer.joined("reasoning")
    assert message["calls"] == [{"name": call.name, "arguments": call.text} for call in answer.calls]
    assert message["finish"] == answer.reason


@settings(max_examples=150)
@given(events=answers(), places=st.lists(st.integers(0, 30), max_size=6))
def test_anthropic_events_give_the_whole_message(events: list[Event], places: list[int]) -> None:
    answer = Answer()
    for event in events:
        answer.add(event)
    found = events_of(streamed(MessageEvents(EXCHANGE, SECRET), cut(events, places)))
    whole = message_reply(EXCHANGE, answer, SECRET)
    MessageReply.model_validate(whole)
    assert [found[0]["type"], found[-2]["type"], found[-1]["type"]] == [
        "message_start",
        "message_delta",
        "message_stop",
    ]
    assert without_ids(blocks_of(found)) == without_ids(
        [{**b, "input": {}} if b.get("input") == {"invalid_json": ""} else b for b in whole["content"]]
    )
    assert found[-2]["delta"]["stop_reason"] == whole["stop_reason"]


def without_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in block.items() if name != "id"} for block in blocks]


@pytest.mark.parametrize("encoder", [ChatChunks("id", "nano", 1, None, True), MessageEvents(EXCHANGE, SECRET)])
def test_an_error_in_the_middle_is_in_the_stream(encoder: Any) -> None:
    text = b"".join(encoder.failed(problem_of(YunqiError("engine-died", reason="signal 9")))).decode()
    assert "signal 9" in text
    assert ("[DONE]" in text) == isinstance(encoder, ChatChunks)


@pytest.mark.parametrize(
    "error, seconds",
    [
        (YunqiError("queue-full", waiting=9, seconds=17), "17"),
        (YunqiError("engine-restarting", reason="signal 9", seconds=400), "60"),
        (YunqiError("queue-full", waiting=9, seconds=0), "1"),
        (YunqiError("engine-stopping"), "5"),
    ],
)
def test_a_busy_server_says_when_to_come_again(error: YunqiError, seconds: str) -> None:
    assert problem_of(error).headers == {"retry-after": seconds}
