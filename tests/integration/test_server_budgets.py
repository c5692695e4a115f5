"""Thinking budgets in both dialects: the count is kept, the answer is never empty, and the server has a say."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialects import ANSWER, CHAT, CLAUDE_TOOLS, SENTENCE, TOOLS, chat
from tests.serving import ASK, ask_all, blocks_of, chunks_of, config, events_of, message_of
from tests.talker import CALL, talking, tiny_tokenizer
from yunqi.engine.thinking import STOP_SENTENCE
from yunqi.server.config import ThinkingPolicy

budgets = given(
    budget=st.integers(1, 60),
    thought=st.integers(0, 120),
    max_tokens=st.integers(250, 500),
    stream=st.booleans(),
    tools=st.booleans(),
)


@settings(max_examples=25)
@budgets
def test_budgets_hold(**drawn: Any) -> None:
    check_budgets(**drawn)


@pytest.mark.slow
@settings(max_examples=1000)
@budgets
def test_budgets_hold_a_thousand_times(**drawn: Any) -> None:
    check_budgets(**drawn)


def check_budgets(budget: int, thought: int, max_tokens: int, stream: bool, tools: bool) -> None:
    """On both dialects: count <= budget + sentence, an answer or a call, and the sentence in neither."""
    llm = talking(CALL if tools else ANSWER, thought="well " * thought)
    sentence = tiny_tokenizer().encode(STOP_SENTENCE)
    limit = budget + sentence.index(tiny_tokenizer().think_close_id)  # pyright: ignore

    async def work(http: httpx.AsyncClient) -> None:
        shared = {"messages": ASK, "max_tokens": max_tokens, "temperature": 0, "stream": stream}
        more = {"stream_options": {"include_usage": True}} if stream else {}
        body = shared | more | {"thinking_budget": budget} | ({"tools": TOOLS} if tools else {})
        reply = await http.post("/v1/chat/completions", json=body)
        if stream:
            chunks = chunks_of(reply.text)
            message, usage = message_of(chunks), chunks[-1]["usage"]
        else:
            usage, found = reply.json()["usage"], reply.json()["choices"][0]["message"]
            message = {
                "content": found["content"] or "",
                "calls": [call["function"] for call in found.get("tool_calls", ())],
            }
        assert usage["completion_tokens_details"]["reasoning_tokens"] <= limit
        assert SENTENCE not in message["content"]
        if tools:
            assert json.loads(message["calls"][0]["arguments"]) == {"a": 40, "b": 2}
        else:
            assert message["content"] == ANSWER
        thinking = {"thinking": {"type": "enabled", "budget_tokens": budget}}
        claude = await http.post("/v1/messages", json=shared | thinking | ({"tools": CLAUDE_TOOLS} if tools else {}))
        blocks = blocks_of(events_of(claude.text)) if stream else claude.json()["content"]
        last = blocks[-1]
        assert (last["input"] == {"a": 40, "b": 2}) if tools else (last["text"] == ANSWER)
        for block in blocks:
            if block["type"] == "thinking":
                assert len(tiny_tokenizer().encode(block["thinking"])) <= limit + 2
            else:
                assert SENTENCE not in json.dumps(block)

    ask_all(llm, work)


def test_a_small_limit_leaves_the_thought_out_unless_it_is_asked_for() -> None:
    reply = chat(max_tokens=5)
    assert reply["choices"][0]["message"]["content"]
    assert reply["usage"]["completion_tokens_details"]["reasoning_tokens"] == 0
    assert chat(None, config(thinking=ThinkingPolicy(default_budget=50)), max_tokens=5)["choices"]

    async def work(http: httpx.AsyncClient) -> httpx.Response:
        return await http.post(CHAT, json={"messages": ASK, "max_tokens": 5, "enable_thinking": True})

    assert "max_tokens" in ask_all(talking(ANSWER), work).json()["error"]["message"]


def test_the_server_has_a_default_and_a_cap() -> None:
    llm = talking(ANSWER, thought="well " * 100)
    policy = config(thinking=ThinkingPolicy(default_budget=5, cap=10))
    counts = [
        chat(llm, policy, **fields)["usage"]["completion_tokens_details"]["reasoning_tokens"]
        for fields in ({}, {"thinking_budget": 8}, {"thinking_budget": 80}, {"reasoning_effort": "max"})
    ]
    sentence = counts[0] - 5
    assert counts == [5 + sentence, 8 + sentence, 10 + sentence, 10 + sentence]
