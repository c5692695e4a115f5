"""What a longer thought buys: the same problems under rising thinking budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.eval.asking import Answer, Question, Setting
from yunqi.eval.statistics import paired_interval
from yunqi.eval.survey import Answers, Survey, difference_row, mean, share_row

Budget = int | None
BUDGETS: tuple[Budget, ...] = (0, 16, 32, 64, 128, None)
UNBOUNDED = "none"


def parse_budgets(text: str) -> tuple[Budget, ...]:
    """`0,16,none` as budgets in rising order. Raises `option-invalid`."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word != UNBOUNDED and not (word.isascii() and word.isdigit()):
            rule = f"Name numbers of tokens and {UNBOUNDED}, with commas between."
            raise YunqiError("option-invalid", option="budgets", value=text, rule=rule)
    numbers = sorted({int(word) for word in words if word != UNBOUNDED})
    return (*numbers, None) if UNBOUNDED in words else tuple(numbers)


def budget_section(
    survey: Survey, tasks: Mapping[str, Sequence[Question]], budgets: Sequence[Budget]
) -> dict[str, Any]:
    """Accuracy, tokens and seconds at each budget, and how neighbours differ on the same problems.

    All budgets run in one batch, so that their seconds compare. `non_decreasing` says that no neighbour is worse beyond
    its paired 95 % interval.
    """
    settings = [Setting(thinking=True, budget=budget) for budget in budgets]
    answers = survey.ask("Thinking budgets", tasks, settings)
    rows = [[answer for name in tasks for answer in answers[name, setting]] for setting in settings]
    labels = [_label(budget) for budget in budgets]
    steps = [_step(labels[i], labels[j], rows[i], rows[j]) for i, j in pairwise(range(len(rows)))]
    return {
        "skills": list(tasks),
        "rows": [{"budget": label} | _row(row) for label, row in zip(labels, rows, strict=True)],
        "steps": steps,
        "non_decreasing": all(step["interval"][1] >= 0 for step in steps),
        "by_skill": {name: _by_skill(answers, name, settings, labels) for name in tasks},
    }


def _row(answers: Sequence[Answer]) -> dict[str, Any]:
    return share_row([answer.right for answer in answers]) | {
        "tokens": round(mean([answer.num_tokens for answer in answers]), 1),
        "reasoning_tokens": round(mean([answer.num_reasoning_tokens for answer in answers]), 1),
        "seconds": round(mean([answer.seconds for answer in answers]), 3),
    }


def _step(earlier: str, later: str, first: Sequence[Answer], second: Sequence[Answer]) -> dict[str, Any]:
    pairs = [(a.right, b.right) for a, b in zip(first, second, strict=True)]
    return {"from": earlier, "to": later} | difference_row(paired_interval(pairs))


def _by_skill(answers: Answers, name: str, settings: Sequence[Setting], labels: Sequence[str]) -> dict[str, float]:
    shares = [mean([answer.right for answer in answers[name, setting]]) for setting in settings]
    return {label: round(share, 4) for label, share in zip(labels, shares, strict=True)}


def _label(budget: Budget) -> str:
    return UNBOUNDED if budget is None else str(budget)
