"""`/openapi.json`, made from the wire types and the types of replies themselves.

OpenAPI 3.1 has no word for a stream of events: `x-itemSchema` says it as `itemSchema` of 3.2 does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response

from yunqi import __version__
from yunqi.server.bodies import json_response
from yunqi.server.dialects.anthropic import replies as anthropic
from yunqi.server.dialects.anthropic.wire import CountBody, MessagesBody
from yunqi.server.dialects.openai import replies as openai
from yunqi.server.dialects.openai.wire import ChatBody, CompletionBody
from yunqi.server.own import DetokenizeBody, TokenizeBody
from yunqi.server.replies import Detokenized, Health, Stopped, Tokenized

_Type = type[BaseModel]
_DONE = "[DONE]"


@dataclass(frozen=True, kw_only=True)
class _Route:
    """`events` are the types of the events of a stream, where there is one; `named` where each has its type as name."""

    text: str
    body: _Type | None = None
    reply: _Type | None = None
    error: _Type = openai.ErrorReply
    events: tuple[_Type, ...] = ()
    named: bool = False
    unavailable: _Type | None = None


_POSTS: Mapping[str, _Route] = {
    "/v1/chat/completions": _Route(
        text="Answer a conversation.",
        body=ChatBody,
        reply=openai.ChatReply,
        events=(openai.ChatChunk, openai.ErrorReply),
    ),
    "/v1/completions": _Route(
        text="Continue a text.",
        body=CompletionBody,
        reply=openai.TextReply,
        events=(openai.TextChunk, openai.ErrorReply),
    ),
    "/v1/messages": _Route(
        text="Answer a conversation.",
        body=MessagesBody,
        reply=anthropic.MessageReply,
        error=anthropic.MessageError,
        events=(anthropic.MessageEvent,),
        named=True,
    ),
    "/v1/messages/count_tokens": _Route(
        text="Count tokens.", body=CountBody, reply=anthropic.CountReply, error=anthropic.MessageError
    ),
    "/v1/requests/{request_id}/stop_thinking": _Route(text="End a running thought.", reply=Stopped),
    "/tokenize": _Route(text="Text or a conversation as token ids.", body=TokenizeBody, reply=Tokenized),
    "/detokenize": _Route(text="Token ids as text.", body=DetokenizeBody, reply=Detokenized),
}
_GETS: Mapping[str, _Route] = {
    "/v1/models": _Route(text="The models that are served.", reply=openai.ModelList),
    "/v1/models/{name}": _Route(text="One model.", reply=openai.ModelOut),
    "/health": _Route(text="Whether requests can be served now.", reply=Health, unavailable=Health),
    "/metrics": _Route(text="Prometheus metrics."),
}
_PARAMETERS = {"{request_id}": "request_id", "{name}": "name"}
_RETRY = {
    "retry-after": {
        "description": "Seconds after which to ask again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1, "maximum": 60},
    }
}


async def openapi(request: Request) -> Response:
    """`GET /openapi.json`."""
    return json_response(document())


@cache
def document() -> dict[str, Any]:
    """The interface as OpenAPI 3.1."""
    named, definitions = _schemas()
    paths: dict[str, Any] = {path: {"post": _operation(path, row, named)} for path, row in _POSTS.items()}
    paths |= {path: {"get": _operation(path, row, named)} for path, row in _GETS.items()}
    paths["/openapi.json"] = {"get": {"summary": "This document.", "responses": {"200": _json({"type": "object"})}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Yunqi", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
        },
        "security": [{}, {"bearer": []}, {"x-api-key": []}],
    }


def _schemas() -> tuple[Mapping[_Type, Any], dict[str, Any]]:
    """References to every type, and what they refer to."""
    rows = [*_POSTS.values(), *_GETS.values()]
    replies = {one for row in rows for one in (row.reply, row.error, *row.events) if one}
    models = [(row.body, "validation") for row in rows if row.body]
    models += [(one, "serialization") for one in sorted(replies, key=lambda one: (one.__module__, one.__name__))]
    references, found = models_json_schema(models, ref_template="#/components/schemas/{model}")  # pyright: ignore
    named: dict[Any, Any] = {key[0]: reference for key, reference in references.items()}
    return named, found["$defs"]


def _operation(path: str, row: _Route, named: Mapping[_Type, Any]) -> dict[str, Any]:
    unavailable = row.unavailable or row.error
    operation: dict[str, Any] = {
        "summary": row.text,
        "responses": {
            "200": _answer(row, named),
            **{code: _json(named[row.error], "What went wrong.") for code in ("4XX", "5XX")},
            "503": _json(named[unavailable], "Not now.") | {"headers": _RETRY},
        },
    }
    if row.body is not None:
        schema = {"application/json": {"schema": named[row.body]}}
        operation["requestBody"] = {"required": True, "content": schema}
    names = [name for mark, name in _PARAMETERS.items() if mark in path]
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    return operation | ({"parameters": parameters} if parameters else {})


def _answer(row: _Route, named: Mapping[_Type, Any]) -> dict[str, Any]:
    if row.reply is None:
        return {"description": "The answer.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    answer = _json(named[row.reply])
    if row.events:
        answer["content"]["text/event-stream"] = _stream(row, named)
    return answer


def _stream(row: _Route, named: Mapping[_Type, Any]) -> dict[str, Any]:
    """Events one by one: the data of each is JSON of one of these types; OpenAI's last is a mark."""
    kinds = [named[one] for one in row.events]
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": _one_of(kinds)}
    event = {"event": {"type": "string"}} if row.named else {}
    mark = {} if row.named else {"description": f"The data of the last event is {_DONE}."}
    item = {"type": "object", "properties": {**event, "data": data}, "required": [*event, "data"], **mark}
    return {"schema": {"type": "string"}, "x-itemSchema": item}


def _one_of(schemas: list[Any]) -> dict[str, Any]:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _json(schema: Any, description: str = "The answer.") -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
