"""QwQ-32B: it always thinks. The prompt opens the thought; turns that are not the last lose theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yunqi.processing.chat.hermes import calls_text, results_text, tools_text
from yunqi.processing.chat.native import Place
from yunqi.processing.chat.rendered import Mode, Thinking
from yunqi.processing.chat.thoughts import block, split_thought
from yunqi.processing.vocabulary import THINK_CLOSE, THINK_OPEN
from yunqi.protocol.messages import Message, Tool


@dataclass(frozen=True, kw_only=True, slots=True)
class QwQ:
    """Renders as the official QwQ template does, which reads thoughts in the content only."""

    name: str = "qwq"
    mode: Mode = "always"
    tool_format: str = "hermes"

    def opening(self, system: str | None, tools: Sequence[Tool]) -> str | None:
        return f"{system or ''}\n\n{tools_text(tools)}" if tools else system

    def assistant(self, message: Message, place: Place) -> str:
        content = message.text
        if place.preserve:
            return "\n" + block(*split_thought(message)) + calls_text(message.tool_calls)
        shown = content if place.last else content.split(THINK_CLOSE)[-1].lstrip("\n")
        return ("\n" + shown if content or not message.tool_calls else "") + calls_text(message.tool_calls)

    def results(self, contents: Sequence[str]) -> str:
        return results_text(contents)

    def generation(self, enable_thinking: bool | None) -> tuple[str, Thinking]:
        del enable_thinking
        return f"{THINK_OPEN}\n", "open"


QWQ = QwQ()
