"""`yunqi train`: run a training recipe."""

from __future__ import annotations

from pathlib import Path

import click

from yunqi.cli.terminal import say


@click.command("train")
@click.argument("recipe")
@click.option("--out", type=click.Path(path_type=Path), help="The run's folder; else runs/RECIPE below YUNQI_HOME.")
@click.option("--quick", is_flag=True, help="About a minute: every step, but no good model.")
@click.option("--resume/--fresh", default=True, help="Go on with a run that is there (the default), or drop it.")
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Cores to use; else all that are allowed.")
def command(recipe: str, out: Path | None, quick: bool, resume: bool, threads: int | None) -> None:
    """Train a model by RECIPE, for example nano.

    A run that was stopped goes on where it was; one that was killed, from its last save: every five minutes, with
    --quick every ten seconds.
    """
    from yunqi.recipes import run_recipe

    try:
        model = run_recipe(recipe, out=out, quick=quick, resume=resume, threads=threads)
    except KeyboardInterrupt:
        say("\nStopped. The same command goes on from the last saved step.")
        raise
    say(f'The model is in {model}. Try it: yunqi ask --model "{model}" "What is 12 + 30?"')
