"""Evaluation: questions, verifiers written apart from the generators, intervals, tables, pictures; speed, and plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yunqi.eval.held_out import evaluate as evaluate
    from yunqi.eval.held_out import run_eval as run_eval
    from yunqi.eval.table import format_report as format_report
    from yunqi.eval.table import format_table as format_table

_HOMES = {
    "evaluate": "yunqi.eval.held_out",
    "format_report": "yunqi.eval.table",
    "format_table": "yunqi.eval.table",
    "run_eval": "yunqi.eval.held_out",
}
__all__ = ["evaluate", "format_report", "format_table", "run_eval"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'yunqi.eval' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
