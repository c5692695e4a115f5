"""The projections of a checkpoint whose weights are stored as integers in groups (`yunqi.hub.quantization`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from torch import Tensor, nn

from yunqi.common.errors import YunqiError
from yunqi.hub.header import TensorEntry
from yunqi.hub.quantization import PACKED, SCALE, SHAPE, Scheme, find_scheme, packed_modules, unsupported
from yunqi.layers.linear import Linear
from yunqi.ops.groups import Groups

_SCALE_DTYPES = ("F32", "BF16", "F16")


def find_packed(module: nn.Module, entries: Mapping[str, TensorEntry], schemes: Sequence[Scheme]) -> dict[str, Scheme]:
    """The weights (`....weight`) that are stored packed, and how.

    Raises:
        YunqiError: `quantization-unsupported`, `weights-missing`, `weights-unexpected`, `weights-shape`.
    """
    if not schemes:
        return {}
    shapes = {name: tuple(m.weight.shape) for name, m in module.named_modules() if isinstance(m, Linear)}
    found: dict[str, Scheme] = {}
    for owner in packed_modules(list(entries)):
        if owner not in shapes:
            raise YunqiError("weights-unexpected", count=1, name=owner + PACKED)
        if owner + SCALE not in entries:
            raise YunqiError("weights-missing", count=1, name=owner + SCALE)
        packed, scale = entries[owner + PACKED], entries[owner + SCALE]
        if packed.dtype != "I32" or scale.dtype not in _SCALE_DTYPES:
            raise unsupported(f"{packed.dtype} words with {scale.dtype} scales")
        found[f"{owner}.weight"] = find_scheme(schemes, owner, shapes[owner], packed.shape, scale.shape)
    return found


def parts_of(name: str) -> tuple[str, str, str]:
    """The tensors that a packed weight is stored as."""
    module = name.removesuffix(".weight")
    return module + PACKED, module + SCALE, module + SHAPE


def read_groups(name: str, scheme: Scheme, columns: int, read: Callable[[str], Tensor]) -> Groups:
    """A packed weight of so many columns, by a function that reads a tensor."""
    packed, scale, _ = parts_of(name)
    return Groups(
        bits=scheme.bits, group=scheme.group or columns, columns=columns, packed=read(packed), scales=read(scale)
    )  # fmt: skip
