"""Checkpoint folders -> models, and back, in the official layout.

Weights are safetensors, alone or in shards, memory-mapped: a dtype kept as stored is not copied on a CPU. Everything
that can be wrong with a folder is found from its headers, before the first weight is read (`yunqi.engine.weights`).
Weights that are stored as integers are dequantised here; the native core packs them as they are.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from yunqi.common.config import contradiction
from yunqi.common.errors import YunqiError
from yunqi.common.files import atomic_path, write_json
from yunqi.common.machine import has_native_bfloat16
from yunqi.engine.mapped import MappedFiles
from yunqi.engine.stored_groups import StoredGroups, find_packed, read_groups
from yunqi.engine.weights import FP8, SCALE, STORED, Place, block_of, is_expert, locate
from yunqi.families import find_family
from yunqi.hub.checkpoint import INDEX_FILE, check_checkpoint, read_config, weight_files
from yunqi.hub.header import TensorEntry, data_start, read_header
from yunqi.hub.quantization import PARTS, QUANTIZATION_KEYS, Scheme, schemes_of
from yunqi.layers.decoder import CausalLM
from yunqi.layers.hybrid import HybridCausalLM, MultiTokenPredictor
from yunqi.layers.linear import StoredLinear
from yunqi.ops.groups import Groups

log = logging.getLogger(__name__)

DTYPES: dict[str, torch.dtype] = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_TORCH = {"F32": torch.float32, "BF16": torch.bfloat16, "F16": torch.float16, "I32": torch.int32}
_ALSO = {"float": "float32", "half": "float16"}
_STORED = STORED | {FP8: "bfloat16"}  # what stands for a dtype in the dtypes to compute in
_TIED_HEAD = "lm_head.weight"
SHARD_BYTES = 5_000_000_000


def load_model(
    path: str | Path,
    *,
    device: str | torch.device = "cpu",
    dtype: str | torch.dtype = "auto",
    experts_on_disk: bool = False,
) -> CausalLM:
    """Load a checkpoint folder.

    Args:
        experts_on_disk: leave the experts of mixtures in their files, mapped, and make of them what is computed with
            whenever they are used; the results are the same. On a CPU alone.
        dtype: "auto" keeps what is stored, but computes in float32 where a CPU has no bfloat16 of its own; "stored"
            keeps bfloat16 everywhere, and takes float32 for all else; or one of `DTYPES`.

    Raises:
        YunqiError: for everything wrong with the folder, its config, its weights, the device or the dtype.
    """
    model, stored = open_checkpoint(path)
    device = check_device(device)
    assert not experts_on_disk or device == "cpu", "a device of its own memory reads no files"
    _fill(model, stored, device=device, dtype=dtype, experts_on_disk=experts_on_disk)
    model.tie_weights()
    return model.requires_grad_(False).eval()


def load_mtp(path: str | Path, model: HybridCausalLM) -> MultiTokenPredictor:
    """A checkpoint's head that predicts one token further, for its loaded model, in that one's dtype and place.

    Raises:
        YunqiError: as `load_model`; `weights-missing` where the checkpoint has no such head.
    """
    like, (head, stored) = model.embedding.weight, open_mtp(path, model)
    _fill(head, stored, device=str(like.device), dtype=like.dtype)
    return head.requires_grad_(False).eval()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A module's tensors in the files of a checkpoint: all are there, in shapes that fit.

    `places` by the module's own names, but for the weights that are integers in groups: how those are stored stands in
    `schemes`. `files` and `entries` by the names that the places have for stored tensors.
    """

    places: Mapping[str, Place]
    files: Mapping[str, tuple[Path, str]]
    entries: Mapping[str, TensorEntry]
    block: tuple[int, int]
    schemes: Mapping[str, StoredGroups]

    @property
    def dtypes(self) -> list[str]:
        """Of all that is no integer in groups."""
        return [self.entries[place.stored].dtype for place in self.places.values()]

    def groups(self, name: str) -> Groups:
        """A weight that is stored as integers in groups. Raises `weights-corrupt`, and as `read_groups`."""
        stored = self.schemes[name]
        return read_groups(stored, lambda suffix: self._bytes(stored.parts[suffix]))

    def _bytes(self, name: str) -> Tensor:
        """A stored tensor as it is, without the headers again: of experts there are thousands."""
        file, entry = self.files[name][0], self.entries[name]
        data = bytearray(entry.num_bytes)
        with file.open("rb", buffering=0) as source:
            source.seek(data_start(file) + entry.start)
            if source.readinto(data) != len(data):
                raise YunqiError("weights-corrupt", file=file, reason=f"it ends inside {entry.name}")
        return torch.frombuffer(data, dtype=_TORCH[entry.dtype]).view(entry.shape)

    def plain(self, name: str) -> tuple[Path, TensorEntry] | None:
        """The file and the entry of a tensor that is stored as it is; None where it is a part or has scales."""
        place = self.places[name]
        if place != Place(stored=place.stored):
            return None
        return self.files[place.stored][0], self.entries[place.stored]

    def region(self, name: str) -> tuple[Path, TensorEntry] | None:
        """As `plain`, also for the rows of one expert in a fused tensor; None where a tensor has scales."""
        place = self.places[name]
        if place.scale is not None:
            return None
        entry = self.entries[place.stored]
        start, stop, shape = entry.start, entry.end, entry.shape
        if place.expert is not None:
            start, stop = _slice(start, stop, shape[0], place.expert, 1)
            shape = shape[1:]
        if place.num_rows is not None:
            start, stop = _slice(start, stop, shape[0], place.first_row, place.num_rows)
            shape = (place.num_rows, *shape[1:])
        return self.files[place.stored][0], TensorEntry(
            name=name, dtype=entry.dtype, shape=shape, start=start, end=stop
        )

    def tensors(self, names: Iterable[str] | None = None) -> Iterator[tuple[str, Tensor]]:
        """The tensors of these names, or of all places, file by file. Raises `weights-corrupt`."""
        yield from self._read({name: self.places[name] for name in (self.places if names is None else names)})

    def mapped(self, name: str, files: MappedFiles) -> Callable[[], Tensor | Groups]:
        """What reads one tensor from its mapped file, whenever it is called: a view where it is stored as it is."""

        def tensor(stored: str) -> Tensor:
            return files.tensor(self.files[stored][0], self.entries[stored])

        if name in self.schemes:
            stored = self.schemes[name]
            return lambda: read_groups(stored, lambda suffix: tensor(stored.parts[suffix]))
        return lambda: self.places[name].read(tensor, self.block)

    def _read(self, wanted: Mapping[str, Place]) -> Iterator[tuple[str, Tensor]]:
        with ExitStack() as stack:
            opened: dict[Path, Any] = {}

            def tensor(stored: str) -> Tensor:
                file, name = self.files[stored]
                try:
                    if file not in opened:
                        opened[file] = stack.enter_context(safe_open(file, framework="pt"))
                    return opened[file].get_tensor(name)
                except SafetensorError as error:
                    raise YunqiError("weights-corrupt", file=file, reason=error) from error

            for name, place in sorted(wanted.items(), key=lambda item: self.files[item[1].stored][0]):
                yield name, place.read(tensor, self.block)


