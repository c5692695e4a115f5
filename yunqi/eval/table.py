"""A report as a table that people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def format_table(report: Mapping[str, Any]) -> str:
    """A Markdown table: one row a skill, accuracies in percent with their 95 % intervals."""
    modes = list(report["macro"])
    head = ["skill", "problems", *modes, "nearest", "chance"]
    rows = [head, ["---"] * len(head)]
    for skill, row in report["skills"].items():
        cells = [_cell(row["modes"][mode]) for mode in modes]
        some = row["modes"][modes[0]]
        rows.append([skill, f"{some['of']} ({row['distinct']} distinct)", *cells, *_baselines(row)])
    rows.append(["mean", "", *(f"{100 * report['macro'][mode]:.1f}" for mode in modes), "", ""])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _cell(row: Mapping[str, Any]) -> str:
    low, high = row["interval"]
    return f"{100 * row['accuracy']:.1f} ({100 * low:.1f} to {100 * high:.1f}), {row['tokens']:.0f} tokens"


def _baselines(row: Mapping[str, Any]) -> list[str]:
    return [f"{100 * row['nearest']:.1f}", f"{100 * row['chance']:.1f}"]
