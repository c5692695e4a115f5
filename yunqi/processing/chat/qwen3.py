"""Qwen3: hybrid, Thinking-2507 and Instruct-2507. One format of history; only the generation prompts differ.

Assistant turns after the last real question keep their thought (the very last has a block even without one); earlier
turns lose theirs. Where thoughts are kept every turn has a block, as it had when the model wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yunqi.processing.chat.hermes import call_text, results_text, tools_text
from yunqi.processing.chat.native import Place
from yunqi.processing.chat.rendered import Mode, Thinking
from yunqi.processing.chat.thoughts import block, split_thought
from yunqi.processing.vocabulary import THINK_OPEN
from yunqi.protocol.messages import Message, Tool


@dataclass(frozen=True, kw_only=True, slots=True)
class Qwen3:
    """Renders as the official templates do."""

    name: str
    mode: Mode
    tool_format: str = "hermes"

    def opening(self, system: str | None, tools: Sequence[Tool]) -> str | None:
        if not tools:
            return system
        return tools_text(tools) if system is None else f"{system}\n\n{tools_text(tools)}"

    def assistant(self, message: Message, place: Place) -> str:
        thought, content = split_thought(message)
        kept = place.preserve and (self.mode != "none" or thought)
        text = block(thought, content) if kept or (place.after_query and (place.last or thought)) else content
        for index, call in enumerate(message.tool_calls):
            text += ("\n" if content or index else "") + call_text(call, verbatim=True)
        return "\n" + text

    def results(self, contents: Sequence[str]) -> str:
        return results_text(contents)

    def generation(self, enable_thinking: bool | None) -> tuple[str, Thinking]:
        if self.mode == "always":
            return f"{THINK_OPEN}\n", "open"
        if self.mode == "none":
            return "", "off"
        return (block(""), "off") if enable_thinking is False else ("", "auto")


QWEN3 = Qwen3(name="qwen3", mode="hybrid")
QWEN3_THINKING = Qwen3(name="qwen3-thinking-2507", mode="always")
QWEN3_INSTRUCT = Qwen3(name="qwen3-instruct-2507", mode="none")
