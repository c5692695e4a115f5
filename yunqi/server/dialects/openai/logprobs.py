"""Log-probabilities in OpenAI's two forms. They are the model's own, of every token, those of a thought too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from yunqi.protocol.output import Logprob

Rows = Iterable[tuple[int | None, Mapping[int, Logprob] | None]]


def chat_logprobs(rows: Rows, count: int) -> dict[str, Any]:
    """As chat completions give them: each token, and the `count` likeliest in its place."""
    content = []
    for token, row in rows:
        assert token is not None
        assert row is not None, "an answer's token has a row"
        likeliest = sorted(row.values(), key=lambda one: one.rank)[:count]
        content.append({**_named(row[token]), "top_logprobs": [_named(one) for one in likeliest]})
    return {"content": content, "refusal": None}


def text_logprobs(rows: Rows, offset: int = 0, first: str = "") -> dict[str, Any]:
    """As completions give them. A prompt's first token has no row; `first` is its text."""
    tokens, chosen, tops, offsets = [], [], [], []
    for token, row in rows:
        own = row[token] if row and token is not None else None
        text = (own.decoded_token or "") if own else first
        tokens.append(text)
        chosen.append(own.logprob if own else None)
        tops.append({one.decoded_token or "": one.logprob for one in row.values()} if row else None)
        offsets.append(offset)
        offset += len(text)
    return {"tokens": tokens, "token_logprobs": chosen, "top_logprobs": tops, "text_offset": offsets}


def first_text(prompt: str, rows: Rows) -> str:
    """The text of a prompt's first token: what the tokens after it leave of the prompt."""
    rest = sum(len(row[token].decoded_token or "") for token, row in rows if row and token is not None)
    return prompt[: max(0, len(prompt) - rest)]


def _named(one: Logprob) -> dict[str, Any]:
    text = one.decoded_token or ""
    return {"token": text, "logprob": max(one.logprob, -9999.0), "bytes": list(text.encode("utf-8", "replace"))}
