from __future__ import annotations

import json
import os
import time
from pathlib import Path

import psutil
import pytest

from yunqi.common import machine
from yunqi.common.cgroup import Cgroups

GIB = 1 << 30


def _files(root: Path, **contents: str) -> None:
    root.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (root / name.replace("__", ".")).write_text(content)


def _groups(tmp_path: Path, membership: str) -> Cgroups:
    (tmp_path / "membership").write_text(membership)
    return Cgroups(mount=tmp_path / "fs", membership=tmp_path / "membership")


def test_version_2_takes_the_tightest_ancestor(tmp_path: Path) -> None:
    groups = _groups(tmp_path, "0::/a/b\n")
    _files(tmp_path / "fs/a/b", cpu__max="max 100000", memory__max="max", memory__current="5")
    _files(tmp_path / "fs/a", cpu__max="150000 100000", memory__max=str(4 * GIB), memory__current=str(3 * GIB))
    _files(tmp_path / "fs/a", memory__stat=f"anon 7\ninactive_file {GIB}\n")
    assert groups.cpu_quota() == 1.5
    assert groups.memory() == (4 * GIB, 2 * GIB)


def test_version_1_and_a_path_only_the_host_sees(tmp_path: Path) -> None:
    groups = _groups(tmp_path, "4:memory:/host/x\n1:cpu,cpuacct:/host/x\n")
    _files(tmp_path / "fs/cpu", cpu__cfs_quota_us="50000", cpu__cfs_period_us="100000")
    _files(tmp_path / "fs/memory", memory__limit_in_bytes=str(GIB), memory__usage_in_bytes=str(2 * GIB))
    assert groups.cpu_quota() == 0.5
    assert groups.memory() == (GIB, 0)


@pytest.mark.parametrize(
    "quota, limit", [("max 100000", "max"), ("-1", "9223372036854771712"), ("", ""), ("garbage x y", "garbage")]
)
def test_no_limit_and_nonsense_bind_nothing(tmp_path: Path, quota: str, limit: str) -> None:
    groups = _groups(tmp_path, "0::/\nnonsense\n")
    _files(tmp_path / "fs", cpu__max=quota, memory__max=limit, memory__current="1")
    _files(tmp_path / "fs/cpu", cpu__cfs_quota_us=quota, cpu__cfs_period_us="100000")
    assert groups.cpu_quota() is None
    assert groups.memory() is None


def test_allowed_cores_are_bound_by_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = _groups(tmp_path, "0::/")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert machine.allowed_cores(free) == 8
    monkeypatch.setenv("OMP_NUM_THREADS", "3,2")
    assert machine.allowed_cores(free) == 3
    _files(tmp_path / "fs", cpu__max="160000 100000")
    assert machine.allowed_cores(free) == 2
    _files(tmp_path / "fs", cpu__max="20000 100000")
    assert machine.allowed_cores(free) == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "many")
    assert machine.allowed_cores(free) == 1


def test_memory_respects_the_container(tmp_path: Path) -> None:
    groups = _groups(tmp_path, "0::/")
    assert machine.memory(groups).total == psutil.virtual_memory().total
    _files(tmp_path / "fs", memory__max=str(GIB), memory__current=str(GIB // 4))
    assert machine.memory(groups) == machine.Memory(
        total=GIB, available=min(GIB * 3 // 4, psutil.virtual_memory().available)
    )


def test_the_processor_is_known_here() -> None:
    assert machine.cpu_name()
    assert machine.has_native_bfloat16() == bool({"avx512_bf16", "amx_bf16", "bf16"} & machine.instruction_flags())


def test_bandwidth_is_measured_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNQI_HOME", str(tmp_path))
    figures = iter([5e9, 6e9, 7e9, 8e9])
    monkeypatch.setattr(machine, "_measure_bandwidth", lambda cores: next(figures))
    assert machine.memory_bandwidth() == machine.memory_bandwidth() == 5e9
    assert machine.memory_bandwidth(measure=True) == 6e9
    kept = json.loads((tmp_path / "machine.json").read_text())
    (tmp_path / "machine.json").write_text(json.dumps(kept | {"measured_at": time.time() - 90 * 24 * 3600}))
    assert machine.memory_bandwidth() == 7e9
    for damage in ("", "[]", json.dumps(kept | {"machine": "another"}), '{"memory_bandwidth": "x"}'):
        monkeypatch.setattr(machine, "_measure_bandwidth", lambda cores: 9e9)
        (tmp_path / "machine.json").write_text(damage)
        assert machine.memory_bandwidth() == 9e9


def test_a_home_that_cannot_be_written_still_gets_a_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("YUNQI_HOME", str(tmp_path / "file" / "below"))
    monkeypatch.setattr(machine, "_measure_bandwidth", lambda cores: 1e9)
    assert machine.memory_bandwidth() == 1e9


def test_the_measurement_is_bounded_and_plausible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_BANDWIDTH_SECONDS", 0.02)
    start = time.perf_counter()
    assert 1e8 < machine._measure_bandwidth(2) < 1e13
    assert time.perf_counter() - start < 20
