"""`/openapi.json`, made from the wire types themselves."""

from __future__ import annotations

from collections.abc import Mapping
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
_POSTS: Mapping[str, tuple[str, _Type | None, _Type, _Type]] = {
    "/v1/chat/completions": ("Answer a conversation.", ChatBody, openai.ChatReply, openai.ErrorReply),
    "/v1/completions": ("Continue a text.", CompletionBody, openai.TextReply, openai.ErrorReply),
    "/v1/messages": ("Answer a conversation.", MessagesBody, anthropic.MessageReply, anthropic.ErrorReply),
    "/v1/messages/count_tokens": ("Count tokens.", CountBody, anthropic.CountReply, anthropic.ErrorReply),
    "/v1/requests/{request_id}/stop_thinking": ("End a running thought.", None, Stopped, openai.ErrorReply),
    "/tokenize": ("Text or a conversation as token ids.", TokenizeBody, Tokenized, openai.ErrorReply),
    "/detokenize": ("Token ids as text.", DetokenizeBody, Detokenized, openai.ErrorReply),
}
_GETS: Mapping[str, tuple[str, _Type | None]] = {
    "/v1/models": ("The models that are served.", openai.ModelList),
    "/v1/models/{name}": ("One model.", openai.ModelOut),
    "/health": ("Whether requests can be served now.", Health),
    "/metrics": ("Prometheus metrics.", None),
}
_STREAMS = ("/v1/chat/completions", "/v1/completions", "/v1/messages")
_PARAMETERS = {"{request_id}": "request_id", "{name}": "name"}


async def openapi(request: Request) -> Response:
    """`GET /openapi.json`."""
    return json_response(document())


@cache
def document() -> dict[str, Any]:
    """The interface as OpenAPI 3.1."""
    bodies = [body for _, body, _, _ in _POSTS.values() if body]
    replies = {reply for _, _, reply, error in _POSTS.values() for reply in (reply, error)}
    replies |= {reply for _, reply in _GETS.values() if reply}
    models = [(one, "validation") for one in bodies]
    models += [(one, "serialization") for one in sorted(replies, key=lambda one: (one.__module__, one.__name__))]
    references, definitions = models_json_schema(models, ref_template="#/components/schemas/{model}")  # pyright: ignore
    named = {key[0]: reference for key, reference in references.items()}
    paths: dict[str, Any] = {path: {"post": _post(path, *row, named)} for path, row in _POSTS.items()}
    for path, (text, reply) in _GETS.items():
        paths[path] = {"get": _get(path, text, reply, named)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Yunqi", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
        },
        "security": [{}, {"bearer": []}, {"x-api-key": []}],
    }


def _post(
    path: str, text: str, body: _Type | None, reply: _Type, error: _Type, named: Mapping[Any, Any]
) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": named[reply]}}
    if path in _STREAMS:
        content["text/event-stream"] = {"schema": {"type": "string"}}
    operation: dict[str, Any] = {
        "summary": text,
        "responses": {
            "200": {"description": "The answer.", "content": content},
            **{code: _error(error, named) for code in ("4XX", "5XX")},
        },
    }
    if body is not None:
        schema = {"application/json": {"schema": named[body]}}
        operation["requestBody"] = {"required": True, "content": schema}
    return operation | _parameters(path)


def _get(path: str, text: str, reply: _Type | None, named: Mapping[Any, Any]) -> dict[str, Any]:
    plain = {"text/plain": {"schema": {"type": "string"}}}
    content = plain if reply is None else {"application/json": {"schema": named[reply]}}
    responses = {"200": {"description": "The answer.", "content": content}}
    errors = {"5XX": {"description": "Not now.", "content": content}} if path == "/health" else {}
    return {"summary": text, "responses": responses | _get_errors(named) | errors} | _parameters(path)


def _get_errors(named: Mapping[Any, Any]) -> dict[str, Any]:
    return {code: _error(openai.ErrorReply, named) for code in ("4XX", "5XX")}


def _error(error: _Type, named: Mapping[Any, Any]) -> dict[str, Any]:
    return {"description": "What went wrong.", "content": {"application/json": {"schema": named[error]}}}


def _parameters(path: str) -> dict[str, Any]:
    names = [name for mark, name in _PARAMETERS.items() if mark in path]
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    return {"parameters": parameters} if parameters else {}
