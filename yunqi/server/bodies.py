"""Bodies: read within a limit of bytes and of time, and read as JSON of a wire type.

Wire types are strict: a number in quotes is no number. Fields that no type names are passed over, because programs send
what is new to them; what is named and not supported is an error.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from yunqi.common.errors import YunqiError

_MAX_SHOWN = 200
_SEPARATORS = tuple((c.encode(), f"\\u{ord(c):04x}".encode()) for c in ("\x85", "\u2028", "\u2029"))
_DISCARD_SECONDS = 0.5
_DISCARD_BYTES = 64 * 2**20


class Wire(BaseModel):
    """Base of what comes in."""

    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False, protected_namespaces=())


_W = TypeVar("_W", bound=Wire)


async def read_body(request: Request, *, limit: int, seconds: float) -> bytes:
    """The whole body. Raises `body-too-large`, as soon as that is known, or `body-slow`."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        await _discard(request)
        raise YunqiError("body-too-large", limit=limit)
    parts, size = [], 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    break
                parts.append(part)
    except TimeoutError:
        raise YunqiError("body-slow", seconds=seconds) from None
    if size > limit:
        await _discard(request)
        raise YunqiError("body-too-large", limit=limit)
    return b"".join(parts)


async def _discard(request: Request) -> None:
    """Take what is still coming, for a moment: a connection closed on unread bytes loses the answer on its way."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DISCARD_SECONDS):
            size = 0
            while size < _DISCARD_BYTES:
                message = await request.receive()
                size += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return


def parse(kind: type[_W], body: bytes) -> _W:
    """The body as a wire type. Raises `body-not-json` or `field-invalid`."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise YunqiError("body-not-json", reason=f"byte {error.start} is no UTF-8") from error
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise _told(error) from error


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(to_json(value), status, headers, media_type="application/json")


def to_json(value: Any) -> bytes:
    """Compact JSON. Text with lone surrogates, which no UTF-8 holds, loses those.

    The line separators of Unicode are escaped: many readers of server-sent events split lines at them.
    """
    try:
        text = orjson.dumps(value)
    except TypeError:
        text = orjson.dumps(_whole(value))
    for raw, escaped in _SEPARATORS:
        text = text.replace(raw, escaped)
    return text


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list | tuple) else value


def _told(error: ValidationError) -> YunqiError:
    """The first mistake. Of the ways in which no member of a union fits, the one that got furthest."""
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    first = errors[0]
    if first["type"] == "json_invalid":
        return YunqiError("body-not-json", reason=first["msg"].removeprefix("Invalid JSON: ")[:_MAX_SHOWN])
    if not first["loc"]:
        return YunqiError("body-not-json", reason="it is no object")
    place = ".".join(str(part) for part in first["loc"])
    rule = "See /openapi.json for what is taken."
    return YunqiError("field-invalid", place=place[:_MAX_SHOWN], reason=_lower(first["msg"])[:_MAX_SHOWN], rule=rule)


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:].rstrip(".")
