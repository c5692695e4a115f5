"""Plain ChatML, for models that think in no tags, and its first users: Qwen-7B and Qwen2.5.

Tools are shown as Hermes shows them. An explicit system message, even an empty one, replaces the default.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yunqi.processing.chat.hermes import calls_text, results_text, tools_text
from yunqi.processing.chat.native import Place
from yunqi.processing.chat.rendered import Mode, Thinking
from yunqi.processing.chat.thoughts import block
from yunqi.protocol.messages import Message, Tool


@dataclass(frozen=True, kw_only=True, slots=True)
class ChatML:
    """The bare format. `default_system` speaks where the conversation has no system message."""

    name: str = "chatml"
    mode: Mode = "none"
    tool_format: str = "hermes"
    default_system: str | None = None

    def opening(self, system: str | None, tools: Sequence[Tool]) -> str | None:
        text = self.default_system if system is None else system
        if not tools:
            return text
        return tools_text(tools) if text is None else f"{text}\n\n{tools_text(tools)}"

    def assistant(self, message: Message, place: Place) -> str:
        content = message.text
        if place.preserve and message.reasoning_content:
            content = block(message.reasoning_content, content)
        return ("\n" + content if content or not message.tool_calls else "") + calls_text(message.tool_calls)

    def results(self, contents: Sequence[str]) -> str:
        return results_text(contents)

    def generation(self, enable_thinking: bool | None) -> tuple[str, Thinking]:
        del enable_thinking
        return "", "off"


CHATML = ChatML()
QWEN = ChatML(name="qwen", default_system="You are a helpful assistant.")
QWEN25 = ChatML(name="qwen2.5", default_system="You are Qwen, created by Alibaba Cloud. You are a helpful assistant.")
