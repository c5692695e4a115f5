"""Ops in Triton, where torch's own need too many launches. Their files are imported only for tensors on a GPU.

The folder has another name than the package: tools that look beside a file first would find the one for the other.
"""

from __future__ import annotations

import os
import shutil
from functools import lru_cache
from importlib.util import find_spec


@lru_cache(maxsize=1)
def has_triton() -> bool:
    """Whether the compiler that torch's wheels for a GPU bring is there, and a C compiler, which launches need."""
    compilers = (os.environ.get("CC", "cc"), "gcc", "clang")
    return find_spec("triton") is not None and any(map(shutil.which, compilers))
