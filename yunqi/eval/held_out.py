"""Evaluate a model on held-out problems, with and without thinking, through the public `LLM`.

A report is plain data: for each skill and mode the share of right answers with its 95 % interval, how many problems
were distinct, the mean number of tokens, and beside them what chance, the commonest answer and the nearest training
problem would give. `by_difficulty` shows the same over the number of digits or steps.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from yunqi.common.errors import YunqiError
from yunqi.common.files import write_json
from yunqi.data.problems.problem import Problem
from yunqi.data.split import SPLITS, Split, problems, split_of
from yunqi.eval.statistics import chance_accuracy, majority_accuracy, neighbour_accuracy, wilson_interval
from yunqi.eval.verifiers import VERIFIERS, verify
from yunqi.protocol.output import RequestOutput
from yunqi.protocol.sampling import SamplingParams

MAX_TOKENS = 384
KNOWN_PROBLEMS = 1000
MODES = {"thinking": True, "non-thinking": False}


class ChatModel(Protocol):
    """What an evaluation needs of a model; `yunqi.LLM` is one."""

    def chat(
        self, messages: Any, sampling_params: SamplingParams, *, enable_thinking: bool, use_tqdm: bool = False
    ) -> list[RequestOutput]: ...


@dataclass(frozen=True, slots=True)
class Graded:
    """One answered problem."""

    problem: Problem
    text: str
    reasoning: str
    num_tokens: int
    right: bool


def evaluate(
    model: ChatModel,
    *,
    skills: Sequence[str] = (),
    n: int = 300,
    thinking: bool | None = None,
    split: Split = "test",
    seed: int = 0,
    progress: bool = False,
) -> dict[str, Any]:
    """Ask `n` problems of each skill, greedily.

    Args:
        skills: rows of the catalogue; empty: all.
        thinking: one mode only; None: both.
        split: "dev" for tuning, "test" for the record, "ood" for problems longer than any in training.

    Raises:
        YunqiError: `option-invalid` for a skill or split that does not exist.
    """
    _check(skills, split, n)
    modes = {name: value for name, value in MODES.items() if thinking is None or value == thinking}
    asked = {skill: list(islice(problems(skill, split, seed), n)) for skill in skills or VERIFIERS}
    assert all(split_of(p) == split for row in asked.values() for p in row), "a problem of another split was asked"
    everything = [problem for row in asked.values() for problem in row]
    graded = {name: grade(model, everything, thinking=value, progress=progress) for name, value in modes.items()}
    table = {skill: _skill_row(asked[skill], graded, seed) for skill in asked}
    return {
        "split": split,
        "problems_per_skill": n,
        "seed": seed,
        "sampling": "greedy",
        "skills": table,
        "macro": {name: _mean([row["modes"][name]["accuracy"] for row in table.values()]) for name in modes},
    }


def run_eval(
    model: str | Path,
    *,
    n: int = 300,
    thinking: bool | None = None,
    split: Split = "test",
    seed: int = 0,
    json: str | Path | None = None,
) -> dict[str, Any]:
    """Load a model by name or folder, evaluate it and, where `json` names a file, write the report there."""
    _check((), split, n)
    from yunqi.engine.llm import LLM

    options: dict[str, Any] = {"n": n, "thinking": thinking, "split": split, "seed": seed}
    report = {"model": Path(model).name} | evaluate(LLM(model), progress=sys.stderr.isatty(), **options)
    if json is not None:
        write_json(json, report)
    return report


def grade(model: ChatModel, asked: Sequence[Problem], *, thinking: bool, progress: bool = False) -> list[Graded]:
    """Each problem with its answer and whether that is right. `progress` shows how far it is, on stderr."""
    conversations = [[{"role": "user", "content": problem.question}] for problem in asked]
    params = SamplingParams(temperature=0.0, max_tokens=MAX_TOKENS)
    shown = {"use_tqdm": True} if progress else {}
    outputs = [output.outputs[0] for output in model.chat(conversations, params, enable_thinking=thinking, **shown)]
    return [
        Graded(p, out.text, out.reasoning or "", len(out.token_ids), verify(p, out.text))
        for p, out in zip(asked, outputs, strict=True)
    ]


def _skill_row(asked: Sequence[Problem], graded: dict[str, list[Graded]], seed: int) -> dict[str, Any]:
    skill = asked[0].skill
    known = list(islice(problems(skill, "train", seed), KNOWN_PROBLEMS))
    return {
        "distinct": len({problem.canonical for problem in asked}),
        "chance": round(chance_accuracy(known, asked), 4),
        "majority": round(majority_accuracy(known, asked), 4),
        "nearest": round(neighbour_accuracy(known, asked), 4),
        "modes": {name: _mode_row([g for g in row if g.problem.skill == skill]) for name, row in graded.items()},
    }


def _mode_row(graded: Sequence[Graded]) -> dict[str, Any]:
    right = sum(g.right for g in graded)
    low, high = wilson_interval(right, len(graded))
    levels = sorted({g.problem.difficulty for g in graded})
    return {
        "right": right,
        "of": len(graded),
        "accuracy": round(right / len(graded), 4),
        "interval": [round(low, 4), round(high, 4)],
        "tokens": round(_mean([g.num_tokens for g in graded]), 1),
        "thought": round(_mean([bool(g.reasoning.strip()) for g in graded]), 4),
        "by_difficulty": {str(d): _level([g.right for g in graded if g.problem.difficulty == d]) for d in levels},
    }


def _level(hits: Sequence[bool]) -> list[int]:
    return [sum(hits), len(hits)]


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / max(1, len(values)), 4)


def _check(skills: Sequence[str], split: str, n: int) -> None:
    if n < 1:
        raise YunqiError("option-invalid", option="n", value=n, rule="Ask at least one problem.")
    if split not in SPLITS:
        raise YunqiError("option-invalid", option="split", value=split, rule=f"There are {', '.join(SPLITS)}.")
    for skill in skills:
        if skill not in VERIFIERS:
            raise YunqiError("option-invalid", option="skill", value=skill, rule=f"There are {', '.join(VERIFIERS)}.")
