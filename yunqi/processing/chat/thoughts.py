"""Thoughts in a conversation: where they stand in a message, and the soft switches that ask for them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from yunqi.processing.chat.rendered import SoftSwitch
from yunqi.processing.vocabulary import THINK_CLOSE, THINK_OPEN
from yunqi.protocol.messages import Message

# What ends a thought that has used its budget (Qwen3 technical report, section 4.3).
STOP_SENTENCE = (
    "Considering the limited time by the user, I have to give the solution based on the thinking directly now.\n"
    f"{THINK_CLOSE}\n\n"
)
# A switch is no part of a path or a word: "/think" and "好/no_think" are, "src/think" and "/think.py" are not.
_SWITCH = re.compile(r"(?<![A-Za-z0-9_./\\-])/(no_think|think)(?![A-Za-z0-9_/\\-]|\.[A-Za-z0-9])")


def split_thought(message: Message) -> tuple[str, str]:
    """The thought and the rest of an assistant turn; the thought may stand inside the content."""
    content = message.text
    if message.reasoning_content is not None:
        return message.reasoning_content, content
    if THINK_CLOSE not in content:
        return "", content
    parts = content.split(THINK_CLOSE)
    return parts[0].rstrip("\n").split(THINK_OPEN)[-1].lstrip("\n"), parts[-1].lstrip("\n")


def block(thought: str, content: str = "") -> str:
    """A closed thought and what follows it."""
    return f"{THINK_OPEN}\n" + thought.strip("\n") + f"\n{THINK_CLOSE}\n\n" + content.lstrip("\n")


def ends_in_thought(text: str) -> bool:
    """Whether the last thought of `text` is still open."""
    return text.rfind(THINK_OPEN) > text.rfind(THINK_CLOSE)


def is_query(message: Message) -> bool:
    """Whether this is a real user message: not one that only carries a tool's result."""
    text = message.text
    wrapped = text.startswith("<tool_response>") and text.endswith("</tool_response>")
    return message.role == "user" and not wrapped


def last_query(messages: Sequence[Message]) -> int:
    """The index of the last real user message; of the last message where there is none."""
    return next((i for i in reversed(range(len(messages))) if is_query(messages[i])), len(messages) - 1)


def soft_switch(messages: Sequence[Message]) -> SoftSwitch | None:
    """The latest switch that the system or the user wrote."""
    for message in reversed(messages):
        found = _SWITCH.findall(message.text) if message.role == "system" or is_query(message) else []
        if found:
            return "no_think" if found[-1] == "no_think" else "think"
    return None
