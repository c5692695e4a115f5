"""Frames between a client and its engine: what goes in comes out, however it is cut; anything else is refused."""

from __future__ import annotations

import itertools
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yunqi.common.errors import YunqiError
from yunqi.engine import messages as m
from yunqi.engine.request import Drawing, StopRules
from yunqi.engine.script import Fault, Script
from yunqi.engine.thinking_plan import ThinkingPlan
from yunqi.protocol.requests import EngineStats

ids = st.integers(0, 2**32)
names = st.lists(st.text(max_size=20), max_size=4).map(tuple)
rows = st.dictionaries(ids, st.tuples(st.floats(allow_nan=False), st.integers(1, 200_000)), max_size=4)
errors = st.builds(
    lambda code: m.ErrorData.of(YunqiError(code, reason="it broke"), "computation-failed"),
    st.sampled_from(["engine-died", "computation-failed", "script-invalid"]),
)
drawings = st.builds(
    Drawing,
    seed=st.integers(-(2**63), 2**64 - 1),
    temperature=st.floats(0, 100),
    top_k=st.integers(-1, 2**31),
    logit_bias=st.lists(st.tuples(ids, st.floats(-100, 100)), max_size=3).map(tuple),
    logprobs=st.none() | st.integers(0, 100),
)
stops = st.builds(
    StopRules,
    max_tokens=st.integers(1, 2**31),
    eos_ids=st.frozensets(ids, max_size=3),
    stop_ids=st.frozensets(ids, max_size=3),
)
plans = st.builds(
    ThinkingPlan, start=st.sampled_from(["open", "auto", "off"]), budget=st.none() | ids, tools=st.booleans()
)
to_engine = st.one_of(
    st.builds(
        m.Start,
        model=st.none() | st.text(),
        options=st.dictionaries(st.text(), st.none() | st.booleans() | ids | st.text(), max_size=3),
        script=st.none()
        | st.builds(
            Script,
            answer=st.text() | st.lists(ids).map(tuple),
            faults=st.lists(st.builds(Fault, kind=st.sampled_from(["raise", "exit", "hang"]), step=ids)).map(tuple),
        ),
    ),
    st.builds(
        m.Add,
        request_ids=names,
        token_ids=st.lists(ids, max_size=50),
        drawing=drawings,
        stop=stops,
        thinking=st.none() | plans,
        prompt_logprobs=st.none() | st.integers(0, 100),
        key=st.text(max_size=10),
        priority=st.integers(-100, 100),
        cache_salt=st.none() | st.text(max_size=10),
    ),
    st.builds(m.Abort, request_ids=names),
    st.builds(m.StopThinking, request_ids=names),
    st.builds(m.AskStats, number=ids),
    st.just(m.Close()),
)
advances = st.builds(
    m.Advance,
    request_id=st.text(max_size=10),
    token_ids=st.lists(ids, max_size=5).map(tuple),
    logprobs=st.lists(rows, max_size=3).map(tuple),
    prompt_logprobs=st.lists(st.none() | rows, max_size=3).map(tuple),
    finish_reason=st.sampled_from([None, "stop", "length", "abort"]),
    stop_reason=st.none() | ids | st.text(max_size=5),
    error=st.none() | errors,
)
from_engine = st.one_of(
    st.builds(m.Ready, max_model_len=ids, vocab_size=ids),
    st.builds(m.Failed, error=errors),
    st.builds(m.Accepted, request_ids=names),
    st.builds(m.Refused, request_ids=names, error=errors),
    st.builds(m.Step, advances=st.lists(advances, max_size=4).map(tuple)),
    st.builds(m.Stats, number=ids, stats=st.builds(EngineStats, num_running=ids, counters=st.just({"hits": 3}))),
)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The bytes in pieces."""
    ends = sorted({min(place, len(data)) for place in places} | {0, len(data)})
    return [data[start:stop] for start, stop in itertools.pairwise(ends)]


def read(reader: m.FrameReader, pieces: list[bytes]) -> list[Any]:
    return [message for piece in pieces for message in reader.push(piece)]


@settings(max_examples=50)
@given(st.lists(to_engine, max_size=4), st.lists(st.integers(0, 500), max_size=8))
def test_requests_arrive_as_they_were_however_they_are_cut(sent: list[Any], places: list[int]) -> None:
    pieces = cut(b"".join(map(m.frame, sent)), places)
    assert read(m.FrameReader("engine"), pieces) == sent


@settings(max_examples=50)
@given(st.lists(from_engine, max_size=4), st.lists(st.integers(0, 500), max_size=8))
def test_answers_arrive_as_they_were_however_they_are_cut(sent: list[Any], places: list[int]) -> None:
    pieces = cut(b"".join(map(m.frame, sent)), places)
    assert read(m.FrameReader("client"), pieces) == sent


@settings(max_examples=100)
@given(st.binary(max_size=200), st.sampled_from(["engine", "client"]))
def test_garbage_is_refused_and_nothing_worse(body: bytes, side: Any) -> None:
    reader = m.FrameReader(side)
    try:
        found = read(reader, [struct.pack(">I", len(body)) + body])
    except m.FrameError:
        return
    assert all(type(message).__module__ == m.__name__ for message in found)  # a message by chance


@settings(max_examples=50)
@given(to_engine, st.data())
def test_a_damaged_frame_is_refused_or_is_another_message(message: Any, data: st.DataObject) -> None:
    body = bytearray(m.frame(message)[4:])
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    reader = m.FrameReader("engine")
    try:
        found = read(reader, [struct.pack(">I", len(body)) + bytes(body)])
    except m.FrameError:
        return
    assert all(type(one).__module__ == m.__name__ for one in found)


def test_an_oversized_frame_is_refused_by_its_length_alone() -> None:
    with pytest.raises(m.FrameError, match="are allowed"):
        read(m.FrameReader("engine"), [struct.pack(">I", m.MAX_FRAME_BYTES + 1)])
    reader = m.FrameReader("engine", max_bytes=10)
    with pytest.raises(m.FrameError):
        read(reader, [m.frame(m.Abort(request_ids=("a long name", "another")))])


def test_an_engine_takes_no_answers_and_a_client_no_requests() -> None:
    with pytest.raises(m.FrameError):
        read(m.FrameReader("engine"), [m.frame(m.Accepted(request_ids=("a",)))])
    with pytest.raises(m.FrameError):
        read(m.FrameReader("client"), [m.frame(m.Close())])


def test_an_error_crosses_with_its_sentence() -> None:
    error = YunqiError("token-out-of-range", token=2**70, size=5)
    data = m.Refused(request_ids=("a",), error=m.ErrorData.of(error, "computation-failed"))
    [message] = read(m.FrameReader("client"), [m.frame(data)])
    assert (message.error.rebuilt().code, str(message.error.rebuilt())) == (error.code, str(error))
    other = m.ErrorData.of(RuntimeError("no luck"), "computation-failed").rebuilt()
    assert (other.code, "RuntimeError: no luck" in str(other)) == ("computation-failed", True)


@pytest.mark.parametrize(
    "error", [m.ErrorData(code="unheard-of", details={}), m.ErrorData(code="sampling-invalid", details={})]
)
def test_an_error_that_is_none_of_ours_is_refused(error: m.ErrorData) -> None:
    with pytest.raises(m.FrameError):
        read(m.FrameReader("client"), [m.frame(m.Failed(error=error))])
