"""A report on public sets as tables that people read, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Report = Mapping[str, Any]


def format_public(report: Report) -> str:
    """One row for each set and mode, then one for each level, subject and category."""
    note = (
        f"In brackets Wilson's 95 % intervals. Drawn with {report['sampling']}, seed {report['seed']}, at most "
        f'{report["max_tokens"]} tokens; "unfinished" answers were cut off there or at the end of the context.'
    )
    parts = ["## Public sets", _table(_HEAD, list(_rows(report))), note]
    if any(found["by"] for found in report["sets"].values()):
        parts += ["## By kind", _kinds(report)]
    return "\n\n".join(parts)


_HEAD = ("set", "mode", "problems", "right, %", "tokens", "unfinished, %", "beyond context")


def _rows(report: Report) -> Iterator[list[str]]:
    for name, found in report["sets"].items():
        for mode, row in found["modes"].items():
            numbers = [f"{row['tokens']:.0f}", f"{100 * row['unfinished']:.1f}", str(row["too_long"])]
            yield [name, mode, str(row["of"]), _share(row), *numbers]


def _kinds(report: Report) -> str:
    modes = list(dict.fromkeys(mode for found in report["sets"].values() for mode in found["modes"]))
    rows = [
        [name, kind, value, str(next(iter(by_mode.values()))["of"]), *(_share(by_mode[mode]) for mode in modes)]
        for name, found in report["sets"].items()
        for kind, values in found["by"].items()
        for value, by_mode in values.items()
    ]
    return _table(("set", "kind", "", "problems", *modes), rows)


def _share(row: Report) -> str:
    low, high = row["interval"]
    return f"{100 * row['accuracy']:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])
