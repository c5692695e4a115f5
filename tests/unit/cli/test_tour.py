from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Program
from tests.unit.hub.conftest import write_checkpoint
from yunqi.cli.commands import tour
from yunqi.data.split import split_of
from yunqi.hub import places


@pytest.fixture(autouse=True)
def _bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "bundled_root", lambda: tmp_path / "package")
    write_checkpoint(tmp_path / "package" / "nano")


def test_the_stations_are_fixed_held_out_and_rise() -> None:
    stations = tour.stations()
    assert stations == tour.stations()
    assert {split_of(problem) for problem in stations} == {"test"}
    lengths = [len(problem.thought) for problem in stations]
    assert lengths == sorted(set(lengths))


def test_each_problem_is_answered_both_ways_and_graded(program: Program) -> None:
    answers = [problem.answer for problem in tour.stations()]
    scripts = [script for answer in answers for script in (["~let me see", f"It is {answer}."], ["-987654"])]
    llm = program.script(*scripts)
    done = program("tour")
    assert done.code == 0
    assert [think for _, _, think in llm.asked] == [True, False] * 3
    assert {params.temperature for _, params, _ in llm.asked} == {0.0}
    for problem in tour.stations():
        assert problem.question in done.out
        assert f"the right answer is {problem.answer}" in done.out
    assert done.out.count("let me see") == 3
    rows = [line.split() for line in done.out.splitlines() if line.startswith("  with")]
    assert sum("right" in row for row in rows) == 3
    assert sum("wrong" in row for row in rows) == 3
    assert "Right: 3 of 3 with thinking, 0 of 3 without." in done.out
    assert done.out.endswith(tour.NEXT)
    assert "\x1b" not in done.out
