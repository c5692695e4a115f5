"""How far a long run is: a bar where a person watches a terminal, a line now and then where a file does.

with progress("Training", total=steps) as bar:
    bar.update(step, note=f"loss {loss:.3f}")
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Protocol

_SECONDS_BETWEEN_LINES = 10.0


class Progress(Protocol):
    """What a run tells about itself. Each of the three kinds below is one."""

    def update(self, done: float, *, note: str = "") -> None:
        """`done` of the total is finished; `note` is shown beside it."""
        ...


class SilentProgress:
    """For callers who want no output."""

    def update(self, done: float, *, note: str = "") -> None:
        del done, note


class LineProgress:
    """A line at most every ten seconds, and one for the end."""

    def __init__(self, title: str, total: float, stream: IO[str]) -> None:
        self._title, self._total, self._stream = title, total, stream
        self._start = time.monotonic()
        self._next_line = self._start

    def update(self, done: float, *, note: str = "") -> None:
        now = time.monotonic()
        if now < self._next_line and done < self._total:
            return
        self._next_line = now + _SECONDS_BETWEEN_LINES
        share = done / self._total if self._total else 1.0
        print(f"{self._title} {share:4.0%} {now - self._start:6.0f} s  {note}", file=self._stream, flush=True)


@contextmanager
def progress(title: str, *, total: float, stream: IO[str] | None = None, silent: bool = False) -> Iterator[Progress]:
    """The fitting kind of progress for `stream` (stderr by default)."""
    stream = stream or sys.stderr
    if silent or stream is None:  # a windowed Python has no stderr
        yield SilentProgress()
    elif not stream.isatty():
        yield LineProgress(title, total, stream)
    else:
        yield from _rich_progress(title, total, stream)


def _rich_progress(title: str, total: float, stream: IO[str]) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as RichBar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with RichBar(*columns, console=Console(file=stream)) as bar:
        task = bar.add_task(title, total=total, note="")

        class BarProgress:
            def update(self, done: float, *, note: str = "") -> None:
                bar.update(task, completed=done, note=note)

        yield BarProgress()
