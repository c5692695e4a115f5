"""The server over a scripted model, without a socket: both dialects, thinking, tools, errors as each dialect has."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.interface import check_answer, mismatches
from tests.serving import ADD, ASK, ask_all, blocks_of, chunks_of, config, events_of, message_of
from tests.talker import CALL, talking, tiny_tokenizer
from yunqi.engine.ngram import NgramProposer
from yunqi.engine.speculation import Speculator
from yunqi.engine.thinking import STOP_SENTENCE
from yunqi.server.config import ThinkingPolicy
from yunqi.server.dialects.anthropic.replies import CountReply, MessageError, MessageReply
from yunqi.server.dialects.openai.replies import ChatChunk, ChatReply, ErrorReply, ModelList, TextChunk, TextReply
from yunqi.server.openapi import document
from yunqi.server.replies import Detokenized, Tokenized

ANSWER = "The answer is 42."
SENTENCE = STOP_SENTENCE.split("\n")[0]
TOOLS = [{"type": "function", "function": ADD}]
CLAUDE_TOOLS = [{"name": "add", "description": "Add.", "input_schema": ADD["parameters"]}]


def chat(llm: Any = None, settings_: Any = None, **fields: Any) -> dict[str, Any]:
    """A whole chat completion; the message must also come out of the stream."""

    async def work(http: httpx.AsyncClient) -> dict[str, Any]:
        body = {"model": "nano", "messages": ASK, "temperature": 0, **fields}
        whole = await http.post("/v1/chat/completions", json=body)
        assert whole.status_code == 200, whole.text
        reply = whole.json()
        ChatReply.model_validate(reply)
        options = {"stream": True, "stream_options": {"include_usage": True}}
        chunks = chunks_of((await http.post("/v1/chat/completions", json=body | options)).text)
        for chunk in chunks:
            ChatChunk.model_validate(chunk)
        assert chunks[-1]["usage"] == reply["usage"]
        for choice in reply["choices"]:
            message, streamed = choice["message"], message_of(chunks, choice["index"])
            assert streamed["content"] == (message["content"] or "")
            assert streamed["reasoning"] == (message.get("reasoning") or "")
            calls = [call["function"] for call in message.get("tool_calls", ())]
            assert streamed["calls"] == calls
            assert streamed["finish"] == choice["finish_reason"]
        return reply

    return ask_all(llm or talking(ANSWER), work, settings_)


def messages(llm: Any = None, settings_: Any = None, **fields: Any) -> dict[str, Any]:
    """A whole message of Anthropic's; its blocks must also come out of the stream."""

    async def work(http: httpx.AsyncClient) -> dict[str, Any]:
        body = {"model": "nano", "messages": ASK, "temperature": 0, "max_tokens": 600, **fields}
        whole = await http.post("/v1/messages", json=body, headers={"anthropic-version": "2023-06-01"})
        assert whole.status_code == 200, whole.text
        reply = whole.json()
        MessageReply.model_validate(reply)
        events = events_of((await http.post("/v1/messages", json=body | {"stream": True})).text)
        assert [block | {"id": ""} for block in blocks_of(events)] == [b | {"id": ""} for b in reply["content"]]
        ending = next(event for event in events if event["type"] == "message_delta")
        assert ending["delta"] == {name: reply[name] for name in ("stop_reason", "stop_sequence")}
        assert ending["usage"] == reply["usage"]
        return reply

    return ask_all(llm or talking(ANSWER), work, settings_)


def test_a_chat_has_thought_answer_and_usage() -> None:
    reply = chat()
    message = reply["choices"][0]["message"]
    assert (message["content"], message["reasoning"]) == (ANSWER, "40 + 2 = 42")
    assert message["reasoning_content"] == message["reasoning"]
    assert reply["usage"]["completion_tokens_details"]["reasoning_tokens"] > 0
    assert reply["usage"]["total_tokens"] == reply["usage"]["prompt_tokens"] + reply["usage"]["completion_tokens"]


def test_several_answers_stops_and_limits() -> None:
    reply = chat(n=3, stop=" 42", enable_thinking=False)
    assert [c["message"]["content"] for c in reply["choices"]] == ["The answer is"] * 3
    assert [c["stop_reason"] for c in reply["choices"]] == [" 42"] * 3
    assert chat(max_completion_tokens=2, enable_thinking=False)["choices"][0]["finish_reason"] == "length"


