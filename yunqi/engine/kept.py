"""Packed weights that are kept on the disk for the next start: a safetensors file in `packed/` under the home of Yunqi.

Its name says what it was made of, and its last tensor holds the sums of the others.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from yunqi.common.errors import YunqiError
from yunqi.common.files import atomic_path, sha256_of
from yunqi.common.home import home
from yunqi.common.logging import get_logger
from yunqi.common.machine import allowed_cores
from yunqi.hub.checkpoint import CONFIG_FILE, weight_files
from yunqi.hub.header import TensorEntry, data_start, header_sha256, read_header
from yunqi.ops.native import library as native
from yunqi.ops.native.pages import Slabs

log = get_logger(__name__)

KEPT_BYTES = 64 << 30  # of all files; the oldest go
_SUMS = "sums"

Tensors = dict[str, tuple[TensorEntry, np.ndarray]]


def kept_file(path: Path, kind: str, group: int, part: str = "") -> Path:
    """Where the packed weights of a checkpoint folder are kept; another path for whatever makes others. Files are known
    by size, time and header."""
    facts: list[Any] = [native.VERSION, kind, group, sha256_of(path / CONFIG_FILE)]
    for file in weight_files(path):
        state = file.stat()
        facts.append([file.name, state.st_size, state.st_mtime_ns, header_sha256(file)])
    digest = blake2b(json.dumps(facts).encode(), digest_size=12).hexdigest()
    return home() / "packed" / f"{path.name}-{kind}-{digest}{part}.safetensors"


def read(file: Path) -> Tensors:
    """Every tensor's bytes, in large pages, read by all cores together, their sums compared.

    Raises:
        YunqiError: `weights-corrupt`.
        OSError: it cannot be read.
    """
    entries, slabs = read_header(file), Slabs()
    places = [slabs.take(entry.num_bytes) for entry in entries]
    start = data_start(file)

    def fill(entry: TensorEntry, place: np.ndarray) -> int:
        with file.open("rb", buffering=0) as source:
            source.seek(start + entry.start)
            rest = memoryview(place.data)
            while rest and (count := source.readinto(rest)):
                rest = rest[count:]
        return sum_of(place)

    with ThreadPoolExecutor(allowed_cores()) as pool:
        sums = list(pool.map(fill, entries, places))
    if entries[-1].name != _SUMS or sums[:-1] != places[-1].view(np.uint64).tolist():
        raise YunqiError("weights-corrupt", file=file, reason="it is not what was written")
    os.utime(file)
    return {entry.name: (entry, place) for entry, place in zip(entries, places, strict=True)}


def write(target: Path, data: Mapping[str, np.ndarray], kinds: Mapping[str, tuple[str, list[int]]]) -> None:
    """Keep bytes by name, and make room for them. What goes wrong costs the next start time and nothing else.

    Args:
        kinds: dtype, as safetensors calls it, and shape of those that are no plain bytes.
    """
    sums = np.array([sum_of(part) for part in data.values()], dtype=np.uint64).view(np.uint8)
    header, at = {}, 0
    for name, part in {**data, _SUMS: sums}.items():
        dtype, shape = kinds.get(name, ("U8", [part.nbytes]))
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + part.nbytes]}
        at += part.nbytes
    text = json.dumps(header).encode()
    try:
        _make_room(target.parent, at)
        with atomic_path(target) as path, path.open("wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for part in (*data.values(), sums):
                file.write(part.data)
    except (OSError, YunqiError) as error:
        log.warning("the packed weights are not kept for the next start: %s", error)


def _make_room(folder: Path, size: int) -> None:
    files = sorted(folder.glob("*.safetensors"), key=lambda file: file.stat().st_mtime) if folder.is_dir() else []
    total = size + sum(file.stat().st_size for file in files)
    for file in files:
        if total <= KEPT_BYTES:
            break
        total -= file.stat().st_size
        file.unlink(missing_ok=True)


def sum_of(data: np.ndarray) -> int:
    """A number that any change of the bytes changes, all but surely; for damage, not for malice."""
    return native.library().yq_checksum(data.ctypes.data, data.nbytes)
