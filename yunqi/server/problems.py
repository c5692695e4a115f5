"""Errors on their way out: a `YunqiError`, or a defect of ours, as a status and the shape of the dialect that asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yunqi.common.errors import YunqiError

_STATUS: Mapping[str, int] = {
    "key-wrong": 401,
    "host-not-allowed": 403,
    "origin-not-allowed": 403,
    "model-not-served": 404,
    "route-unknown": 404,
    "request-not-running": 404,
    "body-slow": 408,
    "body-too-large": 413,
    "computation-failed": 500,
    "engine-died": 500,
    "engine-start-failed": 500,
    "engine-restarting": 503,
    "engine-stopped": 503,
    "engine-stopping": 503,
    "queue-full": 503,
}
_RETRY_SECONDS = 5  # where the error itself does not say when
_MOST_RETRY_SECONDS = 60
_OPENAI_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
}
_ANTHROPIC_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    500: "api_error",
    503: "overloaded_error",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What went wrong, for the one who asked."""

    status: int
    code: str
    message: str
    param: str | None = None
    retry_seconds: int = _RETRY_SECONDS

    @property
    def headers(self) -> dict[str, str]:
        """A busy server says when to come again; after an unread body the connection is of no more use."""
        if self.status == 503:
            return {"retry-after": str(self.retry_seconds)}
        return {"connection": "close"} if self.status in (408, 413) else {}


def problem_of(error: Exception) -> Problem:
    """The problem of an error. A defect tells the client nothing of our insides."""
    if isinstance(error, YunqiError):
        return Problem(
            status=_STATUS.get(error.code, 400),
            code=error.code,
            message=str(error),
            param=_param(error.details),
            retry_seconds=_retry_seconds(error.details),
        )
    message = "This is a defect of the server; its log says more. Send the request again."
    return Problem(status=500, code="internal-error", message=message)


def _param(details: Mapping[str, object]) -> str | None:
    named = details.get("place", details.get("field"))
    return named if isinstance(named, str) else None


def _retry_seconds(details: Mapping[str, object]) -> int:
    """When to come again, where the error knows: the time that what waits will take, or a start of the engine."""
    seconds = details.get("seconds")
    return max(1, min(seconds, _MOST_RETRY_SECONDS)) if isinstance(seconds, int) else _RETRY_SECONDS


def openai_error(problem: Problem) -> dict[str, Any]:
    """`{"error": {...}}` as OpenAI writes it."""
    usual = "invalid_request_error" if problem.status < 500 else "server_error"
    kind = "overloaded_error" if problem.status == 503 else _OPENAI_TYPES.get(problem.status, usual)
    return {"error": {"message": problem.message, "type": kind, "param": problem.param, "code": problem.code}}


def anthropic_error(problem: Problem) -> dict[str, Any]:
    """`{"type": "error", "error": {...}}` as Anthropic writes it."""
    kind = _ANTHROPIC_TYPES.get(problem.status, "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": problem.message}}


def error_body(path: str, problem: Problem) -> dict[str, Any]:
    """The error in the shape of the dialect that `path` belongs to."""
    anthropic = path == "/v1/messages" or path.startswith("/v1/messages/")
    return anthropic_error(problem) if anthropic else openai_error(problem)
