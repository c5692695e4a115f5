"""Chat rendering without a template: one loop over the turns, and a `Style` for what differs between models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from yunqi.common.errors import YunqiError
from yunqi.processing.chat.rendered import Mode, PromptBuilder, Rendered, Thinking
from yunqi.processing.chat.thoughts import ends_in_thought, last_query, soft_switch
from yunqi.processing.tokenizer import Tokenizer
from yunqi.processing.vocabulary import IM_END, IM_START, THINK_OPEN
from yunqi.protocol.messages import Message, Tool, as_messages, as_tools


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where an assistant turn stands: `last` of all, `after_query` the last real question; or thoughts are kept."""

    last: bool = False
    after_query: bool = False
    preserve: bool = False


class Style(Protocol):
    """What a model's chat format decides for itself."""

    @property
    def name(self) -> str: ...

    @property
    def mode(self) -> Mode: ...

    @property
    def tool_format(self) -> str:
        """How calls are written: a name of `yunqi.processing.tool_format.FORMATS`."""
        ...

    def opening(self, system: str | None, tools: Sequence[Tool]) -> str | None:
        """The text of the first system turn; None where there is no such turn."""
        ...

    def assistant(self, message: Message, place: Place) -> str:
        """What stands between the word "assistant" and the end of the turn."""
        ...

    def results(self, contents: Sequence[str]) -> str:
        """What stands between the word "user" and the end of the turn that tools' results share."""
        ...

    def generation(self, enable_thinking: bool | None) -> tuple[str, Thinking]:
        """What follows "assistant" and a newline in the generation prompt, and the state it leaves."""
        ...


@dataclass(frozen=True, slots=True)
class NativeRenderer:
    """A `ChatRenderer` in ChatML, after `style`."""

    style: Style
    tokenizer: Tokenizer

    @property
    def name(self) -> str:
        return self.style.name

    @property
    def mode(self) -> Mode:
        return self.style.mode

    @property
    def tool_format(self) -> str:
        return self.style.tool_format

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
        """See `ChatRenderer.render`. Whatever roles come in whatever order, each message gets its turn."""
        turns = checked_messages(messages, continue_final_message=continue_final_message)
        chat = _Chat(turns=turns, query=last_query(turns), preserve=preserve_thinking, style=self.style)
        prompt = PromptBuilder()
        chat.write(prompt, as_tools(tools), len(turns) - continue_final_message)
        thinking: Thinking = "off"
        if continue_final_message:
            thinking = chat.write_unfinished(prompt)
        elif add_generation_prompt:
            text, thinking = self.style.generation(enable_thinking)
            prompt.add(f"{IM_START}assistant\n{text}")
        return prompt.finish(self.tokenizer, thinking, soft_switch(turns) if self.mode == "hybrid" else None)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Chat:
    """A conversation and what decides about its turns; `query` is the index of the last real question."""

    turns: Sequence[Message]
    query: int
    preserve: bool
    style: Style

    def write(self, prompt: PromptBuilder, tools: Sequence[Tool], count: int) -> None:
        """The system turn and the first `count` messages."""
        system = self.turns[0].text if self.turns[0].role == "system" else None
        opening = self.style.opening(system, tools)
        if opening is not None:
            prompt.turn(f"{IM_START}system\n{opening}{IM_END}\n")
        for index in range(system is not None, count):
            role = self.turns[index].role
            if role == "tool":
                self._tool_result(prompt, index)
            elif role == "assistant":
                self._assistant(prompt, index)
            else:
                prompt.turn(f"{IM_START}{role}\n{self.turns[index].text}{IM_END}\n")

    def write_unfinished(self, prompt: PromptBuilder) -> Thinking:
        """The last turn left open: inside its thought where it has nothing else yet."""
        message, thinks = self.turns[-1], self.style.mode != "none"
        if thinks and message.reasoning_content and not message.text:
            text = f"\n{THINK_OPEN}\n{message.reasoning_content}"
        else:
            preserve = self.preserve or bool(message.reasoning_content)
            text = self.style.assistant(message, replace(self._place(len(self.turns) - 1), preserve=preserve))
        prompt.add(f"{IM_START}assistant{text}")
        return "open" if thinks and ends_in_thought(text) else "off"

    def _place(self, index: int) -> Place:
        return Place(last=index == len(self.turns) - 1, after_query=index > self.query, preserve=self.preserve)

    def _assistant(self, prompt: PromptBuilder, index: int) -> None:
        message = self.turns[index]
        text = self.style.assistant(message, self._place(index))
        if text != self.style.assistant(message, Place(preserve=self.preserve)):
            prompt.unsettle()
        prompt.turn(f"{IM_START}assistant{text}{IM_END}\n")

    def _tool_result(self, prompt: PromptBuilder, index: int) -> None:
        """Consecutive results share one user turn, which the last of them writes."""
        if index < len(self.turns) - 1 and self.turns[index + 1].role == "tool":
            return
        first = index
        while first > 0 and self.turns[first - 1].role == "tool":
            first -= 1
        contents = [turn.text for turn in self.turns[first : index + 1]]
        prompt.turn(f"{IM_START}user{self.style.results(contents)}{IM_END}\n")


def checked_messages(
    messages: Sequence[Message | Mapping[str, Any]], *, continue_final_message: bool
) -> tuple[Message, ...]:
    """The messages, the last of which can be continued where that is asked. Raises `messages-invalid`."""
    turns = as_messages(messages)
    if not turns:
        raise YunqiError("messages-invalid", reason="it is empty", rule="Send at least one message.")
    if continue_final_message and (turns[-1].role != "assistant" or turns[-1].tool_calls):
        raise YunqiError(
            "messages-invalid",
            reason="the message to continue is not an assistant's text",
            rule="End with an assistant message without tool calls, or leave continue_final_message out.",
        )
    return turns
