"""Random conversations: any order of roles, thoughts, calls and results, and texts that look like markup."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

SNIPPETS = (
    *("\n", "\n\n", " ", "<think>", "</think>", "<think>\nHm.\n</think>\n\n", "/think", "/no_think", "Hello", " world"),
    *("<tool_response>", "</tool_response>", "<tool_call>", "你好", "é", "e\u0301", "12", "<|im_e", "|>", "\t", "{}"),
)
text = st.lists(st.sampled_from(SNIPPETS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=5)
text = text.map("".join)
json_value = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 999) | st.floats(allow_nan=False, width=16) | text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
    max_leaves=4,
)
json_object = st.dictionaries(text, json_value, max_size=3)
name = st.sampled_from(["add", "get_weather", "搜索"])


def _call(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "arguments": arguments}}


def _tool(name: str, description: str, properties: dict[str, Any]) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


calls = st.lists(st.builds(_call, name, json_object), max_size=2)
tools = st.none() | st.lists(st.builds(_tool, name, text, json_object), min_size=1, max_size=2)
switch = st.sampled_from([None, True, False])


@st.composite
def assistant(draw: st.DrawFn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": draw(text)}
    thought = draw(st.none() | text)
    if thought is not None:
        message["reasoning_content"] = thought
    made = draw(calls)
    if made:
        message["tool_calls"] = made
    return message


user = text.map(lambda content: {"role": "user", "content": content})
wrapped = text.map(lambda content: {"role": "user", "content": f"<tool_response>\n{content}\n</tool_response>"})
system = text.map(lambda content: {"role": "system", "content": content})
result = text.map(lambda content: {"role": "tool", "content": content})
message = user | user | assistant() | assistant() | result | wrapped | system
conversation = st.lists(message, min_size=1, max_size=7)
continuation = st.tuples(assistant(), st.lists(result, max_size=2), user).map(lambda t: [t[0], *t[1], t[2]])
