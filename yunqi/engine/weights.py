"""Where a checkpoint keeps each of a model's tensors, found from the headers alone, and how it is read from there.

Three layouts beside the plain one, a tensor under its own name:

- experts fused: a layer's `experts.gate_up_proj` (E, 2F, D), gate over up, and `experts.down_proj` (E, D, F), in place
  of E times `experts.N.{gate,up,down}_proj.weight`;
- FP8 (e4m3) in blocks: a weight is the stored number times its block's entry in `NAME_scale_inv`;
- both at once.

Shapes: E experts, F ffn, D hidden.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from yunqi.common.config import contradiction
from yunqi.common.errors import YunqiError
from yunqi.hub.header import TensorEntry

Shape = tuple[int, ...]

STORED = {"F32": "float32", "BF16": "bfloat16", "F16": "float16"}
FP8 = "F8_E4M3"
SCALE = "_scale_inv"
BLOCK = (128, 128)
_EXPERT = re.compile(r"(.*\.experts)\.(\d+)\.(gate|up|down)_proj\.weight")
# Buffers that old checkpoints carry and every reader makes anew.
_HARMLESS = ("rotary_emb.inv_freq", "attn.masked_bias")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A stored tensor, in which a model's tensor may be some rows of one expert's; for FP8 the name of its scales."""

    stored: str
    expert: int | None = None
    first_row: int = 0
    num_rows: int | None = None
    scale: str | None = None

    def read(self, tensor: Callable[[str], Tensor], block: tuple[int, int]) -> Tensor:
        """The model's tensor, by a function that reads a stored one; what needs no arithmetic is a view."""
        weight = self._own(tensor(self.stored))
        if self.num_rows is not None:
            weight = weight.narrow(0, self.first_row, self.num_rows)
        if self.scale is None:
            return weight
        return dequantized(weight, self._own(tensor(self.scale)), block, first_row=self.first_row)

    def _own(self, stored: Tensor) -> Tensor:
        return stored if self.expert is None else stored[self.expert]


def is_expert(name: str) -> bool:
    """Whether a model's tensor of this name is an expert's."""
    return _EXPERT.fullmatch(name) is not None


def dequantized(weight: Tensor, scale: Tensor, block: tuple[int, int], *, first_row: int = 0) -> Tensor:
    """FP8 (rows, columns) and the scales of its blocks to float32; each product is rounded once."""
    rows = torch.arange(first_row, first_row + weight.shape[0]) // block[0]
    columns = torch.arange(weight.shape[1]) // block[1]
    return weight.float() * scale.float()[rows[:, None], columns]


def block_of(config: Mapping[str, Any]) -> tuple[int, int]:
    """Rows and columns that share a scale, as a config.json's object has them."""
    quantization = config.get("quantization_config")
    block = quantization.get("weight_block_size") if isinstance(quantization, Mapping) else None
    if block is None:
        return BLOCK
    if not isinstance(block, list) or len(block) != 2 or not all(type(n) is int and n > 0 for n in block):
        raise contradiction(f"weight_block_size={block!r} is not two whole numbers")
    return block[0], block[1]


def locate(
    wanted: Mapping[str, Shape],
    entries: Mapping[str, TensorEntry],
    *,
    optional: set[str],
    block: tuple[int, int],
    elsewhere: Collection[str] = (),
) -> dict[str, Place]:
    """The place of each of a model's tensors; of `optional` ones, where they are there.

    `elsewhere`: the model's tensors that are not asked for, because they are stored in another way.

    Raises:
        YunqiError: `weights-experts`, `weights-missing-expert`, `weights-missing`, `weights-unexpected`,
            `weights-shape`, `config-unsupported`.
    """
    _check_experts(wanted, entries, elsewhere)
    found = {name: _place(name, shape, entries) for name, shape in wanted.items()}
    places = {name: place for name, place in found.items() if place.stored in entries}
    _check_names(found, entries, optional)
    experts = _count_experts(wanted)
    for name, place in places.items():
        _check_entry(place, _stored_shape(place, wanted[name], experts), entries, block)
    return places


