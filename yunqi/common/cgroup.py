"""The limits a container sets: processor time and memory, read from Linux control groups, versions 1 and 2.

A limit on any ancestor binds too, so each reader walks from the process's own group up to the mount point and takes
the tightest. Where there are no control groups there is no limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_UNLIMITED_BYTES = 1 << 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Cgroups:
    """`mount` is the tree of control groups, `membership` the file that says where this process stands in it."""

    mount: Path = Path("/sys/fs/cgroup")
    membership: Path = Path("/proc/self/cgroup")

    def cpu_quota(self) -> float | None:
        """Processors' worth of time granted, None where unlimited."""
        quotas = [self._ratio(*_words(folder / "cpu.max")) for folder in self._folders("")]
        for folder in self._folders("cpu"):
            quota, period = _words(folder / "cpu.cfs_quota_us"), _words(folder / "cpu.cfs_period_us")
            quotas.append(self._ratio(*quota, *period))
        return min((quota for quota in quotas if quota is not None), default=None)

    def memory(self) -> tuple[int, int] | None:
        """(limit, bytes left under it) of the group with the least room, None where unlimited."""
        rooms = [_room(folder, "memory.max", "memory.current", "inactive_file") for folder in self._folders("")]
        rooms += [
            _room(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            for folder in self._folders("memory")
        ]
        return min((room for room in rooms if room is not None), key=lambda room: room[1], default=None)

    def _folders(self, controller: str) -> Iterator[Path]:
        """This process's group and its ancestors; the empty controller stands for version 2."""
        base = self.mount / controller
        group = next((path for names, path in self._memberships() if controller in names), "/")
        # Seen from inside a container the path may be the host's: what does not exist here is skipped by its readers.
        folder = base / group.lstrip("/")
        yield folder
        while folder != base and base in folder.parents:
            folder = folder.parent
            yield folder

    def _memberships(self) -> Iterator[tuple[list[str], str]]:
        try:
            lines = self.membership.read_text(encoding="utf-8").splitlines()
        except OSError:
            return
        for line in lines:
            _, controllers, path = [*line.split(":", 2), "", ""][:3]
            yield controllers.split(","), path

    @staticmethod
    def _ratio(*words: str) -> float | None:
        if len(words) != 2 or not all(word.isdigit() for word in words) or int(words[1]) == 0:
            return None
        return int(words[0]) / int(words[1])


def _room(folder: Path, limit_name: str, usage_name: str, reclaimable_name: str) -> tuple[int, int] | None:
    limit, usage = _words(folder / limit_name), _words(folder / usage_name)
    if not limit or not limit[0].isdigit() or not usage or int(limit[0]) >= _UNLIMITED_BYTES:
        return None
    stat = _words(folder / "memory.stat")
    counts = dict(zip(stat[::2], stat[1::2], strict=False))
    used = int(usage[0]) - int(counts.get(reclaimable_name, 0))
    return int(limit[0]), max(0, int(limit[0]) - max(0, used))


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError):
        return []
