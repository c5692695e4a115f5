"""Integers in groups: against the format written out bit by bit, and against the native core's packing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.native import require_native
from yunqi.ops.groups import Groups, num_words, quantize
from yunqi.ops.native import library as native
from yunqi.ops.native.matrix import PackedMatrix


def random_matrix(rows: int, columns: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed)) / 30


def by_the_format(words: np.ndarray, scales: np.ndarray, bits: int, columns: int, group: int) -> np.ndarray:
    """Every weight from its own bits: (R, words) int32 and (R, G) -> (R, C) float32."""
    out = np.zeros((len(words), columns), dtype=np.float32)
    for row, line in enumerate(words):
        stream = 0
        for i, word in enumerate(line):
            stream |= (int(word) & 0xFFFFFFFF) << (32 * i)
        for column in range(columns):
            code = stream >> (bits * column) & ((1 << bits) - 1)
            out[row, column] = np.float32(code - (1 << (bits - 1))) * np.float32(scales[row, column // group])
    return out


def random_groups(rows: int, columns: int, bits: int, group: int | None, seed: int) -> Groups:
    """Any words, as somebody else may have written them; None: one scale a row."""
    random = torch.Generator().manual_seed(seed)
    packed = torch.randint(-(1 << 31), 1 << 31, (rows, num_words(columns, bits)), generator=random)
    number = 1 if group is None else -(-columns // group)
    scales = (torch.randn(rows, number, generator=random) / 50).bfloat16()
    return Groups(bits=bits, group=group or columns, columns=columns, packed=packed.int(), scales=scales)


shapes = st.tuples(st.integers(1, 40), st.integers(1, 200), st.sampled_from((4, 8)))
sizes = st.sampled_from((32, 64, 96, 128, None))


@given(shape=shapes, group=sizes, seed=st.integers(0, 99))
def test_stored_integers_are_read_as_the_format_says(shape: tuple[int, int, int], group: int | None, seed: int) -> None:
    rows, columns, bits = shape
    groups = random_groups(rows, columns, bits, group, seed)
    scales = groups.scales.float().numpy()
    wanted = by_the_format(groups.packed.numpy(), scales, bits, columns, groups.group)
    assert np.array_equal(groups.dequantize(torch.float32).numpy(), wanted)
    halves = torch.from_numpy(wanted).bfloat16()
    assert torch.equal(groups.dequantize(torch.bfloat16), halves)


@given(shape=shapes, group=sizes, seed=st.integers(0, 99))
def test_the_core_packs_them_without_a_change(shape: tuple[int, int, int], group: int | None, seed: int) -> None:
    require_native()
    rows, columns, bits = shape
    groups = random_groups(rows, columns, bits, group, seed)
    matrix = PackedMatrix.pack_groups(groups)
    assert (matrix.kind, matrix.rows, matrix.columns) == (f"int{bits}", rows, columns)
    tiny = groups.scales.abs() < 2**-14  # what float16 has fewer bits for
    exact = ~tiny.repeat_interleave(groups.group, dim=1)[:, :columns]
    assert torch.equal(matrix.unpack()[exact], groups.dequantize(torch.float32)[exact])


@pytest.mark.parametrize("group", [32, 64, 128])
@pytest.mark.parametrize("bits", [4, 8])
@given(rows=st.integers(1, 70), columns=st.integers(1, 300), seed=st.integers(0, 99))
def test_a_product_takes_the_zero_points_away(bits: int, group: int, rows: int, columns: int, seed: int) -> None:
    """At every level the same bits, a row alone the same as in company; close to the formula."""
    require_native()
    groups = random_groups(rows, columns, bits, group, seed)
    zeros = torch.randint(0, 1 << bits, groups.scales.shape, generator=torch.Generator().manual_seed(seed))
    matrix = PackedMatrix.pack_groups(replace(groups, zeros=zeros.to(torch.uint8), scales=groups.scales.half()))
    x = random_matrix(64, columns, seed)
    try:
        found = []
        for level in native.levels():
            native.set_level(level)
            found.append(matrix.multiply(x))
            assert torch.equal(found[-1], found[0])
            for count in (1, 2, 3, 5, 8, 13, 31):
                assert torch.equal(matrix.multiply(x[:count]), found[0][:count])
    finally:
        native.set_level(native.best_level())
    weight = matrix.unpack()
    assert ((found[0] - x @ weight.T).abs() / (x.norm(dim=-1, keepdim=True) * weight.norm(dim=-1) + 1e-6)).max() < 0.02


@pytest.mark.parametrize("group", [32, 128])
@pytest.mark.parametrize("bits", [4, 8])
def test_the_search_is_the_native_core_s(bits: int, group: int) -> None:
    """With scales of float16 the same weights, but for groups whose best two scales are as good as each other."""
    require_native()
    weight = random_matrix(48, 512)
    groups = quantize(weight, bits=bits, group=group, dtype=torch.float16)
    packed = PackedMatrix.pack(weight, "int4" if bits == 4 else "int8", group)
    equal = (groups.dequantize(torch.float32) == packed.unpack()).unflatten(1, (-1, group)).all(-1)
    assert equal.float().mean() > 0.99


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
@pytest.mark.parametrize("bits, most", [(8, 0.006), (4, 0.085)])
def test_quantising_loses_little_in_any_dtype_of_scale(bits: int, most: float, dtype: torch.dtype) -> None:
    weight = random_matrix(64, 1024)
    groups = quantize(weight, bits=bits, group=32, dtype=dtype)
    assert groups.scales.dtype == dtype
    assert (groups.dequantize(torch.float32) - weight).norm() / weight.norm() < most
    scales = groups.scales.float().numpy()
    assert np.array_equal(scales, scales.astype(np.float16).astype(np.float32))
    assert np.array_equal(
        groups.dequantize(torch.float32).numpy(), by_the_format(groups.packed.numpy(), scales, bits, 1024, 32)
    )


def test_zeros_and_tiny_and_huge_weights_are_finite() -> None:
    weight = torch.stack([torch.zeros(64), torch.full((64,), 1e-30), torch.full((64,), 1e30), torch.full((64,), 3e-6)])
    for bits in (4, 8):
        found = quantize(weight, bits=bits, group=32, dtype=torch.bfloat16).dequantize(torch.float32)
        assert torch.isfinite(found).all()
        assert (found[0] == 0).all()


def test_what_fits_is_quantised_without_loss() -> None:
    whole = torch.randint(-8, 8, (40, 64), generator=torch.Generator().manual_seed(0)).float()
    whole[:, ::32] = -8
    assert torch.equal(quantize(whole, bits=4, group=32, dtype=torch.bfloat16).dequantize(torch.float32), whole)
