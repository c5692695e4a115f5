"""What `yunqi verify` found, kept beside the checkpoint, and whether it still speaks of the files that are there.

The record is `yunqi-verified.json` in the checkpoint's folder; where that cannot be written, it lies below the Yunqi
home under a name made from the folder's path and its weights' headers. It names every file with its SHA-256. Once one
is another, the record is stale: of weights, which are large, that is seen by size, header and time of change, of the
other files by their contents.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from yunqi.common.errors import YunqiError
from yunqi.common.files import read_json, sha256_of, write_json
from yunqi.common.home import home
from yunqi.hub.checkpoint import CONFIG_FILE, INDEX_FILE, weight_files
from yunqi.hub.header import header_sha256

RECORD_FILE = "yunqi-verified.json"
FORMAT = 1
Standing = Literal["verified", "stale"]
_OTHER_FILES = (
    *(CONFIG_FILE, INDEX_FILE, "generation_config.json", "tokenizer.json", "tokenizer_config.json"),
    *("special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "qwen.tiktoken"),
    *("chat_template.jinja", "chat_template.json"),
)


def fingerprint(path: Path) -> dict[str, dict[str, Any]]:
    """Every file that decides what the model says: size, SHA-256, and for weights header and time of change too."""
    files = {name: {"sha256": sha256_of(path / name)} for name in _other_files(path)}
    return files | {file.name: _quick(file) | {"sha256": sha256_of(file)} for file in weight_files(path)}


def find_record(path: Path) -> Mapping[str, Any] | None:
    """The record of a checkpoint folder, valid or stale; None where there is none that can be read."""
    for file in (path / RECORD_FILE, _home_file(path)):
        try:
            record = read_json(file)
        except (YunqiError, OSError):
            continue
        if isinstance(record, dict) and record.get("format") == FORMAT and isinstance(record.get("files"), dict):
            return record
    return None


def standing(path: Path) -> Standing | None:
    """Whether the checkpoint has a record, and whether its files are still those the record speaks of."""
    record = find_record(path)
    if record is None:
        return None
    try:
        now: dict[str, dict[str, Any]] = {name: {"sha256": sha256_of(path / name)} for name in _other_files(path)}
        now |= {file.name: _quick(file) for file in weight_files(path)}
    except (YunqiError, OSError):
        return "stale"
    kept: Mapping[str, Any] = record["files"]
    same = set(kept) == set(now) and all(
        isinstance(kept[name], dict) and kept[name].items() >= facts.items() for name, facts in now.items()
    )
    return "verified" if same and record.get("passed") is True else "stale"


def keep_record(path: Path, record: Mapping[str, Any]) -> Path:
    """Write the record, beside the checkpoint where that can be written, and return its place."""
    whole = {"format": FORMAT, **record}
    if os.access(path, os.W_OK):
        write_json(path / RECORD_FILE, whole)
        return path / RECORD_FILE
    write_json(_home_file(path), whole)
    return _home_file(path)


def _other_files(path: Path) -> list[str]:
    return [name for name in _OTHER_FILES if (path / name).is_file()]


def _quick(file: Path) -> dict[str, Any]:
    facts = file.stat()
    return {"bytes": facts.st_size, "mtime_ns": facts.st_mtime_ns, "header_sha256": header_sha256(file)}


def _home_file(path: Path) -> Path:
    try:
        headers = [header_sha256(file) for file in weight_files(path)]
    except (YunqiError, OSError):
        headers = []
    key = hashlib.sha256("\n".join([str(path.resolve()), *headers]).encode()).hexdigest()
    return home() / "verified" / f"{key[:32]}.json"
