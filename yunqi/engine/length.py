"""How many tokens a text has at least, without tokenizing all of it: a prompt far too long is refused in no time."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from yunqi.common.errors import YunqiError
from yunqi.processing.tokenizer import Tokenizer
from yunqi.protocol.messages import Message

_LONG = 16_384  # characters; fewer are tokenized as fast as they are measured
_CHARACTERS_PER_TOKEN = 5
_TRIES = 64
_NFC_SHRINKS_TO = 3  # at most: three bytes of UTF-8 become one


def refuse_hopeless(texts: Sequence[str], tokenizer: Tokenizer | None, limit: int) -> None:
    """Raise `prompt-too-long` where these texts alone are certain to have more than `limit` tokens.

    Texts that pass may still be too long: their exact length is not known before they are tokenized.
    """
    if tokenizer is None or sum(map(len, texts)) <= _LONG:
        return
    count = 0
    for text in texts:
        count += least_tokens(text, tokenizer, limit - count)
        if count > limit:
            raise YunqiError("prompt-too-long", length=f"at least {count}", limit=limit)


def texts_of(messages: Sequence[Message]) -> list[str]:
    """What every template shows of a conversation. Earlier thoughts may be dropped and the ends stripped."""
    return [message.text.strip() for message in messages if message.role != "assistant"]


def least_tokens(text: str, tokenizer: Tokenizer, enough: int) -> int:
    """A number of tokens that the text has at least; it is not made exact once it is above `enough`."""
    normal = text.isascii() or unicodedata.is_normalized("NFC", text)
    size = len(text.encode("utf-8", "surrogatepass")) // (1 if normal else _NFC_SHRINKS_TO)
    by_size = size // _longest_token(tokenizer)
    if by_size > enough or len(text) <= max(_LONG, enough * _CHARACTERS_PER_TOKEN):
        return by_size
    return max(by_size, len(tokenizer.encode(text[: _cut(text, enough * _CHARACTERS_PER_TOKEN)])))


def _cut(text: str, near: int) -> int:
    """A place up to `near` before which the tokens are what they are whatever follows: a word's end; 0 if none is."""
    place = near
    for _ in range(_TRIES):
        place = text.rfind(" ", 0, place)
        if place <= 0:
            return 0
        if text[place - 1].isalnum():
            return place
    return 0


@lru_cache(maxsize=16)
def _longest_token(tokenizer: Tokenizer) -> int:
    """Bytes of the longest token."""
    return max(len(tokenizer.token_bytes(i)) for i in range(tokenizer.vocab_size))
