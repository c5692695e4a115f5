"""`yunqi tour`: the thinking dial. What a thought is worth on fresh problems, one solved live, then the user's own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yunqi.cli import options
from yunqi.cli.answer import Answer, stream_answer
from yunqi.cli.inputs import checked_text
from yunqi.cli.remedies import told
from yunqi.cli.terminal import columns, count_text, counted, say
from yunqi.common.errors import YunqiError
from yunqi.common.home import home
from yunqi.protocol.sampling import SamplingParams

if TYPE_CHECKING:
    from yunqi.data.problems.problem import Problem
    from yunqi.engine.llm import LLM
    from yunqi.eval.dial import DialPoint

MODEL = "nano"
BUDGETS = (0, 32, 128, None)
# Skill and least difficulty (digits or steps) of the problems on the dial, taken in turn.
_KINDS = (("words", 3), ("chains", 3), ("products", 2), ("words", 5), ("prices", 2), ("sums", 3))
_LIVE = ("words", 4)
_BAR = 30

NEXT = """
What to try next
  yunqi                     chat with nano; /help lists what you can say
  yunqi ask "17 + 4 * 3"    one question; --no-think answers at once, --budget 20 bounds the thought
  yunqi models              what else is on this machine, with memory and speed
  yunqi pull Qwen/Qwen3-0.6B   fetch a real model; the same commands run it
  yunqi eval nano           how good nano is, measured on problems it never saw
  yunqi train nano --quick  see how it was trained, in small
"""


@click.command("tour")
@click.option("--n", default=24, show_default=True, type=click.IntRange(1), help="Problems on the dial.")
@click.option("--seed", type=int, help="Which problems are drawn; without it, new ones each time.")
@click.option("--png", type=click.Path(dir_okay=False, path_type=Path), help="Where the picture goes.")
def command(n: int, seed: int | None, png: Path | None) -> None:
    """See what thinking buys: fresh problems at rising budgets, one solved live, then your own question."""
    from random import SystemRandom

    seed = SystemRandom().randrange(10_000) if seed is None else seed
    say(f"Loading {MODEL}, the model inside the package ...", dim=True)
    llm = options.load_llm(MODEL, anyway=True)
    say(_introduction())
    _dial(llm, n, seed, png or home() / "tour.png")
    _live(llm, live_problem(seed))
    _own_question(llm)
    say(NEXT, newline=False)


def dial_problems(n: int, seed: int) -> list[Problem]:
    """`n` held-out problems of several steps, the same for the same seed."""
    from yunqi.data.split import problems

    streams = [(problems(skill, "test", seed + 1000 * i), least) for i, (skill, least) in enumerate(_KINDS)]
    drawn = []
    for index in range(n):
        stream, least = streams[index % len(streams)]
        drawn.append(next(problem for problem in stream if problem.difficulty >= least))
    return drawn


def live_problem(seed: int) -> Problem:
    """A held-out story."""
    from yunqi.data.split import problems

    skill, steps = _LIVE
    return next(problem for problem in problems(skill, "test", seed) if problem.difficulty == steps)


def _dial(llm: LLM, n: int, seed: int, png: Path) -> None:
    from yunqi.eval.charts import draw_dial
    from yunqi.eval.dial import measure_dial

    say(
        f"\n{counted(n, 'problem')} of several steps, drawn now (--seed {seed}) and kept out of its training.", dim=True
    )
    say(
        "Each is asked four times at once: with no thought, at most 32 tokens of it, at most 128, and no limit.",
        dim=True,
    )
    title = "The dial" if sys.stderr.isatty() else None
    points = measure_dial(llm, dial_problems(n, seed), BUDGETS, title=title)
    say("\nThe thinking dial\n", bold=True)
    for line in dial_lines(points):
        say(f"  {line}")
    try:
        draw_dial(points, png, title=f"{MODEL}: what a thought is worth ({counted(n, 'held-out problem')})")
        say(f"\nThe picture: {png}", dim=True)
    except YunqiError as error:
        say(f"\nThere is no picture: {error.sentence} --png FILE chooses another place.", dim=True)


def dial_lines(points: Sequence[DialPoint]) -> list[str]:
    """The dial as text: a bar for the share of right answers, then tokens and seconds an answer."""
    rows = [("budget", "right answers", "", "tokens", "seconds")]
    for point in points:
        filled = round(_BAR * point.accuracy)
        bar = "█" * filled + "░" * (_BAR - filled)
        rows.append((point.label, bar, f"{point.accuracy:4.0%}", f"{point.tokens:.0f}", f"{point.seconds or 0:.2f}"))
    return columns(rows, right=(0, 2, 3, 4))


def _live(llm: LLM, problem: Problem) -> None:
    from yunqi.eval.verifiers import verify

    say("\nOne of them live. Its thought is dim, its answer plain.\n", dim=True)
    say(f"{problem.question}\n", bold=True)
    answer = _ask(llm, problem.question)
    verdict = "which is right" if verify(problem, answer.text) else f"which is wrong: it is {problem.answer}"
    say(f"{verdict}.", dim=True)


def _own_question(llm: LLM) -> None:
    """The user's questions until an empty line, where somebody sits at a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    say(
        "\nYour turn: ask it something (an empty line ends). It knows arithmetic, small stories, letters, dates.",
        dim=True,
    )
    while True:
        try:
            question = input("> ").strip()
            if not question:
                return
            _ask(llm, checked_text(question))
        except YunqiError as error:
            click.echo(f"Error: {told(error, in_chat=True)}", err=True)
        except (EOFError, KeyboardInterrupt):
            say()
            return


def _ask(llm: LLM, question: str) -> Answer:
    answer = Answer()
    messages = [{"role": "user", "content": question}]
    cost = stream_answer(llm, messages, SamplingParams(temperature=0.0, max_tokens=1024), think=True, answer=answer)
    say(f"{cost.line}\n", dim=True)
    return answer


def _introduction() -> str:
    from yunqi.common.machine import allowed_cores
    from yunqi.hub.catalog import describe
    from yunqi.hub.resolve import resolve

    size, count = count_text(describe(resolve(MODEL)).num_parameters or 0), allowed_cores()
    cores = f"{count} core{'' if count == 1 else 's'}"
    return (
        f"{MODEL} has {size} parameters, was trained by `yunqi train nano`, and runs here on {cores}.\n"
        "It is a demonstration: it calculates, and knows nothing of the world."
    )
