"""`yunqi eval`: how good a model is on problems that no training saw."""

from __future__ import annotations

import click

from yunqi.cli.options import json_option
from yunqi.cli.terminal import say, say_json

MODES = {"both": None, "on": True, "off": False}


@click.command("eval")
@click.argument("model")
@click.option("--n", default=100, show_default=True, help="Problems of each skill.")
@click.option("--thinking", type=click.Choice(list(MODES)), default="both", show_default=True, metavar="both|on|off")
@click.option("--split", default="test", show_default=True, help="test, dev, or ood: longer than any in training.")
@click.option("--seed", default=0, show_default=True, help="Which problems are drawn.")
@json_option
def command(model: str, n: int, thinking: str, split: str, seed: int, as_json: bool) -> None:
    """Ask MODEL held-out problems of every skill and show the share of right answers.

    The interval is Wilson's at 95 %; "nearest" answers with the most similar training problem's answer and "chance"
    with a drawn one.
    """
    from typing import cast

    from yunqi.data.split import Split
    from yunqi.eval import format_table, run_eval
    from yunqi.hub.resolve import resolve

    resolve(model)
    report = run_eval(model, n=n, thinking=MODES[thinking], split=cast(Split, split), seed=seed)
    if as_json:
        say_json(report)
    else:
        say(format_table(report))
