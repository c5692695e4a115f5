"""Ops in Triton, where torch's own need too many launches. Their files are imported only for tensors on a GPU."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec


@lru_cache(maxsize=1)
def has_triton() -> bool:
    """Whether the compiler that torch's wheels for a GPU bring is there."""
    return find_spec("triton") is not None
