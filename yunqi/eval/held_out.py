"""Evaluate a model on held-out problems through the public `LLM`: with thinking, at once, and at every budget between.

A report is plain data. For each skill and mode: the share of right answers with its 95 % interval, the tokens, the same
over the number of digits or steps, and beside them what chance, the commonest reply and the nearest training problem
would give. Then: other languages, thinking budgets, problems longer than any in training, and whether the model obeys
the thinking switch, stays within its budget, never answers with nothing, and declines what it cannot do. A model that
was taught to is also asked how far back it recalls a fact.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.common.files import write_json
from yunqi.data.problems.catalogue import ALL, SKILLS
from yunqi.data.problems.problem import Problem
from yunqi.data.split import SPLITS, Split
from yunqi.eval.asking import AT_ONCE, THINKING, Answer, ChatModel, Question, Setting, as_question, ask
from yunqi.eval.budgets import BUDGETS, Budget, budget_section
from yunqi.eval.conduct import frozen_section, switch_section, wrongly_declined
from yunqi.eval.copies import Copies, useful_copies
from yunqi.eval.recall import recall_section, taught
from yunqi.eval.skill_table import COUNTS_STEPS, Draw, SkillTable, ask_languages, gap_section, language_report
from yunqi.eval.survey import Survey
from yunqi.processing.chat.rendered import Mode

MAX_TOKENS = 640
MODES: Mapping[str, Setting] = {"thinking": THINKING, "non-thinking": AT_ONCE}
MULTI_STEP = (*COUNTS_STEPS, "prices")


def evaluate(
    model: ChatModel,
    *,
    skills: Sequence[str] = (),
    n: int = 100,
    thinking: bool | None = None,
    split: Split = "test",
    seed: int = 0,
    budgets: Sequence[Budget] = BUDGETS,
    budget_skills: Sequence[str] = MULTI_STEP,
    brief: bool = False,
    recalls: bool = False,
    max_tokens: int | None = None,
    progress: bool = False,
) -> dict[str, Any]:
    """Ask `n` English problems of each skill, a third as many in other languages and beyond training, greedily.

    Args:
        skills: rows of the catalogue; empty: all.
        thinking: one mode only; None: both, as far as the model has them.
        split: "dev" for tuning, "test" for the record; "ood", problems longer than any in training, stands alone.
        budgets: tokens of thought in rising order, None for no limit; empty: budgets are not measured.
        budget_skills: whose problems are asked at every budget, as far as they are among `skills`.
        brief: the table of skills alone.
        recalls: also ask a third as many planted facts at each of several distances.
        max_tokens: of a whole answer; None: 640, of which the answer keeps its part.

    Raises:
        YunqiError: `option-invalid` for a skill or split that does not exist.
    """
    _check(skills, split, n)
    modes = _modes(model, thinking)
    survey = Survey(model, max_tokens=max_tokens or MAX_TOKENS, progress=progress)
    draw = Draw(skills=tuple(skills) or tuple(SKILLS), split=split, n=n, seed=seed)
    table = SkillTable.ask("Held-out problems", survey, draw, modes)
    report = {"split": split, "problems_per_skill": n, "seed": seed, "sampling": "greedy"} | table.report()
    if not brief and split != "ood":
        report |= _sections(survey, table, budgets, budget_skills, model.thinking_mode)
        if recalls:
            report["recall"] = recall_section(survey, model, modes, max(1, n // 3), seed)
        report["hand_written"] = {} if skills else frozen_section(survey, modes, 2 * n)
    return report | _counts(survey)


def _sections(
    survey: Survey, table: SkillTable, budgets: Sequence[Budget], budget_skills: Sequence[str], mode: Mode
) -> dict[str, Any]:
    draw = table.draw
    few = max(1, draw.n // 3)
    abroad = ask_languages(survey, table, few)
    tasks = {skill: table.questions[skill] for skill in draw.skills if skill in budget_skills and mode != "none"}
    further = Draw(skills=draw.skills, split="ood", n=few, seed=draw.seed)
    answers = [answer for mode in table.modes for answer in table.row(mode)]
    return {
        "gap": gap_section(table),
        "languages": {language: language_report(other, table) for language, other in abroad.items()},
        "budgets": budget_section(survey, tasks, budgets) if tasks and budgets else {},
        "beyond": SkillTable.ask("Longer than in training", survey, further, table.modes).report(),
        "switch": switch_section(survey, _askable(table), answers) if mode == "hybrid" else {},
        "wrongly_declined": wrongly_declined([table.answers, *(other.answers for other in abroad.values())]),
    }


def run_eval(
    model: str | Path,
    *,
    json: str | Path | None = None,
    png: str | Path | None = None,
    progress: bool | None = None,
    load: Callable[[str | Path], ChatModel] | None = None,
    copies: int | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Load a model by name or folder and `evaluate` it with these options.

    Args:
        load: makes the model, once the options are known to be good; None: `yunqi.LLM`.
        copies: processes that answer side by side. The others load `yunqi.LLM(model)`, whatever `load` does; so None
            means one with `load`, and without it one a core where the model is small, else one.
        json, png: files to write the report and its picture to.
        progress: None: where stderr is a terminal.
    """
    _check(options.get("skills", ()), options.get("split", "test"), options.get("n", 1))
    shown = sys.stderr.isatty() if progress is None else progress
    own = (load or _load)(model)
    if not options.get("skills") and options.get("recalls") is None:
        options["recalls"] = taught(model)
    if copies is None:
        copies = 1 if load else useful_copies(model)
    with Copies(own, model, copies) as answering:
        report = {"model": Path(model).name} | evaluate(answering, progress=shown, **options)
    if json is not None:
        write_json(json, report)
    if png is not None:
        from yunqi.eval.charts import draw_held_out

        draw_held_out(report, png)
    return report


def _load(model: str | Path) -> ChatModel:
    from yunqi.engine.llm import LLM

    return LLM(model)


def grade(model: ChatModel, asked: Sequence[Problem], *, thinking: bool, budget: Budget = None) -> list[Answer]:
    """The answer to each problem, in order, and whether it is right."""
    setting = Setting(thinking=thinking, budget=budget)
    return ask(model, [(as_question(problem), setting) for problem in asked], max_tokens=MAX_TOKENS)


def _modes(model: ChatModel, thinking: bool | None) -> dict[str, Setting]:
    """The modes to ask in: of those that the model has, unless one is named."""
    if thinking is None and model.thinking_mode != "hybrid":
        thinking = model.thinking_mode == "always"
    return {name: setting for name, setting in MODES.items() if thinking in (None, setting.thinking)}


def _askable(table: SkillTable) -> list[Question]:
    """A tenth of the questions, of every skill, as far as a user asks them."""
    some = max(1, table.draw.n // 10)
    asked = [question for skill in table.draw.skills for question in table.questions[skill][:some]]
    return [question for question in asked if question.messages[-1].role == "user"]


def _counts(survey: Survey) -> dict[str, Any]:
    """What must never happen, of all that was asked."""
    return {
        "answers": len(survey.answers),
        "empty_answers": survey.num_empty(),
        "over_budget": survey.num_over_budget(),
    }


def _check(skills: Sequence[str], split: str, n: int) -> None:
    if n < 1:
        raise YunqiError("option-invalid", option="n", value=n, rule="Ask at least one problem.")
    if split not in SPLITS:
        raise YunqiError("option-invalid", option="split", value=split, rule=f"There are {', '.join(SPLITS)}.")
    for skill in skills:
        if skill not in ALL:
            raise YunqiError("option-invalid", option="skill", value=skill, rule=f"There are {', '.join(ALL)}.")
