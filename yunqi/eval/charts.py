"""Pictures of an evaluation and of a training run, as PNG files.

Drawn by matplotlib on a canvas of its own: no window, no state shared between figures. It is imported when a picture is
drawn, not before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yunqi.common.files import atomic_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"thinking": "#1f5fa8", "non-thinking": "#c9893b"}
_THOUGHT, _AT_ONCE, _PALE = COLOURS["thinking"], COLOURS["non-thinking"], "#b9c7d6"
_MEMORY = 100  # steps that a smoothed loss remembers, or a tenth of the steps so far


@dataclass(frozen=True, kw_only=True, slots=True)
class DialPoint:
    """One thinking budget: the share of right answers with its interval, mean tokens and seconds of an answer.

    `seconds` is None where it was not measured.
    """

    label: str
    accuracy: float
    low: float
    high: float
    tokens: float
    seconds: float | None = None


def draw_dial(points: Sequence[DialPoint], path: str | Path, title: str = "What thinking buys") -> None:
    """Accuracy over the mean tokens of an answer, one point a budget; seconds are an axis of their own.

    Raises:
        YunqiError: `disk-full`, `directory-unwritable`.
    """
    figure = _figure(7.5, 4.6)
    _dial(figure.subplots(), points, title)
    _save(figure, path)


def draw_held_out(report: Mapping[str, Any], path: str | Path) -> None:
    """The bars of each skill in each mode and, where budgets were measured, the dial beside them."""
    budgets = dial_points(report)
    height = 1.6 + 0.36 * len(report["skills"])
    figure = _figure(13.5 if budgets else 8.0, max(4.0, height))
    axes = figure.subplots(1, 2 if budgets else 1, squeeze=False)[0]
    _bars(axes[0], report)
    if budgets:
        _dial(axes[1], budgets, "By thinking budget")
    _save(figure, path)


def draw_training(metrics: str | Path, path: str | Path, title: str = "Training") -> None:
    """Loss and learning rate of a run's `metrics.jsonl` over its tokens, on a logarithmic axis."""
    figure = _figure(8.0, 5.6)
    loss, rate = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (3, 1)})
    _curves(loss, rate, read_metrics(metrics), title)
    _save(figure, path)


def draw_run(report: Mapping[str, Any], metrics: str | Path, path: str | Path, title: str = "Training") -> None:
    """All of a run on one picture: its curves, the skills of the model it made and, where measured, the dial."""
    budgets = dial_points(report)
    figure = _figure(14.0, 5.0 + max(4.0, 1.2 + 0.32 * len(report["skills"])))
    axes = figure.subplot_mosaic(
        [["loss", "dial" if budgets else "loss"], ["rate", "dial" if budgets else "rate"], ["bars", "bars"]],
        height_ratios=(2.6, 0.9, 1.2 + 0.16 * len(report["skills"])),
    )
    _curves(axes["loss"], axes["rate"], read_metrics(metrics), title)
    _bars(axes["bars"], report)
    if budgets:
        _dial(axes["dial"], budgets, "By thinking budget")
    _save(figure, path)


def dial_points(report: Mapping[str, Any]) -> list[DialPoint]:
    """The points of a report's budgets; none where it has none."""
    rows = report.get("budgets", {}).get("rows", ())
    return [
        DialPoint(
            label=row["budget"],
            accuracy=row["accuracy"],
            low=row["interval"][0],
            high=row["interval"][1],
            tokens=row["tokens"],
            seconds=row.get("seconds"),
        )
        for row in rows
    ]


def read_metrics(path: str | Path) -> list[dict[str, Any]]:
    """The rows of a metrics file. A last line that a crash cut off is left out."""
    rows: list[dict[str, Any]] = []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and isfinite(row["loss"]):
            rows.append(row)
    return rows


def smoothed(values: Sequence[float], memory: int = _MEMORY) -> list[float]:
    """An exponential mean whose memory grows with the run, so that it keeps up with the fall at the start."""
    mean, means = 0.0, []
    for number, value in enumerate(values):
        mean += (value - mean) / max(1.0, min(memory, number / 10))
        means.append(mean)
    return means


def running_total(values: Sequence[float]) -> list[float]:
    total, totals = 0.0, []
    for value in values:
        total += value
        totals.append(total)
    return totals


