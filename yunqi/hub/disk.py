"""The disk that a model is fetched onto: whether it has room, and what it says when it has none."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from yunqi.common.errors import YunqiError
from yunqi.common.sizes import size_text
from yunqi.hub.remote import RemoteModel


def free_bytes(folder: Path) -> int:
    """Room on the disk that `folder` is or would be on."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(existing).free


def check_room(model: RemoteModel) -> None:
    """Raises `disk-too-small` where the disk does not hold what is still to come."""
    free, needed = free_bytes(model.folder), model.missing_bytes
    if needed > free:
        raise YunqiError(
            "disk-too-small",
            name=model.name,
            needed=size_text(needed),
            free=size_text(free),
            path=model.folder.parent,
            cache_variable=model.cache_variable,
        )


def disk_error(error: OSError, root: Path) -> YunqiError | None:
    """`disk-full` or `directory-unwritable` where that is what the system said of a file below `root`, else None."""
    path = error.filename or root
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
        return YunqiError("disk-full", path=path)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return YunqiError("directory-unwritable", path=path, reason=error.strerror)
    return None
