"""What a chat renderer gives, and the builder that native renderers fill.

`stable_lengths` are token counts: whatever the assistant answers and the user says next, the rendering of the longer
conversation begins with the same tokens up to each of them. They lie between turns, where control tokens keep byte
pairs from joining across.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from yunqi.processing.tokenizer import Tokenizer
from yunqi.protocol.messages import Message, Tool

Thinking = Literal["off", "open", "auto"]
Mode = Literal["none", "hybrid", "always"]
SoftSwitch = Literal["think", "no_think"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """A prompt.

    `thinking` is the state it ends in: "open" inside a thought, "auto" where the model may open one itself, "off"
    where none is expected. `soft_switch` is the latest `/think` or `/no_think` of a hybrid model's conversation.
    """

    text: str
    token_ids: list[int]
    stable_lengths: tuple[int, ...] = ()
    thinking: Thinking = "off"
    soft_switch: SoftSwitch | None = None


class ChatRenderer(Protocol):
    """Turns a conversation into a prompt.

    `mode` says whether the model thinks: never, as asked, or always. `tool_format` says how it writes its calls.
    """

    @property
    def name(self) -> str: ...

    @property
    def mode(self) -> Mode: ...

    @property
    def tool_format(self) -> str: ...

    def render(
        self,
        messages: Sequence[Message | Mapping[str, Any]],
        *,
        tools: Sequence[Tool | Mapping[str, Any]] | None = (),
        enable_thinking: bool | None = None,
        add_generation_prompt: bool = True,
        continue_final_message: bool = False,
        preserve_thinking: bool = False,
    ) -> Rendered:
        """Render; `continue_final_message` leaves the last assistant turn open and needs no generation prompt.

        `preserve_thinking` keeps the thoughts of earlier turns where the official format drops them.

        Raises:
            YunqiError: `messages-invalid`, or `template-failed` where a checkpoint's own template fails.
        """
        ...


class PromptBuilder:
    """Collects text and marks the stable places in it, up to the first turn that a later rendering may change."""

    def __init__(self) -> None:
        self._segments: list[str] = []
        self._open = ""
        self._stable = True

    def add(self, text: str) -> None:
        """Append text to the prompt."""
        self._open += text

    def turn(self, text: str) -> None:
        """Append text that ends a turn: a stable place, because the next turn begins with a control token."""
        self._open += text
        if self._stable:
            self._segments.append(self._open)
            self._open = ""

    def unsettle(self) -> None:
        """What is added from here on may read otherwise in the next rendering."""
        self._stable = False

    def finish(self, tokenizer: Tokenizer, thinking: Thinking, soft_switch: SoftSwitch | None) -> Rendered:
        """Encode. Segments are encoded apart, which equals the whole because each begins with a control token."""
        text = "".join(self._segments) + self._open
        if tokenizer.im_start_id is None:
            ids = tokenizer.encode(text)
            return Rendered(text=text, token_ids=ids, thinking=thinking, soft_switch=soft_switch)
        ids, lengths = [], []
        for segment in self._segments:
            ids += tokenizer.encode(segment)
            lengths.append(len(ids))
        ids += tokenizer.encode(self._open)
        return Rendered(
            text=text, token_ids=ids, stable_lengths=tuple(lengths), thinking=thinking, soft_switch=soft_switch
        )
