"""The thinking dial: the same problems at rising thinking budgets, all in one batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from yunqi.data.problems.problem import Problem
from yunqi.eval.charts import DialPoint
from yunqi.eval.statistics import wilson_interval
from yunqi.eval.verifiers import verify
from yunqi.protocol.output import RequestOutput
from yunqi.protocol.sampling import SamplingParams

if TYPE_CHECKING:
    from yunqi.engine.llm import LLM

MAX_TOKENS = 1024


def measure_dial(
    llm: LLM, problems: Sequence[Problem], budgets: Sequence[int | None], *, progress: bool = False
) -> list[DialPoint]:
    """One point a budget (tokens of thought; None: no limit), with the share of right answers and its 95 % interval.

    Tokens and seconds are means over the answers. Seconds count from the first token to the last while all the others
    run beside it.
    """
    asked = [(problem, budget) for budget in budgets for problem in problems]
    outputs = llm.chat(
        [list(problem.prompt) for problem, _ in asked],
        [SamplingParams(temperature=0.0, max_tokens=MAX_TOKENS, thinking_budget=budget) for _, budget in asked],
        enable_thinking=True,
        use_tqdm=progress,
    )
    answered = list(zip(asked, outputs, strict=True))
    return [_point(budget, [(p, out) for (p, b), out in answered if b == budget]) for budget in budgets]


def _point(budget: int | None, answered: Sequence[tuple[Problem, RequestOutput]]) -> DialPoint:
    right = sum(verify(problem, output.outputs[0].text) for problem, output in answered)
    low, high = wilson_interval(right, len(answered))
    return DialPoint(
        label="none" if budget is None else str(budget),
        accuracy=right / len(answered),
        low=low,
        high=high,
        tokens=sum(len(output.outputs[0].token_ids) for _, output in answered) / len(answered),
        seconds=sum(_seconds(output) for _, output in answered) / len(answered),
    )


def _seconds(output: RequestOutput) -> float:
    first, end = output.metrics.first_token_time, output.metrics.finished_time
    return end - first if first is not None and end is not None else 0.0
