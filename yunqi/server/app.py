"""The application: routes over an `EngineClient`, with one place where every error gets its dialect's shape."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from yunqi.common.errors import YunqiError
from yunqi.engine.client import EngineClient
from yunqi.server import own
from yunqi.server.access import KeyCheck, PageCheck
from yunqi.server.bodies import json_response
from yunqi.server.config import ServerConfig
from yunqi.server.dialects.anthropic.messages import count_tokens, messages
from yunqi.server.dialects.openai.chat import chat_completions
from yunqi.server.dialects.openai.completions import completions
from yunqi.server.dialects.openai.models import list_models, one_model
from yunqi.server.live import ClientGone
from yunqi.server.logs import AccessLog
from yunqi.server.openapi import openapi
from yunqi.server.problems import error_body, problem_of
from yunqi.server.service import Service

CLIENT_GONE = 499  # no status reaches a client that has gone; this one is for the log

ROUTES = (
    Route("/v1/chat/completions", chat_completions, methods=["POST"]),
    Route("/v1/completions", completions, methods=["POST"]),
    Route("/v1/models", list_models, methods=["GET"]),
    Route("/v1/models/{name:path}", one_model, methods=["GET"]),
    Route("/v1/messages", messages, methods=["POST"]),
    Route("/v1/messages/count_tokens", count_tokens, methods=["POST"]),
    Route("/v1/requests/{request_id}/stop_thinking", own.stop_thinking, methods=["POST"]),
    Route("/tokenize", own.tokenize, methods=["POST"]),
    Route("/detokenize", own.detokenize, methods=["POST"]),
    Route("/health", own.health, methods=["GET"]),
    Route("/metrics", own.metrics, methods=["GET"]),
    Route("/openapi.json", openapi, methods=["GET"]),
)


def build_app(client: EngineClient, config: ServerConfig | None = None, *, starts_client: bool = True) -> Starlette:
    """An ASGI application. Its lifespan starts the client (unless told not to), and drains and closes it at the end."""
    config = config or ServerConfig()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if starts_client:
            await client.start()
        try:
            yield
        finally:
            await client.close(config.drain_seconds)

    checks = [Middleware(KeyCheck, keys=config.api_keys)]
    if not config.api_keys:
        checks.insert(0, Middleware(PageCheck, allowed=config.allowed_hosts))
    app = Starlette(
        routes=list(ROUTES),
        lifespan=lifespan,
        middleware=[Middleware(AccessLog), *checks],
        exception_handlers={
            YunqiError: _refused,
            HTTPException: _no_route,
            ClientGone: _gone,
            ClientDisconnect: _gone,
            Exception: _refused,
        },
    )
    app.state.service = Service(client, config)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    return json_response(error_body(request.url.path, problem), problem.status, problem.headers)


async def _no_route(request: Request, error: Exception) -> Response:
    """An unknown path, or a known one under another method."""
    assert isinstance(error, HTTPException)
    problem = problem_of(YunqiError("route-unknown", method=request.method, path=request.url.path[:200]))
    headers = {**problem.headers, **(error.headers or {})}
    return json_response(error_body(request.url.path, problem), error.status_code, headers)


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=CLIENT_GONE)
