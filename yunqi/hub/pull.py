"""Fetch a model from a hub into the Hugging Face cache, where every tool finds it: `look_up` first, then `pull`.

The cache's layout and its locks are the client's. `refs/main` is written when all files are there, so that a model
fetched before stays in use until the newer one is complete.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from yunqi.common.errors import YunqiError
from yunqi.common.files import write_text
from yunqi.common.sizes import size_text
from yunqi.hub.checkpoint import check_checkpoint
from yunqi.hub.client import client, endpoint, told_plainly
from yunqi.hub.receive import Report, receive
from yunqi.hub.remote import REVISION, RemoteFile, RemoteModel


def free_bytes(folder: Path) -> int:
    """Room on the disk that `folder` is or would be on."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(existing).free


def check_room(model: RemoteModel) -> None:
    """Raises `disk-too-small` where the disk does not hold what is still to come."""
    free, needed = free_bytes(model.folder), model.missing_bytes
    if needed > free:
        path = model.folder.parent
        raise YunqiError("disk-too-small", name=model.name, needed=size_text(needed), free=size_text(free), path=path)


def pull(model: RemoteModel, report: Report) -> Path:
    """Fetch what is missing and return the checkpoint's folder. `report` is told of bytes as they come.

    Raises:
        YunqiError: `disk-too-small`, `pull-damaged`, and those of `yunqi.hub.client.told_plainly`.
    """
    check_room(model)
    with told_plainly(model.name):
        for file in model.files:
            _fetch(model, file, report)
        write_text(model.folder / "refs" / REVISION, model.commit)
    return check_checkpoint(model.snapshot)


def _fetch(model: RemoteModel, file: RemoteFile, report: Report) -> None:
    if (model.snapshot / file.name).exists():
        return
    if file.etag is not None:
        receive(model, file, report)
    # Of a blob that is there the client only makes the link.
    client().hf_hub_download(
        model.name,
        file.name,
        revision=model.commit,
        cache_dir=model.folder.parent,
        endpoint=endpoint(),
        library_name="yunqi",
    )
    if file.etag is None:
        report(file.num_bytes)
