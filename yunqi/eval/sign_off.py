"""`verify`: a checkpoint's files and its run against transformers, and the record that says it passed.

A record is kept for the very files that were compared. Where an earlier record speaks of other files, the check "files"
fails until the caller asks for a new one: weights that changed by accident do not sign themselves off.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from yunqi import __version__
from yunqi.common.machine import cpu_name
from yunqi.eval.comparison import GREEDY_TOKENS, LOGITS_TOLERANCE, PROMPT_LENGTHS, Check, compare
from yunqi.eval.reference import load_transformers
from yunqi.hub.checkpoint import read_config
from yunqi.hub.fit import check_fit
from yunqi.hub.record import find_record, fingerprint, keep_record
from yunqi.hub.resolve import resolve

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """The checks of one checkpoint; `record` is where the result is kept, None where it is not."""

    name: str
    path: Path
    checks: tuple[Check, ...]
    record: Path | None

    @property
    def passed(self) -> bool:
        return all(check.passed is not False for check in self.checks)


def verify(
    model: str | Path,
    *,
    reference: str | Path | None = None,
    renew: bool = False,
    report: Callable[[Check], None] = lambda check: None,
) -> Verification:
    """Compare a checkpoint with transformers on a CPU in float32, and keep the result where all checks pass.

    Args:
        reference: another checkpoint for transformers to run, such as the one that `model` was made from; then
            nothing is kept.
        renew: sign off files that differ from those of an earlier record.
        report: is told of each check as it is made.

    Raises:
        YunqiError: where the model is not there, does not load or does not fit; `extra-missing` without transformers.
    """
    path = resolve(model)
    other = resolve(reference) if reference is not None else path
    load_transformers()
    for folder in {path, other}:
        check_fit(folder, float32=True)
    files = fingerprint(path)
    checks: list[Check] = []
    for check in _all_checks(path, other, files, renew=renew):
        checks.append(check)
        report(check)
    passed = all(check.passed is not False for check in checks)
    kept = keep_record(path, _record(str(model), path, files, checks)) if passed and reference is None else None
    return Verification(name=str(model), path=path, checks=tuple(checks), record=kept)


def check_files(path: Path, files: Mapping[str, Mapping[str, Any]], *, renew: bool = False) -> Check:
    """Whether the files are what their hub names them (in its cache) and what an earlier record signed off."""
    for name, facts in files.items():
        blob = (path / name).resolve().name
        if (path / name).is_symlink() and _SHA256.fullmatch(blob) and blob != facts["sha256"]:
            return Check(name="files", passed=False, detail=f"{name} is not what its hub named it: fetch it again")
    kept = find_record(path)
    if kept is None or renew:
        return Check(name="files", passed=True, detail=f"{len(files)} files, SHA-256 taken")
    changed = [name for name in sorted({*files, *kept["files"]}) if _sha(kept["files"], name) != _sha(files, name)]
    if changed:
        detail = (
            f"{changed[0]} differs from what was signed off on {kept.get('verified_at')}; --renew signs it off anew"
        )
        return Check(name="files", passed=False, detail=detail)
    return Check(name="files", passed=True, detail=f"{len(files)} files, as signed off before")


def _all_checks(path: Path, reference: Path, files: Mapping[str, Any], *, renew: bool) -> Iterator[Check]:
    yield check_files(path, files, renew=renew)
    yield from compare(path, reference)


def _sha(files: Mapping[str, Any], name: str) -> object:
    facts = files.get(name)
    return facts.get("sha256") if isinstance(facts, Mapping) else None


def _record(name: str, path: Path, files: Mapping[str, Any], checks: list[Check]) -> dict[str, Any]:
    import torch

    return {
        "passed": True,
        "model": name,
        "architecture": (read_config(path).get("architectures") or [None])[0],
        "verified_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {
            "yunqi": __version__,
            "transformers": load_transformers().__version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
        "machine": {"processor": cpu_name(), "system": platform.system(), "device": "cpu", "dtype": "float32"},
        "tolerances": {
            "logits": LOGITS_TOLERANCE,
            "logits_relative_to": "the greatest logit of the prompt",
            "prompt_lengths": list(PROMPT_LENGTHS),
            "greedy_tokens": GREEDY_TOKENS,
        },
        "checks": [asdict(check) for check in checks],
        "files": dict(files),
    }
