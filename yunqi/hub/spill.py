"""Models that are larger than memory because of their experts: what stays on the disk, and what that costs.

A token uses few experts of a layer, so that the others may stay in the checkpoint's files, which the system reads page
by page as they are needed and forgets again where memory is short. What every token uses must be in memory, and the
experts of one layer beside it. The time of a token is that of an `Estimate` and of reading those of its experts that
memory does not hold, if each is chosen as often as any other.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yunqi.common.errors import YunqiError
from yunqi.common.machine import has_native_bfloat16, memory
from yunqi.common.sizes import size_text
from yunqi.hub.catalog import ModelRecord, describe
from yunqi.hub.checkpoint import weight_files
from yunqi.hub.estimate import estimate, memory_bytes, weight_width

_PIECE, _PIECES = 1 << 20, 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Spill:
    """Bytes of memory: what the whole model needs, what is available, and what it needs at least (`least`), of which
    `resident` is what every token uses. `expert_bytes` stay on the disk; a token reads `read_bytes` of them anew."""

    name: str
    needed: int
    available: int
    least: int
    resident: int
    expert_bytes: int
    read_bytes: float

    @property
    def starts(self) -> bool:
        """Whether memory holds what it must."""
        return self.least <= self.available

    def tokens_per_second(self, loaded: float, disk: float) -> float:
        """Of one answer, from the speed of the loaded model and the disk's bytes a second."""
        return 1 / (1 / loaded + self.read_bytes / disk)

    def check(self, remedy: str = "") -> None:
        """Raises `memory-too-small-layer` where memory holds not even one layer."""
        if not self.starts:
            raise YunqiError(
                "memory-too-small-layer",
                name=self.name,
                needed=size_text(self.least),
                available=size_text(self.available),
                remedy=remedy,
            )


def spill_of(path: Path, *, name: str | None = None, float32: bool = False) -> Spill | None:
    """What stays on the disk of a checkpoint that does not fit into the memory available; None where it fits, where it
    has no experts, and where its figures are not known. `float32`: as it would be in that dtype."""
    return spill_of_record(
        describe(path, name=name),
        available=memory().available,
        native_bfloat16=has_native_bfloat16() and not float32,
    )


def spill_of_record(record: ModelRecord, *, available: int, native_bfloat16: bool) -> Spill | None:
    """`spill_of` for a record."""
    needed, experts = memory_bytes(record, native_bfloat16=native_bfloat16), record.experts
    if needed is None or experts is None or needed <= available:
        return None
    resident = needed - round(experts.num_parameters * weight_width(record, native_bfloat16))
    held = min(1.0, max(0, available - resident) / experts.num_bytes)
    return Spill(
        name=record.name,
        needed=needed,
        available=available,
        least=resident + experts.layer_bytes,
        resident=resident,
        expert_bytes=experts.num_bytes,
        read_bytes=experts.share * experts.num_bytes * (1 - held),
    )


def told(spill: Spill, path: Path) -> str:
    """A sentence with the estimate, for which the speeds of disk and memory are measured."""
    from yunqi.common.machine import memory_bandwidth

    disk = disk_speed(weight_files(path))
    loaded = estimate(describe(path), bandwidth=memory_bandwidth(), native_bfloat16=has_native_bfloat16())
    assert loaded is not None, "its parameters are known"
    rate = spill.tokens_per_second(loaded.tokens_per_second, disk)
    return (
        f"'{spill.name}' needs about {size_text(spill.needed)} of memory, and {size_text(spill.available)} are "
        f"available: its experts ({size_text(spill.expert_bytes)}) stay on the disk and are read as they are needed, "
        f"about {size_text(spill.read_bytes)} for each token, which at {size_text(disk)} a second makes about "
        f"{rate:.2g} tokens a second"
    )


def disk_speed(files: Sequence[Path]) -> float:
    """Bytes a second that pieces of a mebibyte, spread over the files, are read at, at least 1.

    The system is asked to forget them first; where it cannot be, what it still holds makes the figure too large.
    """
    places = [(file, start) for file in files for start in range(0, file.stat().st_size, _PIECE)]
    chosen = places[:: max(1, len(places) // _PIECES)]
    read, began = 0, time.perf_counter()
    for file, start in chosen:
        with file.open("rb", buffering=0) as opened:
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(opened.fileno(), start, _PIECE, os.POSIX_FADV_DONTNEED)
            opened.seek(start)
            read += len(opened.read(_PIECE))
    return max(1.0, read / max(1e-9, time.perf_counter() - began))
