"""What a safetensors file says about itself, read without touching the weights.

The file begins with eight bytes, the length of a JSON object as a little-endian number; the object gives each tensor's
dtype, shape and place in the data that follows (https://huggingface.co/docs/safetensors, "Format"). Every field comes
from outside, so each is checked before it is believed.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError

MAX_HEADER_BYTES = 100_000_000
MAX_DIMENSIONS = 16
BITS: dict[str, int] = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F4": 4, "U16": 16, "I16": 16, "F16": 16,
    "BF16": 16, "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64, "C64": 64,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class TensorEntry:
    """One tensor of a file: its name, stored dtype (`BF16`), shape, and first and past-the-last byte in the data."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int

    @property
    def num_elements(self) -> int:
        return math.prod(self.shape)

    @property
    def num_bytes(self) -> int:
        return self.end - self.start


def read_header(path: str | Path) -> tuple[TensorEntry, ...]:
    """The tensors of a safetensors file, in the order of their data.

    Raises:
        YunqiError: `weights-corrupt` where the file is cut off or its header contradicts itself or the file's size.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            prefix = file.read(8)
            size = path.stat().st_size
            length = int.from_bytes(prefix, "little")
            if len(prefix) < 8 or not 2 <= length <= MAX_HEADER_BYTES or length > size - 8:
                raise _corrupt(path, "it does not begin with the length of a header")
            text = file.read(length)
    except OSError as error:
        raise _corrupt(path, error.strerror or str(error)) from error
    return _entries(path, text, size - 8 - length)


def data_start(path: Path) -> int:
    """The first byte of the data, which the header that `read_header` has found right lies before."""
    with path.open("rb") as file:
        return 8 + int.from_bytes(file.read(8), "little")


def header_sha256(path: Path) -> str:
    """The SHA-256 of the header: it tells whether names, dtypes, shapes and places are the same, weights unread."""
    with path.open("rb") as file:
        prefix = file.read(8)
        length = min(int.from_bytes(prefix, "little"), MAX_HEADER_BYTES)
        return hashlib.sha256(prefix + file.read(length)).hexdigest()


def _entries(path: Path, text: bytes, data_size: int) -> tuple[TensorEntry, ...]:
    try:
        header = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _corrupt(path, "its header is not JSON") from error
    if not isinstance(header, dict):
        raise _corrupt(path, "its header is not an object")
    header.pop("__metadata__", None)
    entries = sorted((_entry(path, name, data) for name, data in header.items()), key=lambda e: (e.start, e.end))
    end = 0
    for entry in entries:
        if entry.start != end:
            raise _corrupt(path, f"the data of '{entry.name}' overlaps another tensor's or leaves a gap")
        end = entry.end
    if end > data_size:
        raise _corrupt(path, f"it is cut off, with {data_size} bytes of data instead of {end}")
    if end < data_size:
        raise _corrupt(path, f"it holds {data_size - end} bytes that belong to no tensor")
    return tuple(entries)


def _entry(path: Path, name: str, data: Any) -> TensorEntry:
    data = data if isinstance(data, dict) else {}
    dtype = data.get("dtype")
    shape, offsets = _counts(data.get("shape")), _counts(data.get("data_offsets"))
    if not isinstance(dtype, str) or dtype not in BITS:
        raise _corrupt(path, f"'{name}' has no known dtype")
    if shape is None or len(shape) > MAX_DIMENSIONS:
        raise _corrupt(path, f"'{name}' has no valid shape")
    if offsets is None or len(offsets) != 2:
        raise _corrupt(path, f"'{name}' has no valid place")
    if (offsets[1] - offsets[0]) * 8 != math.prod(shape) * BITS[dtype]:
        raise _corrupt(path, f"the shape of '{name}' does not fit its size")
    return TensorEntry(name=name, dtype=dtype, shape=shape, start=offsets[0], end=offsets[1])


def _counts(value: Any) -> tuple[int, ...] | None:
    if isinstance(value, list) and all(type(n) is int and 0 <= n < 1 << 63 for n in value):
        return tuple(value)
    return None


def _corrupt(path: Path, reason: str) -> YunqiError:
    return YunqiError("weights-corrupt", file=path, reason=reason)
