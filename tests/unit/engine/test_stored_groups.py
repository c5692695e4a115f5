"""Quantised matrices of every layout that is read, against the layout number by number (`tests.quantized`)."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.native import require_native
from tests.quantized import LAYOUTS, Matrix, config_of, drawn, gptq
from yunqi.common.errors import YunqiError
from yunqi.engine.stored_groups import StoredGroups, read_groups
from yunqi.hub.quantization import find_scheme, schemes_of
from yunqi.ops.groups import Groups
from yunqi.ops.native.matrix import PackedMatrix

LAYOUT = st.sampled_from([(layout, bits) for layout in LAYOUTS for bits in (4, 8) if (layout, bits) != ("awq", 8)])
SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 150), st.sampled_from((32, 64, 96, 128, -1)))


def read(matrix: Matrix, layout: str, group: int, tensors: dict[str, torch.Tensor] | None = None) -> Groups:
    """What a checkpoint's config and headers say of these tensors, and then their values."""
    tensors = LAYOUTS[layout](matrix) if tensors is None else tensors
    schemes = schemes_of({"quantization_config": config_of(layout, matrix.bits, group)})
    rows, columns = matrix.codes.shape
    scheme = find_scheme(schemes, "q", (rows, columns), {part: tuple(t.shape) for part, t in tensors.items()})
    stored = StoredGroups(scheme=scheme, shape=(rows, columns), parts={part: "q" + part for part in tensors})
    return read_groups(stored, tensors.__getitem__)


@given(how=LAYOUT, shape=SHAPES, seed=st.integers(0, 99))
def test_every_weight_is_what_the_layout_says(how: tuple[str, int], shape: tuple[int, int, int], seed: int) -> None:
    """Odd numbers of rows and columns among them, and groups that end early; in torch and in the core."""
    require_native()
    (layout, bits), (rows, columns, group) = how, shape
    matrix = drawn(rows, columns, bits, columns if group == -1 else group, seed)
    groups, wanted = read(matrix, layout, group), matrix.weight
    assert torch.equal(groups.dequantize(torch.float32), wanted)
    assert torch.equal(groups.dequantize(torch.bfloat16), wanted.bfloat16())
    packed = PackedMatrix.pack_groups(groups)
    assert (packed.kind, packed.zeros) == (f"int{bits}", groups.zeros is not None)
    assert torch.equal(packed.unpack(), wanted)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_zero_points_in_the_middle_are_none(layout: str) -> None:
    """What is symmetric takes no more memory than a layout without zero points."""
    given_ = drawn(24, 96, 4, 32, 0)
    matrix = Matrix(4, 32, given_.codes, given_.scales, given_.zeros * 0 + 8)
    groups = read(matrix, layout, 32)
    assert groups.zeros is None
    assert torch.equal(groups.dequantize(torch.float32), matrix.weight)


def test_the_first_gptq_wraps_a_zero_point_of_nothing() -> None:
    """It is stored less one in four bits, so 0 is stored as 15, and 15 is no 16."""
    given_ = drawn(8, 32, 4, 32, 1)
    matrix = Matrix(4, 32, given_.codes, given_.scales, given_.zeros * 0)
    assert (gptq(matrix)[".qzeros"] == -1).all()
    assert torch.equal(read(matrix, "gptq", 32).dequantize(torch.float32), matrix.weight)


def test_an_order_that_is_none_is_read_and_another_is_named() -> None:
    matrix = drawn(8, 64, 4, 32, 2)
    tensors = gptq(matrix)
    del tensors[".g_idx"]
    assert torch.equal(read(matrix, "gptq", 32, tensors).dequantize(torch.float32), matrix.weight)
    with pytest.raises(YunqiError, match="gptq with inputs in another order") as caught:
        read(matrix, "gptq", 32, tensors | {".g_idx": torch.arange(64).int() % 2})
    assert caught.value.code == "quantization-unsupported"


def test_a_bias_that_the_model_has_no_place_for_must_be_nothing() -> None:
    matrix = drawn(8, 64, 4, 32, 3)
    tensors = gptq(matrix)
    read(matrix, "gptq", 32, tensors | {".bias": torch.zeros(8)})
    with pytest.raises(YunqiError, match=r"q\.bias") as caught:
        read(matrix, "gptq", 32, tensors | {".bias": torch.eye(8)[3]})
    assert caught.value.code == "weights-unexpected"