def _slice(start: int, stop: int, parts: int, first: int, count: int) -> tuple[int, int]:
    """Of bytes in equal parts, where some of these begin and end."""
    size = (stop - start) // parts
    return start + first * size, start + (first + count) * size


def open_checkpoint(path: str | Path) -> tuple[CausalLM, Stored]:
    """The model on "meta", and where its tensors are.

    Raises:
        YunqiError: for everything wrong with the folder, its config and the headers of its weights.
    """
    folder = check_checkpoint(Path(path))
    model = build_model(read_config(folder), device="meta")
    optional = {_TIED_HEAD} if model.config.tie_word_embeddings else set()
    source = model.config.source
    schemes, block = schemes_of(source), block_of(source)
    return model, _find(model, folder, model.own_name, optional=optional, block=block, schemes=schemes)


def open_mtp(path: str | Path, model: HybridCausalLM) -> tuple[MultiTokenPredictor, Stored]:
    """A checkpoint's multi-token head on "meta", and where its tensors are; `model` is the checkpoint's.

    Raises:
        YunqiError: as `open_checkpoint`; `weights-missing` where the checkpoint has no such head.
    """
    folder = check_checkpoint(Path(path))
    with torch.device("meta"):
        head = model.make_mtp()
    schemes, block = schemes_of(model.config.source), block_of(model.config.source)
    return head, _find(head, folder, head.own_name, optional=set(), block=block, schemes=schemes)


