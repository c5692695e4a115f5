"""Ask a model public questions and report: shares with intervals, tokens, and answers that did not come to their end.

Tokens are drawn with the model's official values, since thinking models are published to loop when the likeliest token
is always taken; the seed makes each answer repeatable. A question that does not fit into the model's context counts as
wrong and is counted by itself, too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.common.files import write_json
from yunqi.eval.asking import AT_ONCE, THINKING, ChatModel, Setting
from yunqi.eval.public.sets import load_tasks
from yunqi.eval.public.task import Task
from yunqi.eval.survey import mean, share_row
from yunqi.protocol.output import CompletionOutput
from yunqi.protocol.sampling import SamplingParams

MAX_TOKENS = 16_384


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What a model made of a task. `output` is None where the question did not fit into its context."""

    task: Task
    output: CompletionOutput | None
    right: bool

    @property
    def unfinished(self) -> bool:
        """Whether the answer was cut off by the limit of tokens."""
        return self.output is not None and self.output.finish_reason == "length"


def run_public(
    model: str | Path,
    data_dir: str | Path,
    *,
    sets: Sequence[str] = (),
    n: int | None = None,
    thinking: bool | None = None,
    budgets: Sequence[int | None] = (),
    seed: int = 0,
    max_tokens: int = MAX_TOKENS,
    json: str | Path | None = None,
    progress: bool | None = None,
    load: Callable[[str | Path], ChatModel],
) -> dict[str, Any]:
    """Load a model by name or folder and ask it the sets in `data_dir`; options as for the functions below.

    Args:
        load: makes the model, once data and options are known to be good.
        json: a file to write the report to.
        progress: None: where stderr is a terminal.
    """
    SamplingParams(max_tokens=max_tokens)  # says what is wrong with it
    tasks = load_tasks(data_dir, sets, n)
    shown = sys.stderr.isatty() if progress is None else progress
    options: dict[str, Any] = {"thinking": thinking, "budgets": budgets, "seed": seed, "max_tokens": max_tokens}
    report = {"model": Path(model).name} | evaluate_public(load(model), tasks, **options, progress=shown)
    if json is not None:
        write_json(json, report)
    return report


def evaluate_public(
    model: ChatModel,
    tasks: Mapping[str, Sequence[Task]],
    *,
    thinking: bool | None = None,
    budgets: Sequence[int | None] = (),
    seed: int = 0,
    max_tokens: int = MAX_TOKENS,
    progress: bool = False,
) -> dict[str, Any]:
    """The report on each set in each mode, as plain data.

    Args:
        thinking: one mode only; None: both, as far as the model has them.
        budgets: tokens of thought to compare besides; None stands for no limit.
        max_tokens: of a whole answer, as far as the context has room.
    """
    settings = _settings(model, thinking, budgets)
    rows = {
        name: {
            label: _ask(
                model, asked, setting, seed=seed, max_tokens=max_tokens, progress=progress and f"{name}, {label}"
            )
            for label, setting in settings.items()
        }
        for name, asked in tasks.items()
    }
    return {
        "sampling": "the model's official values",
        "seed": seed,
        "max_tokens": max_tokens,
        "sets": {name: _set_report(modes) for name, modes in rows.items()},
    }


def _settings(model: ChatModel, thinking: bool | None, budgets: Sequence[int | None]) -> dict[str, Setting]:
    """What to ask in, by name. Without a limit a budget is plain thinking, which is asked once."""
    if thinking is None and model.thinking_mode != "hybrid":
        thinking = model.thinking_mode == "always"
    if model.thinking_mode == "none" and (thinking or budgets):
        raise YunqiError("thinking-unsupported")
    modes = {"thinking": THINKING, "non-thinking": AT_ONCE}
    found = {name: setting for name, setting in modes.items() if thinking in (None, setting.thinking)}
    if None in budgets:
        found["thinking"] = THINKING
    bounded = sorted(budget for budget in set(budgets) if budget is not None)
    return found | {f"at most {budget}": Setting(thinking=True, budget=budget) for budget in bounded}


def _ask(
    model: ChatModel, tasks: Sequence[Task], setting: Setting, *, seed: int, max_tokens: int, progress: str | bool
) -> list[Reply]:
    if progress:
        print(f"{progress}: {len(tasks)} questions", file=sys.stderr, flush=True)
    params = [
        SamplingParams(seed=_seed(seed, place), max_tokens=max_tokens, thinking_budget=setting.budget)
        for place in range(len(tasks))
    ]
    outputs = _outputs(model, tasks, params, setting.thinking, shown=bool(progress))
    return [_reply(task, output) for task, output in zip(tasks, outputs, strict=True)]


def _seed(seed: int, place: int) -> int:
    """Another one for each question, and other ones for another seed."""
    return (seed * 1_000_003 + place) % 2**63


def _outputs(
    model: ChatModel, tasks: Sequence[Task], params: Sequence[SamplingParams], thinking: bool | None, *, shown: bool
) -> list[CompletionOutput | None]:
    """All in one batch; where a question does not fit, halves are tried until it stands alone."""
    try:
        outputs = model.chat(
            [list(task.messages) for task in tasks],
            list(params),
            tools=[list(task.tools) for task in tasks],
            enable_thinking=thinking,
            use_tqdm=shown,
        )
    except YunqiError as error:
        if not _is_too_long(error, params[0].max_tokens):
            raise
        if len(tasks) == 1:
            return [None]
        half = len(tasks) // 2
        first = _outputs(model, tasks[:half], params[:half], thinking, shown=shown)
        return first + _outputs(model, tasks[half:], params[half:], thinking, shown=shown)
    return [output.outputs[0] for output in outputs]


def _is_too_long(error: YunqiError, max_tokens: int | None) -> bool:
    """Whether it is the context that has no room for a question, and not `max_tokens` that leaves none for any."""
    if error.code == "thinking-no-room":
        return error.details["max_tokens"] != max_tokens
    return error.code == "prompt-too-long"


def _reply(task: Task, output: CompletionOutput | None) -> Reply:
    return Reply(task=task, output=output, right=output is not None and task.grader(output))


def _set_report(modes: Mapping[str, Sequence[Reply]]) -> dict[str, Any]:
    kinds = list(dict.fromkeys(kind for replies in modes.values() for reply in replies for kind in reply.task.labels))
    return {
        "modes": {label: _row(replies) for label, replies in modes.items()},
        "by": {kind: _by_label(modes, kind) for kind in kinds},
    }


def _row(replies: Sequence[Reply]) -> dict[str, Any]:
    outputs = [reply.output for reply in replies if reply.output is not None]
    unfinished = sum(reply.unfinished for reply in replies)
    return share_row([reply.right for reply in replies]) | {
        "tokens": round(mean([len(output.token_ids) - output.num_inserted_tokens for output in outputs]), 1),
        "reasoning_tokens": round(mean([output.num_reasoning_tokens for output in outputs]), 1),
        "unfinished": round(unfinished / max(1, len(replies)), 4),
        "too_long": len(replies) - len(outputs),
    }


def _by_label(modes: Mapping[str, Sequence[Reply]], kind: str) -> dict[str, dict[str, Any]]:
    values = {reply.task.labels[kind] for replies in modes.values() for reply in replies if kind in reply.task.labels}
    return {
        value: {
            label: share_row([reply.right for reply in replies if reply.task.labels.get(kind) == value])
            for label, replies in modes.items()
        }
        for value in sorted(values)
    }
