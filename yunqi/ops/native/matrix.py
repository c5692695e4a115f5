"""Weights packed once into the layout that the native kernels stream."""

from __future__ import annotations

from ctypes import byref, c_void_p
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from yunqi.ops.groups import Groups
from yunqi.ops.native import library as native
from yunqi.ops.native.pages import Slabs

Kind = Literal["float32", "bfloat16", "int8", "int4"]
KINDS: tuple[Kind, ...] = ("float32", "bfloat16", "int8", "int4")
GROUPS = (32, 64, 128)
_WITH_ZEROS: dict[Kind, int] = {"int8": 4, "int4": 5}  # what the core calls those that have zero points
_LARGEST_HALF = 65_504.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedMatrix:
    """A matrix W (rows, columns) in `kind`; int8 and int4 share a float16 scale among `group` columns of a row.

    int8 values lie in -127..127, int4 in -8..7. The scale of an int4 group is the one, of 18 that bring its largest
    element near the end of the range, with the least squared error. `zeros`: whether the integers, 0..255 or 0..15,
    have a zero point beside each scale; `pack_groups` makes such matrices.
    """

    kind: Kind
    group: int
    rows: int
    columns: int
    data: np.ndarray
    zeros: bool = False

    @classmethod
    def empty(
        cls,
        rows: int,
        columns: int,
        kind: Kind,
        group: int = 32,
        slabs: Slabs | None = None,
        *,
        zeros: bool = False,
    ) -> PackedMatrix:
        """Room for a matrix, in memory of `slabs` where many share it."""
        group = group if kind in ("int8", "int4") else 0
        size = native.library().yq_packed_bytes(_code(kind, zeros), rows, columns, group)
        data = (slabs or Slabs()).take(size)
        return cls(kind=kind, group=group, rows=rows, columns=columns, data=data, zeros=zeros)

    @classmethod
    def of(cls, data: np.ndarray, rows: int, columns: int, kind: Kind, group: int = 32) -> PackedMatrix:
        """A matrix whose packed bytes are there. Raises ValueError where they are too few or too many."""
        group = group if kind in ("int8", "int4") else 0
        if data.nbytes != native.library().yq_packed_bytes(KINDS.index(kind), rows, columns, group):
            raise ValueError(f"{data.nbytes} bytes are no {kind} matrix of {rows} x {columns}")
        return cls(kind=kind, group=group, rows=rows, columns=columns, data=data)

    @classmethod
    def pack(
        cls, weight: Tensor, kind: Kind, group: int = 32, team: native.Team | None = None, slabs: Slabs | None = None
    ) -> PackedMatrix:
        """Pack a float32 or bfloat16 matrix."""
        rows, columns = weight.shape
        matrix = cls.empty(rows, columns, kind, group, slabs)
        matrix.fill(weight, team=team)
        return matrix

    @classmethod
    def pack_groups(cls, groups: Groups, team: native.Team | None = None, slabs: Slabs | None = None) -> PackedMatrix:
        """Pack integers as they are, in groups of their own size; scales become float16.

        Where the kernels have no such group, several of theirs share a scale and a zero point.
        """
        rows, columns, group = groups.rows, groups.columns, groups.group if groups.group in GROUPS else GROUPS[0]
        assert groups.group % group == 0 or groups.scales.shape[1] == 1, "groups that begin inside one of the kernels'"
        kind, zeros = "int4" if groups.bits == 4 else "int8", None
        matrix = cls.empty(rows, columns, kind, group, slabs, zeros=groups.zeros is not None)
        owner = torch.arange(0, columns, group) // groups.group
        scales = groups.scales.float().clamp(-_LARGEST_HALF, _LARGEST_HALF).half()[:, owner].contiguous()
        if groups.zeros is not None:
            zeros = groups.zeros[:, owner].contiguous()
        words = groups.packed.contiguous()
        failed = native.library().yq_pack_groups(
            (team or native.default_team()).handle,
            _code(matrix.kind, matrix.zeros),
            group,
            rows,
            columns,
            words.data_ptr(),
            words.stride(0) * words.itemsize,
            scales.data_ptr(),
            None if zeros is None else zeros.data_ptr(),
            matrix.data.ctypes.data,
        )
        assert not failed, f"no {matrix.kind} matrix of {rows} x {columns} in groups of {group}"
        return matrix

    def fill(self, weight: Tensor, first: int = 0, team: native.Team | None = None) -> None:
        """Pack rows (count, columns) from `first` on; both are multiples of 16, but for the matrix's last rows."""
        source = (weight if weight.dtype == torch.bfloat16 else weight.float()).detach().contiguous()
        given = KINDS.index("bfloat16" if source.dtype == torch.bfloat16 else "float32")
        failed = native.library().yq_pack(
            (team or native.default_team()).handle,
            KINDS.index(self.kind),
            self.group,
            self.rows,
            self.columns,
            first,
            len(source),
            source.data_ptr(),
            given,
            self.data.ctypes.data,
        )
        assert not failed, f"no {self.kind} matrix of {self.rows} x {self.columns}, groups of {self.group}, at {first}"

    @property
    def nbytes(self) -> int:
        return self.data.nbytes

    @property
    def struct(self) -> native.Matrix:
        return native.Matrix(
            _code(self.kind, self.zeros), self.group, self.rows, self.columns, c_void_p(self.data.ctypes.data)
        )

    def unpack(self, first: int = 0, count: int | None = None) -> Tensor:
        """Rows as float32, (count, columns)."""
        count = self.rows - first if count is None else count
        out = torch.empty(count, self.columns)
        native.library().yq_unpack(byref(self.struct), first, count, out.data_ptr())
        return out

    def multiply(self, x: Tensor, bias: Tensor | None = None, team: native.Team | None = None) -> Tensor:
        """x W^T + b by the kernels: float32 (T, columns) -> (T, rows)."""
        x, out = x.float().contiguous(), torch.empty(len(x), self.rows)
        offset = None if bias is None else bias.float().contiguous()
        pointer = None if offset is None else offset.data_ptr()
        handle = (team or native.default_team()).handle
        native.library().yq_linear(handle, byref(self.struct), pointer, x.data_ptr(), len(x), out.data_ptr())
        return out


def _code(kind: Kind, zeros: bool) -> int:
    """The core's number of a kind."""
    return _WITH_ZEROS[kind] if zeros else KINDS.index(kind)
