"""Which files of a hub's model Yunqi wants; pickled weights and code are left where they are.

Wanted are the safetensors that the index names (else `model.safetensors`, else all in the top folder), the config, the
tokenizer, the chat template, and the README and licence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from pathlib import Path

from yunqi.common.errors import YunqiError
from yunqi.hub.checkpoint import CONFIG_FILE, INDEX_FILE, PICKLE_SUFFIXES

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SMALL_FILES = (
    *("generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"),
    *("added_tokens.json", "vocab.json", "merges.txt", "qwen.tiktoken", "chat_template.jinja", "chat_template.json"),
)
_ABOUT = re.compile(r"(README|LICEN[CS]E|NOTICE)(\.(md|txt))?", re.IGNORECASE)


def is_safe(word: str | None) -> bool:
    """Whether a word of the hub's may become the name of a file here: none may lead out of its folder."""
    return bool(word and _SAFE.fullmatch(word))


def wanted_weights(name: str, names: Collection[str], read_index: Callable[[], bytes]) -> list[str]:
    """The weight files among `names`, the files of the model `name`. `read_index` is asked where there is an index.

    Raises:
        YunqiError: `weights-pickle` where there are no other weights, `model-directory-empty`, `config-unreadable`,
            `weights-missing-shard`.
    """
    weights = sorted(file for file in names if file.endswith(".safetensors") and is_safe(file))
    if not weights:
        pickles = sorted(file for file in names if Path(file).suffix.lower() in PICKLE_SUFFIXES)
        if pickles:
            raise YunqiError("weights-pickle", path=name, file=pickles[0])
        raise YunqiError("model-directory-empty", path=name, missing="a .safetensors file")
    if CONFIG_FILE not in names:
        raise YunqiError("model-directory-empty", path=name, missing=CONFIG_FILE)
    if INDEX_FILE in names:
        weights = _shards(name, read_index())
        if missing := sorted(set(weights) - set(names)):
            raise YunqiError("weights-missing-shard", file=missing[0], path=name)
    elif "model.safetensors" in weights:
        weights = ["model.safetensors"]
    return weights


def wanted_texts(names: Collection[str]) -> list[str]:
    """The other files worth having among `names`, the config last."""
    small = [file for file in sorted(names) if file in _SMALL_FILES or file == INDEX_FILE or _ABOUT.fullmatch(file)]
    return [*small, CONFIG_FILE]


def _shards(name: str, index: bytes) -> list[str]:
    try:
        shards = sorted(set(json.loads(index)["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise YunqiError("config-unreadable", file=f"{name}/{INDEX_FILE}", reason="it names no shards") from error
    if not all(isinstance(shard, str) and is_safe(shard) and shard.endswith(".safetensors") for shard in shards):
        raise YunqiError("config-unreadable", file=f"{name}/{INDEX_FILE}", reason="it has no map of file names")
    return shards
