"""Text <-> token ids, as the checkpoint's own files say, without transformers.

`Tokenizer.from_directory` reads `tokenizer.json`, else `vocab.json` and `merges.txt`, else `qwen.tiktoken`; the other
files of the folder give the end tokens and the chat template. `IncrementalDecoder` decodes a stream.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, models
from tokenizers import Tokenizer as Backend

from yunqi.common.errors import YunqiError
from yunqi.common.files import atomic_path, read_json, write_json, write_text
from yunqi.processing.tiktoken_ranks import from_tiktoken
from yunqi.processing.vocabulary import (
    ENDOFTEXT,
    IM_END,
    IM_START,
    QWEN3_ADDED,
    QWEN7B_ADDED,
    THINK_CLOSE,
    THINK_OPEN,
    TOOL_CALL_CLOSE,
    TOOL_CALL_OPEN,
    append_added,
    byte_alphabet,
    byte_level_bpe,
)

_NAMED = ("bos_token", "eos_token", "pad_token", "unk_token")
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
        self.special_ids = frozenset(token_id for token_id, token in self._added.items() if token.special)
        self._bytes: dict[int, bytes] = {token_id: token.content.encode() for token_id, token in self._added.items()}

    @classmethod
    def from_directory(cls, path: str | Path) -> Tokenizer:
        """The tokenizer of a checkpoint folder.

        Raises:
            YunqiError: `tokenizer-missing` where no file holds one, `tokenizer-unreadable` where it cannot be used.
        """
        folder = Path(path)
        settings = _optional_json(folder / "tokenizer_config.json")
        backend = _backend(folder, settings)
        eos_ids = _eos_ids(folder, settings, backend)
        pad = _token_text(settings.get("pad_token")) or ENDOFTEXT
        template = _chat_template(folder, settings)
        texts = {name: text for name in _NAMED if (text := _token_text(settings.get(name))) is not None}
        return cls(backend, eos_ids=eos_ids, pad_id=backend.token_to_id(pad), chat_template=template, token_texts=texts)

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
        return max(self.backend.get_vocab(with_added_tokens=True).values(), default=-1) + 1

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
        with atomic_path(folder / "tokenizer.json") as file:
            file.write_text(self.backend.to_str(pretty=True), encoding="utf-8", newline="\n")
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
            "model_max_length": 131072,
            "pad_token": None if self.pad_id is None else self.backend.id_to_token(self.pad_id),
            "tokenizer_class": "Qwen2Tokenizer",
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


def _backend(folder: Path, settings: Mapping[str, Any]) -> Backend:
    whole, vocabulary, ranks = folder / "tokenizer.json", folder / "vocab.json", folder / "qwen.tiktoken"
    if whole.is_file():
        return _from_json(whole)
    if vocabulary.is_file() and (folder / "merges.txt").is_file():
        return _from_vocabulary(vocabulary, folder / "merges.txt", settings)
    if ranks.is_file():
        # Only the first generation, of model type "qwen", has no tags for tools and thoughts.
        first = _optional_json(folder / "config.json").get("model_type") == "qwen"
        return from_tiktoken(ranks, QWEN7B_ADDED if first else QWEN3_ADDED)
    raise YunqiError("tokenizer-missing", path=folder)


def _from_json(path: Path) -> Backend:
    try:
        text = path.read_text(encoding="utf-8")
        kind = json.loads(text).get("decoder") or {}
        backend = Backend.from_str(text)
    except Exception as error:  # the library raises bare Exception
        raise YunqiError("tokenizer-unreadable", file=path, reason=error) from error
    kinds = [kind.get("type"), *(part.get("type") for part in kind.get("decoders", ()))]
    if "ByteLevel" not in kinds:
        raise YunqiError("tokenizer-unreadable", file=path, reason="it is not a byte-level tokenizer")
    return backend


def _from_vocabulary(vocabulary: Path, merges: Path, settings: Mapping[str, Any]) -> Backend:
    try:
        backend = byte_level_bpe(models.BPE.from_file(str(vocabulary), str(merges)))
    except Exception as error:  # the library raises bare Exception
        raise YunqiError("tokenizer-unreadable", file=vocabulary, reason=error) from error
    listed = settings.get("added_tokens_decoder")
    if not listed:
        append_added(backend, QWEN3_ADDED)
        return backend
    for token_id, entry in sorted(listed.items(), key=lambda item: int(item[0])):
        token = AddedToken(entry["content"], special=bool(entry.get("special")), normalized=False)
        (backend.add_special_tokens if token.special else backend.add_tokens)([token])
        if backend.token_to_id(entry["content"]) != int(token_id):
            reason = f"the added token {entry['content']} cannot have the id {token_id}"
            raise YunqiError("tokenizer-unreadable", file=vocabulary, reason=reason)
    return backend


def _eos_ids(folder: Path, settings: Mapping[str, Any], backend: Backend) -> frozenset[int]:
    """The generation config's end tokens (else the model config's) and the tokenizer's own; else ChatML's."""
    named = _optional_json(folder / "generation_config.json").get("eos_token_id")
    if named is None:
        named = _optional_json(folder / "config.json").get("eos_token_id")
    ids = {i for i in (named if isinstance(named, list) else [named]) if isinstance(i, int)}
    text = _token_text(settings.get("eos_token"))
    own = backend.token_to_id(text) if text else None
    if own is not None:
        ids.add(own)
    if not ids:
        ids = {i for i in map(backend.token_to_id, (IM_END, ENDOFTEXT)) if i is not None}
    return frozenset(ids)


def _chat_template(folder: Path, settings: Mapping[str, Any]) -> str | None:
    file = folder / "chat_template.jinja"
    if file.is_file():
        return file.read_text(encoding="utf-8")
    template = settings.get("chat_template") or _optional_json(folder / "chat_template.json").get("chat_template")
    if isinstance(template, list):
        named = {entry["name"]: entry["template"] for entry in template}
        return named.get("default")
    return template


def _token_text(entry: object) -> str | None:
    if isinstance(entry, Mapping):
        entry = entry.get("content")
    return entry if isinstance(entry, str) else None


def _flags(token: AddedToken) -> dict[str, Any]:
    names = ("content", "lstrip", "normalized", "rstrip", "single_word", "special")
    return {name: getattr(token, name) for name in names}


def _optional_json(path: Path) -> dict[str, Any]:
    value = read_json(path) if path.is_file() else {}
    return value if isinstance(value, dict) else {}
