"""A chat and a bound tool through `langchain-openai`."""

import sys

from langchain_core.messages import ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI


@tool
def add(a: float, b: float) -> float:
    """Add two numbers."""
    return a + b


model = ChatOpenAI(base_url=f"{sys.argv[1]}/v1", api_key="none", model="nano", temperature=0)
assert model.invoke("What is 40 + 2?").content == "The answer is 42."
assert "".join(chunk.content for chunk in model.stream("What is 40 + 2?")) == "The answer is 42."

armed = model.bind_tools([add])
turns = [("user", "Please call add.")]
asked = armed.invoke(turns)
assert asked.tool_calls[0]["args"] == {"a": 40, "b": 2}, asked
result = add.invoke(asked.tool_calls[0]["args"])
answer = armed.invoke([*turns, asked, ToolMessage(str(result), tool_call_id=asked.tool_calls[0]["id"])])
assert answer.content == "The sum is 42.", answer
