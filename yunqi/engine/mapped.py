"""Tensors that stay in their safetensors files: views of memory that the system reads when they are used, and forgets
again where memory is short. They cannot be written to."""

from __future__ import annotations

import mmap
import warnings
from pathlib import Path

import torch
from torch import Tensor

from yunqi.hub.header import TensorEntry, data_start

_DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F8_E4M3": torch.float8_e4m3fn,
    "I32": torch.int32,
    "I64": torch.int64,
}


class MappedFiles:
    """Files that are mapped once each."""

    def __init__(self) -> None:
        self._files: dict[Path, tuple[mmap.mmap, int]] = {}

    def tensor(self, path: Path, entry: TensorEntry) -> Tensor:
        """The view of one stored tensor."""
        if path not in self._files:
            with path.open("rb") as file:
                self._files[path] = (mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), data_start(path))
        pages, start = self._files[path]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="The given buffer is not writable")
            raw = torch.frombuffer(pages, dtype=torch.uint8, count=entry.num_bytes, offset=start + entry.start)
        dtype = _DTYPES[entry.dtype]
        if raw.data_ptr() % dtype.itemsize:
            raw = raw.clone()
        return raw.view(dtype).view(entry.shape)
