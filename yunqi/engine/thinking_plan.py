"""How a request is to think, as plain data, and the control that follows it: the same in every process."""

from __future__ import annotations

from dataclasses import dataclass, replace

from yunqi.engine.request import StopRules
from yunqi.engine.thinking import STOP_SENTENCE, Start, ThinkingControl, ThinkingTokens
from yunqi.processing.tokenizer import Tokenizer


@dataclass(frozen=True, kw_only=True, slots=True)
class ThinkingPlan:
    """Where the prompt leaves the model, the thought's budget, and whether a tool tag may end the thought."""

    start: Start
    budget: int | None = None
    tools: bool = False

    def control(self, tokens: ThinkingTokens, stop: StopRules, tokenizer: Tokenizer) -> ThinkingControl:
        """The control of one answer. Raises `thinking-no-room`."""
        if self.tools:
            tokens = replace(tokens, tool_call_id=tokenizer.tool_call_open_id)
        return ThinkingControl(tokens, self.start, self.budget, stop.max_tokens, stop.end_ids)


def thinking_tokens(tokenizer: Tokenizer | None) -> ThinkingTokens | None:
    """What the control must know of a tokenizer; None where it has no tags for a thought."""
    if tokenizer is None or tokenizer.think_open_id is None or tokenizer.think_close_id is None:
        return None

    def is_blank(token: int) -> bool:
        return token in tokenizer.special_ids or not tokenizer.token_bytes(token).strip()

    return ThinkingTokens(
        open_id=tokenizer.think_open_id,
        close_id=tokenizer.think_close_id,
        sentence=tuple(tokenizer.encode(STOP_SENTENCE)),
        is_blank=is_blank,
        begins_call=lambda token: tokenizer.token_bytes(token).lstrip().startswith((b"{", b"<")),
    )
