"""Every matrix of a loaded model packed for the native core, one after the other, so that the old one can go."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn

from yunqi.common.errors import YunqiError
from yunqi.engine.loader import build_model, dtype_name, stored_dtype
from yunqi.hub.checkpoint import read_config
from yunqi.layers.gated_delta_net import GatedDeltaNetCore
from yunqi.layers.linear import Embedding, Linear, PackedEmbedding, PackedLinear
from yunqi.ops.context import PagedKVSpec
from yunqi.ops.native.library import Team, library
from yunqi.ops.native.matrix import GROUPS, KINDS, Kind, PackedMatrix
from yunqi.ops.native.pages import Slabs

log = logging.getLogger(__name__)

Network = TypeVar("Network", bound=nn.Module)

BACKENDS = ("auto", "native", "torch")
QUANTIZATIONS: tuple[Kind, ...] = ("int8", "int4")
BLOCK_SIZE = 16
_DECIDING = ("gate", "shared_expert_gate", "in_proj_ba", "in_proj_b", "in_proj_a")


def check_native(model: nn.Module) -> None:
    """Raises `native-missing` or `native-unsupported` for what the native core does not run."""
    library()
    remembering: list[Any] = [m for m in model.modules() if hasattr(m, "memory_spec")]
    attentions = [m for m in remembering if isinstance(m.memory_spec, PagedKVSpec)]
    unsupported = {
        "recurrent layers other than gated DeltaNets": any(
            not isinstance(m, GatedDeltaNetCore) for m in remembering if m not in attentions
        ),
        "heads of an odd size": any(m.head_dim % 2 for m in attentions),
    }
    for feature, found in unsupported.items():
        if found:
            raise YunqiError("native-unsupported", feature=feature)


def pack_model(model: Network, kind: Kind, *, group: int = 32, team: Team | None = None) -> Network:
    """Replace every `Linear` and `Embedding` by its packed form; a head tied to the embedding shares its matrix."""
    slabs = Slabs()

    def pack(_: str, weight: Tensor, kind: Kind) -> PackedMatrix:
        return PackedMatrix.pack(weight, kind, group, team, slabs)

    replace_matrices(model, kind, group, pack, lambda _, bias: bias)
    return model.requires_grad_(False).eval()


def replace_matrices(
    model: nn.Module,
    kind: Kind,
    group: int,
    matrix_of: Callable[[str, Tensor, Kind], PackedMatrix],
    bias_of: Callable[[str, Tensor], Tensor],
) -> None:
    """Put packed modules in the place of every `Linear` and `Embedding`, one after the other, so that the old can go.

    Args:
        matrix_of: the matrix for a weight of this name in this kind; a weight that two modules share is asked for once.
        bias_of: the bias for one of this name.

    Raises:
        YunqiError: `option-invalid`, `native-missing`, `native-unsupported`.
    """
    check_native(model)
    if kind not in KINDS:
        raise YunqiError("option-invalid", option="quantization", value=kind, rule=f"Use {', '.join(KINDS)}.")
    if group not in GROUPS:
        rule = f"Use {', '.join(map(str, GROUPS))}."
        raise YunqiError("option-invalid", option="group", value=group, rule=rule)
    made: dict[int, PackedMatrix] = {}

    def replace(module: nn.Module, prefix: str) -> None:
        for name, child in module.named_children():
            if not isinstance(child, Linear | Embedding):
                replace(child, f"{prefix}{name}.")
                continue
            if id(child.weight) not in made:
                made[id(child.weight)] = matrix_of(f"{prefix}{name}.weight", child.weight, _kind_of(name, kind))
            matrix = made[id(child.weight)]
            if isinstance(child, Embedding):
                setattr(module, name, PackedEmbedding(matrix))
                continue
            bias = None if child.bias is None else bias_of(f"{prefix}{name}.bias", child.bias)
            setattr(module, name, PackedLinear(matrix, bias))

    replace(model, "")


def decides(name: str) -> bool:
    """Whether a projection of this name is small and decides much, so that it is not quantised: which experts a token
    takes, how much of a state stays."""
    return name.rpartition(".")[2] in _DECIDING


def _kind_of(name: str, kind: Kind) -> Kind:
    """What a module of this name is kept in where the others are in `kind`."""
    return "bfloat16" if decides(name) and kind in QUANTIZATIONS else kind


def native_kind(
    path: Path, backend: str, *, quantization: str | None, dtype: Any, device: str, block_size: int
) -> Kind | None:
    """What the native core is to keep a checkpoint's matrices in; None where torch computes.

    Args:
        backend: "auto" takes the native core on a CPU for every model it runs, where it is built; "native" insists on
            it, "torch" does without.
        quantization: "int8" or "int4", which need the native core; None keeps `dtype`, whose "auto" is what is stored.

    Raises:
        YunqiError: `option-invalid`, `options-contradict`, `native-missing`, `native-unsupported`.
    """
    if backend not in BACKENDS:
        raise YunqiError("option-invalid", option="backend", value=backend, rule=f"Use {', '.join(BACKENDS)}.")
    if quantization not in (None, *QUANTIZATIONS):
        rule = f"Use {' or '.join(QUANTIZATIONS)}, or leave it out."
        raise YunqiError("option-invalid", option="quantization", value=quantization, rule=rule)
    wanted = backend == "native" or quantization is not None
    if wanted and backend == "torch":
        rule = "Quantised weights run in the native core alone: use backend='auto'."
        raise YunqiError("options-contradict", first="backend='torch'", second="quantization", rule=rule)
    name = quantization or dtype_name(dtype)
    kind = _stored_kind(path) if name == "auto" else name
    obstacle = _obstacle(path, kind, device, block_size)
    if backend == "torch" or (obstacle and not wanted):
        log.info("torch computes: %s", obstacle.sentence if obstacle else "backend='torch' was asked for")
        return None
    if obstacle:
        raise obstacle
    log.info("the native core computes, weights in %s", kind)
    return cast(Kind, kind)


def _obstacle(path: Path, kind: str, device: str, block_size: int) -> YunqiError | None:
    """What keeps the native core from running a checkpoint."""
    if device != "cpu":
        return YunqiError("native-unsupported", feature=f"on {device}")
    if kind not in KINDS:
        return YunqiError("native-unsupported", feature=f"{kind} weights")
    if block_size != BLOCK_SIZE:
        return YunqiError("native-unsupported", feature=f"blocks of {block_size} tokens (it has {BLOCK_SIZE})")
    try:
        check_native(build_model(read_config(path), device="meta"))
    except YunqiError as error:
        if error.code in ("native-missing", "native-unsupported"):
            return error
        raise
    return None


def _stored_kind(path: Path) -> Kind:
    """bfloat16 where a checkpoint's matrices are, else float32."""
    return "bfloat16" if stored_dtype(path) is torch.bfloat16 else "float32"
