r"""The final answer of a text: what its last `\boxed{...}` holds, else what follows "the answer is"."""

from __future__ import annotations

import re

from yunqi.eval.public.spelling import closing

INSTRUCTION = "Please reason step by step, and put your final answer within \\boxed{}."
"""What Qwen's model cards recommend to add to a mathematical question."""

_BOX = re.compile(r"\\(?:boxed|fbox)\s*(?:(?P<group>\{)|(?P<bare>[^\s{$.,;]+))")
_MOST_BOXES = 8  # a model that goes round in circles opens thousands
_SAID = re.compile(r"(?:answer|result)\s*(?:is|:|=)\s*:?\s*(?P<rest>[^\n]+)", re.IGNORECASE)


def boxed(text: str) -> str | None:
    """What the last box holds; None where there is no box that closes."""
    for match in reversed(list(_BOX.finditer(text))[-_MOST_BOXES:]):
        if match["bare"]:
            return match["bare"]
        end = closing(text, match.start("group"))
        if end < len(text):
            return text[match.end("group") : end]
    return None


def final_answer(text: str) -> str | None:
    """The boxed answer, else the rest of the last line that says what the answer is."""
    if (inside := boxed(text)) is not None:
        return inside
    said = list(_SAID.finditer(text))
    return said[-1]["rest"].replace("**", "").strip() if said else None
