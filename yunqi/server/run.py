"""`serve`: listen on an address and serve one model until told to stop.

`make_client` is the one place that decides where the engine lives.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Any

import uvicorn

from yunqi.common.errors import YunqiError
from yunqi.engine.client import EngineClient
from yunqi.server import logs
from yunqi.server.access import check_address
from yunqi.server.app import build_app
from yunqi.server.config import ServerConfig
from yunqi.server.connection import Connection

_BACKLOG = 2048
_MORE_SECONDS = 5  # after the drain, for answers that are being sent


def make_client(model: str, *, aliases: Sequence[str] = (), max_waiting: int = 256, **options: Any) -> EngineClient:
    """The engine of a server, in a process of its own."""
    from yunqi.engine.remote import RemoteEngine

    return RemoteEngine(model, name=model, aliases=aliases, max_num_waiting=max_waiting, **options)


def serve(
    client: EngineClient, config: ServerConfig, *, host: str, port: int, ready: Callable[[str], None] | None = None
) -> None:
    """Serve until SIGTERM or SIGINT: then no new requests, and `config.drain_seconds` for those under way.

    `ready` is told the address once requests are taken; port 0 takes a free one.

    Raises:
        YunqiError: `address-needs-key`, or `address-unusable` for one that cannot be listened on.
    """
    check_address(host, config.api_keys)
    listener = listen(host, port)
    logs.configure()
    asyncio.run(_serve(client, config, listener, ready))


async def _serve(
    client: EngineClient, config: ServerConfig, listener: socket.socket, ready: Callable[[str], None] | None
) -> None:
    await client.start()  # here and not in the application: what is wrong with the model is told as any other mistake
    await make_server(client, config, listener, ready, starts_client=False).serve(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A socket on that address."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise YunqiError("address-unusable", host=host, port=port, reason=reason) from error
    listener.set_inheritable(False)
    return listener


def make_server(
    client: EngineClient,
    config: ServerConfig,
    listener: socket.socket,
    ready: Callable[[str], None] | None = None,
    *,
    starts_client: bool = True,
) -> uvicorn.Server:
    """The uvicorn server of an application over `client`."""
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    settings = uvicorn.Config(
        build_app(client, config, starts_client=starts_client),
        http=Connection,
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=int(config.drain_seconds + _MORE_SECONDS),
    )
    return _Server(settings, client, address, ready)


class _Server(uvicorn.Server):
    """Tells `ready` the address when requests are taken, and drains the engine as soon as it is told to stop."""

    def __init__(
        self, settings: uvicorn.Config, client: EngineClient, address: str, ready: Callable[[str], None] | None
    ) -> None:
        super().__init__(settings)
        self._client, self._address, self._ready = client, address, ready
        self._drain_seconds = (settings.timeout_graceful_shutdown or 0) - _MORE_SECONDS

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._ready is not None and self.started:
            self._ready(self._address)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """New requests on open connections are refused from now on; those under way get the drain's time."""
        drain = asyncio.create_task(self._client.close(self._drain_seconds))
        await super().shutdown(sockets)
        await drain
