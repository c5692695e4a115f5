"""The thinking budget: counts thoughts, ends them in time, keeps the answer from being empty.

A thought that has used its budget and does not close by itself is closed with the official stop sentence (Qwen3
technical report, section 4.3). Room for the answer comes first: of `max_tokens` the sentence and
min(256, max_tokens // 2) tokens are kept back, also where thinking is unlimited.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from yunqi.common.errors import YunqiError

STOP_SENTENCE = (
    "Considering the limited time by the user, I have to give the solution based on the thinking directly now.\n"
    "</think>\n\n"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ThinkingTokens:
    """What the control must know of a tokenizer: the tags, the stop sentence, and which tokens show nothing."""

    open_id: int
    close_id: int
    sentence: tuple[int, ...]
    tool_call_id: int | None = None
    is_blank: Callable[[int], bool]


class ThinkingControl:
    """Follows one request's output token by token.

    Args:
        start: "open" where the prompt ends inside a thought, "auto" where the model may open one with its first
            token, "off" where the prompt has closed it.
        budget: tokens between the tags; None for as many as leave room for the answer.

    Raises:
        YunqiError: `thinking-no-room` where `max_tokens` cannot hold the sentence and an answer.
    """

    def __init__(
        self, tokens: ThinkingTokens, start: Literal["open", "auto", "off"], budget: int | None, max_tokens: int
    ) -> None:
        self._tokens = tokens
        self._state: Literal["open", "auto", "answering", "done"] = "answering" if start == "off" else start
        self.num_reasoning_tokens = 0
        self.budget = 0
        if start != "off":
            room = room_to_think(max_tokens, len(tokens.sentence))
            if room < 0:
                needed = least_max_tokens(len(tokens.sentence))
                raise YunqiError("thinking-no-room", max_tokens=max_tokens, needed=needed)
            self.budget = room if budget is None else min(budget, room)

    @property
    def owes_answer(self) -> bool:
        """Whether the thought is closed and nothing of the answer is there yet."""
        return self._state == "answering"

    def next(self, drawn: int) -> tuple[int, ...]:
        """The tokens that follow, given the one the model drew: that one, or the sentence that ends the thought."""
        if self._state == "open" and self.num_reasoning_tokens >= self.budget and not self._closes(drawn):
            self.num_reasoning_tokens += len(self._tokens.sentence) - 1
            self._state = "answering"
            return self._tokens.sentence
        self._observe(drawn)
        return (drawn,)

    def _observe(self, token: int) -> None:
        if self._state == "auto":
            if token == self._tokens.open_id:
                self._state = "open"
            elif not self._tokens.is_blank(token):
                self._state = "done"
        elif self._state == "open":
            if token == self._tokens.close_id:
                self._state = "answering"
            elif self._closes(token):
                self._state = "done"
            else:
                self.num_reasoning_tokens += 1
        elif self._state == "answering" and not self._tokens.is_blank(token):
            self._state = "done"

    def _closes(self, token: int) -> bool:
        return token in (self._tokens.close_id, self._tokens.tool_call_id)


def room_to_think(max_tokens: int, sentence_len: int) -> int:
    """Thinking tokens that leave room for the stop sentence and an answer; negative where there is none."""
    return max_tokens - sentence_len - min(256, max_tokens // 2)


def least_max_tokens(sentence_len: int) -> int:
    """The smallest `max_tokens` that has room to think."""
    needed = sentence_len
    while room_to_think(needed, sentence_len) < 0:
        needed += 1
    return needed
