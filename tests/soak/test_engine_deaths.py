"""Engine processes killed at random moments under load: each request gets its whole answer or a clear error, none waits
for ever, and the next process serves."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from random import Random

import psutil
import pytest

from yunqi.common.errors import YunqiError
from yunqi.engine.remote import RemoteEngine
from yunqi.engine.script import Script
from yunqi.engine.supervisor import RestartPolicy
from yunqi.protocol.requests import CompletionRequest
from yunqi.protocol.sampling import SamplingParams

KILLS = 8
CLIENTS = 12
BOUND = 120.0
SCRIPT = Script(policy="tests.integration.policies:counting", vocab_size=50, seconds_per_step=0.003)


async def ask(engine: RemoteEngine, random: Random) -> str:
    """How one request ends. A whole answer counts on from its prompt."""
    start, count = random.randrange(50), random.randrange(1, 60)
    params = SamplingParams(temperature=0, max_tokens=count)
    try:
        async with engine.submit(CompletionRequest(prompt=(start,), params=params)) as stream:
            tokens = [token async for delta in stream for token in delta.token_ids]
    except YunqiError as error:
        return error.code
    assert tokens == [(start + 1 + i) % 50 for i in range(count)]
    return "whole"


async def storm() -> Counter[str]:
    random, ends = Random(3), Counter[str]()
    policy = RestartPolicy(max_fast_crashes=10 * KILLS, first_wait=0.0)
    engine = RemoteEngine(SCRIPT, restarts=policy, seconds_to_wait=BOUND)
    await engine.start()
    dying = True

    async def client() -> None:
        while dying:
            ends[await asyncio.wait_for(ask(engine, random), BOUND)] += 1

    clients = [asyncio.create_task(client()) for _ in range(CLIENTS)]
    for _ in range(KILLS):
        until = ends.total() + random.randrange(2 * CLIENTS)  # so many more have ended, and others are under way
        while (pid := engine.pid) is None or ends.total() < until:
            await asyncio.sleep(0.01)
        os.kill(pid, signal.SIGKILL)
    dying = False
    await asyncio.gather(*clients)
    assert await ask(engine, random) == "whole"
    stats = await engine.stats()
    assert (stats.num_running, stats.num_waiting, engine.num_streams) == (0, 0, 0)
    await engine.close()
    return ends


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_request_is_lost_when_processes_die() -> None:
    ends = asyncio.run(storm())
    assert set(ends) <= {"whole", "engine-died"}
    assert ends["whole"] > 0
    assert ends["engine-died"] > 0
    assert psutil.Process().children() == []
