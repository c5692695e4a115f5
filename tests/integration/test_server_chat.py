"""Chat completions over a scripted model: thoughts, tools, schemas, log-probabilities."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.dialects import ANSWER, BAD_TOOL, CHAT, CLAUDE_TOOLS, SENTENCE, TOOLS, TURN, chat, messages
from tests.interface import mismatches
from tests.serving import ASK, ask_all
from tests.talker import CALL, talking


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
