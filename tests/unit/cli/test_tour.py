from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Program
from tests.unit.hub.conftest import write_checkpoint
from yunqi.cli.commands import tour
from yunqi.data.split import split_of
from yunqi.eval.charts import DialPoint
from yunqi.hub import places


@pytest.fixture(autouse=True)
def _bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "bundled_root", lambda: tmp_path / "package")
    write_checkpoint(tmp_path / "package" / "nano")


def test_the_problems_are_held_out_of_several_steps_and_follow_the_seed() -> None:
    drawn = tour.dial_problems(18, 5)
    assert drawn == tour.dial_problems(18, 5)
    assert drawn != tour.dial_problems(18, 6)
    assert {split_of(problem) for problem in drawn} == {"test"}
    assert len({problem.canonical for problem in drawn}) == 18
    assert tour.live_problem(5).difficulty == 4


def test_every_problem_is_asked_at_every_budget_and_one_is_solved_live(program: Program, tmp_path: Path) -> None:
    drawn, live = tour.dial_problems(3, 7), tour.live_problem(7)
    lost = ["I do not know."]
    right = [["~hm", problem.reply] for problem in drawn]
    scripts = [[lost, lost, right[i], right[i] if i else lost] for i in range(3)]
    llm = program.script(*(script for four in scripts for script in four), ["~let me see", live.reply])
    picture = tmp_path / "dial.png"
    done = program("tour", "--n", "3", "--seed", "7", "--png", str(picture))
    assert done.code == 0, done.err
    assert [params.thinking_budget for _, params, _ in llm.asked] == [0, 32, 128, None] * 3 + [None]
    assert {params.temperature for _, params, _ in llm.asked} == {0.0}
    shares = [line.split()[-3] for line in done.out.splitlines() if "░" in line or "█" in line]
    assert shares == ["0%", "0%", "100%", "67%"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert str(picture) in done.out
    assert live.question in done.out
    assert "let me see" in done.out
    assert "which is right" in done.out
    assert "Your turn" not in done.out
    assert done.out.endswith(tour.NEXT)
    assert "\x1b" not in done.out


def test_a_wrong_live_answer_is_called_wrong(program: Program, tmp_path: Path) -> None:
    program.script(*[["17"]] * 4, ["-1"])
    done = program("tour", "--n", "1", "--seed", "3", "--png", str(tmp_path / "no" / "such" / "folder.png"))
    assert done.code == 0, done.err
    assert f"which is wrong: it is {tour.live_problem(3).answer}" in done.out


def test_without_a_place_for_the_picture_it_goes_on(program: Program, tmp_path: Path) -> None:
    program.script(*[["17"]] * 4, ["-1"])
    (tmp_path / "taken").write_text("a file is no folder")
    done = program("tour", "--n", "1", "--seed", "3", "--png", str(tmp_path / "taken" / "dial.png"))
    assert (done.code, done.err) == (0, "")
    assert "There is no picture: " in done.out
    assert "cannot be written" in done.out
    assert done.out.endswith(tour.NEXT)


def test_the_bars_are_as_long_as_the_shares() -> None:
    points = [
        DialPoint(label="0", accuracy=0.1, low=0.0, high=0.3, tokens=9, seconds=0.1),
        DialPoint(label="none", accuracy=1.0, low=0.8, high=1.0, tokens=60, seconds=0.7),
    ]
    lines = tour.dial_lines(points)
    assert [line.count("█") for line in lines] == [0, 3, 30]
    assert len({len(line) for line in lines}) == 1
