"""Where memory or threads run out the native core says so, and the process goes on."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.native import require_native

HEAD = """
import numpy as np
from ctypes import byref, c_void_p
from yunqi.common.errors import YunqiError
from yunqi.ops.native import library as native

def told(work):
    try:
        work()
    except YunqiError as error:
        print(error.code)

library, team = native.library(), native.Team(2)
"""
PRODUCT = """
rows, columns = 16, 64
data = np.zeros(library.yq_packed_bytes(2, rows, columns, 32), np.uint8)
matrix = native.Matrix(2, 32, rows, columns, c_void_p(data.ctypes.data))
x, y = np.ones((1, columns), np.float32), np.full((1, rows), 9, np.float32)
def linear(num_rows):
    library.yq_linear(team.handle, byref(matrix), None, x.ctypes.data, num_rows, y.ctypes.data)
told(lambda: linear(1 << 50))
linear(1)
assert (y == 0).all()
"""
PROGRAM = """
op = native.Op(code=3, count=1)
op.matrix[0] = native.Matrix(2, 32, 16, 64, None)
program = library.yq_program_new(byref(op), 1, 1 << 50)
for _ in range(2):
    told(lambda: library.yq_program_run(program, team.handle, byref(native.Step(num_tokens=1))))
library.yq_program_free(program)
"""
THREADS = """
import resource
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (200 << 20),) * 2)
told(lambda: native.Team(1000))
told(lambda: native.Team(1))
"""


@pytest.fixture(autouse=True)
def native() -> None:
    require_native()
    if "asan" in os.environ.get("LD_PRELOAD", ""):
        pytest.skip("AddressSanitizer ends a process that asks for too much")


def run(work: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", HEAD + work], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_product_too_large_for_memory_is_refused() -> None:
    assert run(PRODUCT) == ["native-memory"]


def test_a_step_too_large_for_memory_is_refused_each_time() -> None:
    assert run(PROGRAM) == ["native-memory"] * 2


@pytest.mark.skipif(sys.platform != "linux", reason="limits its memory as Linux does")
def test_threads_that_cannot_be_had_are_told() -> None:
    assert run(THREADS) == ["native-memory"]
