"""The qwen3_coder tool format: how Qwen3-Coder shows tools, calls and results in text. Nothing in it is escaped."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from yunqi.processing.chat.hermes import to_json
from yunqi.protocol.messages import Tool, ToolCall

_BEFORE = "\n\n# Tools\n\nYou have access to the following tools:\n\n<tools>"
_AFTER = (
    "\n</tools>\n\nIf you choose to call a tool ONLY reply in the following format with NO suffix:\n\n"
    "<tool_call>\n<function=example_function_name>\n<parameter=example_parameter_1>\nvalue_1\n</parameter>\n"
    "<parameter=example_parameter_2>\nvalue_2\n</parameter>\n</function>\n</tool_call>\n\n<IMPORTANT>\nReminder:\n"
    "- Function calls MUST follow the specified format: the tool calling block MUST begin with an opening <tool_call> "
    "tag and end with a closing </tool_call> tag.\n- Required parameters MUST be specified\n"
    "- You may provide optional reasoning for your function call in natural language BEFORE the function call, but NOT "
    "after\n- If there is no function call available, answer the question like normal with your current knowledge and "
    "do not tell the user about function calls\n</IMPORTANT>"
)


def tools_text(tools: Sequence[Tool]) -> str:
    """The tools' part of the system turn, which follows the system's own words."""
    return _BEFORE + "".join(map(_tool_text, tools)) + _AFTER


def call_text(call: ToolCall) -> str:
    """One call. Arguments that are no object are shown as they are, where the values would stand."""
    arguments = call.parsed_arguments()
    if isinstance(arguments, str):
        values = f"{arguments.strip()}\n" if arguments.strip() else ""
    else:
        values = "".join(f"<parameter={key}>\n{value_text(value)}\n</parameter>\n" for key, value in arguments.items())
    return f"<tool_call>\n<function={call.name}>\n{values}</function>\n</tool_call>"


def value_text(value: Any) -> str:
    """A value as the template writes it: lists and objects as JSON, all else as Python's `str` has it."""
    return to_json(value) if isinstance(value, Mapping | list | tuple) else str(value)


def result_text(content: str) -> str:
    """One tool result inside its user turn."""
    return f"<tool_response>\n{content}\n</tool_response>\n"


def _tool_text(tool: Tool) -> str:
    function = tool.definition["function"]
    text = f"\n<function>\n<name>{function['name']}</name>"
    if "description" in function:
        text += f"\n<description>{str(function['description']).strip()}</description>"
    parameters = function.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, Mapping) else None
    text += "\n<parameters>"
    if isinstance(properties, Mapping):
        text += "".join(_parameter_text(name, fields) for name, fields in properties.items())
    text += _others(parameters, ("type", "properties")) + "\n</parameters>"
    return text + _others(function, ("type", "name", "description", "parameters")) + "\n</function>"


def _parameter_text(name: str, fields: Any) -> str:
    text = f"\n<parameter>\n<name>{name}</name>"
    if isinstance(fields, Mapping):
        text += f"\n<type>{fields['type']}</type>" if "type" in fields else ""
        text += f"\n<description>{str(fields['description']).strip()}</description>" if "description" in fields else ""
    return text + _others(fields, ("name", "type", "description")) + "\n</parameter>"


def _others(fields: Any, shown: Collection[str]) -> str:
    """What else a definition says, each key as a tag of its own."""
    if not isinstance(fields, Mapping):
        return ""
    return "".join(f"\n<{key}>{value_text(value)}</{key}>" for key, value in fields.items() if key not in shown)
