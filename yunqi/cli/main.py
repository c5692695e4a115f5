"""The `yunqi` command: finds the subcommand, and turns whatever goes wrong into one line and an exit code.

0 done, 1 a defect of ours (or something `doctor` found missing), 2 a mistake the user can put right, 130 interrupted.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from yunqi import __version__
from yunqi.cli.remedies import told
from yunqi.common.errors import YunqiError

# Summaries stand here, so that the list of commands imports none of them.
COMMANDS = {
    "ask": "Ask one question and print the answer.",
    "chat": "Chat with a model.",
    "serve": "Serve a model behind OpenAI's and Anthropic's interfaces.",
    "tour": "See what thinking is worth: fresh problems at four budgets, then yours.",
    "pull": "Fetch a model from Hugging Face or another hub.",
    "models": "List the models on this machine, with memory and speed.",
    "quantize": "Save a model in four or eight bits.",
    "cache": "List or delete the models in the caches.",
    "verify": "Compare a checkpoint with transformers and keep the result.",
    "plan": "Say what a model needs and gives on given hardware.",
    "doctor": "Check the machine and the installation.",
    "train": "Train a model by a recipe.",
    "eval": "Measure a model on problems it never saw.",
    "bench": "Measure how fast a model or a server answers.",
}
_debug_option = click.Option(["--debug"], is_flag=True, expose_value=False, help="Show the traceback of an error.")


class LazyGroup(click.Group):
    """Loads a command's module when the command is asked for. Each command takes --debug too."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"yunqi.cli.commands.{cmd_name}").command
        for each in (command, *getattr(command, "commands", {}).values()):
            if _debug_option not in each.params:
                each.params.append(_debug_option)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for a name that is mistyped, say which are near."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0].lower(), COMMANDS)
            if not near:
                raise
            told = f"There is no command '{args[0]}'. Did you mean {' or '.join(near)}?"
            raise click.UsageError(told, ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="yunqi", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
@click.pass_context
def cli(context: click.Context) -> None:
    """Qwen models on this machine: ask them, chat with them, train a small one.

    Without a command it opens a chat with nano, the model inside the package. Only `pull` and `bench serve` open
    connections, to the hub and the server that you name.
    """
    if "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb":
        context.color = False
    if context.invoked_subcommand is None:
        from yunqi.cli.commands.chat import command as chat

        context.invoke(chat)


def main() -> NoReturn:
    """The entry point of the installed script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    debug = "--debug" in arguments or os.environ.get("YUNQI_DEBUG") not in (None, "", "0")
    if debug or "YUNQI_LOG" in os.environ:
        from yunqi.common.logging import configure

        configure(debug=debug)
    _print_what_the_terminal_can()
    try:
        # Not `cli.main`, which would end the process itself where a pipe is closed.
        with cli.make_context("yunqi", list(arguments)) as context:
            code = cli.invoke(context)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo(err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except Exception as error:
        if _is_closed_pipe(error):
            _drop_output()
            return 0
        if debug:
            traceback.print_exc()
        return _report(error)


def _report(error: Exception) -> int:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
        error = YunqiError("disk-full", path=error.filename) if error.filename else YunqiError("output-full")
    if isinstance(error, YunqiError):
        click.echo(f"Error: {told(error)}", err=True)
        return 2
    defect = " ".join(f"{type(error).__name__}: {error}".split())
    click.echo(f"Error: this is a defect of Yunqi ({defect}). Run again with --debug for the traceback.", err=True)
    return 1


def _is_closed_pipe(error: Exception) -> bool:
    # Windows reports a reader that has gone as an invalid argument.
    codes = (errno.EPIPE, errno.EINVAL) if sys.platform == "win32" else (errno.EPIPE,)
    return isinstance(error, OSError) and error.errno in codes


def _drop_output() -> None:
    """Let the interpreter's last flush go nowhere instead of failing again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_what_the_terminal_can() -> None:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
