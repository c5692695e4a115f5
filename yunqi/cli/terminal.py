"""What goes to the terminal: dim text, aligned columns, JSON. Escape codes leave through click alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import click

from yunqi.common.sizes import count_text as count_text
from yunqi.common.sizes import counted as counted
from yunqi.common.sizes import size_text as size_text

# A model may write any character; control characters would steer the terminal. Tab and newline stay.
_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}


def clean(text: str) -> str:
    """The text without control characters."""
    return text.translate(_CONTROLS)


def say(text: str = "", *, dim: bool = False, bold: bool = False, newline: bool = True) -> None:
    """Print; the style is dropped where stdout is no terminal or colours are not wanted."""
    styled = click.style(text, dim=dim or None, bold=bold or None) if dim or bold else text
    click.echo(styled, nl=newline)


def say_json(value: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def shows_styles() -> bool:
    """Whether dim text will be seen as such."""
    context = click.get_current_context(silent=True)
    chosen = context.color if context is not None else None
    return sys.stdout.isatty() if chosen is None else chosen


def columns(rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> list[str]:
    """Rows as lines with aligned columns; those numbered in `right` are set flush right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    pads = [(str.rjust if i in right else str.ljust) for i in range(len(widths))]
    lines = ((pad(cell, width) for pad, cell, width in zip(pads, row, widths, strict=True)) for row in rows)
    return ["  ".join(line).rstrip() for line in lines]
