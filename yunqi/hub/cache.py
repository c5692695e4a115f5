"""The models in the caches of this machine: what each takes on the disk, and how to be rid of it.

Caches are the Hugging Face cache and ModelScope's. Bundled models and the user's own folders are none: they are neither
listed nor deleted here. Where the Hugging Face client is installed it deletes, because it knows which blobs are shared.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from yunqi.common.errors import YunqiError
from yunqi.hub.checkpoint import is_checkpoint
from yunqi.hub.client import client, has_client
from yunqi.hub.places import (
    FolderTree,
    HuggingFaceCache,
    ModelScopeCache,
    huggingface_root,
    modelscope_base,
    older_modelscope_roots,
)

_PREFIX = "models--"


@dataclass(frozen=True, kw_only=True, slots=True)
class CachedModel:
    """One model of a cache: everything below `path`, which is a folder of its own inside `root`.

    `num_bytes` is what lies there, `num_partial_bytes` the share of files that came in part; `complete` says whether it
    is a checkpoint that could be loaded.
    """

    name: str
    source: Literal["huggingface", "modelscope"]
    root: Path
    path: Path
    num_bytes: int
    num_partial_bytes: int
    complete: bool


def cached_models() -> tuple[CachedModel, ...]:
    """Every model of every cache, complete or not, in the order of its names."""
    found: dict[Path, CachedModel] = {}
    for model in (*_huggingface(), *_modelscope()):
        found.setdefault(model.path.resolve(), model)
    return tuple(sorted(found.values(), key=lambda model: (model.name.lower(), model.source)))


def find_cached(name: str) -> tuple[CachedModel, ...]:
    """The cached models of exactly this name; both caches may have one. Raises `cache-unknown`."""
    found = tuple(model for model in cached_models() if model.name == name)
    if not found:
        raise YunqiError("cache-unknown", name=name)
    return found


def remove(model: CachedModel) -> None:
    """Delete the model, all its versions and half-fetched files with it. Nothing outside `model.path` is touched.

    Raises:
        YunqiError: `directory-unwritable` where the system refuses.
    """
    root, path = model.root.resolve(), model.path
    # The caches are scanned, not joined from names; should that ever fail, nothing is deleted.
    assert not path.is_symlink(), path
    assert root in path.resolve().parents, path
    try:
        if not (model.source == "huggingface" and _removed_by_client(model)):
            shutil.rmtree(path)
        for link in path.parent.iterdir():
            if link.is_symlink() and not link.exists() and link.parent / link.readlink() == path:
                link.unlink()  # ModelScope keeps one under the plain name
        shutil.rmtree(model.root / ".locks" / path.name, ignore_errors=True)
    except OSError as error:
        raise YunqiError("directory-unwritable", path=path, reason=error.strerror or error) from error


def _removed_by_client(model: CachedModel) -> bool:
    """Let the client delete; False where it is not there or does not take the folder for sound."""
    if not has_client() or not model.root.is_dir():
        return False
    info = client().scan_cache_dir(model.root)
    repos = [repo for repo in info.repos if repo.repo_path.resolve() == model.path.resolve()]
    if not repos:
        return False
    # One commit may lie in several repositories (copies keep their history): the client is shown this one alone.
    alone = dataclasses.replace(info, repos=frozenset(repos))
    alone.delete_revisions(*(revision.commit_hash for revision in repos[0].revisions)).execute()
    return not model.path.exists()


def _huggingface() -> Iterator[CachedModel]:
    root = huggingface_root()
    complete = {path.parent.parent for _, path in HuggingFaceCache(root=root).models() if is_checkpoint(path)}
    for path in _folders(root):
        if path.name.startswith(_PREFIX):
            name = path.name.removeprefix(_PREFIX).replace("--", "/", 1)
            yield _measured(name, "huggingface", root, path, complete=path in complete)


def _modelscope() -> Iterator[CachedModel]:
    newest = ModelScopeCache(root=modelscope_base() / "models")
    for name, path in newest.models():
        folder = path.parent.parent
        if not folder.is_symlink():
            yield _measured(name, "modelscope", newest.root, folder, complete=is_checkpoint(path))
    for root in older_modelscope_roots():
        for name, path in FolderTree(root=root, source="modelscope", dots_escaped=True).models():
            if not path.is_symlink() and not path.parent.is_symlink():
                yield _measured(name, "modelscope", root, path, complete=is_checkpoint(path))


def _folders(root: Path) -> list[Path]:
    try:
        return sorted(path for path in root.iterdir() if path.is_dir() and not path.is_symlink())
    except OSError:
        return []


def _measured(
    name: str, source: Literal["huggingface", "modelscope"], root: Path, path: Path, *, complete: bool
) -> CachedModel:
    sizes = {file: _size(file) for file in path.rglob("*")}
    partial = sum(size for file, size in sizes.items() if file.name.endswith(".incomplete"))
    return CachedModel(
        name=name,
        source=source,
        root=root,
        path=path,
        num_bytes=sum(sizes.values()),
        num_partial_bytes=partial,
        complete=complete,
    )


def _size(file: Path) -> int:
    try:
        # A blob may be a link to a store that several models share; a snapshot's links lead to blobs counted anyway.
        if file.is_symlink() and file.parent.name != "blobs":
            return 0
        return file.stat().st_size if file.is_file() else 0
    except OSError:
        return 0