def test_logprobs_of_a_chat() -> None:
    reply = chat(logprobs=True, top_logprobs=2, enable_thinking=False, logit_bias={"5": 1.5})
    content = reply["choices"][0]["logprobs"]["content"]
    assert "".join(row["token"] for row in content).removesuffix("<|im_end|>") == ANSWER
    for row in content:
        assert len(row["top_logprobs"]) == 2
        assert row["top_logprobs"][0]["token"] == row["token"]
        assert bytes(row["bytes"]).decode() == row["token"]


def test_thoughts_go_in_under_both_names() -> None:
    async def work(http: httpx.AsyncClient) -> list[int]:
        counts = []
        for name in ("reasoning_content", "reasoning"):
            turns = [*ASK, {"role": "assistant", "content": ANSWER, name: "well"}, *ASK]
            for keep in (False, True):
                body = {"messages": turns, "chat_template_kwargs": {"preserve_thinking": keep}, "max_tokens": 500}
                reply = (await http.post("/v1/chat/completions", json=body)).json()
                counts.append(reply["usage"]["prompt_tokens"])
        return counts

    without, kept, *again = ask_all(talking(ANSWER), work)
    assert kept > without
    assert again == [without, kept]


def test_tools_of_a_chat() -> None:
    llm = talking(CALL, after_tools=ANSWER)
    choice = chat(llm, tools=TOOLS)["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    (call,) = choice["message"]["tool_calls"]
    assert (call["type"], call["function"]["name"]) == ("function", "add")
    assert json.loads(call["function"]["arguments"]) == {"a": 40, "b": 2}
    turns = [*ASK, {"role": "assistant", "content": None, "tool_calls": [call]}]
    turns.append({"role": "tool", "tool_call_id": call["id"], "content": "42"})
    assert chat(llm, tools=TOOLS, messages=turns)["choices"][0]["message"]["content"] == ANSWER


@pytest.mark.parametrize("thinks", [True, False])
@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "add"}}])
def test_a_required_call_comes_with_and_without_thoughts(choice: Any, thinks: bool) -> None:
    found = chat(talking(ANSWER), tools=TOOLS, tool_choice=choice, enable_thinking=thinks, max_tokens=400)["choices"][0]
    assert found["finish_reason"] in ("tool_calls", "length")
    assert [call["function"]["name"] for call in found["message"]["tool_calls"]] == ["add"]
    assert bool(found["message"].get("reasoning")) is thinks


