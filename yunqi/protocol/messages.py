"""Conversations: messages, their parts, tools and tool calls.

`Message.from_dict` accepts what OpenAI clients send (null content, the developer role, wrapped functions, arguments as
JSON text or as an object), so that every dialect ends in the same type.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from yunqi.common.errors import YunqiError

Role = Literal["system", "user", "assistant", "tool"]
ROLES: tuple[str, ...] = ("system", "user", "assistant", "tool")


@dataclass(frozen=True, kw_only=True, slots=True)
class TextPart:
    """A piece of text inside a message."""

    text: str
    type: Literal["text"] = "text"


Part = TextPart


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolCall:
    """A call the model made. `arguments` is an object, or the JSON text of one exactly as it was written."""

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)
    id: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ToolCall:
        function = data.get("function", data) if isinstance(data, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            raise _invalid("a tool call has no name", 'Write it as {"name": ..., "arguments": {...}}.')
        arguments = function.get("arguments")
        return cls(name=function["name"], arguments={} if arguments is None else arguments, id=data.get("id"))

    def parsed_arguments(self) -> Mapping[str, Any] | str:
        """The arguments as an object where their text is valid JSON of one, else the text as it is."""
        if not isinstance(self.arguments, str):
            return self.arguments
        try:
            value = json.loads(self.arguments)
        except ValueError:
            return self.arguments
        return value if isinstance(value, dict) else self.arguments


@dataclass(frozen=True, kw_only=True, slots=True)
class Tool:
    """A function the model may call. `definition` is the JSON object that the chat template shows, key order kept."""

    definition: Mapping[str, Any]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Tool:
        if isinstance(data, Mapping) and "function" not in data and isinstance(data.get("name"), str):
            data = {"type": "function", "function": data}
        function = data.get("function") if isinstance(data, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            raise _invalid("a tool has no name", 'Write it as {"type": "function", "function": {"name": ...}}.')
        return cls(definition=data)

    @property
    def name(self) -> str:
        return self.definition["function"]["name"]

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The JSON schema of the arguments; empty where the tool declares none."""
        return self.definition["function"].get("parameters") or {}

    @property
    def strict(self) -> bool | None:
        """Whether calls must be of the schema; None where the tool does not say."""
        said = self.definition["function"].get("strict")
        return said if isinstance(said, bool) else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One turn. `reasoning_content` is the thought of an assistant turn, apart from what it said."""

    role: Role
    content: str | tuple[Part, ...] | None = None
    reasoning_content: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    name: str | None = None

    @property
    def text(self) -> str:
        """The content as one string; empty where there is none."""
        if self.content is None or isinstance(self.content, str):
            return self.content or ""
        return "".join(part.text for part in self.content)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Message:
        if not isinstance(data, Mapping):
            rule = "Write a message as {'role': 'user', 'content': ...}, and a conversation as a list of them."
            raise _invalid(f"a message is of type {type(data).__name__}", rule)
        role = data.get("role")
        role = "system" if role == "developer" else role
        if role not in ROLES:
            raise _invalid(f"a message has the role {role!r}", f"Use one of {', '.join(ROLES)}.")
        reasoning = data.get("reasoning_content")
        return cls(
            role=cast(Role, role),
            content=_content(data.get("content")),
            reasoning_content=data.get("reasoning") if reasoning is None else reasoning,
            tool_calls=tuple(ToolCall.from_dict(call) for call in _several(data.get("tool_calls"), "tool_calls")),
            tool_call_id=data.get("tool_call_id"),
            name=data.get("name"),
        )


def as_messages(messages: Sequence[Message | Mapping[str, Any]]) -> tuple[Message, ...]:
    """Messages from either form."""
    return tuple(m if isinstance(m, Message) else Message.from_dict(m) for m in _several(messages, "messages"))


def as_tools(tools: Sequence[Tool | Mapping[str, Any]] | None) -> tuple[Tool, ...]:
    """Tools from either form."""
    return tuple(t if isinstance(t, Tool) else Tool.from_dict(t) for t in _several(tools, "tools"))


def _several(values: Any, name: str) -> Sequence[Any]:
    if values is None:
        return ()
    if isinstance(values, str | Mapping) or not isinstance(values, Sequence):
        raise _invalid(f"{name} is of type {type(values).__name__}", "Send a list.")
    return values


def _content(content: Any) -> str | tuple[Part, ...] | None:
    if content is None or isinstance(content, str):
        return content
    if not isinstance(content, Sequence):
        raise _invalid("a message's content is neither text nor a list of parts", "Send a string.")
    parts: list[Part] = []
    for part in content:
        if isinstance(part, str):
            parts.append(TextPart(text=part))
        elif isinstance(part, TextPart):
            parts.append(part)
        elif (
            isinstance(part, Mapping)
            and part.get("type") in ("text", "input_text", None)
            and isinstance(part.get("text"), str)
        ):
            parts.append(TextPart(text=part["text"]))
        else:
            kind = part.get("type") if isinstance(part, Mapping) else type(part).__name__
            raise _invalid(f"a part of type {kind!r} is not understood", "This model takes text parts only.")
    return tuple(parts)


def _invalid(reason: str, rule: str) -> YunqiError:
    return YunqiError("messages-invalid", reason=reason, rule=rule)
