"""The projections of a checkpoint whose weights are stored as integers in groups (`yunqi.hub.quantization`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from yunqi.common.errors import YunqiError
from yunqi.hub.header import TensorEntry
from yunqi.hub.quantization import (
    FORMAT,
    OPTIONAL,
    ORDER,
    PACKED,
    PARTS,
    QWEIGHT,
    QZEROS,
    SCALE,
    SCALES,
    SHAPE,
    ZERO_POINT,
    Scheme,
    find_scheme,
    packed_modules,
    unsupported,
)
from yunqi.layers.linear import Linear
from yunqi.ops.groups import Groups, codes_of

_SCALE_DTYPES = ("F32", "BF16", "F16")
_BIAS = ".bias"
_CHUNK = 1 << 14  # words that stay in a core's cache
_AWQ_ROWS = (0, 2, 4, 6, 1, 3, 5, 7)  # which row of eight each nibble of a word is, from the lowest bits on


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredGroups:
    """How a weight (rows, columns) is stored: the names of its tensors by their suffixes.

    `.bias` is among them where the module has none: some writers of gptq give every module one, of zeros.
    """

    scheme: Scheme
    shape: tuple[int, int]
    parts: Mapping[str, str]


def find_packed(
    module: nn.Module, entries: Mapping[str, TensorEntry], schemes: Sequence[Scheme]
) -> dict[str, StoredGroups]:
    """The weights (`....weight`) that are stored as integers in groups, and how.

    Raises:
        YunqiError: `quantization-unsupported`, `weights-missing`, `weights-unexpected`, `weights-shape`.
    """
    if not schemes:
        return {}
    linears = {name: m for name, m in module.named_modules() if isinstance(m, Linear)}
    found: dict[str, StoredGroups] = {}
    for owner in packed_modules(list(entries)):
        stored = {suffix: entries[owner + suffix] for suffix in PARTS if owner + suffix in entries}
        if owner not in linears:
            raise YunqiError("weights-unexpected", count=1, name=next(iter(stored.values())).name)
        _check_dtypes(stored)
        rows, columns = linears[owner].weight.shape
        shapes = {suffix: entry.shape for suffix, entry in stored.items()}
        scheme = find_scheme(schemes, owner, (rows, columns), shapes)
        parts = {part: owner + part for part in (*scheme.parts((rows, columns)), *OPTIONAL) if part in stored}
        if linears[owner].bias is None and owner + _BIAS in entries:
            parts[_BIAS] = owner + _BIAS
        found[f"{owner}.weight"] = StoredGroups(scheme=scheme, shape=(rows, columns), parts=parts)
    return found


def _check_dtypes(stored: Mapping[str, TensorEntry]) -> None:
    for suffix, entry in stored.items():
        wrong = entry.dtype not in _SCALE_DTYPES if suffix in (SCALE, SCALES) else entry.dtype != "I32"
        if wrong and suffix != SHAPE:
            raise unsupported(f"tensors '{suffix[1:]}' of {entry.dtype}")


def read_groups(stored: StoredGroups, read: Callable[[str], Tensor]) -> Groups:
    """A weight, by a function that reads a tensor of a suffix.

    Raises:
        YunqiError: `quantization-unsupported`, `weights-unexpected`.
    """
    scheme, (rows, columns) = stored.scheme, stored.shape
    group = scheme.group or columns
    if _BIAS in stored.parts and read(_BIAS).any():
        raise YunqiError("weights-unexpected", count=1, name=stored.parts[_BIAS])
    if ORDER in stored.parts and not torch.equal(read(ORDER).long(), torch.arange(columns) // group):
        raise unsupported(f"{scheme.layout} with inputs in another order ({ORDER[1:]})")
    packed, scales, zeros = _LAYOUTS[scheme.layout](scheme, rows, read)
    if zeros is not None:
        zeros = zeros[:rows].contiguous()
        zeros = None if (zeros == 1 << (scheme.bits - 1)).all() else zeros
    return Groups(bits=scheme.bits, group=group, columns=columns, packed=packed, scales=scales, zeros=zeros)


_Parts = tuple[Tensor, Tensor, Tensor | None]


def _read_compressed(scheme: Scheme, rows: int, read: Callable[[str], Tensor]) -> _Parts:
    zeros = codes_of(read(ZERO_POINT).T, scheme.bits).T if scheme.zeros else None
    return read(PACKED), read(SCALE), zeros


def _read_gptq(scheme: Scheme, rows: int, read: Callable[[str], Tensor]) -> _Parts:
    """The words are those of `Groups`, lying across; version 1 stores zero points less one, in as many bits."""
    zeros = codes_of(read(QZEROS), scheme.bits)
    if scheme.layout == "gptq":
        zeros = (zeros + 1) & ((1 << scheme.bits) - 1)
    return read(QWEIGHT).T.contiguous(), read(SCALES).T.contiguous(), zeros.T


def _read_awq(scheme: Scheme, rows: int, read: Callable[[str], Tensor]) -> _Parts:
    zeros = torch.empty_like(codes := codes_of(read(QZEROS), 4))
    for place, row in enumerate(_AWQ_ROWS):
        zeros[:, row::8] = codes[:, place::8]
    return _across(read(QWEIGHT))[:rows], read(SCALES).T.contiguous(), zeros.T


def _across(words: Tensor) -> Tensor:
    """awq's words (C, R / 8), each of eight rows, -> (R, C / 8), each of eight columns."""
    eight = nn.functional.pad(words, (0, 0, 0, -len(words) % 8)).unflatten(0, (-1, 8))
    out = torch.empty(words.shape[1], 8, len(eight), dtype=torch.int32)
    step = max(1, _CHUNK // words.shape[1])
    for first in range(0, len(eight), step):
        part = eight[first : first + step]
        for place, row in enumerate(_AWQ_ROWS):
            made = torch.zeros_like(part[:, 0])
            for column in range(8):
                made |= ((part[:, column] >> (4 * place)) & 15) << (4 * column)
            out[:, row, first : first + step] = made.T
    return out.flatten(0, 1)


_LAYOUTS: dict[str, Callable[[Scheme, int, Callable[[str], Tensor]], _Parts]] = {
    FORMAT: _read_compressed,
    "gptq": _read_gptq,
    "gptq_v2": _read_gptq,
    "awq": _read_awq,
}
