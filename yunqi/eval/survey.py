"""A survey asks one model many tasks in several settings, keeps every answer, and counts what must never happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from yunqi.eval.asking import Answer, ChatModel, Question, Setting, ask, most_reasoning_tokens
from yunqi.eval.statistics import wilson_interval

Answers = Mapping[tuple[str, Setting], list[Answer]]


class Survey:
    """All that is asked of a model. `progress` shows on stderr how far it is."""

    def __init__(self, model: ChatModel, *, max_tokens: int, progress: bool = False) -> None:
        self._model, self._max_tokens, self._progress = model, max_tokens, progress
        self.answers: list[Answer] = []

    def ask(self, title: str, tasks: Mapping[str, Sequence[Question]], settings: Sequence[Setting]) -> Answers:
        """Every question of every task in every setting, as one batch for each switch position."""
        # Settings lie side by side, so that each runs in the company of all.
        rows = [(name, setting, question) for name in tasks for question in tasks[name] for setting in settings]
        found = ask(
            self._model,
            [(question, setting) for _, setting, question in rows],
            max_tokens=self._max_tokens,
            progress=title if self._progress else None,
        )
        self.answers += found
        answers: dict[tuple[str, Setting], list[Answer]] = {(n, s): [] for n in tasks for s in settings}
        for (name, setting, _), answer in zip(rows, found, strict=True):
            answers[name, setting].append(answer)
        return answers

    def num_empty(self) -> int:
        """Answers with neither text nor a call."""
        return sum(answer.empty for answer in self.answers)

    def num_over_budget(self) -> int:
        """Thoughts longer than their budget and the sentence that ends them."""
        bounded = [(answer, answer.setting.budget) for answer in self.answers]
        allowed = {b: most_reasoning_tokens(self._model, b) for b in {b for _, b in bounded if b is not None}}
        return sum(answer.num_reasoning_tokens > allowed[b] for answer, b in bounded if b is not None)


def share_row(hits: Sequence[bool]) -> dict[str, Any]:
    """How many, of how many, and the share with its 95 % interval."""
    right = sum(hits)
    low, high = wilson_interval(right, len(hits))
    return {
        "right": right,
        "of": len(hits),
        "accuracy": round(right / max(1, len(hits)), 4),
        "interval": [round(low, 4), round(high, 4)],
    }


def answers_row(answers: Sequence[Answer]) -> dict[str, Any]:
    """The share of right answers and what they cost; `by_difficulty` holds right and asked of each level."""
    levels = sorted({answer.question.difficulty for answer in answers})
    return share_row([answer.right for answer in answers]) | {
        "tokens": round(mean([answer.num_tokens for answer in answers]), 1),
        "thought": round(mean([answer.thought for answer in answers]), 4),
        "by_difficulty": {str(level): _level(answers, level) for level in levels},
    }


def difference_row(difference: tuple[float, float, float]) -> dict[str, Any]:
    """A difference of two shares with its 95 % interval."""
    middle, low, high = (round(value, 4) for value in difference)
    return {"difference": middle, "interval": [low, high]}


def mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


def _level(answers: Sequence[Answer], level: int) -> list[int]:
    hits = [answer.right for answer in answers if answer.question.difficulty == level]
    return [sum(hits), len(hits)]
