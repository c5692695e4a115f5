"""A server over a scripted model, for tests: as an application without a socket, or on a port of this machine."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx

from tests.interface import check_answer
from yunqi.engine.llm import LLM
from yunqi.engine.local import LocalClient
from yunqi.server.app import build_app
from yunqi.server.config import ServerConfig
from yunqi.server.run import listen, make_server

SECONDS = 90  # a bound for waits, not a measure
SECRET = b"0" * 32
ASK = [{"role": "user", "content": "What is 40 + 2?"}]
ADD = {
    "name": "add",
    "description": "Add two numbers.",
    "parameters": {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}},
}


def config(**more: Any) -> ServerConfig:
    return ServerConfig(**{"signing_secret": SECRET, "drain_seconds": 1.0, **more})


def blocks_are_free(llm: LLM) -> bool:
    blocks = llm.engine.scheduler.blocks
    return blocks.num_free == blocks.num_blocks and not llm.engine.has_requests


@asynccontextmanager
async def asking(llm: LLM, settings: ServerConfig | None = None, **client: Any) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of an application without a socket; at the end every block must be back.

    Every answer is held to the server's OpenAPI document.
    """
    engine = LocalClient(llm, name="nano", aliases=("small",), **client)
    await engine.start()
    app = build_app(engine, settings or config())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    try:
        hooks = {"response": [_checked]}
        async with httpx.AsyncClient(transport=transport, base_url="http://test", event_hooks=hooks) as http:
            yield http
    finally:
        await engine.close()
        assert blocks_are_free(llm)


async def _checked(reply: httpx.Response) -> None:
    await reply.aread()
    check_answer(reply.request.method, reply.request.url.path, reply.status_code, reply.headers, reply.text)


def ask_all(llm: LLM, work: Callable[[httpx.AsyncClient], Awaitable[Any]], settings: ServerConfig | None = None) -> Any:
    """Run `work` with such a client."""

    async def main() -> Any:
        async with asking(llm, settings) as http:
            return await asyncio.wait_for(work(http), SECONDS)

    return asyncio.run(main())


@contextmanager
def listening(llm: LLM, settings: ServerConfig | None = None, **client: Any) -> Iterator[str]:
    """The address of a real server on 127.0.0.1; at the end it has stopped and every block is back."""
    engine = LocalClient(llm, name="nano", **client)
    listener = listen("127.0.0.1", 0)
    ready = threading.Event()
    addresses: list[str] = []

    def told(address: str) -> None:
        addresses.append(address)
        ready.set()

    server = make_server(engine, settings or config(), listener, told)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    try:
        assert ready.wait(SECONDS), "the server did not start"
        yield addresses[0]
    finally:
        server.should_exit = True
        thread.join(SECONDS)
        assert not thread.is_alive(), "the server did not stop"
        assert blocks_are_free(llm)


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, for a bounded time."""
    last = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < last, "it did not come true"
        time.sleep(0.01)


def chunks_of(text: str) -> list[dict[str, Any]]:
    """The objects of OpenAI's stream; it must end with its mark."""
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def events_of(text: str) -> list[dict[str, Any]]:
    """The objects of Anthropic's stream; each event's name must be its type."""
    found = []
    for frame in text.strip().split("\n\n"):
        name, data = frame.split("\n")
        value = json.loads(data.removeprefix("data: "))
        assert name == f"event: {value['type']}"
        found.append(value)
    return found


def message_of(chunks: list[dict[str, Any]], index: int = 0) -> dict[str, Any]:
    """What OpenAI's client would put together from chunks."""
    message: dict[str, Any] = {"content": "", "reasoning": "", "calls": [], "finish": None}
    for choice in (choice for chunk in chunks for choice in chunk["choices"] if choice["index"] == index):
        delta = choice["delta"]
        assert delta.get("reasoning") == delta.get("reasoning_content")
        message["content"] += delta.get("content") or ""
        message["reasoning"] += delta.get("reasoning") or ""
        for call in delta.get("tool_calls", ()):
            if "id" in call:
                assert call["index"] == len(message["calls"])
                message["calls"].append({"name": call["function"]["name"], "arguments": ""})
            message["calls"][call["index"]]["arguments"] += call["function"]["arguments"]
        if choice["finish_reason"] is not None:
            assert message["finish"] is None
            message["finish"] = choice["finish_reason"]
    return message


def blocks_of(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What Anthropic's client would put together from events; blocks follow each other and each is closed."""
    blocks: list[dict[str, Any]] = []
    is_open = False
    for event in events:
        match event["type"]:
            case "content_block_start":
                assert not is_open
                assert event["index"] == len(blocks)
                is_open = True
                blocks.append({**event["content_block"], "json": ""})
            case "content_block_delta":
                assert is_open
                assert event["index"] == len(blocks) - 1
                delta = dict(event["delta"])
                kind = delta.pop("type")
                ((name, text),) = delta.items()
                blocks[-1]["json" if kind == "input_json_delta" else name] += text
            case "content_block_stop":
                assert is_open
                is_open = False
    assert not is_open
    for block in blocks:
        written = block.pop("json")
        if block["type"] == "tool_use":
            block["input"] = json.loads(written or "{}")
    return blocks
