"""Tests of the native core are left out where nothing could build it; with a compiler it must be there."""

from __future__ import annotations

import shutil

import pytest

from yunqi.ops.native import library

COMPILERS = ("c++", "g++", "clang++")


def require_native() -> None:
    """End a test here on a machine without a compiler."""
    reason = library.problem()
    if reason is not None and not any(map(shutil.which, COMPILERS)):
        pytest.skip(f"no native core, and no compiler: {reason}")
