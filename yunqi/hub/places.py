"""Where checkpoints lie on this machine: the bundled ones, the Hugging Face and ModelScope caches, configured folders.

Each place is one rule from a model's name to its folder and back. Places that do not exist hold nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from yunqi.common.home import settings
from yunqi.hub.checkpoint import CONFIG_FILE

MODELSCOPE_REVISION = "master"
Source = Literal["bundled", "huggingface", "modelscope", "folder"]


class Place(Protocol):
    """A folder of models and the rule of its layout."""

    @property
    def source(self) -> Source: ...

    @property
    def root(self) -> Path: ...

    def models(self) -> Iterator[tuple[str, Path]]:
        """Each model's name and folder; the folder may be incomplete."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class HuggingFaceCache:
    """`models--OWNER--NAME/snapshots/COMMIT`; `refs/main` holds the commit to use, else the newest snapshot is it."""

    root: Path
    source: Source = "huggingface"

    def models(self) -> Iterator[tuple[str, Path]]:
        for folder in _subfolders(self.root):
            if folder.name.startswith("models--"):
                snapshot = self._snapshot(folder)
                if snapshot is not None:
                    yield folder.name.removeprefix("models--").replace("--", "/", 1), snapshot

    def _snapshot(self, folder: Path) -> Path | None:
        snapshots = _subfolders(folder / "snapshots")
        try:
            commit = (folder / "refs" / "main").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            commit = ""
        named = [snapshot for snapshot in snapshots if snapshot.name == commit]
        return named[0] if named else max(snapshots, key=lambda path: path.stat().st_mtime, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelScopeCache:
    """`OWNER--NAME/snapshots/REVISION`; of several revisions the client's usual one is it, else the newest."""

    root: Path
    source: Source = "modelscope"

    def models(self) -> Iterator[tuple[str, Path]]:
        for folder in _subfolders(self.root):
            snapshots = {path.name: path for path in _subfolders(folder / "snapshots")}
            if "--" in folder.name and snapshots:
                newest = max(snapshots.values(), key=lambda path: path.stat().st_mtime)
                yield folder.name.replace("--", "/", 1), snapshots.get(MODELSCOPE_REVISION, newest)


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderTree:
    """`NAME` and `OWNER/NAME` below the root. Older ModelScope writes the dots of a name as three underscores."""

    root: Path
    source: Source
    dots_escaped: bool = False

    def models(self) -> Iterator[tuple[str, Path]]:
        for folder in _subfolders(self.root):
            if (folder / CONFIG_FILE).is_file():
                yield self._name(folder.name), folder
                continue
            for nested in _subfolders(folder):
                # ModelScope keeps a link under the plain name beside the escaped folder: one of them is enough.
                if (nested / CONFIG_FILE).is_file() and not (self.dots_escaped and nested.is_symlink()):
                    yield self._name(f"{folder.name}/{nested.name}"), nested

    def _name(self, name: str) -> str:
        return name.replace("___", ".") if self.dots_escaped else name


def places() -> tuple[Place, ...]:
    """Every place to look in, in the order in which they win."""
    return (
        FolderTree(root=bundled_root(), source="bundled"),
        *(FolderTree(root=root, source="folder") for root in settings().model_dirs),
        HuggingFaceCache(root=huggingface_root()),
        ModelScopeCache(root=modelscope_base() / "models"),
        *(FolderTree(root=root, source="modelscope", dots_escaped=True) for root in older_modelscope_roots()),
    )


def bundled_root() -> Path:
    """The models inside the package."""
    return Path(__file__).resolve().parent / "bundled"


def huggingface_root() -> Path:
    """The Hugging Face cache, found by that library's own environment variables."""
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if os.environ.get(variable):
            return Path(os.environ[variable]).expanduser()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    return (Path(os.environ.get("HF_HOME") or cache / "huggingface") / "hub").expanduser()


def modelscope_base() -> Path:
    """ModelScope's cache, found by that client's own environment variable; its models lie in `models`."""
    return Path(os.environ.get("MODELSCOPE_CACHE") or "~/.cache/modelscope").expanduser()


def older_modelscope_roots() -> tuple[Path, ...]:
    """The folders that older releases of ModelScope's client have left, each with models as `OWNER/NAME`."""
    base = modelscope_base()
    roots = (base / "models", base / "hub" / "models", base / "hub", base)
    return tuple(root for root in roots if root.is_dir())


def _subfolders(path: Path) -> list[Path]:
    try:
        return sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    except OSError:
        return []
