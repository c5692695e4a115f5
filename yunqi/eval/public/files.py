"""The files of public sets, read with care: missing, too large or badly written ones are named with file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError

MAX_BYTES = 256 * 2**20

Row = Mapping[str, Any]


def read_rows(path: Path) -> list[tuple[str, Row]]:
    """Every object of a file of JSON lines, or of one that is a JSON list, each with its place for messages.

    Raises:
        YunqiError: `data-missing` or `data-unreadable`.
    """
    text = _text(path)
    rows = list(_listed(path, text) if text.lstrip().startswith("[") else _lines(path, text))
    if not rows:
        raise unreadable(path.name, "there is nothing in it")
    for place, row in rows:
        if not isinstance(row, dict):
            raise unreadable(place, "it is no JSON object")
    return rows


def text_of(row: Row, key: str, place: str, *, may_be_empty: bool = False) -> str:
    """A text that a row must have. Raises `data-unreadable`."""
    value = row.get(key)
    if not isinstance(value, str) or not (value or may_be_empty):
        raise unreadable(place, f"'{key}' is missing or no text")
    return value


def unreadable(place: str, reason: object) -> YunqiError:
    return YunqiError("data-unreadable", place=place, reason=reason)


def _text(path: Path) -> str:
    if not path.is_file():
        raise YunqiError("data-missing", path=path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise unreadable(path.name, f"it is larger than {MAX_BYTES >> 20} MiB")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise unreadable(path.name, "it is no UTF-8 text") from error
    except OSError as error:
        raise unreadable(path.name, error.strerror or error) from error


def _lines(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    # Only "\n" ends a line: splitlines() would also cut JSON texts at U+2028.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            place = f"{path.name}, line {number}"
            yield place, _json(line, place)


def _listed(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    for number, row in enumerate(_json(text, path.name), start=1):
        yield f"{path.name}, entry {number}", row


def _json(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise unreadable(place, f"it is no JSON ({error.msg}, column {error.colno})") from error
    except (ValueError, RecursionError) as error:
        raise unreadable(place, f"it is no JSON ({error})") from error
