"""`yunqi cache ls` and `yunqi cache rm`: the models in the caches, and room on the disk."""

from __future__ import annotations

import dataclasses
import sys

import click

from yunqi.cli.options import json_option
from yunqi.cli.terminal import clean, columns, say, say_json, size_text
from yunqi.common.errors import YunqiError
from yunqi.hub.cache import CachedModel, cached_models, find_cached, remove


@click.group("cache")
def command() -> None:
    """List or delete the models in the Hugging Face and ModelScope caches.

    Models inside the package and in the folders of `model_dirs` are never touched.
    """


@command.command("ls")
@json_option
def list_command(as_json: bool) -> None:
    """List the cached models and what they take on the disk, those fetched in part too."""
    models = cached_models()
    if as_json:
        say_json([dataclasses.asdict(model) for model in models])
        return
    if not models:
        say("The caches hold no models.")
        return
    rows = [("MODEL", "FROM", "SIZE", "", "PLACE"), *map(_row, models)]
    for i, line in enumerate(columns(rows, right=(2,))):
        say(line, bold=i == 0)
    say(f"{size_text(sum(model.num_bytes for model in models))} in all", dim=True)


@command.command("rm")
@click.argument("names", metavar="OWNER/NAME...", nargs=-1, required=True)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def remove_command(names: tuple[str, ...], yes: bool) -> None:
    """Delete cached models, all versions of each, after asking. Without a terminal nothing is deleted unless --yes."""
    models = [model for name in dict.fromkeys(names) for model in find_cached(name)]
    for line in columns([_row(model) for model in models], right=(2,)):
        say(line)
    if not yes:
        if not sys.stdin.isatty():
            raise YunqiError("cache-unconfirmed")
        click.confirm("Delete this?", default=False, abort=True)
    for model in models:
        remove(model)
        say(f"Deleted {clean(model.name)} ({size_text(model.num_bytes)}).")


def _row(model: CachedModel) -> tuple[str, ...]:
    state = "" if model.complete else "incomplete"
    return (clean(model.name), model.source, size_text(model.num_bytes), state, clean(str(model.path)))
