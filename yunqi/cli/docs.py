"""Writes `docs/errors.md` from the table of errors and `docs/cli.md` from the commands' own help.

`python -m yunqi.cli.docs` writes both, `--check` only says whether they are current.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from yunqi.cli.main import cli
from yunqi.common.errors import TABLE
from yunqi.common.files import write_text

DOCS = Path(__file__).resolve().parents[2] / "docs"
_NOTE = "<!-- Written by `python -m yunqi.cli.docs`. -->\n"


def errors_page() -> str:
    """The table of errors as Markdown."""
    rows = [(f"`{code}`", row.sentence, row.remedy) for code, row in sorted(TABLE.items())]
    return (
        f"# Errors\n\n{_NOTE}\n"
        "Every mistake a user can put right is a `yunqi.common.errors.YunqiError`, a `ValueError` with a `code`. The\n"
        "command line prints the sentence and its remedy as one line and exits with 2. Words in braces are filled in;\n"
        "where a remedy names an argument of Python, the command line names its own option.\n"
        f"\n{_table(('code', 'what is wrong', 'what to do'), rows)}"
    )


def cli_page() -> str:
    """Every command and its options as Markdown."""
    sections = "\n".join(_section(name, command) for name, command in _commands())
    return f"# The command line\n\n{_NOTE}\n{sections}"


def pages() -> dict[Path, str]:
    """Each generated file and what belongs in it."""
    return {DOCS / "errors.md": errors_page(), DOCS / "cli.md": cli_page()}


def stale() -> list[Path]:
    """The files that are not as they should be."""
    return [path for path, text in pages().items() if not path.is_file() or path.read_text(encoding="utf-8") != text]


def _commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(cli, info_name="yunqi")
    yield "yunqi", cli
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None, name
        yield f"yunqi {name}", command
        for part, nested in getattr(command, "commands", {}).items():
            yield f"yunqi {name} {part}", nested


def _section(name: str, command: click.Command) -> str:
    arguments = "".join(f" {_argument(p)}" for p in command.params if isinstance(p, click.Argument))
    options = [(_spelling(p), _help(p)) for p in command.params if isinstance(p, click.Option)]
    return f"## {name}{arguments}\n\n{inspect.cleandoc(command.help or '')}\n\n{_table(('option', 'meaning'), options)}"


def _argument(argument: click.Argument) -> str:
    name = argument.metavar or (argument.name or "").upper()
    return name if argument.required or argument.metavar else f"[{name}]"


def _spelling(option: click.Option) -> str:
    value = "" if option.is_flag else f" {option.metavar or option.type.name.upper()}"
    return "`" + ", ".join(option.opts) + "".join(f" / {name}" for name in option.secondary_opts) + value + "`"


def _help(option: click.Option) -> str:
    shown = option.show_default and not option.is_flag
    return (option.help or "") + (f" Default: {option.default}." if shown else "")


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        for path in stale():
            click.echo(f"{path} is not current: run python -m yunqi.cli.docs", err=True)
        return 1 if stale() else 0
    for path, text in pages().items():
        write_text(path, text)
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
