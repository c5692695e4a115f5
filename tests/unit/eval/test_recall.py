"""Recall by distance: what is asked, what is counted, and which models are asked."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.unit.eval.scripted import Scripted
from tests.unit.hub.conftest import write_checkpoint
from yunqi.common.files import write_json
from yunqi.data.problems import recall as skill
from yunqi.data.split import TEST_PERCENT
from yunqi.eval import evaluate, format_report
from yunqi.eval.recall import DISTANCES, taught


def test_a_model_is_asked_at_every_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {}
    for distance in DISTANCES[:-1]:  # it has never heard of what is farthest
        random = Random(f"recall/{distance}/0")
        for _ in range(2):
            problem = skill.held_out_at(random, distance, TEST_PERCENT)
            known["\n".join(message.text for message in problem.prompt)] = problem
    model = Scripted.of(("sums",), n=6)
    model.known |= known
    report = evaluate(model, skills=("sums",), n=6, budgets=(), recalls=True)
    rows = report["recall"]
    assert [row["sentences"] for row in rows] == list(DISTANCES)
    assert [row["trained"] for row in rows] == [True] * 4 + [False] * 2
    assert [row["modes"]["thinking"]["accuracy"] for row in rows] == [1.0] * 5 + [0.0]
    assert [row["modes"]["thinking"]["of"] for row in rows] == [2] * 6
    assert all(row["modes"]["non-thinking"]["accuracy"] == 0 for row in rows)
    assert rows[3]["chance"] == pytest.approx(1 / (1 + skill.num_rivals(80)), abs=1e-4)
    text = format_report(report)
    assert "| 320 (beyond training) |" in text
    assert "recall" not in evaluate(Scripted.of(("sums",), n=6), skills=("sums",), n=6, budgets=())


def test_who_was_taught_is_known_by_its_report(tmp_path: Path) -> None:
    write_checkpoint(tmp_path)
    assert not taught(tmp_path)
    for skills, wanted in (({"sums": 1.0}, False), ({"sums": 1.0, "recall": 2.0}, True)):
        write_json(tmp_path / "report.json", {"config": {"phases": [{"mix": {"skills": skills}}]}})
        assert taught(tmp_path) is wanted
    assert not taught("nobody/knows-this")
    assert not taught("nano")
