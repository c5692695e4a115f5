"""The thinking dial: the same problems at rising thinking budgets, all in one batch."""

from __future__ import annotations

from collections.abc import Sequence

from yunqi.data.problems.problem import Problem
from yunqi.eval.asking import Answer, ChatModel, Setting, as_question, ask
from yunqi.eval.charts import DialPoint
from yunqi.eval.statistics import wilson_interval
from yunqi.eval.survey import mean

MAX_TOKENS = 640


def measure_dial(
    model: ChatModel, problems: Sequence[Problem], budgets: Sequence[int | None], *, title: str | None = None
) -> list[DialPoint]:
    """One point a budget (tokens of thought; None: no limit), with the share of right answers and its 95 % interval.

    Tokens and seconds are means over the answers. Seconds count from the first token to the last while all the others
    run beside it. `title` names the progress shown on stderr; None: none is shown.
    """
    settings = [Setting(thinking=True, budget=budget) for budget in budgets]
    asked = [(as_question(problem), setting) for problem in problems for setting in settings]
    answers = ask(model, asked, max_tokens=MAX_TOKENS, progress=title)
    return [_point([answer for answer in answers if answer.setting == setting]) for setting in settings]


def _point(answers: Sequence[Answer]) -> DialPoint:
    right, budget = sum(answer.right for answer in answers), answers[0].setting.budget
    low, high = wilson_interval(right, len(answers))
    return DialPoint(
        label="none" if budget is None else str(budget),
        accuracy=right / len(answers),
        low=low,
        high=high,
        tokens=mean([answer.num_tokens for answer in answers]),
        seconds=mean([answer.seconds for answer in answers]),
    )
