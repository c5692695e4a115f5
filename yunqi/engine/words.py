"""The side of a model that has no weights: its tokenizer, chat format and end tokens. Read from its folder, torch-free.

An engine process computes with ids; whoever asks it needs these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.common.files import read_json
from yunqi.engine.intake import Intake
from yunqi.hub.checkpoint import read_config
from yunqi.hub.resolve import resolve
from yunqi.processing.chat import ChatRenderer, renderer_for
from yunqi.processing.tokenizer import Tokenizer


@dataclass(frozen=True, kw_only=True)
class Words:
    """What turns text into a model's tokens and back; a folder without a tokenizer serves token ids."""

    name: str
    tokenizer: Tokenizer | None
    renderer: ChatRenderer | None
    eos_ids: frozenset[int]
    generation_config: Mapping[str, Any] | None = None

    def intake(self, max_model_len: int, seed: int | None, tool_call_parser: str | None = None) -> Intake:
        return Intake(
            tokenizer=self.tokenizer,
            renderer=self.renderer,
            max_model_len=max_model_len,
            seed=seed,
            eos_ids=self.eos_ids,
            generation_config=self.generation_config,
            name=self.name,
            tool_format=tool_call_parser,
        )


def words_of_model(model: str | Path, tokenizer: str | Path | None = None) -> Words:
    """Those of a checkpoint; `tokenizer` is another folder to take them from."""
    path = resolve(model)
    words = tokenizer_in(path if tokenizer is None else tokenizer_folder(tokenizer))
    config = read_config(path)
    generation_config = generation_config_in(path)
    names = config.get("architectures")
    architecture = names[0] if isinstance(names, list) and names and isinstance(names[0], str) else None
    return Words(
        name=str(model),
        tokenizer=words,
        renderer=renderer_for(words, architecture=architecture, name=str(model)) if words else None,
        eos_ids=words.eos_ids if words else eos_ids_in(generation_config, config),
        generation_config=generation_config,
    )


def words_of_tokenizer(name: str, tokenizer: str | None, architecture: str | None = None) -> Words:
    """Those of a tokenizer alone, as a scripted model has one."""
    words = None if tokenizer is None else Tokenizer.from_directory(tokenizer_folder(tokenizer))
    renderer = renderer_for(words, architecture=architecture, name=name) if words else None
    return Words(name=name, tokenizer=words, renderer=renderer, eos_ids=words.eos_ids if words else frozenset())


def tokenizer_folder(tokenizer: str | Path) -> Path:
    """The folder of a tokenizer; a model's folder or name will do."""
    return Path(tokenizer) if Path(tokenizer).is_dir() else resolve(tokenizer)


def tokenizer_in(path: Path) -> Tokenizer | None:
    """The folder's tokenizer, where it has one."""
    try:
        return Tokenizer.from_directory(path)
    except YunqiError as error:
        if error.code != "tokenizer-missing":
            raise
        return None


def eos_ids_in(*configs: Mapping[str, Any] | None) -> frozenset[int]:
    """The end tokens that the first of these configs names."""
    for config in configs:
        found = (config or {}).get("eos_token_id")
        if found is not None:
            return frozenset(found if isinstance(found, list) else [found])
    return frozenset()


def generation_config_in(path: Path) -> Mapping[str, Any] | None:
    file = path / "generation_config.json"
    config = read_json(file) if file.is_file() else None
    return config if isinstance(config, Mapping) else None
