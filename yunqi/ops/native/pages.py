"""Memory for what is read from end to end at every step: zeroed, and in large pages where the system has them.

With pages of 4 KB a step of a large model misses the address cache a hundred thousand times.
"""

from __future__ import annotations

import mmap
from contextlib import suppress

import numpy as np

_SLAB_BYTES = 64 << 20
_ALIGNMENT = 64
_LARGE = 2 << 20


def zeros(size: int, runs: int = 1, *, small_first: bool = False) -> np.ndarray:
    """`size` bytes of their own; physical memory comes with the first touch.

    Args:
        runs: parts of equal length that are filled from their beginnings on.
        small_first: each begins with small pages, for as much as a large one: so the first bytes of many runs do not
            take a large page each.
    """
    if hasattr(mmap, "MAP_ANONYMOUS"):  # private: shared memory has large pages on few systems
        area = mmap.mmap(-1, max(size, 1), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    else:
        area = mmap.mmap(-1, max(size, 1))
    if hasattr(mmap, "MADV_HUGEPAGE"):
        spared, length = _LARGE if small_first else 0, size // runs
        with suppress(OSError):  # a kernel without them
            for run in range(runs):
                start = -(-(run * length + spared) // mmap.PAGESIZE) * mmap.PAGESIZE
                end = (run + 1) * length
                if start < end:
                    area.madvise(mmap.MADV_HUGEPAGE, start, end - start)
    return np.frombuffer(area, dtype=np.uint8)[:size]


class Slabs:
    """Many pieces out of few large areas; an area goes when its last piece has gone."""

    def __init__(self) -> None:
        self._area, self._used = zeros(0), 0

    def take(self, size: int) -> np.ndarray:
        """`size` zero bytes that begin on a cache line."""
        if self._used + size > len(self._area):
            self._area, self._used = zeros(max(_SLAB_BYTES, size)), 0
        piece = self._area[self._used : self._used + size]
        self._used += size + -size % _ALIGNMENT
        return piece
