"""Who may ask: API keys compared by their hashes in constant time, and addresses that need none.

Keys come from the environment, a file or the configuration; only their SHA-256 stays in memory beside it. A client is
named by the first characters of its key's hash, never by the key.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from yunqi.common.errors import YunqiError
from yunqi.server.bodies import json_response
from yunqi.server.problems import error_body, problem_of

OPEN_PATHS = ("/health",)
KEY_VARIABLE = "YUNQI_API_KEY"
_LEAST_LENGTH = 8


class KeyCheck:
    """ASGI middleware: lets through whoever brings a key, and says in `state["client_key"]` who it was."""

    def __init__(self, app: ASGIApp, keys: Sequence[str]) -> None:
        self._app = app
        self._hashes = [sha256(key.encode()).digest() for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known = self._known(Headers(scope=scope))
        scope.setdefault("state", {})["client_key"] = known or ""
        if known is None and self._hashes and scope["path"] not in OPEN_PATHS:
            problem = problem_of(YunqiError("key-wrong"))
            body = error_body(scope["path"], problem)
            headers = {"www-authenticate": "Bearer", "connection": "close"}
            await json_response(body, problem.status, headers)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _known(self, headers: Headers) -> str | None:
        """The name of the client whose key came; every hash is compared, whichever fits."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        offered = token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        digest = sha256(offered.encode("utf-8", "surrogateescape")).digest()
        fits = [hmac.compare_digest(digest, known) for known in self._hashes]
        return digest.hex()[:12] if any(fits) else None


def keys_from(environment: str | None, file: Path | None) -> tuple[str, ...]:
    """The keys of the environment variable and of a file, one a line; a line that begins with # is none.

    Raises:
        YunqiError: `key-unusable` for a file that cannot be read or is empty, and for a key that is too short.
    """
    own = environment.strip() if environment else ""
    found: list[tuple[str, str]] = [(f"--api-key or {KEY_VARIABLE}", own)] if own else []
    if file is not None:
        found += [(str(file), key) for key in _keys_in(file)]
    for source, key in found:
        if len(key) < _LEAST_LENGTH or not key.isascii() or " " in key:
            rule = f"A key is at least {_LEAST_LENGTH} ASCII characters without a blank."
            raise YunqiError("key-unusable", source=source, reason="it is too short or holds odd characters", rule=rule)
    return tuple(key for _, key in found)


def _keys_in(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise YunqiError("key-unusable", source=file, reason=error, rule="Give a text file, a key a line.") from error
    keys = [line for line in map(str.strip, lines) if line and not line.startswith("#")]
    if not keys:
        raise YunqiError("key-unusable", source=file, reason="it holds none", rule="Give a text file, a key a line.")
    return keys


def check_address(host: str, keys: Sequence[str]) -> None:
    """Raise `address-needs-key` where other machines could ask and nobody would check them."""
    if not keys and not is_loopback(host):
        raise YunqiError("address-needs-key", host=host or "every address")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`. A name other than localhost may resolve to anything."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