def _curves(loss: Axes, rate: Axes, rows: Sequence[Mapping[str, Any]], title: str) -> None:
    tokens = running_total([row["tokens"] for row in rows])
    losses = [row["loss"] for row in rows]
    loss.plot(tokens, losses, color=_PALE, linewidth=0.7, label="each step")
    loss.plot(tokens, smoothed(losses), color=_THOUGHT, linewidth=1.6, label="smoothed")
    loss.set(ylabel="loss", title=title)
    rate.plot(tokens, [row["rate"] for row in rows], color=_AT_ONCE)
    rate.set(xlabel="tokens", ylabel="rate", ylim=(0, None))
    if rows:  # a logarithmic axis needs values
        loss.set(xscale="log", yscale="log")
        rate.set(xscale="log")
        loss.legend(frameon=False)


def _dial(axes: Axes, points: Sequence[DialPoint], title: str) -> None:
    tokens, accuracies = [p.tokens for p in points], [100 * p.accuracy for p in points]
    errors = _errors([(p.accuracy, p.low, p.high) for p in points])
    axes.errorbar(tokens, accuracies, yerr=errors, color=_THOUGHT, marker="o", capsize=3, label="right answers")
    for label, place in _labels(points):
        above = place[1] < 15  # the axis is below
        axes.annotate(label, place, xytext=(6, 6 if above else -13), textcoords="offset points", fontsize=9)
    axes.set(xlabel="mean tokens of an answer (labels: thinking budget)", ylabel="right answers, %", ylim=(0, 103))
    axes.set_title(title)
    axes.margins(x=0.12)
    axes.grid(alpha=0.25)
    seconds = [p.seconds for p in points if p.seconds is not None]
    if len(seconds) == len(points) and points:
        clock = axes.twinx()
        clock.plot(tokens, seconds, color=_AT_ONCE, marker="s", markersize=4, linestyle="--")
        clock.set_ylabel("seconds an answer (dashed)", color=_AT_ONCE)
        clock.set_ylim(0, 1.15 * max(seconds) or 1.0)


def _labels(points: Sequence[DialPoint]) -> list[tuple[str, tuple[float, float]]]:
    """Each label and its place; points that lie on one another share a label."""
    width = max((p.tokens for p in points), default=0.0) - min((p.tokens for p in points), default=0.0)
    labels: list[tuple[str, tuple[float, float]]] = []
    for point in points:
        for place, (label, (tokens, right)) in enumerate(labels):
            if abs(tokens - point.tokens) <= 0.04 * width and abs(right - 100 * point.accuracy) < 4:
                labels[place] = (f"{label}, {point.label}", (tokens, right))
                break
        else:
            labels.append((point.label, (point.tokens, 100 * point.accuracy)))
    return labels


def _bars(axes: Axes, report: Mapping[str, Any]) -> None:
    skills, modes = list(report["skills"]), list(report["macro"])
    width = 0.8 / max(1, len(modes))
    for place, mode in enumerate(modes):
        rows = [report["skills"][skill]["modes"][mode] for skill in skills]
        heights = [i + (place - (len(modes) - 1) / 2) * width for i in range(len(rows))]
        errors = _errors([(row["accuracy"], *row["interval"]) for row in rows])
        values = [100 * row["accuracy"] for row in rows]
        axes.barh(heights, values, width, xerr=errors, color=COLOURS.get(mode), label=mode, error_kw={"capsize": 2})
    nearest = [100 * report["skills"][skill]["nearest"] for skill in skills]
    axes.plot(nearest, range(len(skills)), "k|", markersize=10, label="nearest training problem")
    axes.set_yticks(range(len(skills)), skills)
    axes.invert_yaxis()
    axes.set(xlabel="right answers, % (95 % intervals)", xlim=(0, 103), title=f"Held-out problems ({report['split']})")
    axes.figure.legend(*axes.get_legend_handles_labels(), loc="outside lower left", ncols=3, frameon=False)


def _errors(rows: Sequence[tuple[float, float, float]]) -> list[list[float]]:
    """How far the intervals reach to both sides, in percent."""
    return [[100 * max(0.0, mid - low) for mid, low, _ in rows], [100 * max(0.0, high - mid) for mid, _, high in rows]]


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _save(figure: Figure, path: str | Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110, metadata={"Software": None})
