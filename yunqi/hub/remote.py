"""A model as its hub describes it: the files Yunqi wants, how large they are, what of them is already here."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from yunqi.common.errors import YunqiError

Report = Callable[[int], None]  # told how many more bytes have come, or have been lost (< 0)
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteFile:
    """One file of the hub. `digest` is what the hub calls its contents (of weights a SHA-256), if needed.

    `changed` says when the hub's file was, in seconds since 1970, where that matters.
    """

    name: str
    num_bytes: int
    digest: str | None = None
    changed: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteModel(ABC):
    """A model of a hub and its place in that hub's own cache: `folder` holds all of it, `snapshot` the checkpoint.

    The config comes last of the files: without it a folder is no checkpoint, so half a download is never taken for one.
    """

    cache_variable: ClassVar[str]
    name: str
    endpoint: str
    licence: str | None
    folder: Path
    files: tuple[RemoteFile, ...]

    @property
    @abstractmethod
    def snapshot(self) -> Path: ...

    @abstractmethod
    def present_bytes(self, file: RemoteFile) -> int:
        """How much of the file is here."""

    @abstractmethod
    def fetch(self, report: Report) -> None:
        """Fetch what is missing."""

    @property
    def num_bytes(self) -> int:
        return sum(file.num_bytes for file in self.files)

    @property
    def missing_bytes(self) -> int:
        """What is not here yet; a file that was fetched in part counts with its rest."""
        return sum(max(0, file.num_bytes - self.present_bytes(file)) for file in self.files)


def check_name(name: str) -> None:
    """Raises `model-name-invalid` where this is no `OWNER/NAME`. Such names become names of folders."""
    if not _NAME.fullmatch(name) or ".." in name or "--" in name:
        raise YunqiError("model-name-invalid", name=name)
