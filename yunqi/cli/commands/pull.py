"""`yunqi pull`: fetch a model from a hub, after saying what it costs."""

from __future__ import annotations

import sys

import click

from yunqi.cli.terminal import clean, columns, say, size_text
from yunqi.hub.disk import check_room, free_bytes
from yunqi.hub.pull import HUBS, Hub, look_up, pull
from yunqi.hub.remote import RemoteModel


@click.command("pull")
@click.argument("name", metavar="OWNER/NAME")
@click.option(
    "--from", "hub", type=click.Choice(HUBS), default="huggingface", help="huggingface, the default, or modelscope."
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def command(name: str, hub: Hub, yes: bool) -> None:
    """Fetch a model into its hub's own cache, or go on where an earlier run stopped.

    Size, licence, free disk and the place are shown first. In a terminal you are asked; without one, to name the model
    is to ask for it. Only safetensors, config, tokenizer, template, README and licence are fetched. HF_ENDPOINT names
    another address, HF_TOKEN opens gated models; for ModelScope these are MODELSCOPE_ENDPOINT and MODELSCOPE_API_TOKEN.
    Connections go to that hub alone.
    """
    model = look_up(name, hub)
    _show(model)
    if not model.missing_bytes and model.snapshot.is_dir():
        say("Everything is here already.")
    check_room(model)
    if model.missing_bytes and not yes and sys.stdin.isatty():
        click.confirm("Fetch it?", default=True, abort=True)
    from yunqi.common.progress import progress

    present = model.num_bytes - model.missing_bytes
    with progress("Fetching", total=max(1, model.num_bytes)) as bar:

        def report(num_bytes: int) -> None:
            nonlocal present
            present += num_bytes
            bar.update(present, note=f"{size_text(present)} of {size_text(model.num_bytes)}")

        path = pull(model, report)
    say(f"{name} is in {path}\nTry it: yunqi chat {name}")


def _show(model: RemoteModel) -> None:
    missing = model.missing_bytes
    here = f", {size_text(model.num_bytes - missing)} of them here already" if missing < model.num_bytes else ""
    say(f"{model.name} at {model.endpoint}", bold=True)
    rows = [
        ("  size", f"{size_text(model.num_bytes)} in {len(model.files)} files{here}"),
        ("  licence", clean(model.licence or "not named; read the README")),
        ("  free disk", size_text(free_bytes(model.folder))),
        ("  place", str(model.folder)),
    ]
    for line in columns(rows):
        say(line)
