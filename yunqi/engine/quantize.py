"""A checkpoint written anew with quantised projections, tensor by tensor, in the layout "pack-quantized"
(`yunqi.hub.quantization`), which other engines read too.

Quantised are the projections of the layers. The embedding and the head stay as they are stored: they are the most
sensitive, and the layout's readers expect it. So do the small ones that decide much, a router's among them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from yunqi.common.errors import YunqiError
from yunqi.common.files import atomic_folder, check_new_folder, write_json
from yunqi.engine.loader import open_checkpoint
from yunqi.engine.packing import decides
from yunqi.hub.checkpoint import CONFIG_FILE, INDEX_FILE, check_checkpoint, read_config
from yunqi.hub.disk import free_bytes
from yunqi.hub.header import TensorEntry
from yunqi.hub.quantization import PACKED, SCALE, SHAPE, Scheme, is_quantized, quantization_config
from yunqi.hub.shards import SHARD_BYTES, entry, write_shards
from yunqi.hub.wanted import wanted_texts
from yunqi.layers.decoder import CausalLM
from yunqi.layers.linear import Linear
from yunqi.ops.groups import BITS, quantize

GROUPS = (32, 128)
_DTYPES = {"F32": torch.float32, "BF16": torch.bfloat16, "F16": torch.float16}
_HEAD = "lm_head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of each tensor of a checkpoint: `places` names its file, `quantised` the projections by module."""

    source: Path
    scheme: Scheme
    places: Mapping[str, tuple[Path, TensorEntry]]
    quantised: frozenset[str]
    kept: tuple[str, ...]

    @property
    def num_bytes(self) -> int:
        """Of the weights as they are stored."""
        return sum(stored.num_bytes for _, stored in self.places.values())

    @property
    def entries(self) -> list[TensorEntry]:
        """The tensors to write, in the order of those that they are made from."""
        return [made for name, (_, stored) in self.places.items() for made in self._made(name, stored)]

    def module(self, name: str) -> str | None:
        """The module whose quantised weight this tensor is."""
        module = name.removesuffix(".weight")
        return module if module != name and module in self.quantised else None

    def _made(self, name: str, stored: TensorEntry) -> tuple[TensorEntry, ...]:
        module = self.module(name)
        if module is None:
            return (entry(name, stored.dtype, stored.shape),)
        shapes = self.scheme.parts(stored.shape)
        return (
            entry(module + PACKED, "I32", shapes[PACKED]),
            entry(module + SCALE, stored.dtype, shapes[SCALE]),
            entry(module + SHAPE, "I64", (2,)),
        )


def plan(source: Path, *, bits: int = 4, group: int = 32) -> Plan:
    """Look at a checkpoint's config and headers.

    Raises:
        YunqiError: `option-invalid`, `quantized-already`, and for everything wrong with the folder.
    """
    for option, value, allowed in (("bits", bits, BITS), ("group", group, GROUPS)):
        if value not in allowed:
            rule = f"Use {' or '.join(map(str, allowed))}."
            raise YunqiError("option-invalid", option=option, value=value, rule=rule)
    config = read_config(check_checkpoint(source))
    if is_quantized(config):
        raise YunqiError("quantized-already", path=source)
    model, stored = open_checkpoint(source)
    places = {name: place for name in stored.places if (place := stored.plain(name)) is not None}
    if len(places) < len(stored.places):
        raise YunqiError("quantization-unsupported", what="experts stored in one tensor", supported="dense models")
    quantised, kept = _choose(model, group)
    if model.config.tie_word_embeddings:
        places.pop(f"{_HEAD}.weight", None)
    return Plan(source=source, scheme=Scheme(bits, group), places=places, quantised=quantised, kept=kept)


def _choose(model: CausalLM, group: int) -> tuple[frozenset[str], tuple[str, ...]]:
    """The projections to quantise and those to keep: the head, what decides much, and what groups do not divide."""
    widths = {name: module.weight.shape[1] for name, module in model.named_modules() if isinstance(module, Linear)}
    kept = tuple(name for name, width in widths.items() if name == _HEAD or decides(name) or width % group)
    return frozenset(widths.keys() - set(kept)), kept


def write(plan: Plan, target: Path, report: Callable[[int], None], *, shard_bytes: int = SHARD_BYTES) -> None:
    """Write the quantised checkpoint with the texts beside the weights; `report` is told the bytes read so far.

    The folder appears when it is whole; an exception out of `report` ends the work and leaves nothing.

    Raises:
        YunqiError: `folder-not-empty`, `disk-full`, `directory-unwritable`.
    """
    check_new_folder(target)
    entries = plan.entries
    if free_bytes(target) < sum(made.num_bytes for made in entries):
        raise YunqiError("disk-full", path=target)
    with atomic_folder(target) as folder:
        for name in wanted_texts([path.name for path in plan.source.iterdir() if path.is_file()]):
            if name not in (CONFIG_FILE, INDEX_FILE):
                shutil.copyfile(plan.source / name, folder / name)
        write_shards(folder, entries, _data(plan, report), shard_bytes=shard_bytes)
        added = {"quantization_config": quantization_config(plan.scheme, plan.kept)}
        write_json(folder / CONFIG_FILE, {**read_config(plan.source), **added})


def _data(plan: Plan, report: Callable[[int], None]) -> Iterator[memoryview]:
    """The bytes of each of `plan.entries`."""
    done = 0
    for name, (file, stored) in plan.places.items():
        with safe_open(file, framework="pt") as tensors:
            for tensor in _made(plan, name, stored, tensors.get_tensor(name)):
                yield tensor.contiguous().flatten().view(torch.uint8).numpy().data
        done += stored.num_bytes
        report(done)


def _made(plan: Plan, name: str, stored: TensorEntry, tensor: Tensor) -> tuple[Tensor, ...]:
    if plan.module(name) is None:
        return (tensor,)
    assert plan.scheme.group is not None, "written are groups alone"
    groups = quantize(tensor, bits=plan.scheme.bits, group=plan.scheme.group, dtype=_DTYPES[stored.dtype])
    return groups.packed, groups.scales, torch.tensor(stored.shape)
