"""Public question sets for real checkpoints: GSM8K, MATH-500, BFCL and CRUXEval's output prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yunqi.eval.public.report import evaluate_public as evaluate_public
    from yunqi.eval.public.report import run_public as run_public
    from yunqi.eval.public.sets import SETS as SETS
    from yunqi.eval.public.sets import load_tasks as load_tasks
    from yunqi.eval.public.table import format_public as format_public

_HOMES = {
    "SETS": "yunqi.eval.public.sets",
    "evaluate_public": "yunqi.eval.public.report",
    "format_public": "yunqi.eval.public.table",
    "load_tasks": "yunqi.eval.public.sets",
    "run_public": "yunqi.eval.public.report",
}
__all__ = ["SETS", "evaluate_public", "format_public", "load_tasks", "run_public"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'yunqi.eval.public' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
