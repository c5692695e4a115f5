"""`yunqi plan`: what a model needs and gives on given hardware."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yunqi.cli.options import json_option
from yunqi.cli.terminal import count_text, say, say_json, size_text
from yunqi.common.errors import YunqiError

if TYPE_CHECKING:
    from yunqi.eval.plan import Device, Plan, Structure


@click.command("plan")
@click.argument("model")
@click.option(
    "--hardware",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help="The [[device]] to plan for; without it, this machine, measured now.",
)
@click.option("--context", type=click.IntRange(min=1), default=4096, show_default=True, help="Tokens of a sequence.")
@click.option("--batch", type=click.IntRange(min=1), default=1, show_default=True, help="Sequences together.")
@click.option("--dtype", default="bfloat16", show_default=True, help="Weights in float32, bfloat16, int8 or int4.")
@click.option("--kv-cache-dtype", default="auto", show_default=True, help="Keys and values as computed, or in int8.")
@json_option
def command(
    model: str, hardware: Path | None, context: int, batch: int, dtype: str, kv_cache_dtype: str, as_json: bool
) -> None:
    """Say what MODEL needs and gives on given hardware: memory, times by a roofline, and cost.

    MODEL is one that `yunqi ask` takes, a released model's name (Qwen/Qwen3-235B-A22B), or qwen3-max-sketch. Nothing is
    loaded, so the largest take seconds, too.
    """
    from yunqi.eval.plan import plan, read_devices, structure_of
    from yunqi.eval.speed import this_machine
    from yunqi.hub.estimate import QUANTIZED_BYTES

    structure = structure_of(_config(model), model)
    quantized = dtype in QUANTIZED_BYTES
    devices = [this_machine(quantized=quantized)] if hardware is None else read_devices(hardware)
    workload: dict[str, Any] = {"context": context, "batch": batch, "dtype": dtype, "kv_cache_dtype": kv_cache_dtype}
    plans = [(device, plan(structure, device, **workload)) for device in devices]
    if as_json:
        rows = [{"device": dataclasses.asdict(device), **dataclasses.asdict(found)} for device, found in plans]
        say_json({"model": dataclasses.asdict(structure) | {"active": structure.active}, "plans": rows})
        return
    say(_structure_text(structure, plans[0][1]))
    for device, found in plans:
        say("\n" + _plan_text(device, found, context, batch))


def _config(model: str) -> Mapping[str, Any]:
    """The config of a model found here, else that of a released one."""
    from yunqi.hub.checkpoint import read_config
    from yunqi.hub.released_configs import released_configs
    from yunqi.hub.resolve import resolve

    try:
        return read_config(resolve(model))
    except YunqiError:
        known = released_configs()
        if model in known:
            return known[model]
        raise


def _structure_text(model: Structure, found: Plan) -> str:
    """What it is and what it remembers, which is the same on every device."""
    kept = f"{size_text(found.cache_bytes_per_token)} of cache a token"
    if found.state_bytes_per_sequence:
        kept += f" and {size_text(found.state_bytes_per_sequence)} of state a sequence"
    active = f", {count_text(model.active)} active" if model.experts else ""
    return f"{model.name}: {count_text(model.num_parameters)} parameters{active}; {kept}"


def _plan_text(device: Device, found: Plan, context: int, batch: int) -> str:
    count = f"{device.count} x " if device.count > 1 else ""
    fits = "fits" if found.fits else "does not fit"
    lines = [
        f"{count}{device.name}: {size_text(found.memory)} of memory; weights {size_text(found.weight_bytes)}",
        f"  {batch} x {context:,} tokens {fits}; there is room for {found.sequences:,} such sequences",
        f"  prompt  {found.prefill_seconds:10.3f} s   {found.prefill_tokens_per_second:12,.0f} tokens/s",
        f"  answer  {found.decode_tokens_per_second_each:10,.1f} tokens/s each, "
        f"{found.decode_tokens_per_second:,.1f} in all",
    ]
    if device.price:
        costs = f"{found.input_cost:,.3f} in, {found.output_cost:,.3f} out"
        lines.append(f"  a million tokens: {costs} {device.currency}".rstrip())
    return "\n".join(lines)
