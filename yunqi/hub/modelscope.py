"""A model of ModelScope, asked about and fetched through its own client into its own cache.

That cache has one folder for a model's newest version. Where it holds an older one, what has changed is gathered in a
folder inside and taken over when all is there: the config, the mark of a complete model, leaves first and comes last.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from yunqi.common.errors import YunqiError
from yunqi.common.files import sha256_of
from yunqi.hub.checkpoint import CONFIG_FILE, INDEX_FILE
from yunqi.hub.modelscope_client import NO_HUB, client, endpoint, refused, told_plainly
from yunqi.hub.places import MODELSCOPE_REVISION, modelscope_base
from yunqi.hub.remote import RemoteFile, RemoteModel, Report, check_name
from yunqi.hub.wanted import wanted_texts, wanted_weights

if TYPE_CHECKING:
    from filelock import BaseFileLock
    from modelscope_hub import FileInfo

_TYPE = "model"


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelScopeModel(RemoteModel):
    """A model at its newest version: `listed` is all that the hub has of it. A file's `digest` is its SHA-256."""

    cache_variable: ClassVar[str] = "MODELSCOPE_CACHE"
    checkpoint: Path
    listed: frozenset[str]

    @property
    def snapshot(self) -> Path:
        return self.checkpoint

    def present_bytes(self, file: RemoteFile) -> int:
        gathered = self._into / file.name
        if _looks_current(self.checkpoint / file.name, file) or _looks_current(gathered, file):
            return file.num_bytes
        partial = gathered.with_name(f"{file.name}.incomplete")  # the client's own
        return min(partial.stat().st_size, file.num_bytes) if partial.is_file() else 0

    def fetch(self, report: Report) -> None:
        """Raises `pull-damaged` and those of `told_plainly`."""
        with told_plainly(self.name), self._alone():
            if self._incoming.is_dir() and not self._is_complete:  # an earlier run was stopped while it took over
                self._take_over()
            missing, stale = [file for file in self.files if not self._is_current(file)], self._stale()
            for file in missing:
                self._fetch(file, report)
            if self._incoming.is_dir() or stale:
                self._give_way({file.name for file in missing})
                for path in stale:
                    path.unlink()
                self._take_over()

    @property
    def _incoming(self) -> Path:
        return self.checkpoint / ".yunqi-incoming"

    @property
    def _is_complete(self) -> bool:
        return (self.checkpoint / CONFIG_FILE).is_file()

    @property
    def _into(self) -> Path:
        return self._incoming if self._is_complete else self.checkpoint

    def _give_way(self, new: set[str]) -> None:
        """From here to the end of `_take_over` there is no model; an unchanged config waits among the files `new`."""
        self._incoming.mkdir(exist_ok=True)
        for path in self._incoming.iterdir():
            if path.name not in new:  # of a version that was never completed
                path.unlink()
        if (self._incoming / CONFIG_FILE).is_file():
            (self.checkpoint / CONFIG_FILE).unlink()
        else:
            os.replace(self.checkpoint / CONFIG_FILE, self._incoming / CONFIG_FILE)

    def _take_over(self) -> None:
        for path in sorted(self._incoming.iterdir(), key=lambda path: path.name == CONFIG_FILE):
            os.replace(path, self.checkpoint / path.name)
        self._incoming.rmdir()

    def _is_current(self, file: RemoteFile) -> bool:
        path = self.checkpoint / file.name
        if not path.is_file() or (file.num_bytes and path.stat().st_size != file.num_bytes):
            return False
        return file.digest is None or sha256_of(path) == file.digest

    def _stale(self) -> list[Path]:
        """What an older version of the model has left: files that Yunqi would read and the hub has no longer."""
        here = {path.name for path in self.checkpoint.iterdir()} if self.checkpoint.is_dir() else set()
        read = {*wanted_texts(here), *(name for name in here if name.endswith(".safetensors"))}
        return [self.checkpoint / name for name in sorted(read & here - self.listed)]

    def _alone(self) -> BaseFileLock:
        from filelock import FileLock

        locks = modelscope_base() / ".lock"  # where the client keeps its own
        locks.mkdir(parents=True, exist_ok=True)
        return FileLock(locks / f"yunqi-{self.name.replace('/', '--')}.lock")

    def _fetch(self, file: RemoteFile, report: Report) -> None:
        from modelscope_hub import FileIntegrityError, ProgressCallback

        told = self.present_bytes(file)

        class Told(ProgressCallback):
            """Made anew for every try of the client's; each counts the file from its beginning."""

            def __init__(self, filename: str, file_size: int) -> None:
                nonlocal told
                super().__init__(filename, file_size)
                report(-told)
                told = 0

            def update(self, size: int) -> None:
                nonlocal told
                told += size
                report(size)

        try:
            client().downloader.download_file(
                self.name,
                _TYPE,
                file.name,
                revision=MODELSCOPE_REVISION,
                local_dir=self._into,
                expected_sha256=file.digest,
                file_size=file.num_bytes or None,
                progress_callbacks=[Told],
            )
        except FileIntegrityError as error:
            raise YunqiError("pull-damaged", file=file.name) from error


