"""Completions: texts or token ids continued, several prompts at once, the prompt echoed where that is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from yunqi.common.errors import YunqiError
from yunqi.protocol.events import Finish, TextDelta
from yunqi.protocol.requests import CompletionRequest, Delta, Usage
from yunqi.server.answers import Answer, frames, gather
from yunqi.server.bodies import json_response, to_json
from yunqi.server.dialects.openai.chat import DONE, PING
from yunqi.server.dialects.openai.logprobs import first_text, text_logprobs
from yunqi.server.dialects.openai.reading import completion_requests
from yunqi.server.dialects.openai.replies import usage_out
from yunqi.server.dialects.openai.wire import CompletionBody
from yunqi.server.exchange import Exchange
from yunqi.server.live import unless_gone
from yunqi.server.problems import Problem, openai_error
from yunqi.server.service import Service, origin_of, service_of
from yunqi.server.several import Several


async def completions(request: Request) -> Response:
    """`POST /v1/completions`."""
    service = service_of(request)
    body = await service.read(request, CompletionBody)
    if body.stream and body.echo and body.logprobs is not None:
        rule = "Leave stream out to see the prompt's log-probabilities."
        raise YunqiError("field-unsupported", field="echo with logprobs in a stream", rule=rule)
    origin = origin_of(request, "cmpl-")
    asked = completion_requests(body, service.card(body.model), origin)
    exchanges = [service.exchange(one, "completions") for one in asked]
    served = exchanges[0] if len(exchanges) == 1 else Several(origin.request_id, exchanges)
    prompts = await _texts(service, asked) if body.echo else [""] * len(asked)
    if body.stream:
        wants_usage = body.stream_options is not None and body.stream_options.include_usage
        encoder = TextChunks(served.id, asked[0].model, served.created, _repeated(prompts, body.n), wants_usage)
        return await service.live(served, frames(served, encoder), PING)
    answers = await unless_gone(request.receive, gather(served))
    choices = [
        _choice(index, answer, prompts[index // body.n], exchanges[index // body.n], body)
        for index, answer in enumerate(answers)
    ]
    head = _head(served.id, asked[0].model, served.created)
    return json_response(head | {"choices": choices, "usage": usage_out(served.usage)})


async def _texts(service: Service, asked: Sequence[CompletionRequest]) -> list[str]:
    """The prompts as text."""
    return [
        one.prompt if isinstance(one.prompt, str) else await service.client.detokenize(list(one.prompt), one.model)
        for one in asked
    ]


def _repeated(prompts: Sequence[str], n: int) -> list[str]:
    return [prompt for prompt in prompts for _ in range(n)]


def _head(request_id: str, model: str, created: int) -> dict[str, Any]:
    return {"id": request_id, "object": "text_completion", "created": created, "model": model}


def _choice(index: int, answer: Answer, prompt: str, exchange: Exchange, body: CompletionBody) -> dict[str, Any]:
    return {
        "index": index,
        "text": prompt + answer.joined("text"),
        "logprobs": None if body.logprobs is None else _logprobs(answer, prompt, exchange, echo=body.echo),
        "finish_reason": answer.reason,
        "stop_reason": answer.stop_reason,
    }


def _logprobs(answer: Answer, prompt: str, exchange: Exchange, *, echo: bool) -> dict[str, Any]:
    if not echo:
        return text_logprobs(answer.logprobs)
    output = exchange.stream.output
    rows = list(zip(output.prompt_token_ids, output.prompt_logprobs or (), strict=False))
    return text_logprobs([*rows, *answer.logprobs], first=first_text(prompt, rows))


class TextChunks:
    """An `Encoder` of completions. `prompts` holds what each answer begins with, empty where nothing is echoed."""

    def __init__(self, request_id: str, model: str, created: int, prompts: Sequence[str], wants_usage: bool) -> None:
        self._head, self._prompts, self._wants_usage = _head(request_id, model, created), prompts, wants_usage
        self._offsets = [0] * len(prompts)

    def start(self) -> Iterator[bytes]:
        for index, prompt in enumerate(self._prompts):
            if prompt:
                yield self._chunk(index, prompt, None)

    def push(self, delta: Delta) -> Iterator[bytes]:
        text = "".join(event.text for event in delta.events if isinstance(event, TextDelta))
        ending = next((event for event in delta.events if isinstance(event, Finish)), None)
        logprobs = None
        if delta.logprobs:
            rows = list(zip(delta.token_ids, delta.logprobs, strict=True))
            logprobs = text_logprobs(rows, self._offsets[delta.index])
        if text or logprobs or ending:
            yield self._chunk(delta.index, text, logprobs, ending)

    def end(self, usage: Usage) -> Iterable[bytes]:
        if self._wants_usage:
            yield _data(self._head | {"choices": [], "usage": usage_out(usage)})
        yield DONE

    def failed(self, problem: Problem) -> Iterable[bytes]:
        yield _data(openai_error(problem))
        yield DONE

    def _chunk(self, index: int, text: str, logprobs: Any, ending: Finish | None = None) -> bytes:
        self._offsets[index] += len(text)
        choice = {
            "index": index,
            "text": text,
            "logprobs": logprobs,
            "finish_reason": ending.reason if ending else None,
            "stop_reason": ending.stop_reason if ending else None,
        }
        usage = {"usage": None} if self._wants_usage else {}
        return _data(self._head | {"choices": [choice]} | usage)


def _data(value: dict[str, Any]) -> bytes:
    return b"data: " + to_json(value) + b"\n\n"
