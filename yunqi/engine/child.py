"""A spawned engine process, as its parent sees it: the connection, and its end. Torch-free.

The process is spawned, not forked, from the thread that runs the event loop: Linux ends it at the death of that thread.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

from yunqi.common.errors import YunqiError
from yunqi.common.logging import get_logger
from yunqi.engine import messages as m

log = get_logger(__name__)

_READ_BYTES = 1 << 18
_SECONDS_AFTER_KILL = 10.0


class Child:
    """One process. Made by `spawn`; `end` must be awaited in the end."""

    def __init__(
        self, process: subprocess.Popen[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process, self._reader, self._writer = process, reader, writer
        self.pid = process.pid

    @classmethod
    async def spawn(cls, start: m.Start) -> Child:
        """Start a process and tell it what to serve. Raises `engine-start-failed`."""
        try:
            process, reader, writer = await _started()
        except (OSError, ValueError) as error:  # too many open files, among others
            raise YunqiError("engine-start-failed", reason=error) from error
        child = cls(process, reader, writer)
        child.send(start)
        return child

    def send(self, message: m.ToEngine) -> None:
        """Queue a message; to a process that is gone it goes nowhere, and `messages` says so."""
        data = m.frame(message)
        if not self._writer.is_closing():
            self._writer.write(data)

    async def messages(self) -> AsyncIterator[m.FromEngine]:
        """What it says, until it ends."""
        reader = m.FrameReader("client")
        try:
            while data := await self._reader.read(_READ_BYTES):
                for message in reader.push(data):
                    yield message
        except ConnectionError:
            return  # it ended in the middle of a word; `end` says how
        except m.FrameError as error:
            log.error("the engine process sent nonsense: %s", error)

    async def end(self, seconds: float) -> str:
        """Hang up, give it this long to end, then kill it; returns how it ended."""
        self._writer.close()
        try:
            return _how(await self._wait(seconds))
        except subprocess.TimeoutExpired:
            self.kill()
            with suppress(subprocess.TimeoutExpired):
                await self._wait(_SECONDS_AFTER_KILL)
                return "it did not end by itself and was killed"
            return "it did not end, though it was killed"
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        self._process.kill()

    async def _wait(self, seconds: float) -> int:
        status = self._process.poll()
        return await asyncio.to_thread(self._process.wait, seconds) if status is None else status


async def _started() -> tuple[subprocess.Popen[bytes], asyncio.StreamReader, asyncio.StreamWriter]:
    """A new process and the connection to it; nothing is left of it where that fails."""
    ours, theirs = socket.socketpair()
    try:
        process = _popen(theirs.fileno())
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    try:
        return process, *await asyncio.open_connection(sock=ours)
    except BaseException:
        ours.close()
        process.kill()
        process.wait()
        raise


def _popen(descriptor: int) -> subprocess.Popen[bytes]:
    """The new process finds modules where this one does; -P keeps the working directory out of it otherwise."""
    paths = [os.path.abspath(entry) for entry in sys.path]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "yunqi.engine.process", str(descriptor), str(os.getpid())],
        pass_fds=(descriptor,),
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))},
    )


def _how(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
    return f"killed by {name}" + (", perhaps for want of memory" if name == "SIGKILL" else "")
