"""`yunqi ask`: one question, one answer."""

from __future__ import annotations

import dataclasses
import re

import click

from yunqi.cli import options
from yunqi.cli.answer import Answer, cost_of, stream_answer
from yunqi.cli.inputs import checked_text, prompt_from, warn_where_longer
from yunqi.cli.terminal import say, say_json
from yunqi.protocol.output import RequestOutput
from yunqi.protocol.sampling import SamplingParams

_NEGATIVE_NUMBER = re.compile(r"-[\d.(]")


class QuestionCommand(click.Command):
    """Takes a word such as `-5` for the start of the question, unless it follows an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        for i, word in enumerate(args):
            if _NEGATIVE_NUMBER.match(word) and not (i and args[i - 1].startswith("-")):
                args = [*args[:i], "--", *args[i:]]
                break
        return super().parse_args(ctx, args)


@click.command("ask", cls=QuestionCommand)
@click.argument("question", nargs=-1)
@options.model_option
@options.sampling_options
@options.quantization_option
@options.speculative_options
@options.anyway_option
@options.json_option
def command(
    question: tuple[str, ...],
    model: str,
    think: bool | None,
    budget: int | None,
    max_tokens: int | None,
    temperature: float | None,
    seed: int | None,
    system: str | None,
    quantization: str | None,
    speculative: str | None,
    draft: str | None,
    speculative_tokens: int | None,
    anyway: bool,
    as_json: bool,
) -> None:
    """Ask one QUESTION and print the answer.

    Without a QUESTION, or with a dash, it is read from standard input.
    """
    params = SamplingParams(thinking_budget=budget, max_tokens=max_tokens, temperature=temperature, seed=seed)
    options.check_thinking(think, budget)
    messages = [{"role": "system", "content": checked_text(system)}] if system else []
    messages.append({"role": "user", "content": prompt_from(question)})
    guessing = options.guessing(speculative, draft, speculative_tokens)
    llm = options.load_llm(model, anyway=anyway, quantization=quantization, speculative=guessing)
    warn_where_longer(llm, model, messages[-1]["content"])
    if as_json:
        (output,) = llm.chat(messages, params, enable_thinking=think)
        say_json({"model": model} | _document(output))
        return
    cost = stream_answer(llm, messages, params, think=think, answer=Answer())
    say(f"\n{cost.line_and_remedy}", dim=True)


def _document(output: RequestOutput) -> dict[str, object]:
    answer = output.outputs[0]
    return {
        "text": answer.text,
        "reasoning": answer.reasoning,
        "finish_reason": answer.finish_reason,
        **dataclasses.asdict(cost_of(output)),
    }
