"""What every route needs: the engine's client, the operator's decisions, the books. One per application."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from yunqi.common.errors import YunqiError
from yunqi.engine.client import EngineClient
from yunqi.protocol.requests import EngineRequest, ModelCard, Origin
from yunqi.server.bodies import Wire, parse, read_body
from yunqi.server.config import ServerConfig
from yunqi.server.exchange import Exchange, Served
from yunqi.server.live import LiveResponse
from yunqi.server.metrics import Metrics

_W = TypeVar("_W", bound=Wire)


class Service:
    """Shared by all requests of an application, found as `request.app.state.service`."""

    def __init__(self, client: EngineClient, config: ServerConfig) -> None:
        self.client, self.config = client, config
        self.metrics = Metrics()
        self.running: dict[str, Exchange] = {}
        self.secret = config.signing_secret or secrets.token_bytes(32)

    def card(self, name: str) -> ModelCard:
        """The model of that name or alias; the first where none is named. Raises `model-not-served`."""
        models = self.client.models
        for card in models:
            if name in ("", card.name, *card.aliases):
                return card
        raise YunqiError("model-not-served", name=name, served=", ".join(card.name for card in models))

    async def read(self, request: Request, kind: type[_W]) -> _W:
        """The body of a request as its wire type."""
        longest = max((card.max_model_len for card in self.client.models), default=0)
        limit, seconds = self.config.body_limit(longest), self.config.body_seconds
        return parse(kind, await read_body(request, limit=limit, seconds=seconds))

    def exchange(self, request: EngineRequest, route: str) -> Exchange:
        """A request about to be served."""
        return Exchange(
            self.client, self.metrics, self.running, request, route=route, log_content=self.config.log_content
        )

    async def live(self, exchange: Served, frames: AsyncIterator[bytes], ping: bytes) -> Response:
        """A streamed answer, once the engine has taken the request; before that an error is a status."""
        await exchange.__aenter__()
        config = self.config
        return LiveResponse(
            exchange, frames, ping=ping, ping_seconds=config.ping_seconds, reader_seconds=config.reader_seconds
        )


def service_of(request: Request) -> Service:
    return request.app.state.service


def origin_of(request: Request, prefix: str, *, priority: int = 0, cache_salt: str | None = None) -> Origin:
    """Who asks: a fresh id, and the client's name as its key gives it."""
    key: str = request.scope.get("state", {}).get("client_key", "")
    return Origin(request_id=new_id(prefix), key=key, priority=priority, cache_salt=cache_salt)


def new_id(prefix: str) -> str:
    return f"{prefix}{secrets.token_hex(12)}"
