"""Misses the signs of life of an engine process: one that has work and says nothing for too long hangs in a step.

It watches from outside, because a step that hangs in native code may keep every thread of its process from running.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from yunqi.common.logging import get_logger

log = get_logger(__name__)

_LOOKS = 20  # in the time of a step
_LONGEST_PAUSE = 1.0


class Watchdog:
    """Watches one process. `seconds` 0 watches nothing; `verdict` says what was found, once there is something.

    Silence counts while `has_work`, and only as far as this side was awake to hear: a machine that slept, or a caller
    that held up the event loop, kills no engine.
    """

    def __init__(self, seconds: float, has_work: Callable[[], bool]) -> None:
        self._seconds, self._has_work = seconds, has_work
        self._silent = 0.0
        self._task: asyncio.Task[None] | None = None
        self.verdict = ""

    def start(self, kill: Callable[[], None]) -> None:
        """Watch from now on; `kill` is called once, where the process hangs."""
        if self._seconds > 0 and self._task is None:
            self._task = asyncio.create_task(self._watch(kill))

    def hear(self) -> None:
        """The process has said something."""
        self._silent = 0.0

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _watch(self, kill: Callable[[], None]) -> None:
        pause = min(self._seconds / _LOOKS, _LONGEST_PAUSE)
        while self._silent < self._seconds:
            before = time.monotonic()
            await asyncio.sleep(pause)
            awake = min(time.monotonic() - before, 2 * pause)
            self._silent = self._silent + awake if self._has_work() else 0.0
        self.verdict = f"a step took longer than {self._seconds:g} s, and it was killed"
        log.error("the engine process hangs: %s", self.verdict)
        kill()
