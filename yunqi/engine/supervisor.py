"""Keeps one engine process in service: starts it, hands its messages on, starts it again when it dies.

The first start must succeed. After that a process that dies is replaced, at once the first time and then after longer
and longer waits; after `max_fast_crashes` deaths in quick succession it is given up, with the reason. One that has work
and says nothing for too long hangs in a step, and is killed.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from yunqi.common.errors import YunqiError
from yunqi.common.logging import get_logger
from yunqi.engine import messages as m
from yunqi.engine.child import Child
from yunqi.engine.watchdog import Watchdog

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class RestartPolicy:
    """A process that served for `fast_seconds` before it died starts the count anew."""

    max_fast_crashes: int = 5
    fast_seconds: float = 60.0
    first_wait: float = 0.5
    longest_wait: float = 30.0

    def wait(self, crashes: int) -> float:
        """Seconds before the next start, after this many deaths in quick succession."""
        return 0.0 if crashes <= 1 else min(self.first_wait * 2 ** (crashes - 2), self.longest_wait)


class Supervisor:
    """One engine process after another. `on_message` and `on_death` (with the reason) are called in the event loop.

    `has_work` says whether the process must be computing; it then says something after every step, and is killed where
    it does not for `step_seconds` (0: it may take for ever).
    """

    def __init__(
        self,
        start: m.Start,
        *,
        on_message: Callable[[m.FromEngine], None],
        on_death: Callable[[str], None],
        policy: RestartPolicy,
        has_work: Callable[[], bool] = lambda: False,
        step_seconds: float = 0.0,
    ) -> None:
        self._start, self._policy = start, policy
        self._on_message, self._on_death = on_message, on_death
        self._has_work, self._step_seconds = has_work, step_seconds
        self._child: Child | None = None
        self._task: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[m.Ready] | None = None
        self._closing = False
        self._seconds_to_start = 0.0  # what the last start took
        self.num_restarts = 0
        self.reason = "it has not been started"

    @property
    def healthy(self) -> bool:
        ready = self._ready
        return ready is not None and ready.done() and not ready.cancelled() and ready.exception() is None

    @property
    def pid(self) -> int | None:
        """The process that serves now."""
        return self._child.pid if self._child is not None and self.healthy else None

    async def start(self) -> m.Ready:
        """Return once the first process is ready. Raises what keeps it from being so."""
        assert self._task is None, "started twice"
        self._ready = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._keep())
        self._task.add_done_callback(self._kept)
        return await asyncio.shield(self._ready)

    async def ready(self, seconds: float) -> m.Ready:
        """Wait at most this long for a process that serves, and serves still when this returns.

        Raises:
            YunqiError: `engine-restarting`, or `engine-stopped` where none is to come.
        """
        end = time.monotonic() + seconds
        while self._ready is not None:
            if self._ready.done():
                return self._ready.result()
            done, _ = await asyncio.wait([self._ready], timeout=max(0.0, end - time.monotonic()))
            if not done:
                seconds = max(1, math.ceil(self._seconds_to_start))
                raise YunqiError("engine-restarting", reason=self.reason, seconds=seconds)
        raise YunqiError("engine-stopped", reason=self.reason)

    def send(self, message: m.ToEngine) -> None:
        if self._child is not None:
            self._child.send(message)

    async def close(self) -> None:
        """End the process: kindly where it serves, at once where it is only being started."""
        serves = self.healthy
        self._closing = True
        self._give_up(YunqiError("engine-stopped", reason="it has been closed"))
        if self._task is None:
            return
        if self._child is not None and serves:
            self._child.send(m.Close())
            await asyncio.wait([self._task], timeout=m.SECONDS_TO_END)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _keep(self) -> None:
        crashes = 0
        while True:
            served, error = await self._live()
            if self._closing:
                return
            if served is None and self.num_restarts == 0:
                self._give_up(error or YunqiError("engine-start-failed", reason=self.reason))
                return
            crashes = crashes + 1 if served is None or served < self._policy.fast_seconds else 1
            log.error("the engine process ended: %s", self.reason)
            self._on_death(self.reason)
            if crashes > self._policy.max_fast_crashes:
                reason = f"its process ended {crashes} times in quick succession, at last with {self.reason}"
                log.error("the engine is given up: %s", reason)
                self._give_up(YunqiError("engine-stopped", reason=reason))
                return
            await asyncio.sleep(self._policy.wait(crashes))
            self.num_restarts += 1

    def _kept(self, task: asyncio.Task[None]) -> None:
        """Where keeping it ended by a mistake of ours nobody must wait for a process that never comes."""
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        log.error("the engine is given up: it could not be kept in service", exc_info=error)
        if not self._closing:
            self._give_up(YunqiError("engine-stopped", reason=f"it could not be kept in service ({error})"))
            self._on_death(self.reason)

    async def _live(self) -> tuple[float | None, Exception | None]:
        """One process from start to end: how many seconds it served (None: never), and why it could not load."""
        since: float | None = None
        error: Exception | None = None
        watchdog = Watchdog(self._step_seconds, self._has_work)
        began = time.monotonic()
        try:
            child = self._child = await Child.spawn(self._start)
        except YunqiError as failed:
            self.reason = failed.sentence
            return None, failed
        try:
            async for message in child.messages():
                watchdog.hear()
                if isinstance(message, m.Ready):
                    since = time.monotonic()
                    self._seconds_to_start = since - began
                    watchdog.start(child.kill)
                    self._set_ready(message)
                elif isinstance(message, m.Failed):
                    error = message.error.rebuilt()
                else:
                    self._on_message(message)
        except asyncio.CancelledError:
            child.kill()
            raise
        except Exception:  # ours, not the process's: it must not leave requests waiting for ever
            log.exception("a message of the engine process could not be taken in")
            child.kill()
        finally:
            self._child = None
            watchdog.stop()
            if since is not None and not self._closing:
                self._renew()
            how = await child.end(m.SECONDS_TO_END)
        self.reason = error.sentence if isinstance(error, YunqiError) else watchdog.verdict or how
        return None if since is None else time.monotonic() - since, error

    def _set_ready(self, message: m.Ready) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(message)

    def _renew(self) -> None:
        """From here on callers wait for the next process."""
        if self._ready is None or self._ready.done():
            self._ready = asyncio.get_running_loop().create_future()

    def _give_up(self, error: Exception) -> None:
        """From here on callers get this error."""
        if isinstance(error, YunqiError):
            self.reason = error.sentence
        self._renew()
        assert self._ready is not None
        self._ready.set_exception(error)
        self._ready.exception()  # nobody need be waiting
