"""What `doctor` looks at: each check is a fact about this machine, how good it is, and what to do about it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from yunqi import __version__
from yunqi.cli.terminal import counted, size_text
from yunqi.common import machine
from yunqi.common.errors import YunqiError
from yunqi.common.home import home, settings_path
from yunqi.hub.catalog import list_models
from yunqi.hub.places import places

Level = Literal["ok", "advice", "missing"]

_SCARCE_MEMORY_BYTES = 2_000_000_000
_SCARCE_DISK_BYTES = 1_000_000_000
_SLOW_BANDWIDTH = 5e9
# The sets that the arithmetic of torch and of our own kernels is written for, widest last.
_TOLD_FLAGS = (
    "asimd", "asimddp", "i8mm", "sve", "bf16",
    "avx", "avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16",
    "amx_tile", "amx_int8", "amx_bf16",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """`value` is the fact; `remedy` is empty where nothing needs one. Without what is `missing` Yunqi does not run."""

    name: str
    value: str
    level: Level = "ok"
    remedy: str = ""


def diagnose() -> Iterator[Check]:
    """All checks, one after the other as they are made."""
    yield Check(name="yunqi", value=f"{__version__}, Python {sys.version.split()[0]} on {sys.platform}")
    yield from _processor()
    yield from _memory()
    yield from _torch()
    yield _native()
    yield _home(home())
    try:
        yield from _models()
    except YunqiError as error:
        yield Check(name="models", value=error.sentence, level="missing", remedy=error.remedy)


def _processor() -> Iterator[Check]:
    yield Check(name="processor", value=machine.cpu_name())
    flags = machine.instruction_flags()
    told = [flag for flag in _TOLD_FLAGS if flag in flags]
    vectors = {"avx2", "asimd"} & flags
    yield Check(
        name="instruction sets",
        value=" ".join(told) or "not known",
        level="ok" if vectors or not flags else "advice",
        remedy="" if vectors or not flags else "Without AVX2 answers are slow; use a smaller model or a newer machine.",
    )
    native = machine.has_native_bfloat16()
    yield Check(name="bfloat16", value="native" if native else "not native: computed in float32, twice the memory")
    limit = os.environ.get("OMP_NUM_THREADS")
    cores, machine_cores = machine.allowed_cores(), os.cpu_count() or 1
    yield Check(
        name="threads",
        value=f"{cores} of {machine_cores} cores" + (f" (OMP_NUM_THREADS={limit})" if limit else ""),
        level="advice" if limit and cores < machine_cores else "ok",
        remedy="Unset OMP_NUM_THREADS to use every core." if limit and cores < machine_cores else "",
    )


def _memory() -> Iterator[Check]:
    memory = machine.memory()
    scarce = memory.available < _SCARCE_MEMORY_BYTES
    yield Check(
        name="memory",
        value=f"{size_text(memory.available)} available of {size_text(memory.total)}",
        level="advice" if scarce else "ok",
        remedy="Close other programs before loading anything larger than nano." if scarce else "",
    )
    bandwidth = machine.memory_bandwidth(measure=True)
    slow = bandwidth < _SLOW_BANDWIDTH
    yield Check(
        name="memory bandwidth",
        value=f"{size_text(bandwidth)}/s, measured by reading",
        level="advice" if slow else "ok",
        remedy="This bounds tokens per second; stop other programs and run doctor again." if slow else "",
    )


def _torch() -> Iterator[Check]:
    try:
        import torch
    except (ImportError, OSError) as error:
        yield Check(name="torch", value=f"cannot be imported: {error}", level="missing", remedy="pip install torch")
        return
    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "CPU"
    runs = f"{torch.backends.cpu.get_cpu_capability()}, {counted(torch.get_num_threads(), 'thread')}"
    yield Check(name="torch", value=f"{torch.__version__}, {build} build, {runs}")
    if torch.cuda.is_available():
        yield Check(name="GPU", value=torch.cuda.get_device_name(0))
    elif shutil.which("nvidia-smi"):
        remedy = "Install a CUDA build of torch: uv pip install --torch-backend=auto torch"
        yield Check(name="GPU", value="there is one, but this torch cannot use it", level="advice", remedy=remedy)
    else:
        yield Check(name="GPU", value="none")


def _native() -> Check:
    from yunqi.ops.native import library as native

    if reason := native.problem():
        remedy = "Install a C++17 compiler and install Yunqi again; until then torch computes."
        return Check(name="native core", value=f"not usable: {reason}", level="advice", remedy=remedy)
    return Check(name="native core", value=f"{native.level()}, {counted(machine.allowed_cores(), 'thread')}")


def _home(folder: Path) -> Check:
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        remedy = "Set YUNQI_HOME to a folder you can write to."
        return Check(name="home", value=f"{folder} cannot be written", level="missing", remedy=remedy)
    free = shutil.disk_usage(existing).free
    scarce = free < _SCARCE_DISK_BYTES
    return Check(
        name="home",
        value=f"{folder}, {size_text(free)} free",
        level="advice" if scarce else "ok",
        remedy="Free some space, or set YUNQI_HOME to another disk." if scarce else "",
    )


def _models() -> Iterator[Check]:
    yield Check(name="settings", value=_presence(settings_path()))
    for place in places():
        yield Check(name=f"models, {place.source}", value=_presence(place.root))
    usable = [record.name for record in list_models() if record.supported]
    more = f" and {len(usable) - 5} more" if len(usable) > 5 else ""
    yield Check(
        name="models found",
        value=", ".join(usable[:5]) + more or "none that runs",
        level="ok" if usable else "missing",
        remedy="" if usable else "Install the package again, or train one: yunqi train nano --out DIR",
    )


def _presence(path: Path) -> str:
    return str(path) if path.exists() else f"{path} (not there)"
