"""`yunqi train`: run a training recipe."""

from __future__ import annotations

from pathlib import Path

import click

from yunqi.cli.terminal import say


@click.command("train")
@click.argument("recipe")
@click.option("--out", type=click.Path(path_type=Path), help="Where the run and its model go. [default: in YUNQI_HOME]")
@click.option("--quick", is_flag=True, help="About a minute: every step, but no good model.")
@click.option("--resume/--fresh", default=True, show_default=True, help="Go on with a run that is there, or drop it.")
@click.option("--threads", type=click.IntRange(min=1), help="Cores to use. [default: all that are allowed]")
def command(recipe: str, out: Path | None, quick: bool, resume: bool, threads: int | None) -> None:
    """Train a model by RECIPE, for example nano. A run that was stopped goes on where it was."""
    from yunqi.common.home import home
    from yunqi.recipes import run_recipe

    folder = out or home() / "runs" / (f"{recipe}-quick" if quick else recipe)
    model = run_recipe(recipe, out=folder, quick=quick, resume=resume, threads=threads)
    say(f'The model is in {model}. Try it: yunqi ask --model {model} "..."')
