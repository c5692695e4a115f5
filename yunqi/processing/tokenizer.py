"""Text <-> token ids, as the checkpoint's own files say, without transformers.

`Tokenizer.from_directory` loads a checkpoint's tokenizer, `Tokenizer.save` writes one that transformers loads, and
`IncrementalDecoder` decodes a stream.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from tokenizers import AddedToken
from tokenizers import Tokenizer as Backend

from yunqi.common.files import write_json, write_text
from yunqi.processing.tokenizer_files import TokenizerFiles
from yunqi.processing.vocabulary import (
    ENDOFTEXT,
    IM_END,
    IM_START,
    THINK_CLOSE,
    THINK_OPEN,
    TOOL_CALL_CLOSE,
    TOOL_CALL_OPEN,
    byte_alphabet,
)

_BYTES_OF = {character: byte for byte, character in byte_alphabet().items()}


class Tokenizer:
    """A byte-level BPE tokenizer. Ids beyond the vocabulary (the padding rows of an embedding) decode to nothing.

    `token_texts` are the tokens that tokenizer_config.json names, as `eos_token`; templates may ask for them.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        eos_ids: Iterable[int] = (),
        pad_id: int | None = None,
        chat_template: str | None = None,
        token_texts: Mapping[str, str] | None = None,
    ) -> None:
        self.backend = backend
        self.token_texts = dict(token_texts or {})
        self.eos_ids = frozenset(eos_ids)
        self.pad_id = pad_id
        self.chat_template = chat_template
        self._added = dict(backend.get_added_tokens_decoder())
        self.added_ids = frozenset(self._added)
        self.special_ids = frozenset(token_id for token_id, token in self._added.items() if token.special)
        self._bytes: dict[int, bytes] = {token_id: token.content.encode() for token_id, token in self._added.items()}

    @classmethod
    def from_directory(cls, path: str | Path) -> Tokenizer:
        """The tokenizer of a checkpoint folder.

        Raises:
            YunqiError: `tokenizer-missing` where no file holds one, `tokenizer-unreadable` where it cannot be used.
        """
        files = TokenizerFiles(Path(path))
        backend, texts = files.backend(), files.token_texts()
        return cls(
            backend,
            eos_ids=files.eos_ids(backend),
            pad_id=backend.token_to_id(texts.get("pad_token", ENDOFTEXT)),
            chat_template=files.chat_template(),
            token_texts=texts,
        )

    def encode(self, text: str) -> list[int]:
        """Token ids; the texts of added tokens become those tokens, and nothing is put in front."""
        try:
            return self.backend.encode(text, add_special_tokens=False).ids
        except (UnicodeEncodeError, TypeError):
            # Lone surrogates, which JSON can carry, have no UTF-8 form.
            whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            return self.backend.encode(whole, add_special_tokens=False).ids

    def decode(self, ids: Iterable[int], skip_special_tokens: bool = False) -> str:
        """The text of `ids`; bytes that are no UTF-8 become replacement characters."""
        hidden = self.special_ids if skip_special_tokens else frozenset()
        return b"".join(self.token_bytes(i) for i in ids if i not in hidden).decode("utf-8", "replace")

    def token_bytes(self, token_id: int) -> bytes:
        """The raw bytes of a token, which may be a part of a character."""
        found = self._bytes.get(token_id)
        if found is None:
            name = self.backend.id_to_token(token_id) if token_id >= 0 else None
            found = self._bytes[token_id] = bytes(_BYTES_OF[character] for character in name or "")
        return found

    def token_to_id(self, text: str) -> int | None:
        """The id of the token spelt `text`, in the vocabulary's own alphabet."""
        return self.backend.token_to_id(text)

    def added_id(self, text: str) -> int | None:
        """The id of the added token spelt `text`; None where ordinary tokens spell it."""
        token_id = self.backend.token_to_id(text)
        return token_id if token_id in self._added else None

    @cached_property
    def vocab_size(self) -> int:
        """One more than the highest id, added tokens included."""
        return max(self.backend.get_vocab_size(with_added_tokens=True), max(self._added, default=-1) + 1)

    @cached_property
    def think_open_id(self) -> int | None:
        return self.added_id(THINK_OPEN)

    @cached_property
    def think_close_id(self) -> int | None:
        return self.added_id(THINK_CLOSE)

    @cached_property
    def tool_call_open_id(self) -> int | None:
        return self.added_id(TOOL_CALL_OPEN)

    @cached_property
    def tool_call_close_id(self) -> int | None:
        return self.added_id(TOOL_CALL_CLOSE)

    @cached_property
    def im_start_id(self) -> int | None:
        return self.added_id(IM_START)

    @cached_property
    def im_end_id(self) -> int | None:
        return self.added_id(IM_END)

    def save(self, path: str | Path) -> None:
        """Write tokenizer.json, tokenizer_config.json and the chat template into the folder `path`."""
        folder = Path(path)
        write_text(folder / "tokenizer.json", self.backend.to_str(pretty=True))
        write_json(folder / "tokenizer_config.json", self._settings())
        if self.chat_template is not None:
            write_text(folder / "chat_template.jinja", self.chat_template)

    def _settings(self) -> dict[str, Any]:
        ends = sorted(self.eos_ids, key=lambda token_id: (token_id != self.im_end_id, token_id))
        return {
            "added_tokens_decoder": {str(token_id): _flags(token) for token_id, token in self._added.items()},
            "add_prefix_space": False,
            "bos_token": None,
            "clean_up_tokenization_spaces": False,
            "eos_token": self.backend.id_to_token(ends[0]) if ends else None,
            "errors": "replace",
            "pad_token": None if self.pad_id is None else self.backend.id_to_token(self.pad_id),
            "tokenizer_class": "PreTrainedTokenizerFast",
            "unk_token": None,
        }


class IncrementalDecoder:
    """Decodes a stream of ids: what is pushed, and then flushed, is the decoding of the whole, however it is cut."""

    def __init__(self, tokenizer: Tokenizer, skip_special_tokens: bool = False) -> None:
        self._tokenizer = tokenizer
        self._hidden = tokenizer.special_ids if skip_special_tokens else frozenset()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def push(self, ids: Iterable[int]) -> str:
        """The text that is certain after these ids; never half a character."""
        raw = b"".join(self._tokenizer.token_bytes(i) for i in ids if i not in self._hidden)
        return self._decoder.decode(raw)

    def flush(self) -> str:
        """The end: a replacement character where half a character is left."""
        text = self._decoder.decode(b"", final=True)
        self._decoder.reset()
        return text


def _flags(token: AddedToken) -> dict[str, Any]:
    names = ("content", "lstrip", "normalized", "rstrip", "single_word", "special")
    return {name: getattr(token, name) for name in names}