def _find(
    module: nn.Module,
    folder: Path,
    own_name: Callable[[str], str | None],
    *,
    optional: set[str],
    block: tuple[int, int],
    schemes: Sequence[Scheme] = (),
) -> Stored:
    """Where a module's tensors are; `own_name` is what it calls a stored one, None for one it leaves out."""
    stored = [(file, entry) for file in weight_files(folder) for entry in read_header(file)]
    known = [(name, file, entry) for file, entry in stored if (name := own_name(entry.name)) is not None]
    if len(known) < len(stored):
        log.info("%d of the checkpoint's %d tensors are left out", len(stored) - len(known), len(stored))
    files, entries = {name: (file, entry.name) for name, file, entry in known}, {name: e for name, _, e in known}
    shapes = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    packed = find_packed(module, entries, schemes)
    parts = {part for stored in packed.values() for part in stored.parts.values()}
    plain = {name: entry for name, entry in entries.items() if name not in parts}
    rest = {name: shape for name, shape in shapes.items() if name not in packed}
    places = locate(rest, plain, optional=optional, block=block, elsewhere=packed)
    return Stored(places=places, files=files, entries=entries, block=block, schemes=packed)


def _fill(
    module: nn.Module, stored: Stored, *, device: str, dtype: str | torch.dtype, experts_on_disk: bool = False
) -> None:
    wanted = choose_dtype(dtype, stored.dtypes, device)
    if experts_on_disk:
        weights = _leave_on_disk(module, stored, wanted)
    else:
        weights = {name: tensor.to(device=device, dtype=wanted) for name, tensor in stored.tensors()}
        for name in stored.schemes:
            weights[name] = stored.groups(name).dequantize(wanted).to(device)
    module.load_state_dict(weights, strict=False, assign=True)


def _leave_on_disk(module: nn.Module, stored: Stored, dtype: torch.dtype) -> dict[str, Tensor]:
    """Put a projection that reads its file in the place of each expert's own, and give the other weights.

    All are read by one mapping that cannot be written to: the system counts no memory for it.
    """
    files, weights = MappedFiles(), {}
    for name in (*stored.places, *stored.schemes):
        read = _reader(stored, name, files, dtype)
        if not is_expert(name):
            weights[name] = read()
            continue
        prefix, _, kind = name.removesuffix(".weight").rpartition(".")
        expert = module.get_submodule(prefix)
        elements = expert.get_parameter(f"{kind}.weight").numel()
        setattr(expert, kind, StoredLinear(read, elements * dtype.itemsize))
    return weights


def _reader(stored: Stored, name: str, files: MappedFiles, dtype: torch.dtype) -> Callable[[], Tensor]:
    read = stored.mapped(name, files)

    def weight() -> Tensor:
        found = read()
        return found.dequantize(dtype) if isinstance(found, Groups) else found.to(dtype)

    return weight


def build_model(config: Mapping[str, Any], *, device: str = "cpu") -> CausalLM:
    """The model of a config.json's object, parameters not yet given (on "meta": not even memory).

    Raises:
        YunqiError: `architecture-unknown`, `config-contradiction`, `config-unsupported`.
    """
    names = config.get("architectures")
    if not isinstance(names, list) or not names or not isinstance(names[0], str):
        raise contradiction("'architectures' names no model class")
    model_class = find_family(names[0]).load_class()
    parsed = model_class.config_class.from_dict(config)
    with torch.device(device):
        return model_class(parsed)


def check_device(device: str | torch.device) -> str:
    """The device's name, where this machine has it."""
    device = str(device)
    if device.split(":")[0] == "cpu":
        return "cpu"
    if device.split(":")[0] != "cuda":
        raise YunqiError("device-unavailable", device=device, reason="Yunqi runs on cpu and cuda")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise YunqiError("device-unavailable", device=device, reason="this torch sees no CUDA device")
    return device


def dtype_name(dtype: str | torch.dtype) -> str:
    """A dtype as `DTYPES` names it."""
    return _ALSO.get(str(dtype), str(dtype).removeprefix("torch."))


def stored_dtype(path: Path) -> torch.dtype:
    """bfloat16 where most tensors of a checkpoint are, else float32."""
    folder = check_checkpoint(path)
    entries = [entry for file in weight_files(folder) for entry in read_header(file)]
    return choose_dtype("stored", [e.dtype for e in entries if not e.name.endswith((SCALE, *PARTS))], "cpu")


