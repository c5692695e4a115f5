"""A call that must come: follows one answer and writes the beginning of a tool call where its text would begin.

The thought, if there is one, stays free. Then `<tool_call>{"name": "` is put in place of the drawn token; the name is
the model's own as long as it spells one of the tools, else the first tool that fits what it has spelt; the arguments
begin with a bracket. After that the model is free again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from yunqi.engine.thinking import ThinkingControl

BEFORE_NAME = '<tool_call>\n{"name": "'
AFTER_NAME = ', "arguments":'
MAX_BLANKS = 2  # the line ends after a thought


@dataclass(frozen=True, kw_only=True, slots=True)
class CallTokens:
    """What must be known of a tokenizer."""

    open_thought_id: int | None
    encode: Callable[[str], list[int]]
    token_bytes: Callable[[int], bytes]


class ForcedCall:
    """Stands where a `ThinkingControl` would, around the one that follows the thought (`inner`, if any)."""

    def __init__(self, inner: ThinkingControl | None, tokens: CallTokens, names: Sequence[str]) -> None:
        assert names, "a call needs a tool"
        self._inner, self._tokens = inner, tokens
        self._names = [json.dumps(name, ensure_ascii=False)[1:] for name in names]  # with the closing quote
        self._spelt = ""
        self._state: Literal["before", "name", "arguments", "done"] = "before"
        self._blanks = 0

    @property
    def owes_answer(self) -> bool:
        """Whether an end token may not come next."""
        thinks = self._inner is not None and not self._inner.owes_answer
        return self._state in ("name", "arguments") or (self._state == "before" and not thinks)

    @property
    def num_reasoning_tokens(self) -> int:
        return self._inner.num_reasoning_tokens if self._inner else 0

    def stop(self) -> None:
        """End the thought, as `ThinkingControl.stop`."""
        if self._inner is not None:
            self._inner.stop()

    def next(self, drawn: int) -> tuple[int, ...]:
        """The tokens that follow, given the one the model drew."""
        match self._state:
            case "before":
                return self._before(drawn)
            case "name":
                return self._name(drawn)
            case "arguments":
                return self._arguments(drawn)
        return (drawn,)

    def _before(self, drawn: int) -> tuple[int, ...]:
        inner = self._inner
        if inner is not None and (not inner.owes_answer or (inner.opens and drawn == self._tokens.open_thought_id)):
            tokens = inner.next(drawn)
            if inner.finished:  # it left its thought by a call of its own
                self._state = "done"
            return tokens
        if not self._tokens.token_bytes(drawn).strip() and self._blanks < MAX_BLANKS:
            self._blanks += 1
            return (drawn,)
        if inner is not None:
            inner.answer_begins()
        if len(self._names) > 1:
            self._state = "name"
            return tuple(self._tokens.encode(BEFORE_NAME))
        self._state = "arguments"
        return tuple(self._tokens.encode(BEFORE_NAME + self._names[0] + AFTER_NAME))

    def _name(self, drawn: int) -> tuple[int, ...]:
        spelt = self._spelt + self._tokens.token_bytes(drawn).decode("utf-8", "replace")
        if spelt != self._spelt and any(name.startswith(spelt) and name != spelt for name in self._names):
            self._spelt = spelt
            return (drawn,)
        written = next((name for name in self._names if spelt.startswith(name)), None)
        name = written or next(name for name in self._names if name.startswith(self._spelt))
        self._state = "arguments"
        return tuple(self._tokens.encode(name[len(self._spelt) :] + AFTER_NAME))

    def _arguments(self, drawn: int) -> tuple[int, ...]:
        self._state = "done"
        begins = self._tokens.token_bytes(drawn).lstrip().startswith(b"{")
        return (drawn,) if begins else tuple(self._tokens.encode(" {"))
