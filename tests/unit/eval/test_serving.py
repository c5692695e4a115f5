"""Load tests of a server: what is sent, when, and what is made of the times. The server here is a stand-in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from yunqi.cli.main import cli
from yunqi.common.errors import YunqiError
from yunqi.eval.serving import Arrivals, Objective, format_load, run_load, summarize
from yunqi.eval.serving.load import Record
from yunqi.eval.serving.prompts import made_prompts, read_prompts
from yunqi.eval.serving.report import percentile

Handler = Callable[[dict[str, Any]], Awaitable[list[dict[str, Any] | str]]]


class StandIn:
    """A server of OpenAI's kind that streams what `answer` gives and notes what it was asked."""

    def __init__(self, answer: Handler) -> None:
        self.answer, self.asked, self.now, self.most = answer, [], 0, 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat)
        return app

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "stand-in"}]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            chunks = await self.answer(body)
            if chunks == ["refused"]:
                return web.json_response({"error": {"message": "too much"}}, status=503)
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            for chunk in chunks:
                data = chunk if isinstance(chunk, str) else json.dumps(chunk)
                await response.write(f"data: {data}\n\n".encode())
            return response
        finally:
            self.now -= 1


def piece(text: str, field: str = "content") -> dict[str, Any]:
    return {"choices": [{"delta": {field: text}}]}


USAGE = {
    "choices": [],
    "usage": {"completion_tokens": 5, "prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}},
}


async def three(body: dict[str, Any]) -> list[dict[str, Any] | str]:
    await asyncio.sleep(0.005)
    return [piece("a", "reasoning_content"), piece("b"), piece("c"), USAGE, "[DONE]"]


def load(answer: Handler, prompts: list[str], arrivals: Arrivals, **more: Any) -> tuple[list[Record], StandIn]:
    stand_in = StandIn(answer)

    async def run() -> list[Record]:
        async with TestServer(stand_in.app()) as server:
            records, seconds = await run_load(str(server.make_url("/")), prompts, arrivals, **more)
            assert seconds > 0
            return records

    return asyncio.run(run()), stand_in


def test_every_prompt_is_sent_once_and_never_more_than_allowed_at_a_time() -> None:
    prompts = [f"prompt {i}" for i in range(12)]
    together = asyncio.Barrier(3)

    async def in_threes(body: dict[str, Any]) -> list[dict[str, Any] | str]:
        await asyncio.wait_for(together.wait(), 60)  # nobody is answered before three are there
        return await three(body)

    records, stand_in = load(in_threes, prompts, Arrivals(concurrency=3), options={"max_tokens": 7})
    assert sorted(body["messages"][0]["content"] for body in stand_in.asked) == sorted(prompts)
    assert {(body["model"], body["max_tokens"], body["stream"]) for body in stand_in.asked} == {("stand-in", 7, True)}
    assert stand_in.most == 3
    assert all(len(record.pieces) == 3 and record.error is None for record in records)
    assert all(record.num_tokens == 5 for record in records), "the server's own count, not that of the pieces"


def test_an_open_loop_counts_from_when_a_request_was_due() -> None:
    """One place and a slow server: those who wait for the place have waited."""

    async def slow(body: dict[str, Any]) -> list[dict[str, Any] | str]:
        await asyncio.sleep(0.05)
        return [piece("x"), "[DONE]"]

    records, _ = load(slow, ["p"] * 4, Arrivals(concurrency=1, rate=10_000))
    firsts = sorted(record.first or 0.0 for record in records)
    assert firsts[-1] > 2.5 * firsts[0]
    closed, _ = load(slow, ["p"] * 4, Arrivals(concurrency=1))
    assert max(record.first or 0.0 for record in closed) < firsts[-1]


def test_what_goes_wrong_is_counted_and_ends_nothing_else() -> None:
    async def moody(body: dict[str, Any]) -> list[dict[str, Any] | str]:
        kinds: dict[str, list[dict[str, Any] | str]] = {
            "refused": ["refused"],
            "broken": [piece("x"), {"error": {"message": "the engine died"}}],
            "garbage": ["{not json"],
            "silent": ["[DONE]"],
            "fine": [piece("x"), "[DONE]"],
        }
        return kinds[body["messages"][0]["content"]]

    records, _ = load(moody, ["refused", "broken", "garbage", "silent", "fine"], Arrivals(concurrency=5))
    report = summarize(records, 2.0, Objective())
    assert (report["failed"], report["requests_per_second"]) == (4, 0.5)
    assert [bool(record.error) for record in records] == [True, True, True, True, False]
    assert records[4].num_tokens == 1, "no usage: the pieces are counted"
    assert "503" in (records[0].error or "")
    assert report["goodput"]["share"] == 0.2
    assert "4 failed" in format_load(report)


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(YunqiError, match="does not answer") as caught:
        asyncio.run(run_load("http://127.0.0.1:9", ["p"], Arrivals(concurrency=1)))
    assert caught.value.code == "server-unreachable"
    for url in ("ftp://x", "http://"):
        with pytest.raises(YunqiError, match="http://HOST:PORT"):
            asyncio.run(run_load(url, ["p"], Arrivals(concurrency=1)))


@given(rate=st.floats(0.5, 50), seed=st.integers(0, 99))
def test_arrivals_rise_are_repeatable_and_keep_their_rate(rate: float, seed: int) -> None:
    due = Arrivals(rate=rate, seed=seed).due(400)
    assert due == Arrivals(rate=rate, seed=seed).due(400)
    assert due == sorted(due)
    assert 0.75 < due[-1] * rate / 399 < 1.3
    assert Arrivals(concurrency=4).due(3) == [0.0] * 3


@given(values=st.lists(st.floats(0, 100), min_size=1, max_size=50), share=st.integers(1, 100))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(values: list[float], share: int) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= share * len(values)


def test_an_objective_needs_all_its_limits() -> None:
    record = Record(due=10.0, pieces=[0.5, 0.6, 0.9], ended=11.0)
    assert Objective(first=0.5, gap=0.2, whole=1.0).met(record)
    for missed in (Objective(first=0.4), Objective(gap=0.19), Objective(whole=0.9)):
        assert not missed.met(record)
    assert not Objective().met(Record(due=0.0, error="x"))


def test_made_prompts_share_what_they_should_and_files_are_read(tmp_path: Any) -> None:
    first, second = made_prompts(2, words=30, shared_words=10)
    assert first.split()[:10] == second.split()[:10]
    assert first.split()[10:] != second.split()[10:]
    assert len(first.split()) == 30
    file = tmp_path / "prompts"
    file.write_text('{"prompt": "a b"}\nplain\n')
    assert read_prompts(file, 3) == ["a b", "plain", "a b"]
    for bad in ("", '{"question": 1}\n', '{"prompt": 3}\n', "{oops\n"):
        file.write_text(bad)
        with pytest.raises(YunqiError):
            read_prompts(file, 1)


@pytest.mark.parametrize("option", ["--requests", "--words", "--max-tokens", "--timeout"])
def test_limits_of_the_command_are_above_zero(option: str) -> None:
    result = CliRunner().invoke(cli, ["bench", "serve", option, "0"])
    assert isinstance(result.exception, YunqiError)
    assert option in str(result.exception)
