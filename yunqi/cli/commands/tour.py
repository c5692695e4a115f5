"""`yunqi tour`: three problems that nano never saw, answered with and without thinking, and what to try next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING

import click

from yunqi.cli import options
from yunqi.cli.answer import Answer, Cost, stream_answer
from yunqi.cli.terminal import clean, columns, count_text, say
from yunqi.protocol.sampling import SamplingParams

if TYPE_CHECKING:
    from yunqi.data.problems.problem import Problem
    from yunqi.engine.llm import LLM

MODEL = "nano"
_SEED = 12
# Skill and difficulty (digits or steps), from short thoughts to long ones.
_STATIONS = (("sums", 3), ("chains", 4), ("words", 4))
_MODES = ("with thinking", "without thinking")
_PARAMS = SamplingParams(temperature=0.0, max_tokens=512)

NEXT = """
What to try next
  yunqi                     chat with nano; /help lists what you can say
  yunqi ask "17 + 4 * 3"    one question; --no-think answers at once, --budget 20 bounds the thought
  yunqi models              what else is on this machine, with memory and speed
  yunqi doctor              what this machine is and what would make it faster
  yunqi eval nano           how good nano is, measured on problems it never saw
  yunqi train nano --quick  see how it was trained, in small
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One answer beside the right one."""

    mode: str
    said: str
    right: bool
    cost: Cost

    @property
    def row(self) -> tuple[str, ...]:
        verdict = "right" if self.right else "wrong"
        return (self.mode, self.said, verdict, f"{self.cost.num_tokens} tokens", f"{self.cost.seconds:.2f} s")


@click.command("tour")
def command() -> None:
    """See nano solve three problems of rising length, with its thoughts and without."""
    say(f"Loading {MODEL}, the model inside the package ...", dim=True)
    llm = options.load_llm(MODEL, anyway=True)
    say(_introduction())
    results = [result for number, problem in enumerate(stations(), 1) for result in _visit(llm, number, problem)]
    say(f"\n{_summary(results)}")
    say(NEXT, newline=False)


def stations() -> list[Problem]:
    """The problems, always the same, each with a longer worked thought; the split keeps them out of training."""
    from yunqi.data.split import problems

    chosen: list[Problem] = []
    for skill, difficulty in _STATIONS:
        shortest = len(chosen[-1].thought) if chosen else 0
        stream = problems(skill, "test", _SEED)
        chosen.append(next(p for p in stream if p.difficulty == difficulty and len(p.thought) > shortest))
    return chosen


def _visit(llm: LLM, number: int, problem: Problem) -> list[Result]:
    say(f"\n{number}. {problem.question}\n", bold=True)
    results = [_attempt(llm, problem, think=True)]
    say("\nWithout thinking:\n", dim=True)
    results.append(_attempt(llm, problem, think=False))
    say()
    for line in columns([result.row for result in results], right=(3, 4)):
        say(f"  {line}")
    say(f"  the right answer is {problem.answer}")
    return results


def _attempt(llm: LLM, problem: Problem, *, think: bool) -> Result:
    from yunqi.eval.verifiers import verify

    answer = Answer()
    messages = [{"role": "user", "content": problem.question}]
    cost = stream_answer(llm, messages, _PARAMS, think=think, answer=answer)
    return Result(
        mode=_MODES[0] if think else _MODES[1],
        said=shorten(clean(answer.text), 60),
        right=verify(problem, answer.text),
        cost=cost,
    )


def _introduction() -> str:
    from yunqi.common.machine import allowed_cores
    from yunqi.hub.catalog import describe
    from yunqi.hub.resolve import resolve

    size = count_text(describe(resolve(MODEL)).num_parameters or 0)
    return (
        f"{MODEL} has {size} parameters, was trained by `yunqi train nano`, and runs here on {allowed_cores()} cores.\n"
        "It is a demonstration: it knows arithmetic and small word problems. These three were kept out of its training."
    )


def _summary(results: Sequence[Result]) -> str:
    thinking, plain = ([r for r in results if r.mode == mode] for mode in _MODES)
    counts = [f"{sum(r.right for r in part)} of {len(part)}" for part in (thinking, plain)]
    return f"Right: {counts[0]} with thinking, {counts[1]} without."
