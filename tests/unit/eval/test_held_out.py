"""Evaluation through the public chat call: what it asks, how it counts, and the interval and baselines beside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.eval.reading import solve
from yunqi.common.errors import YunqiError
from yunqi.data.split import problems, split_of
from yunqi.eval import evaluate, format_table, run_eval
from yunqi.eval.statistics import chance_accuracy, majority_accuracy, neighbour_accuracy, wilson_interval
from yunqi.protocol.output import CompletionOutput, RequestMetrics, RequestOutput
from yunqi.protocol.sampling import SamplingParams


class Scripted:
    """Thinking, it reads and solves the question; otherwise it says 0."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool]] = []

    def chat(self, messages: Any, sampling_params: SamplingParams, *, enable_thinking: bool) -> list[RequestOutput]:
        assert sampling_params.temperature == 0
        return [self._answer(conversation[-1]["content"], enable_thinking) for conversation in messages]

    def _answer(self, question: str, thinking: bool) -> RequestOutput:
        self.asked.append((question, thinking))
        said = f"The answer is {solve(question)}." if thinking else "The answer is 0."
        out = CompletionOutput(index=0, text=said, reasoning="mm" if thinking else None, token_ids=[1] * len(said))
        return RequestOutput(
            request_id="r",
            prompt=None,
            prompt_token_ids=[],
            outputs=[out],
            finished=True,
            metrics=RequestMetrics(arrival_time=0.0),
        )


def test_both_modes_are_asked_the_same_held_out_problems() -> None:
    model = Scripted()
    report = evaluate(model, skills=("sums", "chains"), n=20)
    questions = {True: [], False: []}
    for question, thinking in model.asked:
        questions[thinking].append(question)
    assert questions[True] == questions[False]
    assert len(questions[True]) == 40
    assert report["skills"]["sums"]["modes"]["thinking"]["accuracy"] == 1.0
    assert report["skills"]["sums"]["modes"]["thinking"]["thought"] == 1.0
    assert report["skills"]["chains"]["modes"]["non-thinking"]["accuracy"] < 0.2
    levels = report["skills"]["chains"]["modes"]["thinking"]["by_difficulty"]
    assert sum(total for _, total in levels.values()) == 20


def test_one_mode_alone() -> None:
    report = evaluate(Scripted(), skills=("sums",), n=3, thinking=False)
    assert list(report["macro"]) == ["non-thinking"]


def test_the_split_is_the_one_asked_for() -> None:
    model = Scripted()
    evaluate(model, skills=("sums",), n=10, split="ood", thinking=True)
    assert all(len(max(re.findall(r"\d+", q.replace(",", "")), key=len)) >= 5 for q, _ in model.asked)


def test_the_table_has_a_row_for_each_skill() -> None:
    text = format_table(evaluate(Scripted(), skills=("sums", "products"), n=5))
    assert [line.split("|")[1].strip() for line in text.splitlines()] == ["skill", "---", "sums", "products", "mean"]
    assert "100.0 (56.5 to 100.0)" in text


@pytest.mark.parametrize("options", [{"n": 0}, {"split": "exam"}])
def test_bad_options_are_named_before_a_model_is_loaded(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(YunqiError) as caught:
        run_eval(tmp_path / "no-model", **options)
    assert caught.value.code == "option-invalid"


def test_an_unknown_skill_is_named() -> None:
    with pytest.raises(YunqiError, match="poetry"):
        evaluate(Scripted(), skills=("poetry",))


@given(trials=st.integers(1, 500), data=st.data())
def test_the_interval_holds_the_share(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    low, high = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials + 1e-12
    assert successes / trials - 1e-12 <= high <= 1


def test_the_interval_against_a_published_value() -> None:
    # Newcombe (1998), table I, method 3: 81 of 263.
    low, high = wilson_interval(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_baselines() -> None:
    stream = problems("sums", "train", 0)
    known = [next(stream) for _ in range(50)]
    assert neighbour_accuracy(known, known) > 0.9
    assert chance_accuracy(known, known) < 0.1
    assert majority_accuracy(known, known) >= 1 / 50
    assert all(split_of(problem) == "train" for problem in known)
