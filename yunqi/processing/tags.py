"""Token ids -> text and tags. A tag is known by its token where the vocabulary has one, else by its text.

Where the vocabulary has the token, the same characters spelt by other tokens are plain text: that is how a model can
speak about a tag.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

from yunqi.processing.stop import held_length
from yunqi.processing.tokenizer import IncrementalDecoder, Tokenizer
from yunqi.processing.vocabulary import THINK_CLOSE, THINK_OPEN, TOOL_CALL_CLOSE, TOOL_CALL_OPEN


class Tag(Enum):
    """A tag and its text."""

    THINK_OPEN = THINK_OPEN
    THINK_CLOSE = THINK_CLOSE
    TOOL_OPEN = TOOL_CALL_OPEN
    TOOL_CLOSE = TOOL_CALL_CLOSE


class TagReader:
    """Reads a stream of tokens as pieces of text and tags of the kinds asked for; other tags are text."""

    def __init__(self, tokenizer: Tokenizer, tags: Sequence[Tag], *, skip_special_tokens: bool) -> None:
        ids = {tag: tokenizer.added_id(tag.value) for tag in tags}
        self._by_id = {token_id: tag for tag, token_id in ids.items() if token_id is not None}
        self._by_text = [tag.value for tag, token_id in ids.items() if token_id is None]
        self._decoder = IncrementalDecoder(tokenizer, skip_special_tokens)
        self._held = ""

    def push(self, token_id: int) -> Iterator[str | Tag]:
        """The pieces that are certain after this token; text pieces are not empty."""
        tag = self._by_id.get(token_id)
        if tag is None:
            yield from self._split(self._decoder.push((token_id,)))
        else:
            yield from self.flush()
            yield tag

    def flush(self) -> Iterator[str]:
        """What was held back, at the end or before a tag."""
        rest, self._held = self._held + self._decoder.flush(), ""
        if rest:
            yield rest

    def _split(self, text: str) -> Iterator[str | Tag]:
        text = self._held + text
        while found := [(text.index(tag), tag) for tag in self._by_text if tag in text]:
            start, tag = min(found)
            if start:
                yield text[:start]
            yield Tag(tag)
            text = text[start + len(tag) :]
        keep = held_length(text, self._by_text)
        self._held = text[len(text) - keep :]
        if len(text) > keep:
            yield text[: len(text) - keep]
