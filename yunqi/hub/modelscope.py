"""A model of ModelScope, asked about and fetched through its own client into its own cache.

That cache has one folder for a model's newest version, and files in it are replaced one by one. The config is the mark
of a complete model: where anything has to be replaced it goes first, and it comes back last.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from yunqi.common.errors import YunqiError
from yunqi.common.files import sha256_of
from yunqi.hub.checkpoint import INDEX_FILE
from yunqi.hub.modelscope_client import NO_HUB, client, endpoint, refused, told_plainly
from yunqi.hub.places import MODELSCOPE_REVISION, modelscope_base
from yunqi.hub.remote import RemoteFile, RemoteModel, Report, check_name
from yunqi.hub.wanted import wanted_texts, wanted_weights

if TYPE_CHECKING:
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
        path = self.snapshot / file.name
        if path.is_file() and path.stat().st_size == file.num_bytes:
            return file.num_bytes
        partial = path.with_name(f"{file.name}.incomplete")  # the client's own
        return min(partial.stat().st_size, file.num_bytes) if partial.is_file() else 0

    def fetch(self, report: Report) -> None:
        """Raises `pull-damaged` and those of `told_plainly`."""
        config = self.files[-1]
        with told_plainly(self.name):
            missing, stale = [file for file in self.files if not self._is_current(file)], self._stale()
            if (missing or stale) and config not in missing:
                report(-self.present_bytes(config))
                missing.append(config)
            for path in (self.snapshot / config.name, *stale) if missing else ():
                path.unlink(missing_ok=True)
            for file in missing:
                self._fetch(file, report)

    def _is_current(self, file: RemoteFile) -> bool:
        path = self.snapshot / file.name
        if not path.is_file() or (file.num_bytes and path.stat().st_size != file.num_bytes):
            return False
        return file.digest is None or sha256_of(path) == file.digest

    def _stale(self) -> list[Path]:
        """What an older version of the model has left: files that Yunqi would read and the hub has no longer."""
        here = [path.name for path in self.snapshot.iterdir()] if self.snapshot.is_dir() else []
        read = {*wanted_texts(here), *(name for name in here if name.endswith(".safetensors"))}
        return [self.snapshot / name for name in sorted(read & set(here) - self.listed)]

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
                local_dir=self.snapshot,
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
            licence = client().get_repo(name, _TYPE).license
    except YunqiError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:  # an answer of another shape
        raise refused(name, NO_HUB) from error
    if not files:
        raise refused(name, "it lists no files")
    return {file.name: file for file in files}, str(licence) if licence else None


def _file(file: FileInfo) -> RemoteFile:
    digest = file.sha256.lower() if file.sha256 else None
    return RemoteFile(name=str(file.path), num_bytes=file.size, digest=digest)


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
