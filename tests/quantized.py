"""Matrices as other programs store them quantised, number by number from what each layout says of itself.

A `Matrix` is integers (R, C) from 0 on, and scales and zero points (R, G); `LAYOUTS` gives the tensors of each layout
by their suffixes. Nothing here is shared with what reads them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

Tensors = dict[str, torch.Tensor]
Change = Callable[[Tensors, dict[str, Any]], None]


def weights_of(path: Path) -> Tensors:
    """All tensors of a checkpoint."""
    return {name: value for file in path.glob("*.safetensors") for name, value in load_file(file).items()}


def edited(source: Path, target: Path, change: Change) -> Path:
    """A copy of a checkpoint with its tensors and config changed, as one somebody else wrote wrongly would be."""
    tensors, config = weights_of(source), json.loads((source / "config.json").read_text())
    change(tensors, config)
    target.mkdir()
    save_file(tensors, target / "model.safetensors", metadata={"format": "pt"})
    (target / "config.json").write_text(json.dumps(config))
    return target


@dataclass(frozen=True)
class Matrix:
    """`group`: columns of a group; the last one may be shorter."""

    bits: int
    group: int
    codes: np.ndarray
    scales: np.ndarray
    zeros: np.ndarray

    @property
    def weight(self) -> torch.Tensor:
        """(R, C) float32."""
        rows, columns = self.codes.shape
        out = np.zeros((rows, columns), dtype=np.float32)
        for row in range(rows):
            for column in range(columns):
                g = column // self.group
                whole = int(self.codes[row, column]) - int(self.zeros[row, g])
                out[row, column] = np.float32(whole) * np.float32(self.scales[row, g])
        return torch.from_numpy(out)


def rounded(weight: torch.Tensor, bits: int, group: int, *, symmetric: bool = False) -> Matrix:
    """A weight by its least and largest number in each group, or by the largest alone."""
    values, most = weight.double().numpy(), (1 << bits) - 1
    rows, columns = values.shape
    starts = range(0, columns, group)
    codes = np.zeros((rows, columns), dtype=np.int64)
    scales = np.zeros((rows, len(starts)), dtype=np.float16)
    zeros = np.full((rows, len(starts)), 1 << (bits - 1))
    for row in range(rows):
        for g, start in enumerate(starts):
            part = values[row, start : start + group]
            low, high = min(part.min(), 0), max(part.max(), 0)
            span = 2 * max(-low, high) if symmetric else high - low
            scales[row, g] = max(span / most, 1e-4)
            if not symmetric:
                zeros[row, g] = min(most, round(-low / float(scales[row, g])))
            whole = np.rint(part / float(scales[row, g])) + zeros[row, g]
            codes[row, start : start + group] = np.clip(whole, 0, most)
    return Matrix(bits, group, codes, scales, zeros)


def drawn(rows: int, columns: int, bits: int, group: int, seed: int) -> Matrix:
    """Any integers, zero points and scales, negative ones among them."""
    random, groups = np.random.default_rng(seed), -(-columns // group)
    codes, zeros = (random.integers(0, 1 << bits, (rows, n)) for n in (columns, groups))
    return Matrix(bits, group, codes, (random.standard_normal((rows, groups)) / 50).astype(np.float16), zeros)


def words(height: int, width: int) -> list[list[int]]:
    return [[0] * width for _ in range(height)]


def tensor(filled: list[list[int]]) -> torch.Tensor:
    """Words as int32, whatever their highest bit."""
    return torch.tensor([[word - (1 << 32) if word >> 31 else word for word in line] for line in filled]).int()


def count(numbers: int, bits: int) -> int:
    return (numbers * bits + 31) // 32


def compressed(matrix: Matrix) -> Tensors:
    """Integers along rows, zero points down them."""
    (rows, columns), groups, bits = matrix.codes.shape, matrix.zeros.shape[1], matrix.bits
    each = 32 // bits
    packed, zeros = words(rows, count(columns, bits)), words(count(rows, bits), groups)
    for row in range(rows):
        for column in range(columns):
            packed[row][column // each] += int(matrix.codes[row, column]) << (bits * (column % each))
        for g in range(groups):
            zeros[row // each][g] += int(matrix.zeros[row, g]) << (bits * (row % each))
    return {
        ".weight_packed": tensor(packed),
        ".weight_scale": torch.from_numpy(matrix.scales),
        ".weight_zero_point": tensor(zeros),
        ".weight_shape": torch.tensor([rows, columns]),
    }


def gptq(matrix: Matrix, less: int = 1) -> Tensors:
    """Everything lies across: integers down a column of words, zero points, less one, along a row of them."""
    (rows, columns), groups, bits = matrix.codes.shape, matrix.zeros.shape[1], matrix.bits
    each = 32 // bits
    packed, zeros = words(count(columns, bits), rows), words(groups, count(rows, bits))
    for row in range(rows):
        for column in range(columns):
            packed[column // each][row] += int(matrix.codes[row, column]) << (bits * (column % each))
        for g in range(groups):
            zeros[g][row // each] += ((int(matrix.zeros[row, g]) - less) % (1 << bits)) << (bits * (row % each))
    return {
        ".qweight": tensor(packed),
        ".scales": torch.from_numpy(matrix.scales.T.copy()),
        ".qzeros": tensor(zeros),
        ".g_idx": torch.tensor([column // matrix.group for column in range(columns)]).int(),
    }


def awq(matrix: Matrix) -> Tensors:
    """Words along the rows' axis: rows 0, 2, 4, 6, then 1, 3, 5, 7 of eight, from the lowest four bits on."""
    (rows, columns), groups = matrix.codes.shape, matrix.zeros.shape[1]
    packed, zeros = words(columns, count(rows, 4)), words(groups, count(rows, 4))
    for row in range(rows):
        within = row % 8
        shift = 4 * (within // 2 if within % 2 == 0 else 4 + within // 2)
        for column in range(columns):
            packed[column][row // 8] += int(matrix.codes[row, column]) << shift
        for g in range(groups):
            zeros[g][row // 8] += int(matrix.zeros[row, g]) << shift
    return {
        ".qweight": tensor(packed),
        ".scales": torch.from_numpy(matrix.scales.T.copy()),
        ".qzeros": tensor(zeros),
    }


LAYOUTS: dict[str, Callable[[Matrix], Tensors]] = {
    "pack-quantized": compressed,
    "gptq": gptq,
    "gptq_v2": lambda matrix: gptq(matrix, less=0),
    "awq": awq,
}


def config_of(layout: str, bits: int, group: int, **changes: Any) -> dict[str, Any]:
    """The quantization_config that such checkpoints have; -1: a group is a row."""
    if layout == "pack-quantized":
        weights = {"num_bits": bits, "type": "int", "symmetric": False}
        weights |= {"strategy": "channel" if group == -1 else "group", "group_size": None if group == -1 else group}
        groups = {"group_0": {"targets": ["Linear"], "weights": weights}}
        return {"quant_method": "compressed-tensors", "format": layout, "config_groups": groups} | changes
    if layout == "awq":
        return {
            "quant_method": "awq", "version": "gemm", "bits": bits, "group_size": group, "zero_point": True,
            "modules_to_not_convert": None,
        } | changes  # fmt: skip
    data: dict[str, Any] = {
        "quant_method": "gptq", "bits": bits, "group_size": group, "damp_percent": 0.01, "desc_act": False,
        "static_groups": False, "sym": True, "true_sequential": True, "model_file_base_name": "model",
    }  # fmt: skip
    return data | ({"checkpoint_format": layout} if layout == "gptq_v2" else {}) | changes
