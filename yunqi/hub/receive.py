"""One large file from Hugging Face, by parts: what has arrived stays on the disk, and the next run asks for the rest.

The client itself begins every file anew after its process has ended; weight files of gigabytes deserve better. A file
becomes visible in the cache when it is whole and its SHA-256 is the one that names it.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from yunqi.common.errors import YunqiError
from yunqi.common.files import sha256_of
from yunqi.hub.client import connection_error
from yunqi.hub.remote import RemoteFile, Report

if TYPE_CHECKING:
    from yunqi.hub.huggingface import HuggingFaceModel

_PAUSES = (0.5, 1.0, 2.0)  # seconds before the next try; they start over when bytes have come
_SHA256 = re.compile(r"[0-9a-f]{64}")


def receive(model: HuggingFaceModel, file: RemoteFile, report: Report) -> None:
    """Bring the blob of `file` into the cache. `report` is told how many more bytes have come, or have been lost (< 0).

    Raises:
        YunqiError: `pull-connection`, `pull-damaged`; the client's own errors and OSError pass.
    """
    from huggingface_hub.utils import WeakFileLock

    assert file.digest is not None
    blob, partial = model.blob(file.digest), model.partial(file.digest)
    blob.parent.mkdir(parents=True, exist_ok=True)
    # The client's own lock: nobody else fetches this blob meanwhile.
    lock = model.folder.parent / ".locks" / model.folder.name / f"{file.digest}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with WeakFileLock(lock):
        if blob.exists():
            return
        _fill(model, file, partial, report)
        if _SHA256.fullmatch(file.digest) and sha256_of(partial) != file.digest:
            partial.unlink()
            raise YunqiError("pull-damaged", file=file.name)
        os.replace(partial, blob)


def _fill(model: HuggingFaceModel, file: RemoteFile, partial: Path, report: Report) -> None:
    import httpx2

    tries = 0
    with partial.open("ab") as target:
        if target.tell() > file.num_bytes:
            target.truncate(0)
        while target.tell() < file.num_bytes or not file.num_bytes:
            before = target.tell()
            try:
                _stream(model, file, target, report)
                if target.tell() == file.num_bytes or not file.num_bytes:
                    break
                problem: Exception = ConnectionError(f"{file.name} ended early")
            except httpx2.TransportError as error:
                problem = error
            tries = 0 if target.tell() > before else tries
            if tries == len(_PAUSES):
                raise connection_error(problem) from problem
            time.sleep(_PAUSES[tries])
            tries += 1
        target.flush()
        os.fsync(target.fileno())


def _stream(model: HuggingFaceModel, file: RemoteFile, target: BinaryIO, report: Report) -> None:
    """Append what the hub sends from where the file ends; a hub that sends it whole makes it begin anew."""
    from huggingface_hub import constants
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status

    start = target.tell()
    headers: dict[str, Any] = build_hf_headers(library_name="yunqi") | {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    url, timeout = model.url(file.name), constants.HF_HUB_DOWNLOAD_TIMEOUT
    with get_session().stream("GET", url, headers=headers, timeout=timeout) as response:
        if response.status_code == 416:  # what is here is no beginning of what is there
            _empty(target, report)
            return
        if response.status_code >= 400:
            response.read()
            hf_raise_for_status(response)
        if start and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            _empty(target, report)
        for chunk in response.iter_bytes():
            target.write(chunk)
            report(len(chunk))
            if file.num_bytes and target.tell() > file.num_bytes:
                _empty(target, report)
                raise YunqiError("pull-damaged", file=file.name)


def _empty(target: BinaryIO, report: Report) -> None:
    report(-target.tell())
    target.seek(0)
    target.truncate(0)
