"""Qwen3-Coder: no thoughts, and tools in the qwen3_coder format.

A tool's result with which a conversation begins has a user turn of its own, as anywhere else; the official template
leaves it without one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yunqi.processing.chat.coder import call_text, result_text, tools_text
from yunqi.processing.chat.native import Place
from yunqi.processing.chat.rendered import Mode, Thinking
from yunqi.processing.chat.thoughts import block
from yunqi.protocol.messages import Message, Tool

_SYSTEM = "You are Qwen, a helpful AI assistant that can interact with a computer to solve tasks."


@dataclass(frozen=True, kw_only=True, slots=True)
class Qwen3Coder:
    """Renders as the official template does."""

    name: str = "qwen3-coder"
    mode: Mode = "none"
    tool_format: str = "qwen3_coder"

    def opening(self, system: str | None, tools: Sequence[Tool]) -> str | None:
        if not tools:
            return system
        return (_SYSTEM if system is None else system) + tools_text(tools)

    def assistant(self, message: Message, place: Place) -> str:
        content = message.text
        if place.preserve and message.reasoning_content:
            content = block(message.reasoning_content, content)
        if not message.tool_calls:
            return "\n" + content
        said = f"\n{content.strip()}\n" if content.strip() else ""
        return said + "".join("\n" + call_text(call) for call in message.tool_calls)

    def results(self, contents: Sequence[str]) -> str:
        return "\n" + "".join(map(result_text, contents))

    def generation(self, enable_thinking: bool | None) -> tuple[str, Thinking]:
        del enable_thinking
        return "", "off"


QWEN3_CODER = Qwen3Coder()
