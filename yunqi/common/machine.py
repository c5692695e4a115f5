"""What this machine is: processor, instruction sets, cores we may use, memory, and how fast memory can be read.

Facts come from the operating system (Linux first; macOS and Windows as far as they tell). The reading speed is
measured once, in about 0.3 s, and kept in the Yunqi home. numpy and psutil are imported where they are used.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from yunqi.common.cgroup import Cgroups
from yunqi.common.errors import YunqiError
from yunqi.common.files import write_json
from yunqi.common.home import home

_BANDWIDTH_BUFFER_BYTES = 256 << 20
_BANDWIDTH_SECONDS = 0.2
_BANDWIDTH_KEPT_SECONDS = 30 * 24 * 3600
_NATIVE_BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16", "bf16"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """Bytes of main memory, a container's limit included."""

    total: int
    available: int


@lru_cache(maxsize=1)
def cpu_name() -> str:
    """The processor as its maker calls it."""
    if sys.platform == "darwin":
        name = _sysctl("machdep.cpu.brand_string")
    elif sys.platform == "win32":
        name = _windows_cpu_name()
    else:
        fields = _cpuinfo()
        name = fields.get("model name") or fields.get("Hardware") or ""
    return name or platform.processor() or platform.machine()


@lru_cache(maxsize=1)
def instruction_flags() -> frozenset[str]:
    """Instruction sets under Linux's names (`avx2`, `avx512_bf16`, `asimd`, `bf16`); empty where nobody tells."""
    if sys.platform == "darwin":
        return _macos_flags()
    if sys.platform == "win32":
        return _windows_flags()
    fields = _cpuinfo()
    return frozenset((fields.get("flags") or fields.get("Features") or "").split())


def has_native_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself; elsewhere float32 is the faster choice."""
    return bool(instruction_flags() & _NATIVE_BFLOAT16_FLAGS)


def allowed_cores(cgroups: Cgroups | None = None) -> int:
    """Cores this process may use: affinity, a container's quota and OMP_NUM_THREADS all bind; at least 1."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    quota = (cgroups or Cgroups()).cpu_quota()
    if quota is not None:
        cores = min(cores, round(quota))
    wanted = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    if wanted.isdigit() and int(wanted) > 0:
        cores = min(cores, int(wanted))
    return max(1, cores)


def memory(cgroups: Cgroups | None = None) -> Memory:
    """Main memory, total and available."""
    import psutil

    machine = psutil.virtual_memory()
    room = (cgroups or Cgroups()).memory()
    if room is None:
        return Memory(total=machine.total, available=machine.available)
    return Memory(total=min(machine.total, room[0]), available=min(machine.available, room[1]))


def memory_bandwidth(*, measure: bool = False) -> float:
    """Bytes per second that the allowed cores read from main memory together; measured anew if `measure`.

    A kept figure counts for 30 days and for the same processor and number of cores.
    """
    path, key = home() / "machine.json", f"{cpu_name()}, {allowed_cores()} cores"
    kept = None if measure else _kept_bandwidth(path, key)
    if kept is not None:
        return kept
    figure = _measure_bandwidth(allowed_cores())
    # A read-only home costs the next caller a measurement, not this one its answer.
    with suppress(YunqiError):
        write_json(path, {"machine": key, "measured_at": time.time(), "memory_bandwidth": figure})
    return figure


def _kept_bandwidth(path: Path, key: str) -> float | None:
    try:
        kept: Any = json.loads(path.read_text(encoding="utf-8"))
        figure, age = float(kept["memory_bandwidth"]), time.time() - float(kept["measured_at"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    usable = kept["machine"] == key and figure > 0 and 0 <= age < _BANDWIDTH_KEPT_SECONDS
    return figure if usable else None


def _measure_bandwidth(cores: int) -> float:
    import numpy as np

    size = min(_BANDWIDTH_BUFFER_BYTES, memory().available // 4)
    words = max(cores, size // 8)
    parts = np.array_split(np.empty(words), cores)
    best = 0.0
    with ThreadPoolExecutor(cores) as pool:
        # Written once first: pages never written all stand for one page of zeros, which the cache holds.
        list(pool.map(lambda part: part.fill(1.0), parts))
        deadline = time.perf_counter() + _BANDWIDTH_SECONDS
        while best == 0.0 or time.perf_counter() < deadline:
            start = time.perf_counter()
            list(pool.map(np.sum, parts))
            best = max(best, words * 8 / (time.perf_counter() - start))
    return best


@lru_cache(maxsize=1)
def _cpuinfo() -> dict[str, str]:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition(":")[::2] for line in text.splitlines())
    fields: dict[str, str] = {}
    for key, value in pairs:
        fields.setdefault(key.strip(), value.strip())
    return fields


def _sysctl(name: str) -> str:
    try:
        return subprocess.run(["sysctl", "-n", name], capture_output=True, text=True, timeout=5).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _macos_flags() -> frozenset[str]:
    words = f"{_sysctl('machdep.cpu.features')} {_sysctl('machdep.cpu.leaf7_features')}".lower().split()
    flags = {word.replace(".", "_") for word in words}
    if platform.machine() == "arm64":
        flags.add("asimd")
    if _sysctl("hw.optional.arm.FEAT_BF16") == "1":
        flags.add("bf16")
    return frozenset(flags)


def _windows_cpu_name() -> str:
    import importlib

    registry: Any = importlib.import_module("winreg")
    try:
        path = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
        with registry.OpenKey(registry.HKEY_LOCAL_MACHINE, path) as key:
            return str(registry.QueryValueEx(key, "ProcessorNameString")[0]).strip()
    except OSError:
        return ""


def _windows_flags() -> frozenset[str]:
    import ctypes

    present = getattr(ctypes, "windll").kernel32.IsProcessorFeaturePresent  # noqa: B009
    features = {"sse4_1": 37, "avx": 39, "avx2": 40, "avx512f": 41, "asimd": 19}
    return frozenset(name for name, number in features.items() if present(number))
