"""Chat rendering by the checkpoint's own template, for formats we do not know.

What the template promises is found by asking it: a rendering with an answer and a new question added shows which
tokens stay, and the text that the generation prompt adds shows whether a thought is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.processing.chat.native import checked_messages
from yunqi.processing.chat.rendered import Mode, Rendered, Thinking
from yunqi.processing.chat.sandbox import Sandbox
from yunqi.processing.chat.thoughts import ends_in_thought, soft_switch
from yunqi.processing.tokenizer import Tokenizer
from yunqi.processing.vocabulary import THINK_CLOSE, THINK_OPEN
from yunqi.protocol.messages import Message, Tool, ToolCall, as_tools

# What may follow a conversation: an answer with and without a thought, a call with its result; then a question.
_QUESTION = Message(role="user", content="Why?")
_CONTINUATIONS = (
    (Message(role="assistant", content="Well."), _QUESTION),
    (Message(role="assistant", content="9", reasoning_content="Hm."), _QUESTION),
    (Message(role="assistant", content=f"{THINK_OPEN}\nHm.\n{THINK_CLOSE}\n\nSo."), _QUESTION),
)

_TAIL = 64  # characters that hold any generation prompt


class JinjaRenderer:
    """A `ChatRenderer` that runs `tokenizer.chat_template` in a sandbox."""

    name = "jinja"

    def __init__(self, tokenizer: Tokenizer) -> None:
        assert tokenizer.chat_template is not None
        self.tokenizer = tokenizer
        self._sandbox = Sandbox(tokenizer.chat_template)
        self._mentions_thoughts = THINK_CLOSE in tokenizer.chat_template
        self.mode: Mode = self._find_mode()
        self.tool_format = self._find_tool_format()

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
        """See `ChatRenderer.render`; `preserve_thinking` is handed to the template, which may not know it."""
        turns = checked_messages(messages, continue_final_message=continue_final_message)
        switches: dict[str, Any] = {"tools": [dict(tool.definition) for tool in as_tools(tools)] or None}
        if enable_thinking is not None:
            switches["enable_thinking"] = enable_thinking
        if preserve_thinking:
            switches["preserve_thinking"] = True
        text = closed = self.text(turns, **switches)
        thinking: Thinking = "off"
        if continue_final_message:
            text = _cut_after(closed, turns[-1].text or turns[-1].reasoning_content or "")
            thinking = "open" if self._mentions_thoughts and ends_in_thought(text) else "off"
        elif add_generation_prompt:
            text = self.text(turns, add_generation_prompt=True, **switches)
            thinking = self._state_of(text.removeprefix(closed) if text.startswith(closed) else text[-_TAIL:])
        ids = self.tokenizer.encode(text)
        finished = turns[: len(turns) - continue_final_message]
        return Rendered(
            text=text,
            token_ids=ids,
            stable_lengths=self._stable_lengths(ids, finished, switches),
            thinking=thinking,
            soft_switch=soft_switch(turns) if self.mode == "hybrid" else None,
        )

    def text(self, turns: Sequence[Message], *, add_generation_prompt: bool = False, **switches: Any) -> str:
        """The template's own text. Raises `template-failed`."""
        return self._sandbox.run(
            {
                **self.tokenizer.token_texts,
                "messages": [as_template_message(turn) for turn in turns],
                "documents": None,
                "add_generation_prompt": add_generation_prompt,
                **switches,
            }
        )

    def _find_mode(self) -> Mode:
        """How the generation prompt answers the thinking switch. A template that fails here says nothing."""
        default, on, off = self._probe(), self._probe(enable_thinking=True), self._probe(enable_thinking=False)
        if on is not None and off is not None and on != off:
            return "hybrid"
        return "always" if default is not None and ends_in_thought(default[-_TAIL:]) else "none"

    def _find_tool_format(self) -> str:
        """How the template writes a call; where it writes none, how it tells the model to."""
        call = ToolCall(name="look", arguments={"at": "it"})
        turns = (_QUESTION, Message(role="assistant", tool_calls=(call,)), Message(role="tool", content="It."))
        try:
            text = self.text(turns)
        except YunqiError:
            text = ""
        shown = text if "look" in text else (self.tokenizer.chat_template or "")
        return "qwen3_coder" if "<function=" in shown else "hermes"

    def _probe(self, **switch: bool) -> str | None:
        try:
            return self.text((_QUESTION,), add_generation_prompt=True, **switch)
        except YunqiError:
            return None

    def _state_of(self, tail: str) -> Thinking:
        if ends_in_thought(tail):
            return "open"
        return "auto" if self._mentions_thoughts and THINK_CLOSE not in tail else "off"

    def _stable_lengths(self, ids: list[int], turns: Sequence[Message], switches: dict[str, Any]) -> tuple[int, ...]:
        """Places where every continuation has the same tokens before and begins a turn."""
        opener = self.tokenizer.im_start_id
        starts = self.tokenizer.special_ids if opener is None else frozenset((opener,))
        stable = set(range(1, len(ids) + 1))
        for continuation in _CONTINUATIONS:
            try:
                longer = self.tokenizer.encode(self.text((*turns, *continuation), **switches))
            except YunqiError:
                return ()
            shared = next((i for i, pair in enumerate(zip(ids, longer, strict=False)) if pair[0] != pair[1]), len(ids))
            stable &= {place for place in range(1, min(shared + 1, len(longer))) if longer[place] in starts}
        return tuple(sorted(stable))


def as_template_message(message: Message) -> dict[str, Any]:
    """A message as templates expect it: text content, arguments as an object where they are one."""
    entry: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.reasoning_content is not None:
        entry["reasoning_content"] = message.reasoning_content
    if message.tool_calls:
        entry["tool_calls"] = [
            {"type": "function", "id": call.id, "function": {"name": call.name, "arguments": _arguments(call)}}
            for call in message.tool_calls
        ]
    return entry | {key: value for key in ("tool_call_id", "name") if (value := getattr(message, key)) is not None}


def _arguments(call: ToolCall) -> Mapping[str, Any] | str:
    arguments = call.parsed_arguments()
    return {} if isinstance(arguments, str) and not arguments.strip() else arguments


def _cut_after(text: str, content: str) -> str:
    """`text` up to the end of the last `content` in it, which a template may have stripped."""
    for shown in (content, content.strip()):
        place = text.rfind(shown)
        if place >= 0 and shown:
            return text[: place + len(shown)]
    raise YunqiError("template-failed", reason="it does not show the message to continue")
