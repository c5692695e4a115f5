"""`yunqi models`: the models inside the package and those found on this machine."""

from __future__ import annotations

import dataclasses

import click

from yunqi.cli.options import json_option
from yunqi.cli.terminal import columns, count_text, say, say_json, size_text
from yunqi.hub.catalog import ModelRecord, list_models
from yunqi.hub.estimate import Estimate, estimate

HEADINGS = ("MODEL", "FROM", "PARAMETERS", "STORED AS", "CONTEXT", "MEMORY", "TOKENS/S", "")


@click.command("models")
@json_option
def command(as_json: bool) -> None:
    """List the models on this machine with the memory they need and their likely speed.

    They are used where they lie: in the package, in the Hugging Face and ModelScope caches, and in the folders that
    `model_dirs` names in config.toml. TOKENS/S is an estimate from the measured speed of memory.
    """
    from yunqi.common.machine import has_native_bfloat16, memory_bandwidth

    bandwidth, native = memory_bandwidth(), has_native_bfloat16()
    records = list_models()
    estimates = [estimate(record, bandwidth=bandwidth, native_bfloat16=native) for record in records]
    if as_json:
        say_json([_document(*pair) for pair in zip(records, estimates, strict=True)])
        return
    rows = [HEADINGS, *(_row(*pair) for pair in zip(records, estimates, strict=True))]
    for i, line in enumerate(columns(rows, right=(2, 4, 5, 6))):
        say(line, bold=i == 0)


def _document(record: ModelRecord, cost: Estimate | None) -> dict[str, object]:
    kept = dataclasses.asdict(record) | {"path": str(record.path)}
    usable = cost if record.supported else None
    return kept | {
        "memory_bytes": usable.memory_bytes if usable else None,
        "estimated_tokens_per_second": round(usable.tokens_per_second, 2) if usable else None,
    }


def _row(record: ModelRecord, cost: Estimate | None) -> tuple[str, ...]:
    usable = cost if record.supported else None
    rate = usable.tokens_per_second if usable else 0.0
    return (
        record.name,
        record.source,
        count_text(record.num_parameters) if record.num_parameters else "-",
        record.dtype or "-",
        f"{record.context:,}" if record.context else "-",
        size_text(usable.memory_bytes) if usable else "-",
        (f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}") if usable else "-",
        "" if record.supported else f"cannot run: {record.problem}",
    )
