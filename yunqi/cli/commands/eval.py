"""`yunqi eval`: how good a model is on problems that no training saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from yunqi.cli import options
from yunqi.cli.terminal import say, say_json
from yunqi.common.errors import YunqiError

MODES = {"both": None, "on": True, "off": False}
MANY = ("steps", "all")
HELD_OUT_ONLY = ("skills", "budgets_on", "brief", "split", "png")
PUBLIC_ONLY = ("sets", "max_tokens")


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
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Ask the public sets in DIR instead, --n of each: for released models.",
)
@click.option("--sets", metavar="A,B", default="", help="With --data: gsm8k, math500, bfcl, cruxeval; else all in DIR.")
@click.option("--max-tokens", default=16_384, show_default=True, help="With --data: of a whole answer.")
@options.quantization_option
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
    data: Path | None,
    sets: str,
    max_tokens: int,
    quantization: str | None,
    anyway: bool,
    as_json: bool,
) -> None:
    """Ask MODEL held-out problems of every skill and show the share of right answers.

    Answers are greedy, with thinking and at once. Then follow budgets of thought, German and Chinese (a third as many
    problems), problems longer than any in training (a third), and conduct: whether the thinking switch is obeyed, what
    is declined, and whether an answer was empty or a thought too long.

    Intervals are Wilson's at 95 %; neighbouring budgets are compared problem by problem. "nearest" repeats the reply to
    the most similar training problem, "chance" that of a drawn one.

    With --data only the public sets are asked, with the model's official sampling; budgets where --budgets is given.
    """
    _check_options(data)
    if data is not None:
        from yunqi.eval.budgets import parse_budgets
        from yunqi.eval.public import format_public, run_public

        report = run_public(
            model,
            data,
            sets=_names(sets),
            n=n,
            thinking=MODES[thinking],
            budgets=parse_budgets(budgets) if _given("budgets") else (),
            seed=seed,
            max_tokens=max_tokens,
            json=out,
            load=lambda name: options.load_llm(str(name), anyway=anyway, quantization=quantization),
        )
        _show(report, format_public, as_json, (out,))
        return
    from yunqi.data.problems.catalogue import SKILLS
    from yunqi.eval import format_report, run_eval
    from yunqi.eval.budgets import parse_budgets
    from yunqi.eval.copies import useful_copies
    from yunqi.eval.held_out import MULTI_STEP

    report = run_eval(
        model,
        n=n,
        skills=_names(skills),
        thinking=MODES[thinking],
        split=split,
        seed=seed,
        budgets=parse_budgets(budgets),
        budget_skills=tuple(SKILLS) if budgets_on == "all" else MULTI_STEP,
        brief=brief,
        json=out,
        png=png,
        copies=1 if quantization else useful_copies(model),  # a copy would load the weights as they are stored
        load=lambda name: options.load_llm(str(name), anyway=anyway, quantization=quantization),
    )
    _show(report, format_report, as_json, (out, png))


def _show(
    report: dict[str, Any], as_text: Callable[[dict[str, Any]], str], as_json: bool, written: Sequence[Path | None]
) -> None:
    if as_json:
        say_json(report)
        return
    say(as_text(report))
    for path in written:
        if path is not None:
            say(f"\n{path} is written.", dim=True)


def _check_options(data: Path | None) -> None:
    """Raise `option-without-effect` or `options-contradict` where what is asked does not use an option."""
    for name in PUBLIC_ONLY if data is None else HELD_OUT_ONLY:
        if _given(name):
            option = f"--{name.replace('_', '-')}"
            if data is None:
                raise YunqiError("option-without-effect", option=option, other="--data DIR")
            rule = f"Leave {option} out to ask the public sets, or --data to ask held-out problems."
            raise YunqiError("options-contradict", first=option, second="--data", rule=rule)


def _given(name: str) -> bool:
    return click.get_current_context().get_parameter_source(name) is not ParameterSource.DEFAULT


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
