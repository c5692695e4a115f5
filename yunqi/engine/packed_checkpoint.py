"""Checkpoint folders -> packed models, a few megabytes at a time; quantised ones are kept for the next start.

No matrix is ever in memory as it is stored, so that a model takes what its packed weights take. Quantising takes long;
its result is kept (`yunqi.engine.kept`). A file that is damaged, or of another core, is made anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import torch
from torch import Tensor, nn

from yunqi.common.errors import YunqiError
from yunqi.engine import kept
from yunqi.engine.loader import Stored, choose_dtype, open_checkpoint, open_mtp
from yunqi.engine.packing import Network, replace_matrices
from yunqi.hub.checkpoint import check_checkpoint, read_config
from yunqi.hub.header import data_start
from yunqi.hub.quantization import is_quantized
from yunqi.layers.decoder import CausalLM
from yunqi.layers.hybrid import HybridCausalLM, MultiTokenPredictor
from yunqi.layers.linear import Packed
from yunqi.ops.native.library import Team
from yunqi.ops.native.matrix import Kind, PackedMatrix
from yunqi.ops.native.pages import Slabs

log = logging.getLogger(__name__)

KEPT_FROM_BYTES = 64 << 20  # smaller models are packed sooner than they are read
_PART_BYTES = 16 << 20
_TORCH = {"F32": torch.float32, "BF16": torch.bfloat16, "F16": torch.float16}
_STORED = {torch.float32: "F32", torch.bfloat16: "BF16"}


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
    file = kept.kept_file(path, kind, group, part) if quantises else None
    if file is not None and file.is_file() and (model := _from_kept(opened()[0], file, kind, group)):
        return model
    model = _packed(*opened(), kind, group, team)
    if file is not None and sum(matrix.nbytes for matrix in _matrices(model).values()) >= KEPT_FROM_BYTES:
        _keep(model, file)
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
        source.seek(data_start(file) + entry.start)
        for first in range(0, entry.shape[0], count):
            data = bytearray(min(count, entry.shape[0] - first) * row)
            if source.readinto(data) != len(data):
                raise YunqiError("weights-corrupt", file=file, reason=f"it ends inside {entry.name}")
            yield first, torch.frombuffer(data, dtype=_TORCH[entry.dtype]).view(-1, *entry.shape[1:])


def _keep(model: nn.Module, target: Path) -> None:
    plain = {name: value.detach().contiguous() for name, value in model.named_parameters()}
    data = {name: matrix.data for name, matrix in _matrices(model).items()}
    data |= {name: value.view(torch.uint8).numpy().reshape(-1) for name, value in plain.items()}
    kept.write(target, data, {name: (_STORED[value.dtype], list(value.shape)) for name, value in plain.items()})


def _from_kept(model: Network, file: Path, kind: Kind, group: int) -> Network | None:
    """The model from a kept file; None, and the file gone, where it is damaged."""

    def matrix_of(name: str, weight: Tensor, kind: Kind) -> PackedMatrix:
        rows, columns = weight.shape
        return PackedMatrix.of(found[name][1], rows, columns, kind, group)

    def whole(name: str) -> Tensor:
        entry, data = found[name]
        return torch.from_numpy(data).view(_TORCH[entry.dtype]).view(entry.shape)

    try:
        found = kept.read(file)
        replace_matrices(model, kind, group, matrix_of, lambda name, _: whole(name))
        return _completed(model, {name: whole(name) for name in _plain(model)})
    except (YunqiError, KeyError, ValueError, OSError) as error:
        log.warning("the kept packed weights are made anew: %s", error)
        with suppress(OSError):
            file.unlink(missing_ok=True)
        return None
