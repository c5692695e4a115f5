"""A thousand clients that leave at random moments, twice, and two hundred that stay: nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

import httpx
import psutil
import pytest

LEAVING, STAYING, AT_ONCE = 1000, 200, 24
BOUND = 120.0
CHAT = "/v1/chat/completions"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


@dataclass(frozen=True)
class Rest:
    """What a server holds while nobody asks."""

    tasks: int
    free_blocks: int
    bytes: int


class Served:
    """A server in its own process, seen from outside."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process, self.address = process, address

    def at_rest(self) -> Rest:
        """Waits, for a bounded time, until no sequence runs."""
        last = time.monotonic() + BOUND
        while self.gauge("running") or self.gauge("waiting"):
            assert time.monotonic() < last, "sequences went on running"
            time.sleep(0.05)
        time.sleep(0.5)
        server = psutil.Process(self.process.pid)
        held = sum(one.memory_full_info().uss for one in (server, *server.children(recursive=True)))
        return Rest(self.tasks(), int(self.gauge("free_blocks")), held)

    def gauge(self, name: str) -> float:
        text = httpx.get(f"{self.address}/metrics", timeout=BOUND).text
        found = re.search(rf"^yunqi_engine_{name} (\S+)$", text, re.MULTILINE)
        assert found, text
        return float(found[1])

    def tasks(self) -> int:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def served() -> Iterator[Served]:
    command = [sys.executable, "-m", "tests.soak.served"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        try:
            yield Served(process, process.stdout.readline().strip())
        finally:
            process.stdin.close()
            process.wait(BOUND)


def question(number: int) -> dict[str, object]:
    return {
        "messages": [{"role": "user", "content": f"Start with {number}, add 7, multiply by 3, subtract 10."}],
        "temperature": 0,
        "max_tokens": 200,
        "thinking_budget": 100,
    }


async def leave(http: httpx.AsyncClient, random: Random) -> None:
    seconds, body = random.uniform(0, 0.4), question(random.randrange(1000)) | {"stream": random.random() < 0.6}
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(http.post(CHAT, json=body), seconds)


async def stay(http: httpx.AsyncClient, number: int) -> str:
    reply = await http.post(CHAT, json=question(number))
    assert reply.status_code == 200, reply.text
    message = reply.json()["choices"][0]["message"]
    return f"{message['reasoning']}|{message['content']}"


async def crowd(address: str, seed: int, *, leaving: int, staying: int) -> dict[int, str]:
    """Let so many come, `AT_ONCE` together and mixed at random; what those that stayed were told, by their number."""
    random, places, told = Random(seed), asyncio.Semaphore(AT_ONCE), dict[int, str]()
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=address, timeout=BOUND, limits=limits) as http:

        async def come(number: int) -> None:
            async with places:
                if number < staying:
                    told[number] = await stay(http, number)
                else:
                    await leave(http, random)

        numbers = random.sample(range(staying + leaving), staying + leaving)
        await asyncio.gather(*map(come, numbers))
    return told


def test_clients_that_leave_at_random_leave_nothing_behind() -> None:
    with served() as server:
        alone = asyncio.run(crowd(server.address, 0, leaving=0, staying=20))
        before = server.at_rest()
        rests = []
        for seed in (1, 2):
            told = asyncio.run(crowd(server.address, seed, leaving=LEAVING, staying=20))
            assert told == alone
            rests.append(server.at_rest())
        told = asyncio.run(crowd(server.address, 3, leaving=0, staying=STAYING))
        assert len(told) == STAYING
        assert alone.items() <= told.items()
        end = server.at_rest()
    print(before, *rests, end, sep="\n")
    for rest in (*rests, end):
        assert (rest.tasks, rest.free_blocks) == (before.tasks, before.free_blocks)
    assert rests[1].bytes < 1.01 * rests[0].bytes
