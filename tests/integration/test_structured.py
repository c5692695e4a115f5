"""The bundled model held to schemas through the server: both dialects, with and without a thought, drawn at random."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.interface import mismatches
from tests.serving import ask_all, chunks_of, message_of
from yunqi import LLM, SamplingParams
from yunqi.protocol.sampling import StructuredOutputsParams

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
ASK = [{"role": "user", "content": "What is 12 + 30?"}]
SUM = {
    "type": "object",
    "properties": {
        "terms": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 99}, "maxItems": 3},
        "sum": {"type": "integer", "minimum": 0, "maximum": 999},
        "note": {"type": "string", "maxLength": 20},
        "kind": {"enum": ["sum", "other"]},
    },
    "required": ["terms", "sum", "note", "kind"],
    "additionalProperties": False,
}
FORMAT = {"type": "json_schema", "json_schema": {"name": "sum", "schema": SUM, "strict": True}}
TOOL = {"name": "calculator", "description": "Add up.", "parameters": SUM, "strict": True}


@pytest.fixture(scope="module")
def nano() -> LLM:
    return LLM("nano", max_num_seqs=8)


def valid(value: Any) -> None:
    wrong = list(mismatches(value, SUM, SUM))
    assert not wrong, (wrong, value)


@pytest.mark.parametrize("thinks", [True, False])
def test_every_answer_is_of_the_schema(nano: LLM, thinks: bool) -> None:
    async def work(http: httpx.AsyncClient) -> None:
        budget: dict[str, Any] = {"thinking_budget": 20} if thinks else {"enable_thinking": False}
        body = {"messages": ASK, "response_format": FORMAT, "max_tokens": 400, "temperature": 1.2, "n": 2, **budget}
        replies = await asyncio.gather(*(http.post(CHAT, json=body | {"seed": seed}) for seed in range(3)))
        for reply in replies:
            for choice in reply.json()["choices"]:
                assert choice["finish_reason"] == "stop"
                assert bool(choice["message"].get("reasoning")) is thinks
                valid(json.loads(choice["message"]["content"]))
        streamed = chunks_of((await http.post(CHAT, json=body | {"seed": 0, "stream": True})).text)
        first = replies[0].json()["choices"]
        assert [message_of(streamed, i)["content"] for i in range(2)] == [one["message"]["content"] for one in first]
        config = {"output_config": {"format": {"type": "json_schema", "schema": SUM}}}
        thinking = {"thinking": {"type": "enabled", "budget_tokens": 20}} if thinks else {}
        message = (await http.post(MESSAGES, json={"messages": ASK, "max_tokens": 400, **config, **thinking})).json()
        valid(json.loads(message["content"][-1]["text"]))

    ask_all(nano, work)


def test_every_required_call_is_of_the_schema(nano: LLM) -> None:
    async def work(http: httpx.AsyncClient) -> None:
        tools = [{"type": "function", "function": TOOL}]
        for choice in ("required", {"type": "function", "function": {"name": "calculator"}}):
            body = {"messages": ASK, "tools": tools, "tool_choice": choice, "max_tokens": 600, "temperature": 1.2}
            asked = (http.post(CHAT, json=body | {"seed": seed, "parallel_tool_calls": False}) for seed in range(3))
            for reply in await asyncio.gather(*asked):
                (answer,) = reply.json()["choices"]
                assert answer["finish_reason"] == "tool_calls"
                (call,) = answer["message"]["tool_calls"]
                assert call["function"]["name"] == "calculator"
                valid(json.loads(call["function"]["arguments"]))

    ask_all(nano, work)


def test_without_a_server(nano: LLM) -> None:
    wanted = StructuredOutputsParams(json=SUM)
    params = SamplingParams(structured_outputs=wanted, temperature=1.0, seed=5, max_tokens=400)
    alone = nano.chat(ASK, params, enable_thinking=False)[0].outputs[0]
    valid(json.loads(alone.text))
    together = nano.chat([ASK] * 3, params, enable_thinking=False)
    assert [one.outputs[0].token_ids for one in together] == [alone.token_ids] * 3
    text = nano.generate("12 + 30 is ", params)[0].outputs[0].text
    valid(json.loads(text))
