"""Structured logs: one JSON object a line, on the logger `yunqi.server`. Prompts and answers stay out of them.

`--log-content` adds what was asked, for those who look for a mistake on a machine of their own.
"""

from __future__ import annotations

import dataclasses
import logging
import sys
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yunqi.common.logging import get_logger
from yunqi.protocol.requests import ChatRequest, EngineRequest, Usage
from yunqi.server.bodies import to_json

_log = get_logger("yunqi.server")


def configure(level: int = logging.INFO) -> None:
    """Write this server's lines to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    _log.handlers[:] = [handler]
    _log.setLevel(level)
    _log.propagate = False


def log_event(event: str, **fields: object) -> None:
    """One line."""
    if _log.isEnabledFor(logging.INFO):
        _log.info(to_json({"time": round(time.time(), 3), "event": event, **fields}).decode())


def log_exchange(
    request: EngineRequest, route: str, outcome: str, seconds: float, usage: Usage, *, content: bool
) -> None:
    """What a request of the engine cost and how it ended."""
    fields: dict[str, object] = {
        "request": request.origin.request_id,
        "client": request.origin.key,
        "route": route,
        "model": request.model,
        "outcome": outcome,
        "seconds": round(seconds, 4),
        **dataclasses.asdict(usage),
    }
    if content:
        messages = request.messages if isinstance(request, ChatRequest) else None
        fields["asked"] = [[m.role, m.text] for m in messages] if messages else getattr(request, "prompt", None)
    log_event("request", **fields)


class AccessLog:
    """ASGI middleware: a line for each HTTP request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), [0]

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            seconds = round(time.monotonic() - began, 4)
            log_event("http", method=scope["method"], path=scope["path"], status=status[0], seconds=seconds)
