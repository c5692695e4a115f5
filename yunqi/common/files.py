"""Files and folders written whole or not at all: a temporary one beside the target, flushed, then renamed over it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError


def _umask() -> int:
    """The permissions that new files do without; the system only tells while setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


_UMASK = _umask()


@contextmanager
def atomic_path(target: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `target`; on success it replaces the target, on error it is removed.

    Raises:
        YunqiError: `disk-full` where the disk has no room, `directory-unwritable` where the folder refuses.
    """
    target = Path(target)
    with _errors_of(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with _errors_of(target):
            os.close(handle)
            os.chmod(temporary, 0o666 & ~_UMASK)  # mkstemp lets nobody else read
        with _errors_of(target, within=temporary):
            yield temporary
        with _errors_of(target):
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            os.replace(temporary, target)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(target: str | Path) -> Iterator[Path]:
    """Yield a new folder beside `target`; on success it takes that name, on error it is removed with what is in it.

    Raises:
        YunqiError: `folder-not-empty` where the target is there and is more than an empty folder, `disk-full`,
            `directory-unwritable`.
    """
    target = Path(target).absolute()
    with _errors_of(target):
        check_new_folder(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent))
    try:
        with _errors_of(target):
            temporary.chmod(0o777 & ~_UMASK)
        with _errors_of(target, within=temporary):
            yield temporary
        with _errors_of(target):
            for path in temporary.iterdir():
                with path.open("rb+") as file:
                    os.fsync(file.fileno())
            if target.is_dir():
                target.rmdir()  # Windows renames onto nothing that is there
            os.rename(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_new_folder(path: Path) -> None:
    """Raise `folder-not-empty` unless a folder can take this name without harm to another."""
    if path.is_dir() and not any(path.iterdir()):
        return
    if path.exists() or path.is_symlink():
        raise YunqiError("folder-not-empty", path=path)


def write_text(target: str | Path, text: str) -> None:
    """Write text atomically, as UTF-8 with Unix line ends."""
    with atomic_path(target) as path:
        path.write_text(text, encoding="utf-8", newline="\n")


def write_json(target: str | Path, value: Any) -> None:
    """Write a value as indented JSON, atomically."""
    write_text(target, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: str | Path) -> Any:
    """Read a JSON file. Raises `config-unreadable` where it is not JSON."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise YunqiError("config-unreadable", file=path, reason=error) from error


def sha256_of(path: str | Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _errors_of(target: Path, within: Path | None = None) -> Iterator[None]:
    """What the system refuses becomes a `YunqiError` about `target`; of a caller's errors, only those of writing
    `within`: what it reads on the way has a name of its own."""
    try:
        yield
    except OSError as error:
        if within is not None and not _concerns(error, within):
            raise
        if _is_full(error):
            raise YunqiError("disk-full", path=target) from error
        raise YunqiError("directory-unwritable", path=target, reason=error.strerror or error) from error


def _concerns(error: OSError, path: Path) -> bool:
    if error.filename is None:  # of an open file, and only writing to one fills a disk
        return _is_full(error)
    return isinstance(error.filename, str | os.PathLike) and Path(error.filename).absolute().is_relative_to(
        path.absolute()
    )


def _is_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None))
