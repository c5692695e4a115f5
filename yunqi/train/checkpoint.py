"""The state of a run in one safetensors file: weights, optimiser, counters. Written whole or not at all, no pickle.

The counters travel as JSON in the file's metadata, so that weights and step can never disagree.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from yunqi.common.errors import YunqiError
from yunqi.common.files import atomic_path

FILE_NAME = "state.safetensors"


@dataclass(kw_only=True, slots=True)
class Counters:
    """Where a run is. `step` is also the data cursor: batches are functions of the seed and the step alone.

    `pairs` are those of a query and a key that attention worked on. Seconds count over all restarts; `fingerprint`
    names the settings.
    """

    fingerprint: str
    step: int = 0
    tokens: int = 0
    loss_tokens: int = 0
    examples: int = 0
    longest_example: int = 0
    pairs: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    data_hash: str = ""


def save_state(folder: Path, tensors: Mapping[str, Tensor], counters: Counters) -> None:
    """Replace the folder's state. Raises `disk-full` or `directory-unwritable`; the old state then stays."""
    content = save({n: t.detach().contiguous() for n, t in tensors.items()}, {"counters": json.dumps(asdict(counters))})
    with atomic_path(folder / FILE_NAME) as path:
        path.write_bytes(content)


def load_state(folder: Path, fingerprint: str) -> tuple[dict[str, Tensor], Counters] | None:
    """The folder's state, None where there is none.

    Raises:
        YunqiError: `run-mismatch` where it belongs to other settings, `weights-corrupt` where it cannot be read.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            counters = Counters(**json.loads(file.metadata()["counters"]))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise YunqiError("weights-corrupt", file=path, reason=error) from error
    if counters.fingerprint != fingerprint:
        reason = f"its settings have the fingerprint {counters.fingerprint}, these have {fingerprint}"
        raise YunqiError("run-mismatch", path=folder, reason=reason)
    return tensors, counters


class MetricsLog:
    """metrics.jsonl: one line a step. On resume, lines the resumed run will write again are dropped."""

    def __init__(self, path: Path, step: int) -> None:
        self._path = path
        kept = []
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if _step_of(line) < step]
        with atomic_path(path) as temporary:
            temporary.write_text("".join(line + "\n" for line in kept), encoding="utf-8")

    def write(self, row: Mapping[str, Any]) -> None:
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise YunqiError("disk-full", path=self._path) from error
            raise YunqiError("directory-unwritable", path=self._path, reason=error.strerror or error) from error


def _step_of(line: str) -> float:
    """The step of a line; a line that was cut off counts as beyond every step."""
    try:
        return json.loads(line)["step"]
    except (ValueError, KeyError, TypeError):
        return float("inf")
