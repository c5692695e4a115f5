"""Answers while they are written: a client that leaves ends its request, one that does not read is left.

`unless_gone` runs any work beside a watch on the connection; `LiveResponse` streams frames of server-sent events with
pings while nothing comes, and closes its exchange whatever happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from yunqi.server.exchange import Served

_T = TypeVar("_T")
_HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}


def request_id(name: str) -> dict[str, str]:
    """Headers that name a request: OpenAI's clients read one, Anthropic's the other."""
    return {"x-request-id": name, "request-id": name}


class ClientGone(Exception):
    """The client closed its connection: there is nobody to answer."""


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, _T]) -> _T:
    """The result of `work`. Raises `ClientGone`, and cancels the work, where the client leaves first."""
    task, watch = asyncio.ensure_future(work), asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientGone
        return task.result()
    finally:
        task.cancel()
        watch.cancel()
        await asyncio.gather(task, watch, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class LiveResponse(Response):
    """Streams `frames`, which end by themselves; `exchange` has been entered and is left here."""

    def __init__(
        self,
        exchange: Served,
        frames: AsyncIterator[bytes],
        *,
        ping: bytes,
        ping_seconds: float,
        reader_seconds: float,
    ) -> None:
        super().__init__(media_type="text/event-stream", headers=_HEADERS | request_id(exchange.id))
        del self.headers["content-length"]
        self._exchange, self._frames = exchange, frames
        self._ping, self._ping_seconds, self._reader_seconds = ping, ping_seconds, reader_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error: BaseException | None = None
        try:
            await unless_gone(receive, self._send_all(send))
        except (ClientGone, TimeoutError):  # uvicorn closes a connection whose answer is not complete
            error = asyncio.CancelledError()
        except BaseException as caught:
            error = caught
            raise
        finally:
            await self._exchange.__aexit__(type(error) if error else None, error, None)

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        frames = aiter(self._frames)
        following: asyncio.Task[bytes | None] | None = None
        try:
            while True:
                following = following or asyncio.ensure_future(_next(frames))
                done, _ = await asyncio.wait({following}, timeout=self._ping_seconds)
                if not done:
                    await self._send(send, self._ping)
                    continue
                frame, following = following.result(), None
                if frame is None:
                    break
                await self._send(send, frame)
        finally:
            if following is not None:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send(self, send: Send, body: bytes) -> None:
        """A client that takes nothing for so long is given up."""
        async with asyncio.timeout(self._reader_seconds):
            await send({"type": "http.response.body", "body": body, "more_body": True})


async def _next(frames: AsyncIterator[bytes]) -> bytes | None:
    """The next frame; None at the end."""
    return await anext(frames, None)
