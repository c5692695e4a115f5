"""Logs: to stderr, silent below warnings unless asked. Modules call `get_logger(__name__)` and nothing else."""

from __future__ import annotations

import logging
import os


def get_logger(name: str) -> logging.Logger:
    """A logger of the `yunqi` tree."""
    return logging.getLogger(name if name.startswith("yunqi") else f"yunqi.{name}")


def configure(*, debug: bool = False) -> None:
    """Send our logs to stderr. `YUNQI_LOG` (debug, info, warning, error) sets the level. For programs, not rooms."""
    level = "debug" if debug else os.environ.get("YUNQI_LOG", "warning")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    tree = logging.getLogger("yunqi")
    tree.handlers[:] = [handler]
    tree.setLevel(getattr(logging, level.upper(), logging.WARNING))
    tree.propagate = False
