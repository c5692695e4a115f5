"""The public sets by name, and how to read them from a folder that the user names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from yunqi.common.errors import YunqiError
from yunqi.eval.public import bfcl, cruxeval, gsm8k, math500
from yunqi.eval.public.task import Task

SETS: Mapping[str, Callable[[Path], list[Task]]] = {
    "gsm8k": gsm8k.load,
    "math500": math500.load,
    "bfcl": bfcl.load,
    "cruxeval": cruxeval.load,
}


def load_tasks(
    data_dir: str | Path, names: Sequence[str] = (), limit: int | None = None
) -> dict[str, tuple[Task, ...]]:
    """The tasks of each set in a folder.

    Args:
        names: sets; empty: all whose folder is there.
        limit: at most so many of each, spread over it in its own order; None: all.

    Raises:
        YunqiError: `option-invalid` for an unknown name or limit, `data-missing` for what is not there, and
            `data-unreadable`, with file and line, for what is badly written.
    """
    folder = Path(data_dir)
    _check(names, limit)
    if not folder.is_dir():
        raise YunqiError("data-missing", path=folder)
    chosen = tuple(dict.fromkeys(names)) or tuple(name for name in SETS if (folder / name).is_dir())
    if not chosen:
        raise YunqiError("data-missing", path=folder / next(iter(SETS)))
    return {name: _spread(SETS[name](folder), limit) for name in chosen}


def _check(names: Sequence[str], limit: int | None) -> None:
    """Raises `option-invalid` for a name that is no set, or a limit of nothing."""
    for name in names:
        if name not in SETS:
            raise YunqiError("option-invalid", option="sets", value=name, rule=f"There are {', '.join(SETS)}.")
    if limit is not None and limit < 1:
        raise YunqiError("option-invalid", option="n", value=limit, rule="Ask at least one problem.")


def _spread(tasks: Sequence[Task], limit: int | None) -> tuple[Task, ...]:
    count = len(tasks) if limit is None else min(limit, len(tasks))
    return tuple(tasks[place * len(tasks) // count] for place in range(count))
