"""Chat, streaming, tools and the other routes through the `openai` package."""

import json
import sys

from openai import BadRequestError, NotFoundError, OpenAI

client = OpenAI(base_url=f"{sys.argv[1]}/v1", api_key="none")
ASK = [{"role": "user", "content": "What is 40 + 2?"}]
TOOLS = [{"type": "function", "function": {"name": "add", "description": "Add.", "parameters": {"type": "object"}}}]

whole = client.chat.completions.create(model="nano", messages=ASK, temperature=0)
assert whole.choices[0].message.content == "The answer is 42.", whole
assert whole.choices[0].message.reasoning_content == "40 + 2 = 42"
assert whole.usage.completion_tokens_details.reasoning_tokens > 0

options = {"stream": True, "stream_options": {"include_usage": True}, "extra_body": {"thinking_budget": 5}}
text, usage = "", None
for chunk in client.chat.completions.create(model="nano", messages=ASK, temperature=0, **options):
    text += "".join(choice.delta.content or "" for choice in chunk.choices)
    usage = chunk.usage or usage
assert text == "The answer is 42.", text
assert usage.total_tokens > 0

asked = client.chat.completions.create(model="nano", messages=ASK, tools=TOOLS, tool_choice="required")
call = asked.choices[0].message.tool_calls[0]
assert (call.function.name, asked.choices[0].finish_reason) == ("add", "tool_calls"), asked
turns = [*ASK, asked.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "42"}]
assert client.chat.completions.create(model="nano", messages=turns, tools=TOOLS).choices[0].message.content

with client.chat.completions.stream(model="nano", messages=ASK, reasoning_effort="low") as stream:
    final = stream.get_final_completion()
assert final.choices[0].message.content == "The answer is 42.", final

text = client.completions.create(model="nano", prompt="well", max_tokens=3, logprobs=1)
assert len(text.choices[0].logprobs.tokens) == 3
assert [model.id for model in client.models.list()] == ["nano"]
for wrong, error in (({"model": "nobody"}, NotFoundError), ({"model": "nano", "max_tokens": 0}, BadRequestError)):
    try:
        client.chat.completions.create(messages=ASK, **wrong)
    except error as refused:
        assert refused.body["message"], refused
    else:
        raise AssertionError(wrong)
print(json.dumps({"calls": json.loads(call.function.arguments) if call.function.arguments.endswith("}") else None}))
