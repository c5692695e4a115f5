from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.hub.conftest import WEIGHTS, safetensors_bytes
from yunqi.common.errors import YunqiError
from yunqi.hub.header import read_header


def _file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    return path


def _with_header(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def test_entries_carry_name_dtype_shape_and_place(tmp_path: Path) -> None:
    first, second = read_header(_file(tmp_path, WEIGHTS))
    assert (first.name, first.dtype, first.shape) == ("model.embed_tokens.weight", "BF16", (10, 8))
    assert (first.start, first.end, second.start, second.end) == (0, 160, 160, 176)
    assert (first.num_elements, first.num_bytes) == (80, 160)


def test_reads_what_the_reference_library_writes(tmp_path: Path) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    tensors = {"b": np.zeros((3, 0, 2), np.float32), "a": np.ones((4, 5), np.float16), "scalar": np.array(1, np.int64)}
    save_file(tensors, tmp_path / "x.safetensors")
    entries = {entry.name: entry for entry in read_header(tmp_path / "x.safetensors")}
    assert {name: entry.shape for name, entry in entries.items()} == {n: t.shape for n, t in tensors.items()}
    assert sum(entry.num_bytes for entry in entries.values()) == sum(t.nbytes for t in tensors.values())


TENSOR = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "length of a header"),
        (b"\x01\x02", "length of a header"),
        (struct.pack("<Q", 2**63) + b"{}", "length of a header"),
        (struct.pack("<Q", 500) + b"{}", "length of a header"),
        (_with_header(b"not json"), "not JSON"),
        (_with_header(b"\xff\xfe\xff"), "not JSON"),
        (_with_header(b"[" * 200_000), "not JSON"),
        (_with_header([1, 2]), "not an object"),
        (_with_header({"t": 3}), "no known dtype"),
        (_with_header({"t": TENSOR | {"dtype": "F33"}}, bytes(8)), "no known dtype"),
        (_with_header({"t": TENSOR | {"dtype": ["F32"]}}, bytes(8)), "no known dtype"),
        (_with_header({"t": TENSOR | {"shape": [-2]}}, bytes(8)), "no valid shape"),
        (_with_header({"t": TENSOR | {"shape": [True, 2]}}, bytes(8)), "no valid shape"),
        (_with_header({"t": TENSOR | {"shape": [1] * 99 + [2]}}, bytes(8)), "no valid shape"),
        (_with_header({"t": TENSOR | {"data_offsets": [0]}}, bytes(8)), "no valid place"),
        (_with_header({"t": TENSOR | {"data_offsets": [0, 4]}}, bytes(8)), "does not fit its size"),
        (_with_header({"t": TENSOR | {"data_offsets": [8, 0]}}, bytes(8)), "does not fit its size"),
        (_with_header({"t": TENSOR, "u": TENSOR}, bytes(8)), "overlaps"),
        (_with_header({"t": TENSOR | {"data_offsets": [4, 12]}}, bytes(12)), "leaves a gap"),
        (_with_header({"t": TENSOR}, bytes(5)), "cut off, with 5 bytes of data instead of 8"),
        (_with_header({"t": TENSOR}, bytes(9)), "1 bytes that belong to no tensor"),
    ],
)
def test_a_corrupt_file_is_refused_with_its_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(YunqiError, match=reason) as caught:
        read_header(_file(tmp_path, content))
    assert caught.value.code == "weights-corrupt"


@given(position=st.integers(0, len(WEIGHTS) - 1), byte=st.integers(0, 255), cut=st.integers(0, len(WEIGHTS)))
def test_any_damage_ends_in_entries_or_our_error(
    tmp_path_factory: pytest.TempPathFactory, position: int, byte: int, cut: int
) -> None:
    damaged = bytearray(WEIGHTS)
    damaged[position] = byte
    path = _file(tmp_path_factory.getbasetemp(), bytes(damaged[:cut]))
    try:
        total = sum(entry.num_bytes for entry in read_header(path))
    except YunqiError as error:
        total = 0
        assert error.code == "weights-corrupt"  # noqa: PT017
    assert total <= len(WEIGHTS)


def test_an_unknown_width_is_not_guessed(tmp_path: Path) -> None:
    content = safetensors_bytes({"t": ("F4", [3, 4], 1)})
    with pytest.raises(YunqiError, match="does not fit"):
        read_header(_file(tmp_path, content))
