"""Pictures are written whole, for any number of points, and tell of the numbers they were given."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.eval.scripted import Scripted
from yunqi.common.errors import YunqiError
from yunqi.eval import charts, evaluate, skill_table
from yunqi.eval.charts import DialPoint, draw_dial, draw_held_out, draw_run, draw_training, read_metrics, smoothed

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def point(label: str, share: float, *, seconds: float | None = 0.5) -> DialPoint:
    return DialPoint(label=label, accuracy=share, low=share - 0.1, high=share + 0.1, tokens=10 + share, seconds=seconds)


def size_of(path: Path) -> tuple[int, int]:
    data = path.read_bytes()
    assert data.startswith(SIGNATURE)
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def metrics(path: Path, count: int) -> Path:
    rows = [{"step": i, "loss": 5 / (i + 1), "rate": 1.0, "tokens": 4096} for i in range(count)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"step": 3, "lo', encoding="utf-8")
    return path


@pytest.mark.parametrize("num_points", [0, 1, 4])
@pytest.mark.parametrize("seconds", [None, 0.0, 0.5])
def test_a_dial_of_any_length(tmp_path: Path, num_points: int, seconds: float | None) -> None:
    points = [point(str(i), 0.2 * i, seconds=seconds) for i in range(num_points)]
    draw_dial(points, tmp_path / "dial.png", title="nano")
    assert min(size_of(tmp_path / "dial.png")) > 300
    assert [path.name for path in tmp_path.iterdir()] == ["dial.png"]


def test_equal_points_give_equal_bytes_and_others_do_not(tmp_path: Path) -> None:
    names = [tmp_path / name for name in ("a.png", "b.png", "c.png")]
    for name, share in zip(names, (0.5, 0.5, 0.9), strict=True):
        draw_dial([point("0", 0.1), point("none", share)], name)
    first, same, other = (name.read_bytes() for name in names)
    assert first == same != other


def test_points_on_one_another_share_a_label() -> None:
    points = [point("0", 0.1), point("64", 0.9), point("128", 0.91), point("none", 0.91)]
    assert [label for label, _ in charts._labels(points)] == ["0", "64, 128, none"]
    assert charts._labels([]) == []


def test_a_report_grows_with_its_skills_and_budgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skill_table, "KNOWN_PROBLEMS", 20)
    some = ("sums", "chains")
    report = evaluate(Scripted.of(some), skills=some, n=2)
    assert [p.label for p in charts.dial_points(report)] == ["0", "16", "32", "64", "128", "none"]
    draw_held_out(report, tmp_path / "wide.png")
    draw_held_out(evaluate(Scripted.of(some), skills=some, n=2, brief=True), tmp_path / "narrow.png")
    assert size_of(tmp_path / "wide.png")[0] > size_of(tmp_path / "narrow.png")[0]
    draw_run(report, metrics(tmp_path / "metrics.jsonl", 30), tmp_path / "run.png")
    assert size_of(tmp_path / "run.png")[1] > size_of(tmp_path / "wide.png")[1]


@pytest.mark.parametrize("count", [0, 1, 50])
def test_curves_of_a_run_that_was_cut_off(tmp_path: Path, count: int) -> None:
    file = metrics(tmp_path / "metrics.jsonl", count)
    assert len(read_metrics(file)) == count
    draw_training(file, tmp_path / "curves.png")
    assert min(size_of(tmp_path / "curves.png")) > 300


@given(values=st.lists(st.floats(0, 100), max_size=300), memory=st.integers(1, 200))
def test_smoothing_stays_within_the_values_seen_so_far(values: list[float], memory: int) -> None:
    means = smoothed(values, memory)
    assert len(means) == len(values)
    for i, mean in enumerate(means):
        assert min(values[: i + 1]) - 1e-9 <= mean <= max(values[: i + 1]) + 1e-9


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(YunqiError):
        draw_dial([point("0", 0.5)], tmp_path / "file" / "dial.png")


def test_nothing_draws_before_it_is_asked_to() -> None:
    code = "import sys, yunqi.eval.charts, yunqi.eval.held_out, yunqi.cli.main; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