ANSWERED = {
    "type": "object",
    "properties": {"answer": {"type": "integer", "minimum": 10, "maximum": 99}, "sure": {"type": "boolean"}},
    "required": ["answer", "sure"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("thinks", [True, False])
@pytest.mark.parametrize("wanted", ["json_schema", "json_object", "messages"])
def test_answers_of_a_schema_with_and_without_thoughts(wanted: str, thinks: bool) -> None:
    """JSON in the content, the thought where it belongs, whole and streamed, several answers too."""
    llm = talking('{"answer": 42, "sure": true} That is it.')
    if wanted == "messages":
        thinking = {"thinking": {"type": "enabled", "budget_tokens": 100}} if thinks else {}
        config_ = {"output_config": {"format": {"type": "json_schema", "schema": ANSWERED}}}
        blocks = messages(llm, **thinking, **config_)["content"]
        assert [block["type"] for block in blocks] == ["thinking"] * thinks + ["text"]
        assert json.loads(blocks[-1]["text"]) == {"answer": 42, "sure": True}
        return
    format_: dict[str, Any] = {"type": wanted}
    if wanted == "json_schema":
        format_["json_schema"] = {"name": "answered", "schema": ANSWERED, "strict": True}
    for choice in chat(llm, response_format=format_, enable_thinking=thinks, n=2)["choices"]:
        assert json.loads(choice["message"]["content"]) == {"answer": 42, "sure": True}
        assert (choice["message"].get("reasoning", ""), choice["finish_reason"]) == ("40 + 2 = 42" * thinks, "stop")


def test_an_answer_that_would_be_no_json_becomes_some() -> None:
    format_ = {"type": "json_schema", "json_schema": {"schema": ANSWERED}}
    for settings_ in ({"enable_thinking": False}, {"thinking_budget": 2}):
        (choice,) = chat(response_format=format_, **settings_)["choices"]
        wrong = list(mismatches(json.loads(choice["message"]["content"]), ANSWERED, ANSWERED))
        assert not wrong
        assert SENTENCE not in choice["message"]["content"]


@pytest.mark.parametrize("choice", ["required", "strict"])
def test_arguments_are_of_the_functions_schema(choice: str) -> None:
    """The model would rather send two numbers; the function takes texts."""
    parameters = {
        "type": "object",
        "properties": {"a": {"type": "string", "maxLength": 3}},
        "required": ["a"],
        "additionalProperties": False,
    }
    strict = {"strict": True} if choice == "strict" else {}
    tools = [{"type": "function", "function": {"name": "add", "parameters": parameters, **strict}}]
    claude_tools = [{"name": "add", "input_schema": parameters, **strict}]
    llm = talking(CALL)
    found = chat(llm, tools=tools, tool_choice="required" if choice == "required" else "auto")["choices"][0]
    (call,) = found["message"]["tool_calls"]
    assert not list(mismatches(json.loads(call["function"]["arguments"]), parameters, parameters))
    reply = messages(llm, tools=claude_tools, tool_choice={"type": "any" if choice == "required" else "auto"})
    (use,) = [block for block in reply["content"] if block["type"] == "tool_use"]
    assert not list(mismatches(use["input"], parameters, parameters))
    loose = [{"type": "function", "function": {"name": "add", "parameters": parameters, "strict": False}}]
    (call,) = chat(llm, tools=loose)["choices"][0]["message"]["tool_calls"]
    assert json.loads(call["function"]["arguments"]) == {"a": 40, "b": 2}


def test_the_refusal_of_a_schema_names_the_keyword() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        format_ = {"type": "json_schema", "json_schema": {"schema": {"type": "array", "uniqueItems": True}}}
        for more in ({"response_format": format_}, {"tools": [BAD_TOOL], "tool_choice": "required"}):
            error = (await http.post(CHAT, json=TURN | more)).json()["error"]
            assert error["code"] == "schema-unsupported"
            assert "'uniqueItems'" in error["message"] or "the tool 'odd'" in error["message"]

    ask_all(talking(ANSWER), work)


def test_tools_that_may_not_be_called_are_not_shown() -> None:
    shown, hidden = (chat(tools=TOOLS, tool_choice=choice) for choice in ("auto", "none"))
    assert hidden["usage"]["prompt_tokens"] < shown["usage"]["prompt_tokens"]


@pytest.mark.parametrize("parallel", [True, False])
def test_parallel_calls(parallel: bool) -> None:
    llm = talking(f"{CALL}\n{CALL}")
    found = chat(llm, tools=TOOLS, parallel_tool_calls=parallel)["choices"][0]
    assert len(found["message"]["tool_calls"]) == (2 if parallel else 1)
    assert found["finish_reason"] == "tool_calls"
    choice = {"type": "auto", "disable_parallel_tool_use": not parallel}
    reply = messages(llm, tools=CLAUDE_TOOLS, tool_choice=choice)
    assert [block["type"] for block in reply["content"]] == ["tool_use"] * (2 if parallel else 1)


def test_a_message_answers_at_once_unless_asked_to_think() -> None:
    assert messages()["content"] == [{"type": "text", "text": ANSWER}]
    thought, text = messages(thinking={"type": "enabled", "budget_tokens": 100})["content"]
    assert (thought["thinking"], text["text"]) == ("40 + 2 = 42", ANSWER)


def test_a_thought_comes_back_with_its_signature() -> None:
    llm = talking(CALL, after_tools=ANSWER)
    asked = {"tools": CLAUDE_TOOLS, "thinking": {"type": "enabled", "budget_tokens": 100}}
    first = messages(llm, **asked)
    assert [block["type"] for block in first["content"]] == ["thinking", "tool_use"]
    assert first["stop_reason"] == "tool_use"
    result = {"type": "tool_result", "tool_use_id": first["content"][1]["id"], "content": "42"}
    turns = [*ASK, {"role": "assistant", "content": first["content"]}, {"role": "user", "content": [result]}]
    assert messages(llm, **asked, messages=turns)["content"][-1]["text"] == ANSWER
    first["content"][0]["thinking"] += "!"

    async def work(http: httpx.AsyncClient) -> httpx.Response:
        return await http.post("/v1/messages", json={"messages": turns, "max_tokens": 300})

    refused = ask_all(llm, work)
    assert refused.status_code == 400
    assert MessageError.model_validate(refused.json()).error.type == "invalid_request_error"


def test_stop_sequences_and_prefills_of_messages() -> None:
    reply = messages(stop_sequences=[" 42"])
    assert (reply["stop_reason"], reply["stop_sequence"]) == ("stop_sequence", " 42")
    assert messages(max_tokens=1)["stop_reason"] == "max_tokens"
    turns = [*ASK, {"role": "assistant", "content": "The answer"}]
    assert messages(messages=turns)["content"][0]["text"]


def test_the_second_turn_finds_the_first_in_the_cache() -> None:
    """With thoughts kept, turn two extends turn one, and both dialects say how much of it was read."""
    question = {"role": "user", "content": "What is 40 + 2? " * 8}

    async def work(http: httpx.AsyncClient) -> None:
        body = {"messages": [question], "temperature": 0, "preserve_thinking": True}
        first = (await http.post("/v1/chat/completions", json=body)).json()
        said = {key: first["choices"][0]["message"][key] for key in ("role", "content", "reasoning_content")}
        turns = [question, said, {"role": "user", "content": "Sure?"}]
        second = (await http.post("/v1/chat/completions", json=body | {"messages": turns})).json()["usage"]
        cached = second["prompt_tokens_details"]["cached_tokens"]
        assert first["usage"]["prompt_tokens"] < cached < first["usage"]["total_tokens"], "some of the answer, too"
        again = (await http.post("/v1/messages", json={"messages": [question], "max_tokens": 50})).json()["usage"]
        assert again["cache_read_input_tokens"] > 0
        assert again["input_tokens"] < 20

    ask_all(talking(ANSWER, caches=True, thought="40 + 2 = 42, " * 6 + "yes"), work)


def test_tokens_are_counted_as_they_are_used() -> None:
    async def work(http: httpx.AsyncClient) -> tuple[int, int]:
        body = {"messages": ASK, "system": "Be brief.", "tools": CLAUDE_TOOLS}
        counted = CountReply.model_validate((await http.post("/v1/messages/count_tokens", json=body)).json())
        reply = MessageReply.model_validate((await http.post("/v1/messages", json=body | {"max_tokens": 50})).json())
        return counted.input_tokens, reply.usage.input_tokens

    counted, used = ask_all(talking(ANSWER), work)
    assert counted == used


def test_a_billing_line_changes_no_token() -> None:
    def tokens(line: str) -> int:
        return messages(system=f"{line}Be brief.")["usage"]["input_tokens"]

    assert tokens("x-anthropic-billing-header: cc_version=2.1; cch=1f2;\n") == tokens("")


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


CHAT, MESSAGES, TEXT = "/v1/chat/completions", "/v1/messages", "/v1/completions"
TURN = {"messages": ASK, "max_tokens": 200}
BAD_TOOL = {"type": "function", "function": {"name": "odd", "parameters": {"type": "object", "not": {}}}}
BAD: list[tuple[str, Any, int]] = [
    (CHAT, b"{", 400),
    (CHAT, b"", 400),
    (CHAT, b"[]", 400),
    (CHAT, b"null", 400),
    (CHAT, b'{"messages": "\xff"}', 400),
    (CHAT, b'{"messages": [{"role": "user", "content": "\\ud800"}]}', 400),
    (CHAT, b"[" * 100_000, 400),
    (CHAT, {}, 400),
    (CHAT, {"messages": []}, 400),
    (CHAT, {"messages": "hi"}, 400),
    (CHAT, {"messages": [{"role": "wizard", "content": "hi"}]}, 400),
    (CHAT, {"messages": [{"role": "user", "content": 5}]}, 400),
    (CHAT, {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}, 400),
    (CHAT, TURN | {"model": "nobody"}, 404),
    (CHAT, TURN | {"max_tokens": 0}, 400),
    (CHAT, TURN | {"max_tokens": -1}, 400),
    (CHAT, TURN | {"max_tokens": "5"}, 400),
    (CHAT, TURN | {"max_tokens": 2**70}, 400),
    (CHAT, TURN | {"n": 0}, 400),
    (CHAT, TURN | {"n": 100_000}, 400),
    (CHAT, TURN | {"temperature": -1}, 400),
    (CHAT, TURN | {"temperature": "hot"}, 400),
    (CHAT, TURN | {"top_p": 0}, 400),
    (CHAT, TURN | {"seed": 2**80}, 400),
    (CHAT, TURN | {"stop": [""]}, 400),
    (CHAT, TURN | {"stop": 7}, 400),
    (CHAT, TURN | {"stream": "yes"}, 400),
    (CHAT, TURN | {"logit_bias": {"x": 1}}, 400),
    (CHAT, TURN | {"logit_bias": {"99999999": 1}}, 400),
    (CHAT, TURN | {"thinking_budget": -1}, 400),
    (CHAT, TURN | {"tools": [{"type": "function", "function": {}}]}, 400),
    (CHAT, TURN | {"tools": [{"type": "function", "function": {"name": "a b"}}]}, 400),
    (CHAT, TURN | {"tools": [5]}, 400),
    (CHAT, TURN | {"response_format": {"type": "poem"}}, 400),
    (CHAT, TURN | {"response_format": {"type": "json_schema"}}, 400),
    (CHAT, TURN | {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": 5}}}, 400),
    (CHAT, TURN | {"response_format": {"type": "json_schema", "json_schema": {"schema": {"not": {}}}}}, 400),
    (CHAT, TURN | {"response_format": {"type": "json_schema", "json_schema": {"schema": False}}}, 400),
    (CHAT, TURN | {"tools": [BAD_TOOL], "tool_choice": "required"}, 400),
    (CHAT, TURN | {"response_format": {"type": "json_object"}, "continue_final_message": True}, 400),
    (MESSAGES, TURN | {"output_config": {"format": {"type": "json_schema"}}}, 400),
    (MESSAGES, TURN | {"output_config": {"format": {"type": "json_schema", "schema": {"not": {}}}}}, 400),
    (MESSAGES, TURN | {"tools": [{"name": "a", "input_schema": {"not": {}}, "strict": True}]}, 400),
    (CHAT, TURN | {"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "sub"}}}, 400),
    (CHAT, TURN | {"tools": TOOLS, "tool_choice": "always"}, 400),
    (CHAT, {"messages": [{"role": "user", "content": "well " * 20_000}]}, 400),
    (CHAT, {"messages": [{"role": "user", "content": "x" * 900_000}]}, 400),
    (CHAT, {"messages": [{"role": "user", "content": "x" * 10_000_000}]}, 413),
    (CHAT, TURN | {"max_tokens": 3, "thinking_budget": 1}, 400),
    (TEXT, {"prompt": ""}, 400),
    (TEXT, {"prompt": []}, 400),
    (TEXT, {"prompt": [-1]}, 400),
    (TEXT, {"prompt": [10**9]}, 400),
    (TEXT, {"prompt": ["a", 5]}, 400),
    (TEXT, {"prompt": ["a"] * 1000}, 400),
    (TEXT, {"prompt": {"a": 1}}, 400),
    (TEXT, {"prompt": "a", "suffix": "b"}, 400),
    (TEXT, {"prompt": "a", "best_of": 3}, 400),
    (TEXT, {"prompt": "well", "max_tokens": 0}, 400),
    (MESSAGES, b"{", 400),
    (MESSAGES, {"messages": ASK}, 400),
    (MESSAGES, TURN | {"model": "claude"}, 404),
    (MESSAGES, TURN | {"max_tokens": 0}, 400),
    (MESSAGES, {"messages": [], "max_tokens": 5}, 400),
    (MESSAGES, TURN | {"temperature": 1.5}, 400),
    (MESSAGES, TURN | {"tools": [{"name": "a"}]}, 400),
    (MESSAGES, TURN | {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, 400),
    (MESSAGES, TURN | {"messages": [{"role": "tool", "content": "hi"}]}, 400),
    (MESSAGES, TURN | {"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]}, 400),
    (MESSAGES, TURN | {"messages": [{"role": "user", "content": "x" * 10_000_000}]}, 413),
    ("/v1/messages/count_tokens", {}, 400),
    ("/v1/messages/nothing", {}, 404),
    ("/tokenize", {}, 400),
    ("/tokenize", {"prompt": "a", "messages": ASK}, 400),
    ("/detokenize", {"tokens": [-1]}, 400),
    ("/detokenize", {"tokens": ["a"]}, 400),
    ("/v1/requests/none/stop_thinking", {}, 404),
    ("/nowhere", {}, 404),
]


def test_bad_input_is_refused_in_the_dialects_shape_and_harms_nobody() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        for path, body, status in BAD:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            reply = await http.post(path, content=content, headers={"content-type": "application/json"})
            shown = (path, content[:80], reply.status_code, reply.text[:300])
            assert reply.status_code == status, shown
            if path.startswith("/v1/messages"):
                message = MessageError.model_validate(reply.json()).error.message
            else:
                message = ErrorReply.model_validate(reply.json()).error.message
            assert 20 < len(message) < 1000, shown
        assert (await http.get(CHAT)).status_code == 405
        good = await http.post(CHAT, json={"messages": ASK})
        assert good.json()["choices"][0]["message"]["content"] == ANSWER

    ask_all(talking(ANSWER), work)


def test_errors_of_a_stream_are_statuses_before_it_begins() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        long = [{"role": "user", "content": "well " * 20_000}]
        for path in (CHAT, MESSAGES):
            reply = await http.post(path, json={"messages": long, "max_tokens": 5, "stream": True})
            assert reply.status_code == 400

    ask_all(talking(ANSWER), work)


@pytest.mark.parametrize("stream", [False, True])
def test_an_engine_that_fails_says_so(stream: bool) -> None:
    llm = talking(ANSWER)
    policy, llm.engine.runner.policy = llm.engine.runner.policy, None  # pyright: ignore

    async def work(http: httpx.AsyncClient) -> None:
        for path, read in ((CHAT, chunks_of), (MESSAGES, events_of)):
            reply = await http.post(path, json=TURN | {"stream": stream})
            assert "could not compute" in reply.text
            assert reply.status_code == (200 if stream else 500)
            if stream:
                assert "error" in read(reply.text)[-1]
        llm.engine.runner.policy = policy  # pyright: ignore
        good = await http.post(CHAT, json={"messages": ASK})
        assert good.json()["choices"][0]["message"]["content"] == ANSWER

    ask_all(llm, work)


def test_keys_are_asked_for() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        assert (await http.get("/health")).status_code == 200
        for path, shape in ((CHAT, ErrorReply), (MESSAGES, MessageError)):
            for headers in ({}, {"authorization": "Bearer wrong-key"}, {"x-api-key": "the-right-ke"}):
                refused = await http.post(path, json=TURN, headers=headers)
                assert refused.status_code == 401
                shape.model_validate(refused.json())
            for headers in ({"authorization": "Bearer the-right-key"}, {"x-api-key": "the-right-key"}):
                assert (await http.post(path, json=TURN, headers=headers)).status_code == 200
        assert (await http.get("/metrics")).status_code == 401

    ask_all(talking(ANSWER), work, config(api_keys=("the-right-key", "another-key")))


STRANGERS = ("evil.example", "evil.example:8000", "127.0.0.1.evil.example", "10.0.0.7", "[fd00::1]:8000", "x@y", "[")
OWN = ("localhost", "LocalHost:8000", "127.0.0.1:8000", "[::1]:8000", "test")  # the last is where it listens


def test_web_pages_of_others_are_refused_where_there_is_no_key() -> None:
    """A page may send JSON as plain text to this machine, or give its own name this machine's address."""

    async def work(http: httpx.AsyncClient) -> None:
        async def post(path: str, **headers: str) -> httpx.Response:
            headers["content-type"] = "text/plain"
            return await http.post(path, content=json.dumps(TURN), headers=headers)

        for path, shape in ((CHAT, ErrorReply), (MESSAGES, MessageError)):
            for stranger in STRANGERS:
                told = [await post(path, host=stranger)]
                told += [await post(path, origin=f"{scheme}://{stranger}") for scheme in ("http", "https")]
                for refused in told:
                    assert refused.status_code == 403, stranger
                    assert shape.model_validate(refused.json()).error.type == "permission_error"
                    assert "no API key" in refused.json()["error"]["message"]
            assert (await post(path, origin="null")).status_code == 403  # a sandboxed frame of anybody
            for own in OWN:
                assert (await post(path, host=own, origin=f"http://{own}")).status_code == 200, own
        assert (await http.get("/v1/models", headers={"host": "evil.example"})).status_code == 403

    ask_all(talking(ANSWER), work)


def test_hosts_that_the_operator_allows_may_ask() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        for host in ("models.example", "Models.Example:443"):
            headers = {"host": host, "origin": f"https://{host}"}
            assert (await http.post(CHAT, json=TURN, headers=headers)).status_code == 200
        assert (await http.post(CHAT, json=TURN, headers={"host": "example"})).status_code == 403

    ask_all(talking(ANSWER), work, config(allowed_hosts=("models.example",)))


def test_a_key_is_enough_whatever_the_host() -> None:
    async def work(http: httpx.AsyncClient) -> None:
        headers = {"host": "models.example", "origin": "https://pages.example", "x-api-key": "the-right-key"}
        assert (await http.post(CHAT, json=TURN, headers=headers)).status_code == 200

    ask_all(talking(ANSWER), work, config(api_keys=("the-right-key",)))


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
