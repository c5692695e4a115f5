"""`yunqi train`: run a training recipe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from yunqi.cli.terminal import say
from yunqi.common.files import read_json
from yunqi.common.home import home

if TYPE_CHECKING:
    from yunqi.train.config import TrainConfig


@click.command("train")
@click.argument("recipe")
@click.option("--out", type=click.Path(path_type=Path), help="The run's folder; else runs/RECIPE below YUNQI_HOME.")
@click.option("--from", "start", metavar="MODEL", help="Go on from this model of the recipe: a name or a folder.")
@click.option("--quick", is_flag=True, help="About a minute: every step, but no good model.")
@click.option("--resume/--fresh", default=True, help="Go on with a run that is there (the default), or drop it.")
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Cores to use; else all that are allowed.")
@click.option("--device", default="cpu", show_default=True, help="cpu or cuda.")
@click.option("--workers", type=click.IntRange(min=0), default=0, help="Processes that make the batches ahead of time.")
@click.option("--steps", type=click.IntRange(min=1), metavar="N", help="Steps, if not the recipe's own number.")
@click.option("--windows", type=click.IntRange(min=1), default=1, help="Windows of tokens in a step; for a GPU, 8.")
def command(
    recipe: str,
    out: Path | None,
    start: str | None,
    quick: bool,
    resume: bool,
    threads: int | None,
    device: str,
    workers: int,
    steps: int | None,
    windows: int,
) -> None:
    """Train a model by RECIPE, for example nano.

    A run that was stopped goes on where it was; one that was killed, from its last save: every five minutes, with
    --quick every ten seconds. One that is complete stays as it is.
    """
    from yunqi.hub.resolve import resolve
    from yunqi.recipes import run_recipe

    first = None if start is None else resolve(start)
    scale = {"steps": steps, "windows": windows}
    if resume and (complete := _resumed(recipe, out, first, quick=quick, **scale)):
        say(f"Already complete: {complete}; --fresh starts again.")
        return
    try:
        model = run_recipe(
            recipe,
            out=out,
            start=first,
            quick=quick,
            resume=resume,
            threads=threads,
            device=device,
            workers=workers,
            **scale,
        )
    except KeyboardInterrupt:
        say("\nStopped. The same command goes on from the last saved step.")
        raise
    say(f'The model is in {model}. Try it: yunqi ask --model "{model}" "What is 12 + 30?"')


def _resumed(recipe: str, out: Path | None, start: Path | None, *, quick: bool, **scale: int | None) -> Path | None:
    """Say where a run that is there goes on; the model's folder where there is nothing left to do."""
    from yunqi.recipes.run import RECIPES, make_config

    if recipe not in RECIPES:
        return None
    config = make_config(recipe, quick=quick, start=start, **scale)
    folder = out if out is not None else home() / "runs" / config.name
    step, model = _saved_step(folder, config), folder / "model"
    if step >= config.steps and _is_evaluated(model, config):
        return model
    if step >= config.steps:
        say(f"All {config.steps} steps are done; going on with the evaluation.")
    elif step:
        say(f"Going on from step {step} of {config.steps}.")
    return None


def _saved_step(folder: Path, config: TrainConfig) -> int:
    if not (folder / "run.json").is_file():
        return 0
    from yunqi.train.checkpoint import load_state

    found = load_state(folder, config.fingerprint)
    return found[1].step if found else 0


def _is_evaluated(model: Path, config: TrainConfig) -> bool:
    """Whether the run's own report is there in full: `report.md` is the last file that a run writes."""
    if not ((model / "report.json").is_file() and (model / "report.md").is_file()):
        return False
    report = read_json(model / "report.json")
    return "held_out" in report and report.get("fingerprint") == config.fingerprint
