"""What is refused, in the shape of whoever asked, and that it harms nobody."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.dialects import ANSWER, BAD_TOOL, CHAT, MESSAGES, TEXT, TOOLS, TURN
from tests.serving import ASK, ask_all, chunks_of, config, events_of
from tests.talker import talking
from yunqi.server.dialects.anthropic.replies import MessageError
from yunqi.server.dialects.openai.replies import ErrorReply

BAD: list[tuple[str, Any, int]] = [
    (CHAT, b"{", 400),
    (CHAT, b"", 400),
    (CHAT, b"[]", 400),
    (CHAT, b"null", 400),
    (CHAT, b'{"messages": "\xff"}', 400),
    (CHAT, b'{"messages": [{"role": "user", "content": "\\ud800"}]}', 400),
    (CHAT, b"[" * 100_000, 400),
    (CHAT, {}, 400),
    (CHAT, {"messages": []}, 400),
    (CHAT, {"messages": "hi"}, 400),
    (CHAT, {"messages": [{"role": "wizard", "content": "hi"}]}, 400),
    (CHAT, {"messages": [{"role": "user", "content": 5}]}, 400),
    (CHAT, {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}, 400),
    (CHAT, TURN | {"model": "nobody"}, 404),
    (CHAT, TURN | {"max_tokens": 0}, 400),
    (CHAT, TURN | {"max_tokens": -1}, 400),
    (CHAT, TURN | {"max_tokens": "5"}, 400),
    (CHAT, TURN | {"max_tokens": 2**70}, 400),
    (CHAT, TURN | {"n": 0}, 400),
    (CHAT, TURN | {"n": 100_000}, 400),
    (CHAT, TURN | {"temperature": -1}, 400),
    (CHAT, TURN | {"temperature": "hot"}, 400),
    (CHAT, TURN | {"top_p": 0}, 400),
    (CHAT, TURN | {"seed": 2**80}, 400),
    (CHAT, TURN | {"stop": [""]}, 400),
    (CHAT, TURN | {"stop": 7}, 400),
    (CHAT, TURN | {"stream": "yes"}, 400),
    (CHAT, TURN | {"logit_bias": {"x": 1}}, 400),
    (CHAT, TURN | {"logit_bias": {"99999999": 1}}, 400),
    (CHAT, TURN | {"thinking_budget": -1}, 400),
    (CHAT, TURN | {"tools": [{"type": "function", "function": {}}]}, 400),
    (CHAT, TURN | {"tools": [{"type": "function", "function": {"name": "a b"}}]}, 400),
    (CHAT, TURN | {"tools": [5]}, 400),
    (CHAT, TURN | {"response_format": {"type": "poem"}}, 400),
    (CHAT, TURN | {"response_format": {"type": "json_schema"}}, 400),
    (CHAT, TURN | {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": 5}}}, 400),
    (CHAT, TURN | {"response_format": {"type": "json_schema", "json_schema": {"schema": {"not": {}}}}}, 400),
    (CHAT, TURN | {"response_format": {"type": "json_schema", "json_schema": {"schema": False}}}, 400),
    (CHAT, TURN | {"tools": [BAD_TOOL], "tool_choice": "required"}, 400),
    (CHAT, TURN | {"response_format": {"type": "json_object"}, "continue_final_message": True}, 400),
    (MESSAGES, TURN | {"output_config": {"format": {"type": "json_schema"}}}, 400),
    (MESSAGES, TURN | {"output_config": {"format": {"type": "json_schema", "schema": {"not": {}}}}}, 400),
    (MESSAGES, TURN | {"tools": [{"name": "a", "input_schema": {"not": {}}, "strict": True}]}, 400),
    (CHAT, TURN | {"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "sub"}}}, 400),
    (CHAT, TURN | {"tools": TOOLS, "tool_choice": "always"}, 400),
    (CHAT, {"messages": [{"role": "user", "content": "well " * 20_000}]}, 400),
    (CHAT, {"messages": [{"role": "user", "content": "x" * 900_000}]}, 400),
    (CHAT, {"messages": [{"role": "user", "content": "x" * 10_000_000}]}, 413),
    (CHAT, TURN | {"max_tokens": 3, "thinking_budget": 1}, 400),
    (TEXT, {"prompt": ""}, 400),
    (TEXT, {"prompt": []}, 400),
    (TEXT, {"prompt": [-1]}, 400),
    (TEXT, {"prompt": [10**9]}, 400),
    (TEXT, {"prompt": ["a", 5]}, 400),
    (TEXT, {"prompt": ["a"] * 1000}, 400),
    (TEXT, {"prompt": {"a": 1}}, 400),
    (TEXT, {"prompt": "a", "suffix": "b"}, 400),
    (TEXT, {"prompt": "a", "best_of": 3}, 400),
    (TEXT, {"prompt": "well", "max_tokens": 0}, 400),
    (MESSAGES, b"{", 400),
    (MESSAGES, {"messages": ASK}, 400),
    (MESSAGES, TURN | {"model": "claude"}, 404),
    (MESSAGES, TURN | {"max_tokens": 0}, 400),
    (MESSAGES, {"messages": [], "max_tokens": 5}, 400),
    (MESSAGES, TURN | {"temperature": 1.5}, 400),
    (MESSAGES, TURN | {"tools": [{"name": "a"}]}, 400),
    (MESSAGES, TURN | {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, 400),
    (MESSAGES, TURN | {"messages": [{"role": "tool", "content": "hi"}]}, 400),
    (MESSAGES, TURN | {"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]}, 400),
    (MESSAGES, TURN | {"messages": [{"role": "user", "content": "x" * 10_000_000}]}, 413),
    ("/v1/messages/count_tokens", {}, 400),
    ("/v1/messages/nothing", {}, 404),
    ("/tokenize", {}, 400),
    ("/tokenize", {"prompt": "a", "messages": ASK}, 400),
    ("/detokenize", {"tokens": [-1]}, 400),
    ("/detokenize", {"tokens": ["a"]}, 400),
    ("/v1/requests/none/stop_thinking", {}, 404),
    ("/nowhere", {}, 404),
]


def test_bad_input_is_refused_in_the_dialects_shape_and_harms_nobody() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        for path, body, status in BAD:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            reply = await http.post(path, content=content, headers={"content-type": "application/json"})
            shown = (path, content[:80], reply.status_code, reply.text[:300])
            assert reply.status_code == status, shown
            if path.startswith("/v1/messages"):
                message = MessageError.model_validate(reply.json()).error.message
            else:
                message = ErrorReply.model_validate(reply.json()).error.message
            assert 20 < len(message) < 1000, shown
        assert (await http.get(CHAT)).status_code == 405
        good = await http.post(CHAT, json={"messages": ASK})
        assert good.json()["choices"][0]["message"]["content"] == ANSWER

    ask_all(talking(ANSWER), work)


def test_errors_of_a_stream_are_statuses_before_it_begins() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        long = [{"role": "user", "content": "well " * 20_000}]
        for path in (CHAT, MESSAGES):
            reply = await http.post(path, json={"messages": long, "max_tokens": 5, "stream": True})
            assert reply.status_code == 400

    ask_all(talking(ANSWER), work)


@pytest.mark.parametrize("stream", [False, True])
def test_an_engine_that_fails_says_so(stream: bool) -> None:
    llm = talking(ANSWER)
    policy, llm.engine.runner.policy = llm.engine.runner.policy, None  # pyright: ignore

    async def work(http: httpx.AsyncClient) -> None:
        for path, read in ((CHAT, chunks_of), (MESSAGES, events_of)):
            reply = await http.post(path, json=TURN | {"stream": stream})
            assert "could not compute" in reply.text
            assert reply.status_code == (200 if stream else 500)
            if stream:
                assert "error" in read(reply.text)[-1]
        llm.engine.runner.policy = policy  # pyright: ignore
        good = await http.post(CHAT, json={"messages": ASK})
        assert good.json()["choices"][0]["message"]["content"] == ANSWER

    ask_all(llm, work)


def test_keys_are_asked_for() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        assert (await http.get("/health")).status_code == 200
        for path, shape in ((CHAT, ErrorReply), (MESSAGES, MessageError)):
            for headers in ({}, {"authorization": "Bearer wrong-key"}, {"x-api-key": "the-right-ke"}):
                refused = await http.post(path, json=TURN, headers=headers)
                assert refused.status_code == 401
                shape.model_validate(refused.json())
            for headers in ({"authorization": "Bearer the-right-key"}, {"x-api-key": "the-right-key"}):
                assert (await http.post(path, json=TURN, headers=headers)).status_code == 200
        assert (await http.get("/metrics")).status_code == 401

    ask_all(talking(ANSWER), work, config(api_keys=("the-right-key", "another-key")))


STRANGERS = ("evil.example", "evil.example:8000", "127.0.0.1.evil.example", "10.0.0.7", "[fd00::1]:8000", "x@y", "[")
OWN = ("localhost", "LocalHost:8000", "127.0.0.1:8000", "[::1]:8000", "test")  # the last is where it listens


def test_web_pages_of_others_are_refused_where_there_is_no_key() -> None:
    """A page may send JSON as plain text to this machine, or give its own name this machine's address."""

    async def work(http: httpx.AsyncClient) -> None:
        async def post(path: str, **headers: str) -> httpx.Response:
            headers["content-type"] = "text/plain"
            return await http.post(path, content=json.dumps(TURN), headers=headers)

        for path, shape in ((CHAT, ErrorReply), (MESSAGES, MessageError)):
            for stranger in STRANGERS:
                told = [await post(path, host=stranger)]
                told += [await post(path, origin=f"{scheme}://{stranger}") for scheme in ("http", "https")]
                for refused in told:
                    assert refused.status_code == 403, stranger
                    assert shape.model_validate(refused.json()).error.type == "permission_error"
                    assert "no API key" in refused.json()["error"]["message"]
            assert (await post(path, origin="null")).status_code == 403  # a sandboxed frame of anybody
            for own in OWN:
                assert (await post(path, host=own, origin=f"http://{own}")).status_code == 200, own
        assert (await http.get("/v1/models", headers={"host": "evil.example"})).status_code == 403

    ask_all(talking(ANSWER), work)


def test_hosts_that_the_operator_allows_may_ask() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        for host in ("models.example", "Models.Example:443"):
            headers = {"host": host, "origin": f"https://{host}"}
            assert (await http.post(CHAT, json=TURN, headers=headers)).status_code == 200
        assert (await http.post(CHAT, json=TURN, headers={"host": "example"})).status_code == 403

    ask_all(talking(ANSWER), work, config(allowed_hosts=("models.example",)))


def test_a_key_is_enough_whatever_the_host() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        headers = {"host": "models.example", "origin": "https://pages.example", "x-api-key": "the-right-key"}
        assert (await http.post(CHAT, json=TURN, headers=headers)).status_code == 200

    ask_all(talking(ANSWER), work, config(api_keys=("the-right-key",)))