def _place(name: str, shape: Shape, entries: Mapping[str, TensorEntry]) -> Place:
    stored, expert, first_row, num_rows = name, None, 0, None
    if name not in entries and (match := _EXPERT.fullmatch(name)):
        fused = f"{match[1]}.{'down_proj' if match[3] == 'down' else 'gate_up_proj'}"
        if fused in entries:
            first_row = shape[0] if match[3] == "up" else 0
            stored, expert, num_rows = fused, int(match[2]), shape[0]
    scale = stored + SCALE if stored in entries and entries[stored].dtype == FP8 else None
    return Place(stored=stored, expert=expert, first_row=first_row, num_rows=num_rows, scale=scale)


def _check_experts(wanted: Mapping[str, Shape], entries: Mapping[str, TensorEntry], elsewhere: Collection[str]) -> None:
    """Each stored router has the config's size, and stands beside as many experts as it chooses among."""
    stored = _count_experts((*entries, *elsewhere))
    for prefix in _count_experts(wanted):
        gate, fused = f"{prefix.removesuffix('experts')}gate.weight", entries.get(f"{prefix}.gate_up_proj")
        if gate not in entries:
            continue
        if entries[gate].shape != wanted[gate]:
            raise _misshapen(gate, entries[gate], wanted[gate])
        found = stored[prefix] or (fused.shape[0] if fused and fused.shape else 0)
        if found != wanted[gate][0]:
            raise YunqiError("weights-experts", name=prefix, found=found, routed=wanted[gate][0])


def _count_experts(names: Iterable[str]) -> Counter[str]:
    """By a layer's prefix, one more than its last expert."""
    found: Counter[str] = Counter()
    for match in filter(None, map(_EXPERT.fullmatch, names)):
        found[match[1]] = max(found[match[1]], int(match[2]) + 1)
    return found


def _check_names(found: Mapping[str, Place], entries: Mapping[str, TensorEntry], optional: set[str]) -> None:
    """Nothing is missing, and nothing is there that the model has no place for."""
    missing = [name for name, place in found.items() if place.stored not in entries and name not in optional]
    if missing and (match := _EXPERT.fullmatch(missing[0])):
        raise YunqiError("weights-missing-expert", prefix=match[1], expert=match[2], name=missing[0])
    missing += [place.scale for place in found.values() if place.scale and place.scale not in entries]
    if missing:
        raise YunqiError("weights-missing", count=len(missing), name=missing[0])
    known = {name for place in found.values() for name in (place.stored, place.scale)}
    if extra := [name for name in entries if name not in known and not name.endswith(_HARMLESS)]:
        raise YunqiError("weights-unexpected", count=len(extra), name=extra[0])


def _stored_shape(place: Place, shape: Shape, experts: Mapping[str, int]) -> Shape:
    """The whole of what a model's tensor of this shape is a part of."""
    if place.expert is None:
        return shape
    prefix, _, kind = place.stored.rpartition(".")
    return (experts[prefix], shape[0] if kind == "down_proj" else 2 * shape[0], shape[1])


def _check_entry(place: Place, shape: Shape, entries: Mapping[str, TensorEntry], block: tuple[int, int]) -> None:
    """A stored tensor and its scales are of these shapes, and in dtypes that are read."""
    entry = entries[place.stored]
    if entry.shape != shape:
        raise _misshapen(place.stored, entry, shape)
    if place.scale is None:
        if entry.dtype not in STORED:
            supported = ", ".join((*STORED, FP8))
            raise YunqiError("config-unsupported", feature=f"{entry.dtype} weights", supported=supported)
        return
    scale = entries[place.scale]
    if scale.dtype not in STORED or len(shape) < 2:
        feature = f"'{place.stored}' in {FP8} with scales in {scale.dtype}"
        raise YunqiError("config-unsupported", feature=feature, supported=f"matrices, scales in {', '.join(STORED)}")
    blocks = (*shape[:-2], -(-shape[-2] // block[0]), -(-shape[-1] // block[1]))
    if scale.shape != blocks:
        raise _misshapen(place.scale, scale, blocks)


def _misshapen(name: str, entry: TensorEntry, wanted: Shape) -> YunqiError:
    return YunqiError("weights-shape", name=name, found=list(entry.shape), wanted=list(wanted))
