"""The Hermes tool format: how Qwen2.5, QwQ and Qwen3 show tools, calls and results in text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from yunqi.protocol.messages import Tool, ToolCall

_BEFORE = (
    "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
    "You are provided with function signatures within <tools></tools> XML tags:\n<tools>"
)
_AFTER = (
    "\n</tools>\n\nFor each function call, return a json object with function name and arguments within "
    '<tool_call></tool_call> XML tags:\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n'
    "</tool_call>"
)


def to_json(value: Any) -> str:
    """JSON as the templates' `tojson` writes it: one line, key order kept, no ASCII escapes."""
    return json.dumps(value, ensure_ascii=False)


def tools_text(tools: Sequence[Tool]) -> str:
    """The tools' part of the system turn."""
    return _BEFORE + "".join("\n" + to_json(tool.definition) for tool in tools) + _AFTER


def call_text(call: ToolCall, *, verbatim: bool) -> str:
    """One call. Arguments that came as JSON text stand as they were written if `verbatim`, else they are read first."""
    arguments = call.arguments
    if isinstance(arguments, str) and not arguments.strip():
        arguments = "{}"
    elif not isinstance(arguments, str) or not verbatim:
        arguments = to_json(call.parsed_arguments())
    return f'<tool_call>\n{{"name": "{call.name}", "arguments": {arguments}}}\n</tool_call>'


def calls_text(calls: Sequence[ToolCall]) -> str:
    """Calls as the formats before Qwen3 write them: each on a new line."""
    return "".join("\n" + call_text(call, verbatim=False) for call in calls)


def results_text(contents: Sequence[str]) -> str:
    """The results of tools inside the user turn that they share."""
    return "".join(f"\n<tool_response>\n{content}\n</tool_response>" for content in contents)
