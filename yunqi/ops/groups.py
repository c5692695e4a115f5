"""Weights as small integers that share scales in groups: what quantised checkpoints hold.

Along a row lie the integers, 0 to 2^bits - 1, in int32 words: the lowest bits of a word are its first column. Every
`group` columns share one scale and one zero point; a weight is its integer less the zero point, times the scale.
Shapes: R rows, C columns, G groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

BITS = (4, 8)
# How far from zero the largest element of a group may land: the scale of least squared error is taken.
_REACHES = tuple(sign * (6.75 + 0.25 * step) for sign in (-1, 1) for step in range(9))
_CHUNK = 1 << 18  # elements whose candidates stay in a core's cache
_LARGEST_SCALE = 65_280.0  # finite in float16 and exact in bfloat16


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """A matrix W (R, C): `packed` (R, words) int32 and `scales` (R, G); group g begins at column `group` g.

    `zeros`: the zero points (R, G) uint8; None where all are 2^(bits - 1).
    """

    bits: int
    group: int
    columns: int
    packed: Tensor
    scales: Tensor
    zeros: Tensor | None = None

    @property
    def rows(self) -> int:
        return len(self.packed)

    def _integers(self, part: slice) -> Tensor:
        """Of some rows, float32, less the zero points."""
        integers = codes_of(self.packed[part], self.bits)[:, : self.columns].float()
        if self.zeros is None:
            return integers.sub_(1 << (self.bits - 1))
        return integers.sub_(self._by_column(self.zeros[part]))

    def _by_column(self, of_groups: Tensor) -> Tensor:
        """(rows, G) -> (rows, C) float32."""
        return of_groups.float().repeat_interleave(self.group, dim=1)[:, : self.columns]

    def dequantize(self, dtype: torch.dtype) -> Tensor:
        """(R, C) in `dtype`, each product rounded once."""
        out = torch.empty(self.rows, self.columns, dtype=dtype, device=self.packed.device)
        for part in _parts(self.rows, self.columns):
            out[part] = self._integers(part).mul_(self._by_column(self.scales[part]))
        return out


def codes_of(words: Tensor, bits: int) -> Tensor:
    """What int32 words (N, words) hold along their last axis, lowest bits first, as uint8."""
    codes = words.clone(memory_format=torch.contiguous_format).view(torch.uint8)
    return codes if bits == 8 else torch.stack((codes & 15, codes >> 4), dim=-1).flatten(1)


def num_words(columns: int, bits: int) -> int:
    """int32 words of a row."""
    return -(-columns * bits // 32)


def quantize(weight: Tensor, *, bits: int, group: int, dtype: torch.dtype) -> Groups:
    """Round a matrix (R, C), whose C is a multiple of `group`, to integers with scales in `dtype`.

    The scale of an int4 group is the one, of 18 that bring its largest element near the end of the range, with the
    least squared error, as where the native core packs (`native/src/pack.cpp`); an int8 group uses the whole range.
    Scales hold no more than float16 does, so that the core takes them as they are.
    """
    rows, columns = weight.shape
    assert bits in BITS, bits
    assert columns % group == 0, "a last group that is shorter"
    packed = torch.empty(rows, num_words(columns, bits), dtype=torch.int32)
    scales = torch.empty(rows, columns // group, dtype=dtype)
    for part in _parts(rows, columns):
        x = weight[part].float().unflatten(1, (-1, group))
        scale = _int4_scales(x, dtype) if bits == 4 else _rounded(x.abs().amax(-1) / 127, dtype)
        scales[part] = scale
        packed[part] = _packed(_integers(x, scale, bits).flatten(1).to(torch.int16), bits)
    return Groups(bits=bits, group=group, columns=columns, packed=packed, scales=scales)


def _parts(rows: int, columns: int) -> Iterator[slice]:
    """Some rows at a time."""
    step = max(1, _CHUNK // columns)
    return (slice(first, first + step) for first in range(0, rows, step))


def _rounded(scale: Tensor, dtype: torch.dtype) -> Tensor:
    """To what float16 and `dtype` both hold, as float32."""
    return scale.clamp(-_LARGEST_SCALE, _LARGEST_SCALE).half().to(dtype).float()


def _integers(x: Tensor, scale: Tensor, bits: int) -> Tensor:
    """Groups (..., G, group) over their scales (..., G), rounded, as float32."""
    inverse = torch.where(scale == 0, 0, 1 / scale)
    half = 1 << (bits - 1)
    return (x * inverse.unsqueeze(-1)).round_().clamp_(-half if bits == 4 else 1 - half, half - 1)


def _int4_scales(x: Tensor, dtype: torch.dtype) -> Tensor:
    """Groups (R, G, group) -> (R, G)."""
    extreme = x.gather(-1, x.abs().argmax(-1, keepdim=True)).squeeze(-1)
    best, least = torch.zeros_like(extreme), torch.full_like(extreme, torch.inf)
    for reach in _REACHES:
        scale = _rounded(extreme / reach, dtype)
        error = (x - _integers(x, scale, 4) * scale.unsqueeze(-1)).square_().sum(-1)
        better = (error < least) & (scale != 0)
        best, least = torch.where(better, scale, best), torch.where(better, error, least)
    return best


def _packed(integers: Tensor, bits: int) -> Tensor:
    """(R, C) int16 -> (R, words) int32."""
    codes = (integers + (1 << (bits - 1))).to(torch.uint8)
    if bits == 4:
        codes = codes[:, 0::2] | (codes[:, 1::2] << 4)
    spare = -codes.shape[1] % 4
    return torch.nn.functional.pad(codes, (0, spare)).contiguous().view(torch.int32)
