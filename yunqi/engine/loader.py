"""Checkpoint folders -> models, and back, in the official layout.

Weights are safetensors, alone or in shards, memory-mapped: a dtype kept as stored is not copied on a CPU. Everything
that can be wrong with a folder is found from its headers, before the first weight is read. Weights that are stored
quantised are dequantised here; the native core packs them as they are (`yunqi.engine.packed_checkpoint`).
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from yunqi.common.config import contradiction
from yunqi.common.errors import YunqiError
from yunqi.common.files import atomic_path, write_json
from yunqi.common.machine import has_native_bfloat16
from yunqi.engine.stored_groups import find_packed, parts_of, read_groups
from yunqi.families import find_family
from yunqi.hub.checkpoint import INDEX_FILE, check_checkpoint, read_config, weight_files
from yunqi.hub.header import TensorEntry, read_header
from yunqi.hub.quantization import QUANTIZATION_KEYS, Scheme, schemes_of
from yunqi.layers.decoder import CausalLM

log = logging.getLogger(__name__)

DTYPES: dict[str, torch.dtype] = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_ALSO = {"float": "float32", "half": "float16"}
_STORED = {"F32": "float32", "BF16": "bfloat16", "F16": "float16"}
_TIED_HEAD = "lm_head.weight"
# Buffers that old checkpoints carry and every reader makes anew.
_HARMLESS = ("rotary_emb.inv_freq", "attn.masked_bias")
SHARD_BYTES = 5_000_000_000


def load_model(path: str | Path, *, device: str | torch.device = "cpu", dtype: str | torch.dtype = "auto") -> CausalLM:
    """Load a checkpoint folder.

    Args:
        dtype: "auto" keeps what is stored, but computes in float32 where a CPU has no bfloat16 of its own; "stored"
            keeps bfloat16 everywhere, and takes float32 for all else; or one of `DTYPES`.

    Raises:
        YunqiError: for everything wrong with the folder, its config, its weights, the device or the dtype.
    """
    model, places, packed = open_checkpoint(path)
    device = check_device(device)
    wanted = choose_dtype(dtype, [entry.dtype for _, entry in places.values()], device)
    weights = dict(_read(model, {name: file for name, (file, _) in places.items()}, packed, device, wanted))
    model.load_state_dict(weights, strict=False, assign=True)
    model.tie_weights()
    return model.requires_grad_(False).eval()


def open_checkpoint(
    path: str | Path,
) -> tuple[CausalLM, dict[str, tuple[Path, TensorEntry]], dict[str, Scheme]]:
    """The model without its weights, where they are (all of them, in shapes that fit), and which are quantised, how.

    Raises:
        YunqiError: for everything wrong with the folder, its config and the headers of its weights.
    """
    folder = check_checkpoint(Path(path))
    config = read_config(folder)
    schemes = schemes_of(config)
    model = build_model(config, device="meta")
    places = {entry.name: (file, entry) for file in weight_files(folder) for entry in read_header(file)}
    entries = {name: entry for name, (_, entry) in places.items()}
    packed = find_packed(model, entries, schemes)
    _check(model, entries, packed)
    return model, places, packed


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
    return choose_dtype("stored", [entry.dtype for file in weight_files(folder) for entry in read_header(file)], "cpu")


def choose_dtype(dtype: str | torch.dtype, stored: list[str], device: str) -> torch.dtype:
    """The dtype to compute in; "auto" takes the commonest stored one, as `load_model` describes."""
    name = dtype_name(dtype)
    if name in DTYPES:
        return DTYPES[name]
    if name not in ("auto", "stored"):
        rule = f"Use auto, {', '.join(DTYPES)}."
        raise YunqiError("option-invalid", option="dtype", value=dtype, rule=rule)
    exact = name == "stored"
    found = Counter(_STORED[x] for x in stored if x in _STORED)
    name = found.most_common(1)[0][0] if found else "float32"
    if exact:
        return torch.bfloat16 if name == "bfloat16" else torch.float32
    if device == "cpu" and (name == "float16" or (name == "bfloat16" and not has_native_bfloat16())):
        log.info("weights are %s; computing in float32, which this processor does faster", name)
        name = "float32"
    return DTYPES[name]


def _check(model: CausalLM, entries: Mapping[str, TensorEntry], packed: Collection[str]) -> None:
    wanted = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    optional = {*packed, _TIED_HEAD} if model.config.tie_word_embeddings else set(packed)
    if missing := [name for name in wanted if name not in entries and name not in optional]:
        raise YunqiError("weights-missing", count=len(missing), name=missing[0])
    known = wanted.keys() | {part for name in packed for part in parts_of(name)}
    if extra := [name for name in entries if name not in known and not name.endswith(_HARMLESS)]:
        raise YunqiError("weights-unexpected", count=len(extra), name=extra[0])
    for name, shape in wanted.items():
        if name in entries and entries[name].shape != shape:
            raise YunqiError("weights-shape", name=name, found=list(entries[name].shape), wanted=list(shape))
        if name in entries and entries[name].dtype not in _STORED:
            supported = ", ".join(_STORED)
            raise YunqiError("config-unsupported", feature=f"{entries[name].dtype} weights", supported=supported)


def _read(
    model: CausalLM, places: Mapping[str, Path], packed: Mapping[str, Scheme], device: str, dtype: torch.dtype
) -> Iterator[tuple[str, Tensor]]:
    with _reader(places) as read:
        for name, parameter in model.state_dict().items():
            if name in packed:
                groups = read_groups(name, packed[name], parameter.shape[1], lambda part: read(part).to(device))
                yield name, groups.dequantize(dtype)
            elif name in places:
                yield name, read(name).to(device=device, dtype=dtype)


@contextmanager
def _reader(places: Mapping[str, Path]) -> Iterator[Callable[[str], Tensor]]:
    """What reads a tensor by its name; each file is opened once."""
    opened: dict[Path, Any] = {}
    with ExitStack() as stack:

        def read(name: str) -> Tensor:
            file = places[name]
            try:
                if file not in opened:
                    opened[file] = stack.enter_context(safe_open(file, framework="pt"))
                return opened[file].get_tensor(name)
            except SafetensorError as error:
                raise YunqiError("weights-corrupt", file=file, reason=error) from error

        yield read


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
