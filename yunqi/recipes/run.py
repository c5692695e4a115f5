"""Carry a recipe out: train, export, evaluate on held-out problems, and write the report beside the weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.common.files import read_json, sha256_of, write_json
from yunqi.common.home import home
from yunqi.common.machine import allowed_cores
from yunqi.recipes.nano import nano
from yunqi.recipes.nano_next import nano_next
from yunqi.recipes.report import write_report
from yunqi.train.config import TrainConfig

Recipe = Callable[..., TrainConfig]
RECIPES: Mapping[str, Recipe] = {"nano": nano, "nano-next": nano_next}
EARLIER = (
    "name",
    "steps",
    "tokens",
    "loss_tokens",
    "examples",
    "seconds",
    "cpu_seconds",
    "seed",
    "fingerprint",
    "data_hash",
)
QUICK_TOKENS = 256  # a model of one minute seldom ends by itself


def run_recipe(
    name: str,
    *,
    out: str | Path | None = None,
    start: Path | None = None,
    quick: bool = False,
    resume: bool = True,
    threads: int | None = None,
    device: str = "cpu",
    workers: int = 0,
    silent: bool = False,
    **scale: int | None,
) -> Path:
    """Train the recipe `name` and return the folder of the finished model, with its report in it.

    Args:
        out: the run's folder; None: `runs/NAME` under the home of Yunqi. A run that is there goes on where it was.
        start: the folder of a model of this recipe to go on from; None: from random weights.
        quick: about a minute, to see that everything works; the model is not good.
        resume: False starts afresh.
        threads: cores to use; None: all that are allowed.
        device: "cpu" or "cuda".
        workers: processes that make the batches ahead of the steps.
        scale: `steps` and `windows` of a run that is longer, or whose steps are larger, than the recipe's own.

    Raises:
        YunqiError: `option-invalid` for a name that is no recipe, and what `yunqi.train.run.run` raises.
        KeyboardInterrupt: after a signal, when everything is saved.
    """
    if name not in RECIPES:
        raise YunqiError("option-invalid", option="recipe", value=name, rule=f"There is {', '.join(RECIPES)}.")
    from yunqi.train.run import run  # torch, only once the name is known to be good

    config = make_config(name, quick=quick, start=start, **scale)
    folder = Path(out) if out is not None else home() / "runs" / config.name
    options: dict[str, Any] = {"device": device, "workers": workers, "silent": silent}
    model = run(config, folder, start=start, resume=resume, threads=threads or allowed_cores(), **options)
    if start is not None:
        report = read_json(model / "report.json")
        write_json(model / "report.json", report | {"earlier": _earlier(start)})
    add_evaluation(model, config.eval_problems, quick=quick, progress=not silent)
    return model


def make_config(name: str, *, quick: bool = False, start: Path | None = None, **scale: int | None) -> TrainConfig:
    """The config of a recipe, from random weights or from those in the folder `start`, at another scale if asked to.

    Raises:
        YunqiError: `option-invalid` where `start` is no model of this recipe.
    """
    if start is None:
        return RECIPES[name](quick=quick, **scale)
    weights, config = start / "model.safetensors", RECIPES[name](quick=quick)
    shape = read_json(start / "config.json") if weights.is_file() else {}
    if any(shape.get(key) != value for key, value in config.model.items() if isinstance(value, int | float | list)):
        raise YunqiError("option-invalid", option="--from", value=start, rule=f"It takes a model of the recipe {name}.")
    return RECIPES[name](quick=quick, start=sha256_of(weights), **scale)


def _earlier(start: Path) -> list[dict[str, Any]]:
    """What the runs before cost and reached, the last one first, as far as their reports tell."""
    if not (start / "report.json").is_file():
        return []
    report = read_json(start / "report.json")
    row = {key: report[key] for key in EARLIER if key in report}
    return [row | {"macro": report.get("held_out", {}).get("macro", {})}, *report.get("earlier", [])]


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
