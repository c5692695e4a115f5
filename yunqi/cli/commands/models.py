"""`yunqi models`: the models inside the package and those found on this machine, with what each will need here."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import click

from yunqi.cli.options import json_option
from yunqi.cli.terminal import columns, count_text, say, say_json, size_text
from yunqi.hub.catalog import ModelRecord, list_models
from yunqi.hub.estimate import Estimate, estimate
from yunqi.hub.record import Standing, standing
from yunqi.hub.released import next_smaller
from yunqi.hub.spill import spill_of_record

HEADINGS = ("MODEL", "FROM", "PARAMETERS", "STORED AS", "CONTEXT", "MEMORY", "TOKENS/S", "")
_STANDINGS: dict[Standing, str] = {"verified": "verified", "stale": "changed since verified"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A model and what is said of it; what cannot run has no estimate. `smaller` is named where it does not fit, and
    `spills` says that it starts all the same, with its experts on the disk."""

    record: ModelRecord
    cost: Estimate | None
    fits: bool | None
    smaller: str | None
    spills: bool
    standing: Standing | None


@click.command("models")
@json_option
def command(as_json: bool) -> None:
    """List the models on this machine with the memory they need and their likely speed.

    They are used where they lie: in the package, in the Hugging Face and ModelScope caches, and in the folders that
    `model_dirs` names in config.toml. TOKENS/S is an estimate from the measured speed of memory. Of a model that does
    not fit into the memory available now, the next smaller released one that does is named.
    """
    from yunqi.common.machine import has_native_bfloat16, memory, memory_bandwidth
    from yunqi.ops.native.library import problem

    bandwidth, native, available = memory_bandwidth(), has_native_bfloat16(), memory().available
    core = problem() is None
    lines = [_line(r, bandwidth=bandwidth, native=native, available=available, core=core) for r in list_models()]
    if as_json:
        say_json([_document(line) for line in lines])
        return
    rows = [HEADINGS, *map(_row, lines)]
    for i, text in enumerate(columns(rows, right=(2, 4, 5, 6))):
        say(text, bold=i == 0)
    if not all(line.fits is not False for line in lines):
        say(f"{size_text(available)} of memory are available now.", dim=True)


def _line(record: ModelRecord, *, bandwidth: float, native: bool, available: int, core: bool) -> Line:
    cost = estimate(record, bandwidth=bandwidth, native_bfloat16=native, core=core) if record.supported else None
    fits = cost.memory_bytes <= available if cost else None
    spill = spill_of_record(record, available=available, native_bfloat16=native) if fits is False else None
    smaller = next_smaller(record, room=available, native_bfloat16=native) if fits is False else None
    return Line(
        record=record,
        cost=cost,
        fits=fits,
        smaller=smaller.name if smaller else None,
        spills=spill is not None and spill.starts,
        standing=standing(record.path),
    )


def _document(line: Line) -> dict[str, object]:
    kept = dataclasses.asdict(line.record) | {"path": str(line.record.path)}
    return kept | {
        "memory_bytes": line.cost.memory_bytes if line.cost else None,
        "estimated_tokens_per_second": round(line.cost.tokens_per_second, 2) if line.cost else None,
        "fits": line.fits,
        "next_smaller": line.smaller,
        "experts_on_disk": line.spills,
        "verified": line.standing,
    }


def _row(line: Line) -> tuple[str, ...]:
    record, cost = line.record, line.cost
    rate = cost.tokens_per_second if cost else 0.0
    return (
        record.name,
        record.source,
        count_text(record.num_parameters) if record.num_parameters else "-",
        record.dtype or "-",
        f"{record.context:,}" if record.context else "-",
        size_text(cost.memory_bytes) if cost else "-",
        (f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}") if cost else "-",
        _remark(line),
    )


def _remark(line: Line) -> str:
    if not line.record.supported:
        return f"not usable: {line.record.problem}"
    words = [_STANDINGS[line.standing]] if line.standing else []
    if line.spills:
        words.append("larger than memory: its experts stay on the disk")
    elif line.fits is False:
        words.append(f"does not fit; {line.smaller} would" if line.smaller else "does not fit")
    return ", ".join(words)
