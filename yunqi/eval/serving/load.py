"""Sends requests to a chat completions endpoint and notes when each token came.

A closed loop keeps a number of requests under way: the next one starts when one ends. An open loop sends at a rate
whether or not the server keeps up, as users do; its times count from when a request was due, so that a server that
falls behind cannot hide it (the "coordinated omission" of closed loops).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlsplit

from yunqi.common.errors import YunqiError


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrivals:
    """When requests are sent: `concurrency` at a time, or `rate` a second on average (a Poisson process) from `seed`.

    With both, at most `concurrency` are under way and what is due meanwhile waits.
    """

    concurrency: int | None = None
    rate: float | None = None
    seed: int = 0

    def due(self, count: int) -> list[float]:
        """Seconds from the start at which each request is due; all zeros in a closed loop."""
        if self.rate is None:
            return [0.0] * count
        random, now, times = Random(self.seed), 0.0, []
        for _ in range(count):
            times.append(now)
            now += random.expovariate(self.rate)
        return times


@dataclass(kw_only=True, slots=True)
class Record:
    """One request: seconds since it was due at which each piece of text came, and what it was in the end.

    `num_tokens` is what the server's usage says, or the number of pieces where it says nothing.
    """

    due: float
    started: float = 0.0
    ended: float = 0.0
    pieces: list[float] = field(default_factory=list)
    num_tokens: int = 0
    num_prompt_tokens: int = 0
    num_cached_tokens: int = 0
    error: str | None = None

    @property
    def first(self) -> float | None:
        """Seconds to the first token."""
        return self.pieces[0] if self.pieces else None

    @property
    def gaps(self) -> list[float]:
        """Seconds between neighbouring pieces."""
        return [b - a for a, b in zip(self.pieces, self.pieces[1:], strict=False)]


async def run_load(
    url: str,
    prompts: Sequence[str],
    arrivals: Arrivals,
    *,
    model: str | None = None,
    api_key: str | None = None,
    options: dict[str, Any] | None = None,
    timeout: float = 600.0,
    on_done: Callable[[Record], None] = lambda record: None,
) -> tuple[list[Record], float]:
    """Send every prompt once. Returns the records in order and the seconds it all took.

    Args:
        url: of the server, with or without /v1.
        model: None: the first that the server lists.
        options: further fields of each request, such as max_tokens or temperature.
        timeout: seconds that one request may take.

    Raises:
        YunqiError: `extra-missing` without aiohttp, `server-unreachable` where no request could be sent at all.
    """
    try:
        import aiohttp
    except ImportError as error:
        raise YunqiError("extra-missing", what="Measuring a server", package="aiohttp", extra="bench") from error
    base, headers = _base(url), {"Authorization": f"Bearer {api_key}"} if api_key else {}
    limits = aiohttp.TCPConnector(limit=0)
    wait = aiohttp.ClientTimeout(total=timeout)
    async with aiohttp.ClientSession(headers=headers, connector=limits, timeout=wait) as session:
        name = model or await _first_model(session, base)
        fields = {"model": name, "stream": True, "stream_options": {"include_usage": True}, **(options or {})}
        gate = asyncio.Semaphore(arrivals.concurrency or len(prompts))
        start = time.perf_counter()

        async def one(prompt: str, due: float) -> Record:
            await asyncio.sleep(max(0.0, start + due - time.perf_counter()))
            async with gate:
                now = time.perf_counter()
                # In a closed loop nobody waits for a place: the request is due when its place is free.
                record = Record(due=start + due if arrivals.rate is not None else now, started=now)
                body = {**fields, "messages": [{"role": "user", "content": prompt}]}
                await _send(session, f"{base}/chat/completions", body, record)
            on_done(record)
            return record

        tasks = [one(p, due) for p, due in zip(prompts, arrivals.due(len(prompts)), strict=True)]
        records = await asyncio.gather(*tasks)
        return list(records), time.perf_counter() - start


async def _send(session: Any, url: str, body: dict[str, Any], record: Record) -> None:
    import aiohttp

    try:
        async with session.post(url, json=body) as response:
            if response.status != 200:
                text = (await response.text())[:200]
                record.error = f"HTTP {response.status}: {text}"
            else:
                async for chunk in _events(response.content):
                    _note(record, chunk)
    except TimeoutError:
        record.error = "timed out"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        record.error = f"{type(error).__name__}: {error}"
    record.ended = time.perf_counter()
    record.num_tokens = record.num_tokens or len(record.pieces)
    if record.error is None and not record.num_tokens:
        record.error = "nothing came"


def _note(record: Record, chunk: dict[str, Any]) -> None:
    if "error" in chunk:
        record.error = json.dumps(chunk["error"])[:200]
        return
    usage = chunk.get("usage")
    if usage:
        record.num_tokens = usage.get("completion_tokens") or 0
        record.num_prompt_tokens = usage.get("prompt_tokens") or 0
        record.num_cached_tokens = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    for choice in chunk.get("choices") or ():
        delta = choice.get("delta") or {}
        if any(delta.get(name) for name in ("content", "reasoning_content", "reasoning", "tool_calls")):
            record.pieces.append(time.perf_counter() - record.due)


async def _events(content: Any) -> AsyncIterator[dict[str, Any]]:
    """The JSON objects of a stream of server-sent events, up to "[DONE]"."""
    async for line in content:
        text = line.decode("utf-8").strip()
        if text.startswith("data:"):
            data = text[5:].strip()
            if data == "[DONE]":
                return
            yield json.loads(data)


async def _first_model(session: Any, base: str) -> str:
    import aiohttp

    try:
        async with session.get(f"{base}/models") as response:
            if response.status != 200:
                raise YunqiError("server-unreachable", url=base, reason=f"HTTP {response.status} for its models")
            return (await response.json())["data"][0]["id"]
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError, LookupError, TypeError) as error:
        raise YunqiError("server-unreachable", url=base, reason=str(error) or type(error).__name__) from error


def _base(url: str) -> str:
    """The address of the API: "http://HOST/v1". Raises `option-invalid`."""
    url = url if "://" in url else f"http://{url}"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise YunqiError("option-invalid", option="URL", value=url, rule="Write it as http://HOST:PORT.")
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return f"{parts.scheme}://{parts.netloc}{path if path.endswith('/v1') else path + '/v1'}"