def choose_dtype(dtype: str | torch.dtype, stored: list[str], device: str) -> torch.dtype:
    """The dtype to compute in; "auto" takes the commonest stored one, as `load_model` describes."""
    name = dtype_name(dtype)
    if name in DTYPES:
        return DTYPES[name]
    if name not in ("auto", "stored"):
        rule = f"Use auto, {', '.join(DTYPES)}."
        raise YunqiError("option-invalid", option="dtype", value=dtype, rule=rule)
    exact = name == "stored"
    name = Counter(_STORED.get(x, "float32") for x in stored).most_common(1)[0][0]
    if exact:
        return torch.bfloat16 if name == "bfloat16" else torch.float32
    if device == "cpu" and (name == "float16" or (name == "bfloat16" and not has_native_bfloat16())):
        log.info("weights are %s; computing in float32, which this processor does faster", name)
        name = "float32"
    return DTYPES[name]


def save_model(model: CausalLM, path: str | Path, *, dtype: str | None = None, shard_bytes: int = SHARD_BYTES) -> None:
    """Write config.json and safetensors as official checkpoints have them; a tied head is left out.

    All files are written before the first takes its name, and weights of an earlier save are removed last.

    Args:
        dtype: one of `DTYPES`; None keeps the parameters' own.

    Raises:
        YunqiError: `disk-full`, `directory-unwritable`; whatever was there before is then still whole.
    """
    folder = Path(path)
    weights = {name: tensor.detach().cpu() for name, tensor in model.state_dict().items()}
    if model.config.tie_word_embeddings:
        del weights[_TIED_HEAD]
    if dtype is not None:
        target = choose_dtype(dtype, [], "cpu")
        weights = {name: tensor.to(target) for name, tensor in weights.items()}
    shards = list(_shards(weights, shard_bytes))
    names = ["model.safetensors"]
    if len(shards) > 1:
        names = [f"model-{i + 1:05d}-of-{len(shards):05d}.safetensors" for i in range(len(shards))]
    earlier = set(folder.glob("*.safetensors")) | set(folder.glob(INDEX_FILE))
    written = {folder / name for name in names}
    with ExitStack() as files:
        for name, shard in zip(names, shards, strict=True):
            _write(shard, files.enter_context(atomic_path(folder / name)), folder / name)
        if len(shards) > 1:
            index = _index(weights, shards, names)
            files.enter_context(atomic_path(folder / INDEX_FILE)).write_text(index, encoding="utf-8")
            written.add(folder / INDEX_FILE)
    stored = str(next(iter(weights.values())).dtype).removeprefix("torch.")
    # Quantised weights have been dequantised, and the config must not say otherwise.
    source = {k: v for k, v in model.config.source.items() if k not in ("dtype", *QUANTIZATION_KEYS)}
    write_json(folder / "config.json", {**source, "torch_dtype": stored})
    for stale in sorted(earlier - written, key=lambda file: file.name != INDEX_FILE):  # the index goes first
        stale.unlink(missing_ok=True)


def save_tensors(tensors: Mapping[str, Tensor], target: Path) -> None:
    """Write tensors to one safetensors file, atomically."""
    with atomic_path(target) as file:
        _write(tensors, file, target)


def _write(tensors: Mapping[str, Tensor], file: Path, target: Path) -> None:
    try:
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, file, metadata={"format": "pt"})
    except SafetensorError as error:
        # The library reports what the system said as text alone; the error numbers it prints are errno's.
        if "os error 28" in str(error) or "No space" in str(error):
            raise YunqiError("disk-full", path=target) from error
        raise YunqiError("directory-unwritable", path=target, reason=error) from error


def _index(weights: Mapping[str, Tensor], shards: list[dict[str, Tensor]], names: list[str]) -> str:
    where = {key: name for name, shard in zip(names, shards, strict=True) for key in shard}
    size = sum(tensor.nbytes for tensor in weights.values())
    return json.dumps({"metadata": {"total_size": size}, "weight_map": where}, indent=2) + "\n"


def _shards(weights: Mapping[str, Tensor], shard_bytes: int) -> Iterator[dict[str, Tensor]]:
    shard: dict[str, Tensor] = {}
    size = 0
    for name, tensor in weights.items():
        if shard and size + tensor.nbytes > shard_bytes:
            yield shard
            shard, size = {}, 0
        shard[name] = tensor
        size += tensor.nbytes
    yield shard
