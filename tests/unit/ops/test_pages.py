"""Memory in large pages: zeros, whole, and small where many runs only begin."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from yunqi.ops.native import pages


@pytest.mark.parametrize(
    ("size", "runs"),
    [(0, 1), (0, 3), (5, 1), (5, 8), (4097, 1), (10_000, 3), (3 << 20, 1), (64 << 20, 8), ((64 << 20) + 4096, 7)],
)
@pytest.mark.parametrize("small_first", [False, True])
def test_every_byte_is_zero_and_can_be_written(size: int, runs: int, small_first: bool) -> None:
    found = pages.zeros(size, runs, small_first=small_first)
    assert len(found) == size
    assert not found.any()
    found[:] = 7
    assert (found == 7).all()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads what Linux tells of a process")
def test_the_beginnings_of_many_runs_take_few_pages() -> None:
    """Sixty-four heads of a cache of four megabytes each, of which a short sequence has the first block."""
    heads, run = 64, 4 << 20
    found = pages.zeros(heads * run, heads, small_first=True).reshape(heads, run)
    before = resident()
    found[:, :4096] = 1
    assert resident() - before < 16 << 20, "a large page of each were 128 MB"
    assert np.count_nonzero(found) == heads * 4096


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
