"""`yunqi quantize`: a checkpoint with its weights in four or eight bits, for Yunqi and other engines."""

from __future__ import annotations

from pathlib import Path

import click

from yunqi.cli.terminal import say, size_text
from yunqi.common.files import check_new_folder
from yunqi.common.progress import progress
from yunqi.hub.resolve import resolve


@click.command("quantize")
@click.argument("model")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="The new folder.")
@click.option("--bits", type=click.Choice(("8", "4")), default="4", show_default=True, help="Of each weight.")
@click.option(
    "--group",
    type=click.Choice(("32", "128")),
    default="32",
    show_default=True,
    help="So many weights share a scale: 32 for quality, 128 for size.",
)
def command(model: str, out: Path, bits: str, group: str) -> None:
    """Save MODEL with quantised weights, in the layout that vLLM and transformers read too (compressed-tensors).

    Quantised are the projections of the layers; embedding, head, norms and biases stay as they are stored. The folder
    appears when it is whole; stopped before, nothing is left of it.
    """
    check_new_folder(out)
    path = resolve(model)
    from yunqi.engine.quantize import plan, write

    found = plan(path, bits=int(bits), group=int(group))
    with progress("Quantising", total=max(1, found.num_bytes)) as bar:

        def report(num_bytes: int) -> None:
            bar.update(num_bytes, note=f"{size_text(num_bytes)} of {size_text(found.num_bytes)}")

        write(found, out, report)
    size = sum(made.num_bytes for made in found.entries)
    say(f"{size_text(found.num_bytes)} became {size_text(size)} in {out}")
    say(f'Try it: yunqi ask --model "{out}" "What is 12 + 30?"')
