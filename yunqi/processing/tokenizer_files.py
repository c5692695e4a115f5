"""What a checkpoint folder says about its tokenizer.

The tokens are in `tokenizer.json`, else in `vocab.json` and `merges.txt`, else in `qwen.tiktoken`; the other files name
the end tokens, the padding and the chat template. Damaged files raise `tokenizer-unreadable` or `config-unreadable`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, models

from yunqi.common.errors import YunqiError
from yunqi.common.files import read_json
from yunqi.common.spelling import FIRST_GENERATION
from yunqi.processing.tiktoken_ranks import from_tiktoken
from yunqi.processing.vocabulary import ENDOFTEXT, IM_END, QWEN3_ADDED, QWEN7B_ADDED, append_added, byte_level_bpe

_NAMED = ("bos_token", "eos_token", "pad_token", "unk_token")


class TokenizerFiles:
    """The files of one folder, each read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _settings(self) -> dict[str, Any]:
        return self._json("tokenizer_config.json")

    @cached_property
    def _first_generation(self) -> bool:
        config = self._json("config.json")
        return config.get("model_type") == "qwen" or FIRST_GENERATION in (config.get("architectures") or ())

    def backend(self) -> Tokenizer:
        """The tokens. Raises `tokenizer-missing` where no file holds them."""
        folder = self._folder
        if (folder / "tokenizer.json").is_file():
            return _from_json(folder / "tokenizer.json")
        if (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file():
            return _from_vocabulary(folder, self._settings.get("added_tokens_decoder"))
        if (folder / "qwen.tiktoken").is_file():
            # Only the first generation has no tags for tools and thoughts.
            added = QWEN7B_ADDED if self._first_generation else QWEN3_ADDED
            return from_tiktoken(folder / "qwen.tiktoken", added)
        raise YunqiError("tokenizer-missing", path=folder)

    def token_texts(self) -> dict[str, str]:
        """The texts of the named tokens (`eos_token` and the like) that are set."""
        entries = {name: self._settings.get(name) for name in _NAMED}
        texts = {name: e.get("content") if isinstance(e, Mapping) else e for name, e in entries.items()}
        return {name: text for name, text in texts.items() if isinstance(text, str)}

    def eos_ids(self, backend: Tokenizer) -> frozenset[int]:
        """The end tokens of the generation config (else of the model config) and the tokenizer's; else ChatML's."""
        named = self._json("generation_config.json").get("eos_token_id")
        if named is None:
            named = self._json("config.json").get("eos_token_id")
        ids = set(named if isinstance(named, list) else [named])
        ids.add(backend.token_to_id(self.token_texts().get("eos_token", "")))
        if self._first_generation:  # its files name one end, whatever the model; its chats end turns with the other
            ids |= {backend.token_to_id(text) for text in (IM_END, ENDOFTEXT)}
        known = frozenset(i for i in ids if isinstance(i, int))
        ends = (backend.token_to_id(text) for text in (IM_END, ENDOFTEXT))
        return known or frozenset(i for i in ends if i is not None)

    def chat_template(self) -> str | None:
        """The template's text; of several the one named default."""
        file = self._folder / "chat_template.jinja"
        if file.is_file():
            try:
                return file.read_text(encoding="utf-8")
            except ValueError as error:
                raise YunqiError("tokenizer-unreadable", file=file, reason=error) from error
        template = self._settings.get("chat_template") or self._json("chat_template.json").get("chat_template")
        if isinstance(template, list):
            entries = [entry for entry in template if isinstance(entry, Mapping) and entry.get("name") == "default"]
            template = entries[0].get("template") if entries else None
        return template if isinstance(template, str) else None

    def _json(self, name: str) -> dict[str, Any]:
        path = self._folder / name
        value = read_json(path) if path.is_file() else {}
        return value if isinstance(value, dict) else {}


def _from_json(path: Path) -> Tokenizer:
    try:
        backend = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception
        raise YunqiError("tokenizer-unreadable", file=path, reason=error) from error
    kind = json.loads(backend.decoder.__getstate__()) if backend.decoder else {}
    if "ByteLevel" not in (kind.get("type"), *(part.get("type") for part in kind.get("decoders", ()))):
        raise YunqiError("tokenizer-unreadable", file=path, reason="it is not a byte-level tokenizer")
    return backend


def _from_vocabulary(folder: Path, added: Mapping[str, Any] | None) -> Tokenizer:
    try:
        model = models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt"))
    except Exception as error:  # the library raises bare Exception
        raise YunqiError("tokenizer-unreadable", file=folder / "vocab.json", reason=error) from error
    backend = byte_level_bpe(model)
    if not added:
        append_added(backend, QWEN3_ADDED)
        return backend
    try:
        for token_id, entry in sorted((int(key), entry) for key, entry in added.items()):
            _add(backend, token_id, entry["content"], special=bool(entry["special"]))
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise YunqiError("tokenizer-unreadable", file=folder / "tokenizer_config.json", reason=error) from error
    return backend


def _add(backend: Tokenizer, token_id: int, text: str, *, special: bool) -> None:
    token = AddedToken(text, special=special, normalized=False)
    (backend.add_special_tokens if special else backend.add_tokens)([token])
    if backend.token_to_id(text) != token_id:
        raise ValueError(f"the added token {text} cannot have the id {token_id}")
