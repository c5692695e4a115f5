"""From token ids to ordered events: thoughts, text, tool calls, the end. The same tokens give the same events.

The machine starts from the state the prompt ends in (`Rendered.thinking`). The line ends that the templates put around
tags belong to the tags. A tool tag inside a thought ends the thought as soon as it proves to be a call; a tag that
never becomes a call is given out as the text it is, where it stood.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum, auto

from yunqi.processing.chat.rendered import Thinking
from yunqi.processing.hermes_call import NotACall
from yunqi.processing.tags import Tag, TagReader
from yunqi.processing.tokenizer import Tokenizer
from yunqi.processing.tool_format import FORMATS, CallReader
from yunqi.protocol.events import (
    Event,
    Finish,
    FinishReason,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolCallStart,
)
from yunqi.protocol.messages import Tool, ToolCall


class _In(Enum):
    START = auto()  # the model may open a thought
    THOUGHT = auto()
    ANSWER = auto()
    CALL = auto()


class StreamMachine:
    """One answer. After `finish`, `reasoning`, `text` and `tool_calls` hold the whole of it.

    `num_reasoning_tokens` counts the tokens between the thought's tags (tags spelt by several tokens count as thought).
    `functions` are the tools of the request, for formats whose arguments only a schema explains.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        thinking: Thinking,
        tools: bool = True,
        tool_format: str = "hermes",
        functions: Sequence[Tool] = (),
        skip_special_tokens: bool = True,
    ) -> None:
        tags = () if thinking == "off" else (Tag.THINK_OPEN, Tag.THINK_CLOSE)
        tags += (Tag.TOOL_OPEN, Tag.TOOL_CLOSE) if tools else ()
        self._reader = TagReader(tokenizer, tags, skip_special_tokens=skip_special_tokens)
        self._format, self._functions = FORMATS[tool_format], tuple(functions)
        self._tools = tools
        self._in = {"off": _In.ANSWER, "open": _In.THOUGHT, "auto": _In.START}[thinking]
        self._skip = 0  # line ends that the last tag still takes
        self._held = ""  # white space that the next tag may take
        self._call: CallReader | None = None
        self._call_text: list[str] = []  # the call from before its tag on, to be given out if it is none
        self._call_from = _In.ANSWER
        self._after_call = False  # nothing but white space since
        self._thought_unclosed = False
        self._undecided_tokens = 0
        self._events: list[Event] = []
        self._reasoning: list[str] = []
        self._text: list[str] = []
        self._calls: list[tuple[str, list[str]]] = []
        self._finished = False
        self.num_reasoning_tokens = 0

    @property
    def in_reasoning(self) -> bool:
        """Whether the next token belongs to a thought."""
        return self._in is _In.THOUGHT

    @property
    def reasoning(self) -> str | None:
        """The thought; None where there was none."""
        return "".join(self._reasoning) or None

    @property
    def text(self) -> str:
        """The answer."""
        return "".join(self._text)

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls; their arguments are JSON text."""
        return tuple(ToolCall(name=name, arguments="".join(parts)) for name, parts in self._calls)

    def push(self, token_ids: Iterable[int]) -> list[Event]:
        """The events that are certain after these tokens."""
        assert not self._finished, "the answer is finished"
        for token_id in token_ids:
            before = self._in
            for piece in self._reader.push(token_id):
                self._piece(piece)
            self._count(before)
        return self._take_events()

    def finish(self, reason: FinishReason, stop_reason: str | int | None = None) -> list[Event]:
        """The last events: what was held back, and the end."""
        assert not self._finished, "the answer is finished"
        for piece in self._reader.flush():
            self._piece(piece)
        if self._in is _In.CALL:
            self._end_call()
        self.num_reasoning_tokens += self._undecided_tokens
        self._say("" if self._after_call else self._held)
        self._finished = True
        if reason == "stop" and self._calls:
            reason = "tool_calls"
        return [*self._take_events(), Finish(reason, stop_reason)]

    def _count(self, before: _In) -> None:
        if self._in is _In.CALL and self._call_from is _In.THOUGHT:
            self._undecided_tokens += 1
            return
        self.num_reasoning_tokens += self._undecided_tokens
        self._undecided_tokens = 0
        if self._in is _In.THOUGHT and before is not _In.START:
            self.num_reasoning_tokens += 1

    def _piece(self, piece: str | Tag) -> None:
        if self._in is _In.CALL:
            self._piece_of_call(piece)
        elif isinstance(piece, str):
            self._prose(piece)
        elif piece is Tag.TOOL_OPEN:
            self._begin_call()
        elif piece is Tag.THINK_OPEN and self._opens_thought():
            self._in, self._held, self._skip = _In.THOUGHT, "", 1
        elif piece is Tag.THINK_CLOSE and (self._in is _In.THOUGHT or self._thought_unclosed):
            self._in, self._held, self._skip = _In.ANSWER, "", 2
            self._thought_unclosed = False
        else:
            self._prose(piece.value)

    def _opens_thought(self) -> bool:
        """Only at the beginning; a model may also repeat the tag that its prompt ended with."""
        return self._in is _In.START or (self._in is _In.THOUGHT and not self._reasoning and not self._held)

    def _prose(self, text: str) -> None:
        """Text of a thought or an answer, less the line ends that belong to tags."""
        if self._skip:
            lines = len(text) - len(text.lstrip("\n"))
            text = text[min(lines, self._skip) :]
            self._skip = 0 if text else self._skip - lines
        text, self._held = self._held + text, ""
        if (self._in is _In.START or self._after_call) and not text.strip():
            self._held = text
            return
        self._in = _In.ANSWER if self._in is _In.START else self._in
        self._after_call = False
        held = self._lines_held(text)
        if held:
            text, self._held = text[:-held], "\n" * held
        self._say(text)

    def _lines_held(self, text: str) -> int:
        """How many line ends at the end of this text the next tag may take."""
        thinks = self._in is _In.THOUGHT
        lines = self._format.lines_before if self._tools and not thinks else int(thinks)
        return min(lines, len(text) - len(text.rstrip("\n")))

    def _say(self, text: str) -> None:
        if not text:
            return
        if self._in is _In.THOUGHT:
            self._reasoning.append(text)
            self._emit(ReasoningDelta(text))
        else:
            self._text.append(text)
            self._emit(TextDelta(text))

    def _begin_call(self) -> None:
        self._call_text = [self._held, Tag.TOOL_OPEN.value]
        self._call_from = _In.ANSWER if self._in is _In.START else self._in
        self._in, self._held, self._skip = _In.CALL, "", 0
        self._call = self._format.reader(self._functions)

    def _piece_of_call(self, piece: str | Tag) -> None:
        assert self._call is not None
        if isinstance(piece, str):
            self._read_call(piece)
        elif piece is Tag.TOOL_CLOSE and not self._call.takes_tags:
            self._end_call(piece)
        elif self._call.takes_tags or (self._call.name is not None and piece is not Tag.TOOL_OPEN):
            self._read_call(piece.value)
        else:
            self._end_call()
            self._piece(piece)

    def _read_call(self, text: str) -> None:
        assert self._call is not None
        was_named = self._call.name is not None
        if not was_named:
            self._call_text.append(text)
        try:
            arguments = self._call.push(text)
        except NotACall:
            self._give_up_call()
            return
        if self._call.name is not None and not was_named:
            self._name_call(self._call.name)
        self._say_arguments(arguments)

    def _name_call(self, name: str) -> None:
        """It is a call: the thought it stood in, if any, is over."""
        if self._call_from is _In.THOUGHT:
            self._call_from, self._thought_unclosed = _In.ANSWER, True
        self._undecided_tokens = 0
        self._emit(ToolCallStart(len(self._calls), name))
        self._calls.append((name, []))

    def _say_arguments(self, text: str) -> None:
        if text:
            self._calls[-1][1].append(text)
            self._emit(ToolCallDelta(len(self._calls) - 1, text))

    def _end_call(self, closing: Tag | None = None) -> None:
        assert self._call is not None
        try:
            rest = self._call.close(complete=closing is not None)
        except NotACall:
            self._call_text.append(closing.value if closing else "")
            self._give_up_call()
            return
        self._say_arguments(rest)
        leftover, self._call = self._call.leftover, None
        self._in, self._after_call = self._call_from, True
        if leftover.strip():
            self._prose(leftover)

    def _give_up_call(self) -> None:
        self._in, self._call = self._call_from, None
        self._prose("".join(self._call_text))

    def _emit(self, event: Event) -> None:
        """Add an event; deltas of one kind that follow each other become one."""
        last = self._events[-1] if self._events else None
        match last, event:
            case (ReasoningDelta(), ReasoningDelta()) | (TextDelta(), TextDelta()):
                self._events[-1] = type(event)(last.text + event.text)
            case ToolCallDelta(), ToolCallDelta() if last.index == event.index:
                self._events[-1] = ToolCallDelta(event.index, last.arguments + event.arguments)
            case _:
                self._events.append(event)

    def _take_events(self) -> list[Event]:
        events, self._events = self._events, []
        return events
