"""Billing lines: some clients open the system prompt with a header line that changes from turn to turn.

`x-anthropic-billing-header: ...` says nothing to a model, and changed tokens at the head of a prompt make all that
follows new to the cache. Such lines are taken off the head of the first system message; elsewhere text stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from yunqi.protocol.messages import Message, TextPart

_LINES = re.compile(r"\A(?:[ \t]*x-anthropic-billing-header:[^\n]*(?:\n\s*|\Z))+", re.IGNORECASE)


def strip_billing(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The conversation without billing lines; a system message of nothing else is gone."""
    if not messages or messages[0].role != "system":
        return tuple(messages)
    first, rest = messages[0], tuple(messages[1:])
    text = _LINES.sub("", first.text)
    if text == first.text:
        return tuple(messages)
    return (replace(first, content=(TextPart(text=text),)), *rest) if text.strip() else rest
