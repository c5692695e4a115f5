"""The models that are served, and their aliases."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from yunqi.protocol.requests import ModelCard
from yunqi.server.bodies import json_response
from yunqi.server.service import service_of


async def list_models(request: Request) -> Response:
    """`GET /v1/models`."""
    cards = service_of(request).client.models
    data = [_model(name, card) for card in cards for name in (card.name, *card.aliases)]
    return json_response({"object": "list", "data": data})


async def one_model(request: Request) -> Response:
    """`GET /v1/models/{id}`; a hub name holds a slash."""
    name = request.path_params["name"]
    return json_response(_model(name, service_of(request).card(name)))


def _model(name: str, card: ModelCard) -> dict[str, Any]:
    return {
        "id": name,
        "object": "model",
        "created": card.created,
        "owned_by": "yunqi",
        "max_model_len": card.max_model_len,
        "thinking": card.thinking,
    }
