"""A checkpoint written tensor by tensor: the headers are known beforehand, so that none but the current is in memory.

The layout of a file is `yunqi.hub.header`'s. Wide elements lie first, which keeps every tensor on a multiple of its
element's size.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from yunqi.hub.checkpoint import INDEX_FILE
from yunqi.hub.header import BITS, TensorEntry

SHARD_BYTES = 5_000_000_000
_ALIGNMENT = 8


def entry(name: str, dtype: str, shape: tuple[int, ...]) -> TensorEntry:
    """A tensor that has no place yet."""
    planned = TensorEntry(name=name, dtype=dtype, shape=shape, start=0, end=0)
    return TensorEntry(name=name, dtype=dtype, shape=shape, start=0, end=planned.num_elements * BITS[dtype] // 8)


def write_shards(
    folder: Path, entries: Sequence[TensorEntry], data: Iterable[memoryview], *, shard_bytes: int = SHARD_BYTES
) -> None:
    """Write `model.safetensors`, or shards and their index; `data` gives each entry's bytes, in the entries' order."""
    shards, pieces = list(_shards(entries, shard_bytes)), iter(data)
    names = ["model.safetensors"]
    if len(shards) > 1:
        names = [f"model-{i + 1:05d}-of-{len(shards):05d}.safetensors" for i in range(len(shards))]
    for name, shard in zip(names, shards, strict=True):
        _write(folder / name, shard, pieces)
    assert next(pieces, None) is None, "more data than tensors"
    if len(shards) > 1:
        where = {one.name: name for name, shard in zip(names, shards, strict=True) for one in shard}
        index = {"metadata": {"total_size": sum(one.num_bytes for one in entries)}, "weight_map": where}
        (folder / INDEX_FILE).write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")


def _shards(entries: Sequence[TensorEntry], shard_bytes: int) -> Iterator[list[TensorEntry]]:
    shard: list[TensorEntry] = []
    size = 0
    for one in entries:
        if shard and size + one.num_bytes > shard_bytes:
            yield shard
            shard, size = [], 0
        shard.append(one)
        size += one.num_bytes
    yield shard


def _write(path: Path, shard: Sequence[TensorEntry], pieces: Iterator[memoryview]) -> None:
    header, places = _header(shard)
    with path.open("wb") as file:
        file.write(header)
        for one in shard:
            piece = next(pieces)
            assert piece.nbytes == one.num_bytes, one.name
            file.seek(len(header) + places[one.name])
            file.write(piece)


def _header(shard: Sequence[TensorEntry]) -> tuple[bytes, dict[str, int]]:
    """The file's beginning, and where in the data behind it each tensor starts."""
    described: dict[str, object] = {"__metadata__": {"format": "pt"}}
    places: dict[str, int] = {}
    end = 0
    for one in sorted(shard, key=lambda one: -BITS[one.dtype]):
        places[one.name], end = end, end + one.num_bytes
        offsets = [places[one.name], end]
        described[one.name] = {"dtype": one.dtype, "shape": list(one.shape), "data_offsets": offsets}
    text = json.dumps(described, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return len(text).to_bytes(8, "little") + text, places
