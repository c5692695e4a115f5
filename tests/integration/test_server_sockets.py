"""A real server on 127.0.0.1: clients that leave, are slow or send too much; the end of a thought, the drain."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.serving import ASK, blocks_are_free, chunks_of, config, listening, message_of, until
from tests.talker import talking
from yunqi.engine.llm import LLM
from yunqi.server import connection

ANSWER = "The answer is 42."
CHAT = "/v1/chat/completions"

NUM_THOUGHTS = 4000  # tokens that a thought has at least, if nobody ends it


def endless(delay: float = 0.002, **more: Any) -> LLM:
    """A model whose thought ends with its budget only, a step at a time."""
    llm = talking(ANSWER, thought="well " * NUM_THOUGHTS, num_blocks=800, **more)
    run = llm.engine.runner.run

    def slow(batch: Any) -> Any:
        time.sleep(delay)
        return run(batch)

    llm.engine.runner.run = slow  # pyright: ignore
    return llm


def test_a_client_that_leaves_ends_its_request() -> None:
    llm = endless()
    with listening(llm) as address, httpx.Client(base_url=address, timeout=60) as http:
        for path in (CHAT, "/v1/messages"):
            body = {"messages": ASK, "max_tokens": 9000, "stream": True, "thinking_budget": 8000}
            with http.stream("POST", path, json=body) as reply:
                assert reply.status_code == 200
                next(reply.iter_bytes())
                assert not blocks_are_free(llm)
            until(lambda: blocks_are_free(llm))
        with pytest.raises(httpx.ReadTimeout):
            http.post(CHAT, json={"messages": ASK, "max_tokens": 9000}, timeout=0.5)
        until(lambda: blocks_are_free(llm))
        until(lambda: 'outcome="gone",route="chat"}' in http.get("/metrics").text)


def test_a_thought_is_ended_from_outside() -> None:
    with listening(endless(), config(api_keys=("first-key", "second-key"))) as address:
        first, second = ({"authorization": f"Bearer {name}-key"} for name in ("first", "second"))
        with (
            httpx.Client(base_url=address, timeout=60, headers=first) as http,
            http.stream("POST", CHAT, json={"messages": ASK, "stream": True, "temperature": 0}) as reply,
        ):
            lines = reply.iter_lines()
            head = next(line for line in lines if line.startswith("data: "))
            name = json.loads(head.removeprefix("data: "))["id"]
            foreign = httpx.post(f"{address}/v1/requests/{name}/stop_thinking", headers=second, timeout=60)
            assert foreign.status_code == 404
            ended = httpx.post(f"{address}/v1/requests/{name}/stop_thinking", headers=first, timeout=60)
            assert ended.json() == {"id": name, "stopped": True}
            message = message_of(chunks_of("\n".join([head, *lines])))
        assert "limited time" in message["reasoning"]
        assert message["content"] == ANSWER


def test_clients_that_leave_at_random_disturb_nobody() -> None:
    llm = endless(delay=0.0, max_num_seqs=16)
    chance = random.Random(1)
    delays = [chance.uniform(0, 0.2) for _ in range(100)]
    with listening(llm) as address, httpx.Client(base_url=address, timeout=60) as http:

        def leave(delay: float) -> None:
            body = {"messages": ASK, "stream": delay > 0.1, "max_tokens": 500, "thinking_budget": 300}
            with contextlib.suppress(httpx.HTTPError):
                http.post(CHAT, json=body, timeout=httpx.Timeout(60, read=max(delay, 0.001)))

        with ThreadPoolExecutor(16) as pool:
            list(pool.map(leave, delays))
        until(lambda: blocks_are_free(llm))
        reply = http.post(CHAT, json={"messages": ASK, "thinking_budget": 5}).json()
        assert reply["choices"][0]["message"]["content"] == ANSWER


def raw(address: str, head: bytes) -> socket.socket:
    host, port = address.removeprefix("http://").split(":")
    connection_ = socket.create_connection((host, int(port)), timeout=60)
    connection_.sendall(head)
    return connection_


def everything(waiting: socket.socket) -> bytes:
    """What the server sends before it hangs up."""
    received = b""
    with contextlib.suppress(ConnectionResetError):  # it may hang up on what it did not read
        while piece := waiting.recv(10_000):
            received += piece
    return received


def test_slow_senders_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.3)
    head = b"POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 50\r\n"
    with listening(talking(ANSWER), config(body_seconds=0.3)) as address:
        with raw(address, head) as waiting:  # the head never ends
            assert everything(waiting) == b""
        with raw(address, head + b"\r\n{") as waiting:  # the body never comes
            told = everything(waiting)
            assert told.startswith(b"HTTP/1.1 408")
            assert b"timeout_error" in told
        with raw(address, head.replace(b"50", b"99000000000") + b"\r\n{") as waiting:
            assert everything(waiting).startswith(b"HTTP/1.1 413")


def test_a_body_that_is_too_large_is_answered() -> None:
    with listening(talking(ANSWER)) as address:
        for content in (b"x" * 10_000_000, iter([b"x" * 500_000] * 20)):
            reply = httpx.post(address + CHAT, content=content, timeout=60)
            assert reply.status_code == 413
            assert reply.json()["error"]["code"] == "body-too-large"


def test_slow_readers_are_let_go() -> None:
    llm = endless(delay=0.0)
    with listening(llm, config(reader_seconds=0.3)) as address:
        body = json.dumps({"messages": ASK, "stream": True, "logprobs": True, "top_logprobs": 20}).encode()
        head = f"POST {CHAT} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n\r\n".encode()
        host, port = address.removeprefix("http://").split(":")
        with socket.socket() as waiting:
            waiting.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            waiting.settimeout(60)
            waiting.connect((host, int(port)))
            waiting.sendall(head + body)
            waiting.recv(100)
            until(lambda: not blocks_are_free(llm))
            until(lambda: blocks_are_free(llm))
    assert llm.engine.scheduler.counters["generated_tokens"] < NUM_THOUGHTS  # it did not end by itself


def test_a_stop_lets_answers_finish() -> None:
    llm = endless(delay=0.005)
    found: list[Any] = []
    with listening(llm, config(drain_seconds=60.0)) as address:
        body = {"messages": ASK, "thinking_budget": 40, "temperature": 0}
        asking = threading.Thread(target=lambda: found.append(httpx.post(address + CHAT, json=body, timeout=60)))
        asking.start()
        until(lambda: not blocks_are_free(llm))
    asking.join(60)
    assert found[0].json()["choices"][0]["message"]["content"] == ANSWER


def test_a_stop_ends_what_takes_too_long() -> None:
    llm = endless(delay=0.01)
    found: list[Any] = []
    with listening(llm, config(drain_seconds=0.2)) as address:
        body = {"messages": ASK, "thinking_budget": 8000}
        asking = threading.Thread(target=lambda: found.append(httpx.post(address + CHAT, json=body, timeout=60)))
        asking.start()
        until(lambda: not blocks_are_free(llm))
    asking.join(60)
    assert found[0].status_code == 503
    assert "retry-after" in found[0].headers


def test_a_full_queue_says_when_to_come_again() -> None:
    llm = endless(delay=0.005, max_num_seqs=1)
    with listening(llm, max_waiting=1) as address, ThreadPoolExecutor(4) as pool:
        body = {"messages": ASK, "thinking_budget": 100, "temperature": 0}
        replies = list(pool.map(lambda _: httpx.post(address + CHAT, json=body, timeout=60), range(4)))
    assert {reply.status_code for reply in replies} == {200, 503}
    refused = next(reply for reply in replies if reply.status_code == 503)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert f"again in {refused.headers['retry-after']} s" in refused.json()["error"]["message"]
    assert refused.json()["error"]["code"] == "queue-full"


def test_pings_keep_a_quiet_stream_open() -> None:
    llm = endless(delay=0.4)
    with listening(llm, config(ping_seconds=0.1)) as address:
        body = {"messages": ASK, "stream": True, "max_tokens": 2, "enable_thinking": False}
        text = httpx.post(address + CHAT, json=body, timeout=60).text
    assert ": ping" in text
    assert chunks_of(text)
