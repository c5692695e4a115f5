"""Messages of Anthropic's dialect over a scripted model: thoughts, signatures, prefills, the cache, counts."""

from __future__ import annotations

import httpx

from tests.dialects import ANSWER, CLAUDE_TOOLS, messages
from tests.serving import ASK, ask_all
from tests.talker import CALL, talking
from yunqi.server.dialects.anthropic.replies import CountReply, MessageError, MessageReply


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
