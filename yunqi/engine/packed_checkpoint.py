"""Checkpoint folders -> packed models, a few megabytes at a time; quantised ones are kept for the next start.

No matrix is ever in memory as it is stored, so that a model takes what its packed weights take. Quantising takes long;
its result goes to `packed/` under the home of Yunqi: a safetensors file whose name says what it was made of, and whose
last tensor holds the sums of the others. A file that is damaged, or of another core, is made anew.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from yunqi.common.errors import YunqiError
from yunqi.common.files import atomic_path, sha256_of
from yunqi.common.home import home
from yunqi.common.machine import allowed_cores
from yunqi.engine.loader import Stored, choose_dtype, open_checkpoint, open_mtp
from yunqi.engine.packing import Network, replace_matrices
from yunqi.hub.checkpoint import CONFIG_FILE, check_checkpoint, read_config, weight_files
from yunqi.hub.header import TensorEntry, header_sha256, read_header
from yunqi.hub.quantization import is_quantized
from yunqi.layers.decoder import CausalLM
from yunqi.layers.hybrid import HybridCausalLM, MultiTokenPredictor
from yunqi.layers.linear import Packed
from yunqi.ops.native import library as native
from yunqi.ops.native.library import Team
from yunqi.ops.native.matrix import Kind, PackedMatrix
from yunqi.ops.native.pages import Slabs

log = logging.getLogger(__name__)

KEPT_FROM_BYTES = 64 << 20  # smaller models are packed sooner than they are read
KEPT_BYTES = 64 << 30  # of all kept files; the oldest go
_PART_BYTES = 16 << 20
_TORCH = {"F32": torch.float32, "BF16": torch.bfloat16, "F16": torch.float16}
_STORED = {torch.float32: "F32", torch.bfloat16: "BF16"}
_SUMS = "sums"


def load_packed(path: str | Path, kind: Kind, *, group: int = 32, team: Team | None = None) -> CausalLM:
    """Load a checkpoint folder for the native core.

    Args:
        kind: what its matrices are kept in, but for those that are stored quantised; `group` columns share a scale
            (int8, int4).

    Raises:
        YunqiError: as `loader.load_model`, and `native-missing` or `native-unsupported`.
    """
    return _load(Path(path), lambda: open_checkpoint(path), kind, group, team)


def load_packed_mtp(path: str | Path, model: HybridCausalLM, *, team: Team | None = None) -> MultiTokenPredictor:
    """The multi-token head of a checkpoint whose model `load_packed` has loaded, packed as that is.

    Raises:
        YunqiError: as `loader.load_mtp`.
    """
    assert isinstance(model.embedding, Packed), "the head of a model that is not packed"
    matrix = model.embedding.matrix
    return _load(Path(path), lambda: open_mtp(path, model), matrix.kind, matrix.group or 32, team, part="-mtp")


def _load(
    path: Path,
    opened: Callable[[], tuple[Network, Stored]],
    kind: Kind,
    group: int,
    team: Team | None,
    part: str = "",
) -> Network:
    """A part of a checkpoint, on "meta" and with the places of its tensors where it is `opened`."""
    path = check_checkpoint(path)
    quantises = kind in ("int8", "int4") and not is_quantized(read_config(path))
    kept = home() / "packed" / f"{_name(path, kind, group)}{part}.safetensors" if quantises else None
    if kept is not None and kept.is_file() and (model := _from_kept(opened()[0], kept, kind, group)):
        return model
    model = _packed(*opened(), kind, group, team)
    if kept is not None and sum(matrix.nbytes for matrix in _matrices(model).values()) >= KEPT_FROM_BYTES:
        _keep(model, kept)
    return model


def _packed(model: Network, stored: Stored, kind: Kind, group: int, team: Team | None) -> Network:
    dtype, slabs = choose_dtype("stored", stored.dtypes, "cpu"), Slabs()

    def matrix_of(name: str, weight: Tensor, kind: Kind) -> PackedMatrix:
        rows, columns = weight.shape
        if name in stored.schemes:
            return PackedMatrix.pack_groups(stored.groups(name), team, slabs)
        matrix = PackedMatrix.empty(rows, columns, kind, group, slabs)
        for first, part in _parts(stored, name):
            matrix.fill(part.to(dtype), first, team)
        return matrix

    def whole(name: str) -> Tensor:
        return torch.cat([part for _, part in _parts(stored, name)]).to(dtype)

    replace_matrices(model, kind, group, matrix_of, lambda name, _: whole(name))
    return _completed(model, {name: whole(name) for name in _plain(model)})


def _completed(model: Network, parameters: dict[str, Tensor]) -> Network:
    model.load_state_dict(parameters, strict=False, assign=True)
    return model.requires_grad_(False).eval()


def _plain(model: nn.Module) -> list[str]:
    """The parameters that no packed module has taken, still without values."""
    return [name for name, parameter in model.named_parameters() if parameter.is_meta]


def _matrices(model: nn.Module) -> dict[str, PackedMatrix]:
    """Each packed matrix once, by the name of its weight."""
    found: dict[int, tuple[str, PackedMatrix]] = {}
    for name, module in model.named_modules():
        if isinstance(module, Packed):
            found.setdefault(id(module.matrix), (f"{name}.weight", module.matrix))
    return dict(found.values())


def _parts(stored: Stored, name: str) -> Iterator[tuple[int, Tensor]]:
    """A tensor in parts of whole rows, each with the number of its first row, a multiple of 16.

    One that has scales comes in one part.
    """
    if (region := stored.region(name)) is None:
        yield from ((0, tensor) for _, tensor in stored.tensors([name]))
        return
    file, entry = region
    row = entry.num_bytes // max(1, entry.shape[0])
    count = max(16, _PART_BYTES // max(1, row) // 16 * 16)
    with file.open("rb", buffering=0) as source:
        source.seek(8 + int.from_bytes(source.read(8), "little") + entry.start)
        for first in range(0, entry.shape[0], count):
            data = bytearray(min(count, entry.shape[0] - first) * row)
            if source.readinto(data) != len(data):
                raise YunqiError("weights-corrupt", file=file, reason=f"it ends inside {entry.name}")
            yield first, torch.frombuffer(data, dtype=_TORCH[entry.dtype]).view(-1, *entry.shape[1:])


# What is kept


def _name(path: Path, kind: Kind, group: int) -> str:
    """Tells apart whatever makes other packed weights; files are known by size, time and header."""
    facts: list[Any] = [native.VERSION, kind, group, sha256_of(path / CONFIG_FILE)]
    for file in weight_files(path):
        state = file.stat()
        facts.append([file.name, state.st_size, state.st_mtime_ns, header_sha256(file)])
    return f"{path.name}-{kind}-{blake2b(json.dumps(facts).encode(), digest_size=12).hexdigest()}"


def _keep(model: nn.Module, target: Path) -> None:
    """Write the packed model, and make room for it. What goes wrong costs the next start time and nothing else."""
    plain = {name: value.detach().contiguous() for name, value in model.named_parameters()}
    data = {name: matrix.data for name, matrix in _matrices(model).items()}
    data |= {name: value.view(torch.uint8).numpy().reshape(-1) for name, value in plain.items()}
    data[_SUMS] = np.array([_sum_of(part) for part in data.values()], dtype=np.uint64).view(np.uint8)
    kinds = {name: (_STORED[value.dtype], list(value.shape)) for name, value in plain.items()}
    header, at = {}, 0
    for name, part in data.items():
        dtype, shape = kinds.get(name, ("U8", [part.nbytes]))
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + part.nbytes]}
        at += part.nbytes
    text = json.dumps(header).encode()
    try:
        _make_room(target.parent, at)
        with atomic_path(target) as path, path.open("wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for part in data.values():
                file.write(part.data)
    except (OSError, YunqiError) as error:
        log.warning("the packed weights are not kept for the next start: %s", error)


def _make_room(folder: Path, size: int) -> None:
    files = sorted(folder.glob("*.safetensors"), key=lambda file: file.stat().st_mtime) if folder.is_dir() else []
    total = size + sum(file.stat().st_size for file in files)
    for file in files:
        if total <= KEPT_BYTES:
            break
        total -= file.stat().st_size
        file.unlink(missing_ok=True)


def _from_kept(model: Network, file: Path, kind: Kind, group: int) -> Network | None:
    """The model from a kept file; None, and the file gone, where it is damaged."""

    def matrix_of(name: str, weight: Tensor, kind: Kind) -> PackedMatrix:
        rows, columns = weight.shape
        return PackedMatrix.of(found[name][1], rows, columns, kind, group)

    def whole(name: str) -> Tensor:
        entry, data = found[name]
        return torch.from_numpy(data).view(_TORCH[entry.dtype]).view(entry.shape)

    try:
        found = _read_kept(file)
        replace_matrices(model, kind, group, matrix_of, lambda name, _: whole(name))
        os.utime(file)
        return _completed(model, {name: whole(name) for name in _plain(model)})
    except (YunqiError, KeyError, ValueError, OSError) as error:
        log.warning("the kept packed weights are made anew: %s", error)
        with suppress(OSError):
            file.unlink(missing_ok=True)
        return None


def _read_kept(file: Path) -> dict[str, tuple[TensorEntry, np.ndarray]]:
    """Every tensor's bytes, in large pages, read by all cores together, its sum compared."""
    entries, slabs = read_header(file), Slabs()
    places = [slabs.take(entry.num_bytes) for entry in entries]
    with file.open("rb") as source:
        start = 8 + int.from_bytes(source.read(8), "little")

    def read(entry: TensorEntry, place: np.ndarray) -> int:
        with file.open("rb", buffering=0) as source:
            source.seek(start + entry.start)
            rest = memoryview(place.data)
            while rest and (count := source.readinto(rest)):
                rest = rest[count:]
        return _sum_of(place)

    with ThreadPoolExecutor(allowed_cores()) as pool:
        sums = list(pool.map(read, entries, places))
    if entries[-1].name != _SUMS or sums[:-1] != places[-1].view(np.uint64).tolist():
        raise YunqiError("weights-corrupt", file=file, reason="it is not what was written")
    return {entry.name: (entry, place) for entry, place in zip(entries, places, strict=True)}


def _sum_of(data: np.ndarray) -> int:
    return native.library().yq_checksum(data.ctypes.data, data.nbytes)
