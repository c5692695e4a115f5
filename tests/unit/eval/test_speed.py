"""The speed of a model: figures that fit it."""

from __future__ import annotations

import pytest

from yunqi.common.errors import YunqiError
from yunqi.eval.speed import format_speed, measure_speed


def test_a_report_holds_every_measurement() -> None:
    told: list[tuple[int, int]] = []
    report = measure_speed(
        "nano", contexts=(5, 40), batch=3, tokens=4, rounds=2, on_done=lambda *done: told.append(done)
    )
    assert told == [(i, 6) for i in range(1, 7)]
    assert [row["context"] for row in report["contexts"]] == [5, 40]
    for row in (*report["contexts"], report["batch"]):
        assert row["decode"] > 0
        assert row["decode_share"] > 0
    assert report["peak_memory_bytes"] > report["weight_bytes"] > 0
    text = format_speed(report)
    assert "3 sequences" in text
    assert "context     40" in text


def test_a_report_tells_how_many_guesses_were_right() -> None:
    guessing = {"method": "draft_model", "model": "nano", "num_speculative_tokens": 3, "adaptive": False}
    report = measure_speed("nano", contexts=(20,), batch=2, tokens=9, rounds=1, speculative=guessing)
    for row in (*report["contexts"], report["batch"]):
        assert row["acceptance_length"] == 4
    text = format_speed(report)
    assert "nano (draft_model nano 3 False)" in text
    assert text.count("4.00 tokens a step with guesses") == 2


def test_a_context_beyond_the_models_is_told() -> None:
    with pytest.raises(YunqiError, match=r"contexts=5000 .* holds 4091"):
        measure_speed("nano", contexts=(5000,), batch=1, tokens=4, rounds=1)
