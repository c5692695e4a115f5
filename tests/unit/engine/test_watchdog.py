"""When silence is a sign of hanging, and when it is not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from yunqi.engine.watchdog import Watchdog


def kills(scenario: Callable[[Watchdog], Coroutine[Any, Any, None]], seconds: float, has_work: bool = True) -> int:
    """How often a watchdog kills in a scenario."""
    killed: list[int] = []

    async def main() -> None:
        watchdog = Watchdog(seconds, lambda: has_work)
        watchdog.start(lambda: killed.append(1))
        await scenario(watchdog)
        watchdog.stop()
        assert bool(watchdog.verdict) is bool(killed)

    asyncio.run(main())
    return len(killed)


async def silence(watchdog: Watchdog) -> None:
    await asyncio.sleep(0.5)


async def chatter(watchdog: Watchdog) -> None:
    for _ in range(50):
        await asyncio.sleep(0.01)
        watchdog.hear()


async def sleep_of_the_watcher(watchdog: Watchdog) -> None:
    await asyncio.sleep(0)
    time.sleep(0.5)  # nobody on this side could have heard anything
    await asyncio.sleep(0.03)


def test_silence_under_work_kills_once() -> None:
    assert kills(silence, seconds=0.1) == 1


def test_what_kills_nobody() -> None:
    assert kills(silence, seconds=0.1, has_work=False) == 0
    assert kills(silence, seconds=0.0) == 0
    assert kills(chatter, seconds=0.3) == 0
    assert kills(sleep_of_the_watcher, seconds=0.4) == 0
