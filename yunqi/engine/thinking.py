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
from yunqi.processing.chat.thoughts import STOP_SENTENCE as STOP_SENTENCE

Start = Literal["open", "auto", "off"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ThinkingTokens:
    """What the control must know of a tokenizer: tags, the stop sentence, tokens that show nothing or begin a call.

    `tool_call_id` is None where the request has no tools: the tag is then a word like any other.
    """

    open_id: int
    close_id: int
    sentence: tuple[int, ...]
    is_blank: Callable[[int], bool]
    begins_call: Callable[[int], bool]
    tool_call_id: int | None = None


class ThinkingControl:
    """Follows one request's output token by token.

    Args:
        start: "open" where the prompt ends inside a thought, "auto" where the model may open one with its first
            token, "off" where the prompt has closed it.
        budget: tokens between the tags; None for as many as leave room for the answer.
        end_ids: tokens that would end the request: inside a thought they bring the stop sentence instead.

    Raises:
        YunqiError: `thinking-no-room` where `max_tokens` cannot hold the sentence and an answer.
    """

    def __init__(
        self,
        tokens: ThinkingTokens,
        start: Start,
        budget: int | None,
        max_tokens: int,
        end_ids: frozenset[int] = frozenset(),
    ) -> None:
        self._tokens, self._end_ids = tokens, end_ids
        self._state: Literal["open", "auto", "tag", "answering", "done"] = "answering" if start == "off" else start
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
        """Whether no thought is open and nothing of an answer is there yet."""
        return self._state in ("auto", "answering")

    @property
    def in_thought(self) -> bool:
        """Whether the next token belongs to a thought; in doubt, behind a tool's tag in it, it does."""
        return self._state in ("open", "tag")

    def stop(self) -> None:
        """Let the budget be what has been thought: the next token of a thought is the stop sentence's.

        A thought that has not been opened yet will be empty. No effect once the thought has ended.
        """
        if self._state not in ("answering", "done"):
            self.budget = min(self.budget, self.num_reasoning_tokens)

    def next(self, drawn: int) -> tuple[int, ...]:
        """The tokens that follow, given the one the model drew: that one, or the sentence that ends the thought."""
        if self._state == "tag" and not self._tokens.is_blank(drawn):
            # What follows a tool tag in a thought shows whether it is a call; if not, the thought goes on.
            self._state = "done" if self._tokens.begins_call(drawn) else "open"
        spent = self.num_reasoning_tokens >= self.budget and drawn not in (
            self._tokens.close_id,
            self._tokens.tool_call_id,
        )
        if self._state in ("open", "tag") and (spent or drawn in self._end_ids):
            self.num_reasoning_tokens += self._tokens.sentence.index(self._tokens.close_id)
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
        elif self._state in ("open", "tag"):
            if token == self._tokens.close_id:
                self._state = "answering"
                return
            if token == self._tokens.tool_call_id:
                self._state = "tag"
            self.num_reasoning_tokens += 1
        elif self._state == "answering" and not self._tokens.is_blank(token):
            self._state = "done"


def room_to_think(max_tokens: int, sentence_len: int) -> int:
    """Thinking tokens that leave room for the stop sentence and an answer; negative where there is none."""
    return max_tokens - sentence_len - min(256, max_tokens // 2)


def least_max_tokens(sentence_len: int) -> int:
    """The smallest `max_tokens` that has room to think."""
    needed = sentence_len
    while room_to_think(needed, sentence_len) < 0:
        needed += 1
    return needed
