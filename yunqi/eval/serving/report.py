"""What a load test found: percentiles of latencies, throughput, and goodput under a service level objective."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import mean
from typing import Any

from yunqi.eval.serving.load import Record

PERCENTILES = (50, 95, 99)


@dataclass(frozen=True, kw_only=True, slots=True)
class Objective:
    """What a request must keep to count as good, in seconds; None: no limit.

    `gap` bounds the mean time between its tokens, as a reader feels it; `whole` the time to its end.
    """

    first: float | None = None
    gap: float | None = None
    whole: float | None = None

    def met(self, record: Record) -> bool:
        if record.error is not None or record.first is None:
            return False
        gaps = record.gaps
        kept = (
            (self.first, record.first),
            (self.gap, mean(gaps) if gaps else 0.0),
            (self.whole, record.ended - record.due),
        )
        return all(limit is None or value <= limit for limit, value in kept)


def summarize(records: Sequence[Record], seconds: float, objective: Objective | None = None) -> dict[str, Any]:
    """The report of a load test, as plain data. Latencies are in seconds, of requests that succeeded."""
    good = [record for record in records if record.error is None]
    report: dict[str, Any] = {
        "requests": len(records),
        "failed": len(records) - len(good),
        "errors": dict(Counter(record.error for record in records if record.error is not None).most_common(5)),
        "seconds": seconds,
        "requests_per_second": len(good) / seconds,
        "output_tokens_per_second": sum(record.num_tokens for record in good) / seconds,
        "prompt_tokens": sum(record.num_prompt_tokens for record in good),
        "cached_tokens": sum(record.num_cached_tokens for record in good),
        "output_tokens": sum(record.num_tokens for record in good),
        "time_to_first_token": _spread([record.first for record in good if record.first is not None]),
        "inter_token_latency": _spread([gap for record in good for gap in record.gaps]),
        "longest_gap": _spread([max(record.gaps) for record in good if record.gaps]),
        "whole_request": _spread([record.ended - record.due for record in good]),
    }
    if objective is not None:
        met = sum(map(objective.met, records))
        report["goodput"] = {
            "objective": {name: getattr(objective, name) for name in ("first", "gap", "whole")},
            "share": met / len(records) if records else 0.0,
            "requests_per_second": met / seconds,
        }
    return report


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` per cent of the sorted values do not exceed (nearest rank)."""
    return sorted(values)[max(0, ceil(len(values) * share / 100) - 1)]


def _spread(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {}
    return {"mean": mean(values)} | {f"p{p}": percentile(values, p) for p in PERCENTILES} | {"max": max(values)}


def format_load(report: dict[str, Any]) -> str:
    """The report as a table for people."""
    lines = [
        f"{report['requests']} requests in {report['seconds']:.1f} s, {report['failed']} failed: "
        f"{report['requests_per_second']:.2f} requests/s, {report['output_tokens_per_second']:.1f} tokens/s",
        f"prompt tokens {report['prompt_tokens']}, of these cached {report['cached_tokens']}, "
        f"output tokens {report['output_tokens']}",
        "",
        "| milliseconds | mean | p50 | p95 | p99 | max |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    names = ("time_to_first_token", "inter_token_latency", "longest_gap", "whole_request")
    for name in names:
        cells = (f"{report[name][key] * 1e3:.1f}" for key in ("mean", "p50", "p95", "p99", "max") if report[name])
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(cells) or '- | - | - | - | -'} |")
    if goodput := report.get("goodput"):
        share, rate = goodput["share"], goodput["requests_per_second"]
        lines += ["", f"goodput: {share:.1%} of the requests met the objective, {rate:.2f} a second"]
    lines += [f"{count} x {error}" for error, count in report["errors"].items()]
    return "\n".join(lines)
