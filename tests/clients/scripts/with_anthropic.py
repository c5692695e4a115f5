"""Messages, streaming, thinking and tools through the `anthropic` package."""

import sys

from anthropic import Anthropic, BadRequestError, NotFoundError

client = Anthropic(base_url=sys.argv[1], api_key="none")
ASK = [{"role": "user", "content": "What is 40 + 2?"}]
TOOLS = [{"name": "add", "description": "Add.", "input_schema": {"type": "object"}}]
THINK = {"type": "enabled", "budget_tokens": 1024}

whole = client.messages.create(model="nano", max_tokens=400, messages=ASK, extra_body={"temperature": 0})
assert [block.type for block in whole.content] == ["text"], whole
assert (whole.content[0].text, whole.stop_reason) == ("The answer is 42.", "end_turn")

with client.messages.stream(model="nano", max_tokens=2000, messages=ASK, thinking=THINK) as stream:
    kinds = {event.type for event in stream}
    final = stream.get_final_message()
assert {"thinking", "text", "content_block_stop", "message_stop"} <= kinds, kinds
assert [block.type for block in final.content] == ["thinking", "text"], final
assert final.content[0].thinking == "40 + 2 = 42"

asked = client.messages.create(
    model="nano", max_tokens=2000, messages=ASK, tools=TOOLS, tool_choice={"type": "any"}, thinking=THINK
)
assert [block.type for block in asked.content] == ["thinking", "tool_use"], asked
assert (asked.content[1].name, asked.stop_reason) == ("add", "tool_use")
result = {"type": "tool_result", "tool_use_id": asked.content[1].id, "content": "42"}
turns = [*ASK, {"role": "assistant", "content": asked.content}, {"role": "user", "content": [result]}]
after = client.messages.create(model="nano", max_tokens=2000, messages=turns, tools=TOOLS, thinking=THINK)
assert after.content[-1].text == "The sum is 42.", after

assert client.messages.count_tokens(model="nano", messages=ASK).input_tokens > 0
for wrong, error in (
    ({"model": "nobody"}, NotFoundError),
    ({"model": "nano", "extra_body": {"temperature": 3.0}}, BadRequestError),
):
    try:
        client.messages.create(max_tokens=10, messages=ASK, **wrong)
    except error as refused:
        assert refused.body["type"] == "error", refused.body
    else:
        raise AssertionError(wrong)
