"""`yunqi chat`: a conversation in the terminal, or line by line from a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from yunqi.cli import options
from yunqi.cli.answer import Answer, stream_answer
from yunqi.cli.inputs import checked_text, decode
from yunqi.cli.remedies import told
from yunqi.cli.session import ChatSession
from yunqi.cli.terminal import clean, say
from yunqi.common.errors import YunqiError
from yunqi.common.home import home
from yunqi.protocol.sampling import SamplingParams

if TYPE_CHECKING:
    from yunqi.engine.llm import LLM


@click.command("chat")
@click.argument("name", metavar="[MODEL]", required=False)
@options.model_option
@options.sampling_options
@options.quantization_option
@options.speculative_options
@options.anyway_option
def command(
    name: str | None,
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
) -> None:
    """Chat with MODEL. /help inside lists what you can say to the program."""
    model = _the_one_model(name, model)
    params = SamplingParams(thinking_budget=budget, max_tokens=max_tokens, temperature=temperature, seed=seed)
    options.check_thinking(think, budget)
    session = ChatSession(params=params, think=think, budget=budget, system=checked_text(system) if system else None)
    guessing = options.guessing(speculative, draft, speculative_tokens)
    llm = options.load_llm(model, anyway=anyway, quantization=quantization, speculative=guessing)
    if sys.stdin.isatty():
        say(f"{model} is ready. /help lists the commands, Ctrl-C stops an answer, Ctrl-D leaves.", dim=True)
    converse(llm, session, lines())


def _the_one_model(name: str | None, model: str) -> str:
    """The model that was named, alone or by --model; both are fine only where they agree."""
    source = click.get_current_context().get_parameter_source("model")
    if name is not None and source is ParameterSource.COMMANDLINE and name != model:
        rule = "Leave one of the two out."
        raise YunqiError("options-contradict", first=f"'{name}'", second=f"--model '{model}'", rule=rule)
    return name or model


def converse(llm: LLM, session: ChatSession, given: Iterator[str]) -> None:
    """Answer each line until they end or the user leaves."""
    for line in given:
        try:
            checked_text(line)
            reply, question = session.obey(line) if line.startswith("/") else ("", line)
            if reply:
                say(clean(reply), dim=True)
            if question:
                answer_one(llm, session, question)
        except YunqiError as error:
            click.echo(f"Error: {told(error, in_chat=True)}", err=True)
        if session.ended:
            return


def answer_one(llm: LLM, session: ChatSession, question: str) -> None:
    """Stream one answer and keep it; Ctrl-C keeps what was said."""
    answer, whole = Answer(), False
    try:
        cost = stream_answer(llm, session.messages(question), session.sampling(), think=session.think, answer=answer)
        whole = True
        say(f"{cost.line_and_remedy}\n", dim=True)
    except KeyboardInterrupt:
        say("(stopped)\n" if answer.text else "(stopped) No answer had begun, so the question is dropped.\n", dim=True)
    finally:
        session.record(question, answer, whole=whole)


def lines() -> Iterator[str]:
    """The user's lines, without those that are empty."""
    source = _typed_lines() if sys.stdin.isatty() else (decode(line) for line in sys.stdin.buffer)
    return (line.strip() for line in source if line.strip())


def _typed_lines() -> Iterator[str]:
    with _line_editor():
        while True:
            try:
                yield input("> ")
            except KeyboardInterrupt:
                say("\nCtrl-D leaves.", dim=True)
            except EOFError:
                say()
                return


class _line_editor:
    """Arrow keys and a history kept from one chat to the next, where Python was built with readline."""

    def __enter__(self) -> None:
        self._readline = None
        with suppress(ImportError):
            import readline

            self._readline = readline
            with suppress(OSError):
                readline.read_history_file(home() / "chat_history")

    def __exit__(self, *error: object) -> None:
        if self._readline is not None:
            with suppress(OSError):
                home().mkdir(parents=True, exist_ok=True)
                self._readline.set_history_length(1000)
                self._readline.write_history_file(home() / "chat_history")
