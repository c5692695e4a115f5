"""A question asked in each dialect, whole and as a stream, which must agree; what tests of the server share."""

from __future__ import annotations

from typing import Any

import httpx

from tests.serving import ADD, ASK, ask_all, blocks_of, chunks_of, events_of, message_of
from tests.talker import talking
from yunqi.engine.thinking import STOP_SENTENCE
from yunqi.server.dialects.anthropic.replies import MessageReply
from yunqi.server.dialects.openai.replies import ChatChunk, ChatReply

ANSWER = "The answer is 42."
SENTENCE = STOP_SENTENCE.split("\n")[0]
TOOLS = [{"type": "function", "function": ADD}]
CLAUDE_TOOLS = [{"name": "add", "description": "Add.", "input_schema": ADD["parameters"]}]
CHAT, MESSAGES, TEXT = "/v1/chat/completions", "/v1/messages", "/v1/completions"
TURN = {"messages": ASK, "max_tokens": 200}
BAD_TOOL = {"type": "function", "function": {"name": "odd", "parameters": {"type": "object", "not": {}}}}


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
