"""A checkpoint folder: is it one, which files hold its weights, what does its config say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.common.files import read_json

CONFIG_FILE = "config.json"
INDEX_FILE = "model.safetensors.index.json"
PICKLE_SUFFIXES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl"})


def is_checkpoint(path: Path) -> bool:
    """Whether the folder holds a config and safetensors weights."""
    return (path / CONFIG_FILE).is_file() and _has_safetensors(path)


def check_checkpoint(path: Path) -> Path:
    """The folder itself, where it holds a config and safetensors weights.

    Raises:
        YunqiError: `model-not-a-directory`, `weights-pickle`, `model-directory-empty`.
    """
    if not path.is_dir():
        if path.suffix.lower() in PICKLE_SUFFIXES:
            raise YunqiError("weights-pickle", path=path.parent, file=path.name)
        raise YunqiError("model-not-a-directory", path=path)
    if not _has_safetensors(path):
        pickles = sorted(file.name for file in path.iterdir() if file.suffix.lower() in PICKLE_SUFFIXES)
        if pickles:
            raise YunqiError("weights-pickle", path=path, file=pickles[0])
    if not (path / CONFIG_FILE).is_file():
        raise YunqiError("model-directory-empty", path=path, missing=CONFIG_FILE)
    if not _has_safetensors(path):
        raise YunqiError("model-directory-empty", path=path, missing="a .safetensors file")
    return path


def weight_files(path: Path) -> tuple[Path, ...]:
    """The safetensors files of a checkpoint: those its index names, else `model.safetensors`, else all there are.

    Raises:
        YunqiError: `weights-missing-shard` where the index names a file that is not there.
    """
    index = path / INDEX_FILE
    single = path / "model.safetensors"
    if index.is_file():
        return tuple(_shard(path, name) for name in _shard_names(index))
    return (single,) if single.is_file() else tuple(sorted(path.glob("*.safetensors")))


def read_config(path: Path) -> Mapping[str, Any]:
    """The checkpoint's config.json. Raises `config-unreadable` where it is not a JSON object."""
    config = read_json(path / CONFIG_FILE)
    if not isinstance(config, dict):
        raise YunqiError("config-unreadable", file=path / CONFIG_FILE, reason="it is not an object")
    return config


def _has_safetensors(path: Path) -> bool:
    return (path / INDEX_FILE).is_file() or any(file.is_file() for file in path.glob("*.safetensors"))


def _shard_names(index: Path) -> list[str]:
    content = read_json(index)
    weight_map = content.get("weight_map") if isinstance(content, dict) else None
    if not isinstance(weight_map, dict) or not all(isinstance(name, str) for name in weight_map.values()):
        raise YunqiError("config-unreadable", file=index, reason="it has no weight_map of file names")
    return sorted(set(weight_map.values()))


def _shard(path: Path, name: str) -> Path:
    # A name with a folder in it could point outside the checkpoint.
    if Path(name).name != name or not (path / name).is_file():
        raise YunqiError("weights-missing-shard", file=name, path=path)
    return path / name
