"""Carry a recipe out: train, export, evaluate on held-out problems, and write the report beside the weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.common.files import read_json, write_json
from yunqi.common.home import home
from yunqi.common.machine import allowed_cores
from yunqi.recipes.nano import nano
from yunqi.train.config import TrainConfig

Recipe = Callable[..., TrainConfig]
RECIPES: Mapping[str, Recipe] = {"nano": nano}


def run_recipe(
    name: str,
    *,
    out: str | Path | None = None,
    quick: bool = False,
    resume: bool = True,
    threads: int | None = None,
    silent: bool = False,
) -> Path:
    """Train the recipe `name` and return the folder of the finished model, with `report.json` in it.

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
    add_evaluation(model, config.eval_problems, seed=config.seed)
    return model


def add_evaluation(model: Path, num_problems: int, *, seed: int = 0) -> dict[str, Any]:
    """Evaluate a trained model in both modes and write the tables into its report.

    `held_out` is the test split; `beyond`, a third as many problems, holds longer ones than any in training.
    """
    from yunqi.eval.held_out import run_eval

    report = read_json(model / "report.json")
    report["held_out"] = run_eval(model, n=num_problems, split="test", seed=seed)
    report["beyond"] = run_eval(model, n=max(1, num_problems // 3), split="ood", seed=seed)
    write_json(model / "report.json", report)
    return report
