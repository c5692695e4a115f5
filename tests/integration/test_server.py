"""The server over a scripted model, without a socket: completions, metrics, the log, and its own description."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import httpx
import pytest

from tests.dialects import ANSWER, chat
from tests.interface import check_answer, mismatches
from tests.serving import ASK, ask_all, chunks_of, config
from tests.talker import talking
from yunqi.engine.ngram import NgramProposer
from yunqi.engine.speculation import Speculator
from yunqi.server.dialects.openai.replies import ModelList, TextChunk, TextReply
from yunqi.server.openapi import document
from yunqi.server.replies import Detokenized, Tokenized


def test_completions_of_several_prompts() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        body = {"prompt": ["well", "I think"], "n": 2, "max_tokens": 5, "temperature": 0}
        reply = TextReply.model_validate((await http.post("/v1/completions", json=body)).json())
        assert [choice.index for choice in reply.choices] == [0, 1, 2, 3]
        assert reply.usage.completion_tokens == 20
        chunks = chunks_of((await http.post("/v1/completions", json=body | {"stream": True})).text)
        texts = [""] * 4
        for chunk in chunks:
            for choice in TextChunk.model_validate(chunk).choices:
                texts[choice.index] += choice.text
        assert texts == [choice.text for choice in reply.choices]

    ask_all(talking(ANSWER), work)


def test_completions_echo_with_logprobs() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        body = {"prompt": "I think so", "echo": True, "logprobs": 1, "max_tokens": 3, "temperature": 0}
        choice = TextReply.model_validate((await http.post("/v1/completions", json=body)).json()).choices[0]
        found = choice.logprobs
        assert found is not None
        assert choice.text.startswith("I think so")
        assert "".join(found.tokens) == choice.text
        assert found.token_logprobs[0] is None
        assert None not in found.token_logprobs[1:]
        assert [
            choice.text[at : at + len(t)] for at, t in zip(found.text_offset, found.tokens, strict=True)
        ] == found.tokens

    ask_all(talking(ANSWER), work)


def test_tokens_models_health_and_metrics() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        tokens = Tokenized.model_validate((await http.post("/tokenize", json={"prompt": ANSWER})).json())
        text = Detokenized.model_validate((await http.post("/detokenize", json={"tokens": tokens.tokens})).json())
        assert text.prompt == ANSWER
        rendered = Tokenized.model_validate((await http.post("/tokenize", json={"messages": ASK})).json())
        reply = (await http.post("/v1/chat/completions", json={"messages": ASK, "model": "small"})).json()
        assert rendered.count == reply["usage"]["prompt_tokens"]
        assert reply["model"] == "nano"
        models = ModelList.model_validate((await http.get("/v1/models")).json())
        assert [model.id for model in models.data] == ["nano", "small"]
        assert (await http.get("/v1/models/small")).json()["id"] == "small"
        assert (await http.get("/health")).json() == {"status": "ok"}
        page = (await http.get("/metrics")).text
        for line in (
            'yunqi_requests_total{model="nano",outcome="stop",route="chat"} 1.0',
            'yunqi_time_to_first_token_seconds_count{model="nano"} 1.0',
            f'yunqi_tokens_total{{kind="prompt",model="nano"}} {float(rendered.count)}',
            'yunqi_requests_in_progress{model="nano"} 0.0',
            "yunqi_engine_free_blocks 400.0",
        ):
            assert line in page

    ask_all(talking(ANSWER), work)


def test_guesses_are_counted() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        assert "acceptance_length" not in (await http.get("/metrics")).text
        texts = [
            (await http.post("/v1/chat/completions", json={"messages": ASK})).json()["choices"][0]["message"]["content"]
            for _ in range(2)
        ]
        assert texts == ["42 42 42 42 42 42"] * 2
        page = (await http.get("/metrics")).text
        counts = {
            name: float(value) for name, value in re.findall(r"^yunqi_engine_(\w+?)(?:_total)? (\S+)$", page, re.M)
        }
        assert counts["proposed_tokens"] >= counts["accepted_tokens"] > 0
        assert counts["acceptance_length"] == 1 + counts["accepted_tokens"] / counts["verifications"]

    guessing = Speculator(NgramProposer(1, 3), 4, adaptive=False)
    ask_all(talking("42 42 42 42 42 42", speculator=guessing), work)


@pytest.mark.parametrize("log_content", [False, True])
def test_the_log_holds_no_prompts_unless_asked_to(log_content: bool) -> None:
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    logger = logging.getLogger("yunqi.server")
    logger.addHandler(handler)
    before = logger.level
    logger.setLevel(logging.INFO)
    try:
        chat(None, config(log_content=log_content, api_keys=()))
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
    events = [json.loads(line) for line in lines]
    assert {event["event"] for event in events} == {"http", "request"}
    asked = next(event for event in events if event["event"] == "request")
    assert (asked["route"], asked["outcome"], asked["model"]) == ("chat", "stop", "nano")
    assert asked["completion_tokens"] > asked["reasoning_tokens"] > 0
    assert any("What is 40" in line for line in lines) is log_content


def test_the_interface_describes_itself() -> None:
    page = document()
    schemas = page["components"]["schemas"]

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [ref for item in value.values() for ref in references(item)]
        return [ref for item in value for ref in references(item)] if isinstance(value, list) else []

    assert {ref.rpartition("/")[2] for ref in references(page)} <= set(schemas)
    assert "messages" in schemas["ChatBody"]["required"]
    assert {"/v1/chat/completions", "/v1/messages", "/tokenize"} <= set(page["paths"])


def test_a_field_that_the_interface_does_not_know_is_found_out() -> None:
    """Every object we send is closed, to its depths, so that the checks of these tests see what is new."""
    page = document()
    sent = [name for path in page["paths"].values() for name in sent_by(path, page)]
    assert {"ChatReply", "ChatChunk", "TextChunk", "MessageEvent", "BlockDelta", "MessageError", "UsageOut"} <= set(
        sent
    )
    for name in sent:
        schema = page["components"]["schemas"][name]
        if "properties" in schema:
            assert schema["additionalProperties"] is False, name
    reply = chat()
    schema = {"$ref": "#/components/schemas/ChatReply"}
    assert not list(mismatches(reply, schema, page))
    assert list(mismatches(reply | {"news": 1}, schema, page))
    del reply["choices"][0]["message"]["refusal"]
    assert list(mismatches(reply, schema, page))
    with pytest.raises(AssertionError):
        check_answer("GET", "/health", 200, {"content-type": "application/json"}, '{"status": "ok", "news": 1}')


def sent_by(operations: Any, page: Any) -> set[str]:
    """The schemas of answers, those that they refer to included."""
    found: set[str] = set()
    left = [one["responses"] for one in operations.values()]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            name = str(value.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                left.append(page["components"]["schemas"][name])
        left += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return found
