"""Carry a recipe out: train, export, evaluate on held-out problems, and write the report beside the weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.common.files import read_json
from yunqi.common.home import home
from yunqi.common.machine import allowed_cores
from yunqi.recipes.nano import nano
from yunqi.recipes.report import write_report
from yunqi.train.config import TrainConfig

Recipe = Callable[..., TrainConfig]
RECIPES: Mapping[str, Recipe] = {"nano": nano}
QUICK_TOKENS = 256  # a model of one minute seldom ends by itself


def run_recipe(
    name: str,
    *,
    out: str | Path | None = None,
    quick: bool = False,
    resume: bool = True,
    threads: int | None = None,
    silent: bool = False,
) -> Path:
    """Train the recipe `name` and return the folder of the finished model, with its report in it.

    Args:
        out: the run's folder; None: `runs/NAME` under the home of Yunqi. A run that is there goes on where it was.
        quick: about a minute, to see that everything works; the model is not good.
        resume: False starts afresh.
        threads: cores to use; None: all that are allowed.

    Raises:
        YunqiError: `option-invalid` for a name that is no recipe, and what `yunqi.train.run.run` raises.
        KeyboardInterrupt: after a signal, when everything is saved.
    """
    if name not in RECIPES:
        raise YunqiError("option-invalid", option="recipe", value=name, rule=f"There is {', '.join(RECIPES)}.")
    from yunqi.train.run import run  # torch, only once the name is known to be good

    config = RECIPES[name](quick=quick)
    folder = Path(out) if out is not None else home() / "runs" / config.name
    model = run(config, folder, resume=resume, threads=threads or allowed_cores(), silent=silent)
    add_evaluation(model, config.eval_problems, seed=config.seed, quick=quick, progress=not silent)
    return model


def add_evaluation(
    model: Path, num_problems: int, *, seed: int = 0, quick: bool = False, progress: bool = False
) -> dict[str, Any]:
    """Evaluate a trained model and write its report: `held_out` and `agreement` join the facts in `report.json`.

    Args:
        num_problems: of each skill, on the test split.
        quick: the table of skills alone, with short answers.
        progress: shows on stderr how far the evaluation is.
    """
    from yunqi.eval.agreement import measure_agreement
    from yunqi.eval.held_out import run_eval

    limits: dict[str, Any] = {"brief": True, "max_tokens": QUICK_TOKENS} if quick else {}
    held_out = run_eval(model, n=num_problems, seed=seed, progress=progress, **limits)
    agreement = measure_agreement(model, n=4 if quick else 32, seed=seed, max_tokens=QUICK_TOKENS)
    report = read_json(model / "report.json") | {"held_out": held_out, "agreement": agreement}
    write_report(model, report)
    return report
