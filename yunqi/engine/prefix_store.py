"""A folder of named pieces of memory that survives the process. Torch-free.

A name is the digest of all that its content depends on, so several processes may share the folder: they write the same
content under the same name. A file is written aside and renamed, so a process that is killed leaves none in part; it
carries a checksum, and one that is damaged counts as missing and is removed. Files used longest ago go first where the
folder outgrows its bounds. Files of other names are not the store's: they are neither counted nor removed.

Writing is left to a thread. What comes faster than the disk takes it is not kept: this is a cache. Files are readable
by their owner alone: they hold what was computed of prompts, though not their words.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from yunqi.common.errors import YunqiError

log = logging.getLogger(__name__)

SUFFIX = ".safetensors"
_OUR_NAME = "[0-9a-f]{40}-(block|state)"
_OUR_FILE, _OUR_TEMPORARY = re.compile(_OUR_NAME + r"\.safetensors"), re.compile(rf"\.{_OUR_NAME}\.\w+\.tmp")
MAX_PENDING_BYTES = 256 << 20
_STALE_SECONDS = 3600.0  # a temporary file this old belongs to nobody any more
_FILLED = 0.9  # what is left of the bounds after files were removed


class PrefixStore:
    """At most about `max_bytes` of files in `folder`, which is no model's.

    A name is 40 hexadecimal digits and `-block` or `-state`.

    Raises:
        YunqiError: `directory-unwritable`, `option-invalid`.
    """

    def __init__(self, folder: str | Path, max_bytes: int) -> None:
        if isinstance(max_bytes, bool) or not isinstance(max_bytes, int) or max_bytes < 1:
            rule = "It is a whole number of bytes, at least 1."
            raise YunqiError("option-invalid", option="prefix_cache_bytes", value=max_bytes, rule=rule)
        self.folder, self.max_bytes = Path(folder), max_bytes
        self._pending: deque[tuple[str, bytes, int]] = deque()
        self._names: set[str] = set()
        self._pending_bytes = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._warned = False
        try:
            if (self.folder / "config.json").exists():
                rule = "It holds a model (config.json): give the cache a folder of its own."
                raise YunqiError("option-invalid", option="prefix_cache_dir", value=self.folder, rule=rule)
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._num_bytes = self._prune()
        except OSError as error:
            raise YunqiError("directory-unwritable", path=self.folder, reason=error.strerror or error) from error

    def has(self, name: str) -> bool:
        """Whether there seems to be such a file, or is about to be."""
        return name in self._names or self._path(name).is_file()

    def write(self, name: str, data: bytes, depth: int = 0) -> bool:
        """Keep data under a name, soon. Of files used at the same time those of a higher `depth` go first.

        False where too much waits to be written already.
        """
        assert re.fullmatch(_OUR_NAME, name), name
        with self._changed:
            if self._closed or self._pending_bytes + len(data) > MAX_PENDING_BYTES:
                return False
            self._pending.append((name, data, depth))
            self._names.add(name)
            self._pending_bytes += len(data)
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_on, name="prefix store", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return True

    def read(self, name: str) -> bytes | None:
        """The data kept under a name, checked; None where there is none or it is damaged."""
        path = self._path(name)
        try:
            with safe_open(path, framework="np") as file:
                data, checksum = file.get_tensor("data").tobytes(), (file.metadata() or {}).get("checksum")
        except FileNotFoundError:
            return None
        except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
            return self._damaged(path, str(error))
        if checksum != _checksum(name, data):
            return self._damaged(path, "its checksum is wrong")
        return data

    def touch(self, names: Sequence[str]) -> None:
        """Count files as used now, the first of them as used last."""
        now = time.time_ns()
        for depth, name in enumerate(names):
            with suppress(OSError):
                os.utime(self._path(name), ns=(now, now - depth))

    def flush(self, seconds: float = 30.0) -> bool:
        """Wait until everything is written. False where that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._names, seconds)

    def close(self, seconds: float = 30.0) -> None:
        """Write what is left, as far as the time goes, and take no more. What is not written is said."""
        if self._closed:
            return
        self.flush(seconds)
        with self._changed:
            if self._names:
                megabytes = self._pending_bytes / 1e6
                text = (
                    "%d pieces of cached prefixes (%.1f MB) were not written to %s within %.1f s and are computed again"
                )
                log.warning(text, len(self._names), megabytes, self.folder, seconds)
            for name, data, _ in self._pending:
                self._names.discard(name)
                self._pending_bytes -= len(data)
            self._pending.clear()
            self._closed = True
            self._changed.notify_all()

    def _path(self, name: str) -> Path:
        return self.folder / (name + SUFFIX)

    def _damaged(self, path: Path, reason: str) -> None:
        log.warning("the cached prefix %s is damaged and is computed again: %s", path.name, reason)
        with suppress(OSError):
            path.unlink()

    def _write_on(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pending or self._closed)
                if not self._pending:
                    return
                name, data, depth = self._pending.popleft()
            try:
                self._write_file(name, data, depth)
            except Exception as error:  # whatever it is, the next file may be written all the same
                if not self._warned:
                    log.warning("a prefix could not be kept in %s: %s", self.folder, error)
                self._warned = True
            with self._changed:
                self._names.discard(name)
                self._pending_bytes -= len(data)
                self._changed.notify_all()

    def _write_file(self, name: str, data: bytes, depth: int) -> None:
        path = self._path(name)
        if path.exists():
            return
        array = np.frombuffer(data, dtype=np.uint8)
        content = save({"data": array}, metadata={"checksum": _checksum(name, data)})
        handle, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=".tmp", dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            now = time.time_ns()
            os.utime(temporary, ns=(now, now - depth))
            os.replace(temporary, path)
        finally:
            with suppress(OSError):
                os.unlink(temporary)
        self._num_bytes += len(content)
        if self._num_bytes > self.max_bytes:
            self._num_bytes = self._prune()

    def _prune(self) -> int:
        """Remove what has been out of use longest where the folder is too full; returns the bytes that are left."""
        found: list[tuple[int, int, str]] = []
        for entry in os.scandir(self.folder):
            with suppress(OSError):  # another process may have removed it
                if _OUR_FILE.fullmatch(entry.name):
                    found.append((entry.stat().st_mtime_ns, entry.stat().st_size, entry.path))
                elif _OUR_TEMPORARY.fullmatch(entry.name) and time.time() - entry.stat().st_mtime > _STALE_SECONDS:
                    os.unlink(entry.path)
        total = sum(size for _, size, _ in found)
        if total <= self.max_bytes:
            return total
        for _, size, path in sorted(found):
            if total <= _FILLED * self.max_bytes:
                break
            with suppress(OSError):
                os.unlink(path)
            total -= size
        return total


def _checksum(name: str, data: bytes) -> str:
    digest = blake2b(name.encode(), digest_size=20)
    digest.update(data)
    return digest.hexdigest()
