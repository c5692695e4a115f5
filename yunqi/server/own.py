"""Routes of our own: tokens, health, metrics, and the end of a running thought."""

from __future__ import annotations

import asyncio

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from yunqi.common.errors import YunqiError
from yunqi.server.bodies import Wire, json_response
from yunqi.server.dialects.openai.reading import chat_request
from yunqi.server.dialects.openai.wire import ChatBody, MessageIn, SentTool
from yunqi.server.service import origin_of, service_of

_STATS_SECONDS = 2.0


class TokenizeBody(Wire):
    """A `prompt`, or a conversation as chat completions would render it."""

    model: str = ""
    prompt: str | None = None
    messages: list[MessageIn] | None = Field(default=None, min_length=1)
    tools: list[SentTool] | None = None


class DetokenizeBody(Wire):
    model: str = ""
    tokens: list[int]


async def tokenize(request: Request) -> Response:
    """`POST /tokenize`."""
    service = service_of(request)
    body = await service.read(request, TokenizeBody)
    card = service.card(body.model)
    if (body.prompt is None) == (body.messages is None):
        rule = "Send one of them."
        raise YunqiError("field-invalid", place="prompt", reason="it or messages is to be sent", rule=rule)
    if body.messages is None:
        ids = await service.client.tokenize(body.prompt or "", card.name)
    else:
        chat = ChatBody(messages=body.messages, tools=body.tools)
        asked = chat_request(chat, card, service.config.thinking, origin_of(request, "tokenize-"))
        ids = await service.client.render(asked)
    return json_response({"tokens": ids, "count": len(ids), "max_model_len": card.max_model_len})


async def detokenize(request: Request) -> Response:
    """`POST /detokenize`."""
    service = service_of(request)
    body = await service.read(request, DetokenizeBody)
    card = service.card(body.model)
    if any(not 0 <= token < 2**31 for token in body.tokens):
        raise YunqiError("field-invalid", place="tokens", reason="an id is negative or too large", rule="Send ids.")
    return json_response({"prompt": await service.client.detokenize(body.tokens, card.name)})


async def health(request: Request) -> Response:
    """`GET /health`: 200 where requests can be served now."""
    client = service_of(request).client
    if client.healthy:
        return json_response({"status": "ok"})
    return json_response({"status": "unavailable"}, 503, {"retry-after": "1"})


async def metrics(request: Request) -> Response:
    """`GET /metrics`; without the engine's part where it does not answer in time."""
    service = service_of(request)
    try:
        async with asyncio.timeout(_STATS_SECONDS):
            stats = await service.client.stats()
    except (TimeoutError, YunqiError):
        stats = None
    page = service.metrics.page(stats)
    return Response(page, media_type="text/plain; version=0.0.4; charset=utf-8")


async def stop_thinking(request: Request) -> Response:
    """`POST /v1/requests/{id}/stop_thinking`: the thought ends now and the answer follows. For one's own requests."""
    service, request_id = service_of(request), request.path_params["request_id"]
    exchange = service.running.get(request_id)
    if exchange is None or exchange.request.origin.key != origin_of(request, "").key:
        raise YunqiError("request-not-running", request_id=request_id[:100])
    exchange.stream.stop_thinking()
    return json_response({"id": request_id, "stopped": True})