def look_up(name: str) -> ModelScopeModel:
    """Ask the hub about `OWNER/NAME`. Nothing is written.

    Raises:
        YunqiError: `model-name-invalid`, `extra-missing`, those of `wanted_weights` and of `told_plainly`.
    """
    check_name(name)
    files, licence = _ask(name)
    weights = wanted_weights(name, files, lambda: _index(name))
    folder, checkpoint = _place(name)
    return ModelScopeModel(
        name=name,
        endpoint=endpoint(),
        licence=licence,
        folder=folder,
        checkpoint=checkpoint,
        listed=frozenset(files),
        files=tuple(files[file] for file in (*weights, *wanted_texts(files))),
    )


def _ask(name: str) -> tuple[dict[str, RemoteFile], str | None]:
    """All files of the model, and its licence."""
    try:
        with told_plainly(name):
            files = [_file(file) for file in client().list_repo_files(name, _TYPE) if not file.is_dir]
            licence = _licence(name)
    except YunqiError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:  # an answer of another shape
        raise refused(name, NO_HUB) from error
    if not files:
        raise refused(name, "it lists no files")
    return {file.name: file for file in files}, str(licence) if licence else None


def _looks_current(path: Path, file: RemoteFile) -> bool:
    """Good enough to say what is to come: as large, and not older than the hub's. Before use the SHA-256 decides."""
    if not path.is_file() or path.stat().st_size != file.num_bytes:
        return False
    return file.changed is None or path.stat().st_mtime >= file.changed


def _file(file: FileInfo) -> RemoteFile:
    digest = file.sha256.lower() if file.sha256 else None
    changed = file.last_modified.timestamp() if isinstance(file.last_modified, datetime) else None
    return RemoteFile(name=str(file.path), num_bytes=file.size, digest=digest, changed=changed)


def _licence(name: str) -> str | None:
    from modelscope_hub import APIError

    try:
        return client().get_repo(name, _TYPE).license
    except APIError:  # files it has, a description it has not
        return None


def _index(name: str) -> bytes:
    with told_plainly(name), client().legacy.download_stream(name, _TYPE, INDEX_FILE, MODELSCOPE_REVISION) as response:
        return response.content


def _place(name: str) -> tuple[Path, Path]:
    """Where the client would put the model: where one of its older releases has put it, if one has."""
    base, (owner, own_name) = modelscope_base(), name.split("/")
    escaped = own_name.replace(".", "___")
    for older in (base / "models" / owner / escaped, base / "hub" / "models" / owner / escaped):
        if older.is_dir() and any(older.iterdir()):
            return older, older
    folder = base / "models" / f"{owner}--{own_name}"
    return folder, folder / "snapshots" / MODELSCOPE_REVISION
