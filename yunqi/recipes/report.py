"""The report of a run beside its weights: `report.json` for programs, `report.md` and `report.png` for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from yunqi.common.files import write_json, write_text
from yunqi.common.sizes import count_text
from yunqi.eval import format_report

METRICS = "metrics.jsonl"


def write_report(model: Path, report: Mapping[str, Any]) -> None:
    """Write all three files. The curves are those of the run folder around `model`, where they are."""
    from yunqi.eval.charts import draw_held_out, draw_run

    write_json(model / "report.json", report)
    metrics = model.parent / METRICS
    if metrics.is_file():
        draw_run(report["held_out"], metrics, model / "report.png", title=f"Training {report['name']}")
    else:
        draw_held_out(report["held_out"], model / "report.png")
    write_text(model / "report.md", report_text(report))


def report_text(report: Mapping[str, Any]) -> str:
    """The facts of the run, the picture, and the tables of the evaluation."""
    facts = "\n".join(f"| {name} | {value} |" for name, value in _facts(report).items())
    return (
        f"# {report['name']}\n\nWritten at the end of `yunqi train`; `report.json` holds all of it.\n\n"
        f"| | |\n| --- | --- |\n{facts}\n\n"
        "![loss, learning rate, skills and thinking budgets](report.png)\n\n"
        f"{format_report(report['held_out'])}\n"
    )


def _facts(report: Mapping[str, Any]) -> dict[str, str]:
    machine, minutes = report["machine"], f"{report['seconds'] / 60:.1f} minutes"
    system = f"{machine['processor']}, {machine['system']}, torch {machine['torch']}"
    return {
        "parameters": f"{report['parameters']:,}",
        "tokens": f"{count_text(report['tokens'])}, of which {count_text(report['loss_tokens'])} in the loss",
        "conversations": f"{report['examples']:,}",
        "steps": f"{report['steps']:,}",
        **_earlier(report.get("earlier", [])),
        "floating point operations": f"{report['flops']:.2e}",
        "time": f"{minutes}, {report['cpu_seconds'] / 60:.1f} minutes of CPU time",
        "machine": f"{report['threads']} threads, {system}",
        "training forward against engine": "; ".join(map(_agreement, report["agreement"].items())),
        "seed": str(report["seed"]),
        "settings": f"`{report['fingerprint']}`",
        "training data": f"`{report['data_hash']}`",
    }


def _earlier(runs: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The runs whose weights this one went on from."""
    if not runs:
        return {}
    texts = (
        f"{run['steps']:,} steps, {count_text(run['tokens'])} tokens, {run['seconds'] / 60:.1f} minutes, "
        f"data `{run['data_hash']}`"
        for run in runs
    )
    return {"went on from": "; ".join(texts)}


def _agreement(row: tuple[str, Mapping[str, Any]]) -> str:
    mode, found = row
    return f"{mode}: log-probabilities differ by {found['largest']:.1e} at most over {found['tokens']:,} tokens"
