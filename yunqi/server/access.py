"""Who may ask: API keys compared by their hashes in constant time, and addresses and names that need none.

Keys come from the environment, a file or the configuration; only their SHA-256 stays in memory beside it. A client is
named by the first characters of its key's hash, never by the key.

A server without keys trusts whoever sits at this machine, and a browser there runs pages of anybody: they may send
requests to this machine, or give their own host's name its address. What a page sends says so in its `Origin` and
`Host`.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from yunqi.common.errors import YunqiError
from yunqi.server.bodies import json_response
from yunqi.server.problems import error_body, problem_of

OPEN_PATHS = ("/health",)
KEY_VARIABLE = "YUNQI_API_KEY"
_LEAST_LENGTH = 8
_LONGEST_NAME = 200  # of a name in an error


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
            refusal = _refusal(scope, YunqiError("key-wrong"), {"www-authenticate": "Bearer"})
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _known(self, headers: Headers) -> str | None:
        """The name of the client whose key came; every hash is compared, whichever fits."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        offered = token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        digest = sha256(offered.encode("utf-8", "surrogateescape")).digest()
        fits = [hmac.compare_digest(digest, known) for known in self._hashes]
        return digest.hex()[:12] if any(fits) else None


class PageCheck:
    """ASGI middleware of a server without keys: refuses what web pages of other hosts send.

    Names of this machine are its own, and so are the address that the request came to, and `allowed` names. A request
    without a `Host` or an `Origin` comes from no browser.
    """

    def __init__(self, app: ASGIApp, allowed: Sequence[str] = ()) -> None:
        self._app = app
        self._allowed = {host_in(name) for name in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = self._mistake(scope) if scope["type"] == "http" else None
        await (self._app if error is None else _refusal(scope, error))(scope, receive, send)

    def _mistake(self, scope: Scope) -> YunqiError | None:
        headers, own = Headers(scope=scope), {*self._allowed, (scope.get("server") or ("",))[0]}
        for header, code in (("host", "host-not-allowed"), ("origin", "origin-not-allowed")):
            for value in headers.getlist(header):
                host = host_in(value)
                if host is None or (host not in own and not is_loopback(host)):
                    return YunqiError(code, name=(host or value)[:_LONGEST_NAME])
        return None


def host_in(value: str) -> str | None:
    """The host in a `Host` or an `Origin`, without its port; None where there is none, as in `null`."""
    address = value if "://" in value else f"//{value}"
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return None
    return None if value == "null" else host


def _refusal(scope: Scope, error: YunqiError, headers: Mapping[str, str] | None = None) -> ASGIApp:
    """The answer; what follows of the body is not read."""
    problem = problem_of(error)
    body = error_body(scope["path"], problem)
    return json_response(body, problem.status, {**(headers or {}), "connection": "close"})


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


def hosts_from(names: Sequence[str]) -> tuple[str, ...]:
    """Names of hosts as they were given. Raises `option-invalid` for one that is none."""
    for name in names:
        if host_in(name) is None:
            rule = "Give the name of a host, such as models.example."
            raise YunqiError("option-invalid", option="--allow-host", value=name, rule=rule)
    return tuple(names)


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
