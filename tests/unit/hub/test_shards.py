"""Files written tensor by tensor are what safetensors reads."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from yunqi.hub.checkpoint import weight_files
from yunqi.hub.header import read_header
from yunqi.hub.shards import entry, write_shards

TENSORS = {
    "odd": np.arange(3, dtype=np.float16),
    "shape": np.array([5, 7], dtype=np.int64),
    "words": np.arange(35, dtype=np.int32).reshape(5, 7),
    "byte": np.array([9], dtype=np.uint8),
    "one": np.array(2.5, dtype=np.float32),
}
DTYPES = {"float16": "F16", "int64": "I64", "int32": "I32", "uint8": "U8", "float32": "F32"}


@pytest.mark.parametrize("shard_bytes, files", [(10**9, 1), (150, 2), (1, 5)])
def test_what_was_written_is_read(tmp_path: Path, shard_bytes: int, files: int) -> None:
    entries = [entry(name, DTYPES[str(value.dtype)], value.shape) for name, value in TENSORS.items()]
    write_shards(
        tmp_path,
        entries,
        (value.reshape(-1).view(np.uint8).data for value in TENSORS.values()),
        shard_bytes=shard_bytes,
    )
    found: dict[str, np.ndarray] = {}
    for file in weight_files(tmp_path):
        found |= load_file(file)
        assert all(one.start % max(1, one.num_bytes // max(1, one.num_elements)) == 0 for one in read_header(file))
    assert len(list(tmp_path.glob("*.safetensors"))) == files
    assert found.keys() == TENSORS.keys()
    assert all(
        np.array_equal(found[name], value) and found[name].shape == value.shape for name, value in TENSORS.items()
    )
    if files > 1:
        index = json.loads((tmp_path / "model.safetensors.index.json").read_text())
        assert index["metadata"]["total_size"] == sum(value.nbytes for value in TENSORS.values())
