"""`yunqi eval`: how good a model is on problems that no training saw."""

from __future__ import annotations

from pathlib import Path

import click

from yunqi.cli import options
from yunqi.cli.terminal import say, say_json

MODES = {"both": None, "on": True, "off": False}
MANY = ("steps", "all")


@click.command("eval")
@click.argument("model")
@click.option("--n", default=40, show_default=True, help="Problems of each skill; a third as many where it says so.")
@click.option("--skills", metavar="A,B", default="", help="Only these skills, with commas between.")
@click.option("--thinking", type=click.Choice(list(MODES)), default="both", show_default=True, metavar="both|on|off")
@click.option(
    "--budgets",
    default="0,16,32,64,128,none",
    show_default=True,
    metavar="N,N,none",
    help="Thinking budgets to compare, in tokens; an empty text compares none.",
)
@click.option(
    "--budgets-on",
    type=click.Choice(MANY),
    default="steps",
    show_default=True,
    metavar="steps|all",
    help="Compare budgets on the skills of several steps, or on all.",
)
@click.option("--brief", is_flag=True, help="The table of skills alone.")
@click.option("--split", default="test", show_default=True, help="test, dev, or ood: longer than any in training.")
@click.option("--seed", default=0, show_default=True, help="Which problems are drawn.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE.json", help="Write the report to a file, too.")
@click.option("--png", type=click.Path(path_type=Path), metavar="FILE.png", help="Draw skills and budgets to a file.")
@options.anyway_option
@options.json_option
def command(
    model: str,
    n: int,
    skills: str,
    thinking: str,
    budgets: str,
    budgets_on: str,
    brief: bool,
    split: str,
    seed: int,
    out: Path | None,
    png: Path | None,
    anyway: bool,
    as_json: bool,
) -> None:
    """Ask MODEL held-out problems of every skill and show the share of right answers.

    Answers are greedy, with thinking and at once. Then follow budgets of thought, German and Chinese (a third as many
    problems), problems longer than any in training (a third), and conduct: whether the thinking switch is obeyed, what
    is declined, and whether an answer was empty or a thought too long.

    Intervals are Wilson's at 95 %; neighbouring budgets are compared problem by problem. "nearest" repeats the reply to
    the most similar training problem, "chance" that of a drawn one.
    """
    from yunqi.data.problems.catalogue import SKILLS
    from yunqi.eval import format_report, run_eval
    from yunqi.eval.budgets import parse_budgets
    from yunqi.eval.held_out import MULTI_STEP

    report = run_eval(
        model,
        n=n,
        skills=tuple(name.strip() for name in skills.split(",") if name.strip()),
        thinking=MODES[thinking],
        split=split,
        seed=seed,
        budgets=parse_budgets(budgets),
        budget_skills=tuple(SKILLS) if budgets_on == "all" else MULTI_STEP,
        brief=brief,
        json=out,
        png=png,
        load=lambda name: options.load_llm(str(name), anyway=anyway),
    )
    if as_json:
        say_json(report)
    else:
        say(format_report(report))
    for path in (out, png):
        if path is not None and not as_json:
            say(f"\n{path} is written.", dim=True)
