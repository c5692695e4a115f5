"""What a checkpoint's config says of its quantisation (`quantization_config`), and whether Yunqi reads it. Torch-free.

Read is the layout "pack-quantized" of compressed-tensors with symmetric integers of 4 or 8 bits: the weight of a module
M is stored as `M.weight_packed`, `M.weight_scale` and `M.weight_shape` (`yunqi.ops.groups`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yunqi.common.config import contradiction
from yunqi.common.errors import YunqiError

METHOD, FORMAT = "compressed-tensors", "pack-quantized"
PACKED, SCALE, SHAPE = ".weight_packed", ".weight_scale", ".weight_shape"
SUPPORTED = (
    f"{METHOD}' {FORMAT} with symmetric integers of 4 or 8 bits, a scale for a row or for 32 inputs or a multiple of it"
)
FP8_METHOD = "fp8"  # blocks of FP8, which are found by the tensors themselves
QUANTIZATION_KEYS = ("quantization_config", "compression_config")
_OTHER_TENSORS = {
    ".weight_zero_point": "asymmetric integers with zero points",
    ".weight_g_idx": "inputs in another order (weight_g_idx)",
}


@dataclass(frozen=True, slots=True)
class Scheme:
    """Integers of `bits`, with one scale for `group` columns; None: for a whole row."""

    bits: int
    group: int | None

    def shapes(self, shape: tuple[int, ...]) -> tuple[tuple[int, int], tuple[int, int]]:
        """Those of the words and scales of a matrix of this shape."""
        rows, columns = shape
        groups = 1 if self.group is None else -(-columns // self.group)
        return (rows, -(-columns * self.bits // 32)), (rows, groups)


def is_quantized(config: Mapping[str, Any]) -> bool:
    """Whether the config says that the weights are quantised, in whatever way."""
    return any(config.get(key) is not None for key in QUANTIZATION_KEYS)


def schemes_of(config: Mapping[str, Any]) -> tuple[Scheme, ...]:
    """How weights of integers in groups may be stored in a checkpoint; empty where none are.

    Raises:
        YunqiError: `quantization-unsupported`, which names what is not read; `config-contradiction`.
    """
    data = next((config[key] for key in QUANTIZATION_KEYS if config.get(key) is not None), None)
    if data is None:
        return ()
    if not isinstance(data, Mapping):
        raise contradiction("quantization_config is no object")
    method = data.get("quant_method")
    if method == FP8_METHOD:
        return ()
    if method != METHOD:
        raise unsupported(f"the method '{method}'")
    for key, what in (("kv_cache_scheme", "a quantised cache"), ("transform_config", "transformed weights")):
        if data.get(key):
            raise unsupported(f"{METHOD} with {what}")
    groups = data.get("config_groups")
    if not isinstance(groups, Mapping) or not all(isinstance(group, Mapping) for group in groups.values()):
        raise contradiction("quantization_config has no object config_groups")
    quantised = (group for group in groups.values() if group.get("weights") is not None)
    return tuple(dict.fromkeys(_scheme(group, data.get("format")) for group in quantised))


def unsupported(what: str) -> YunqiError:
    return YunqiError("quantization-unsupported", what=what, supported=SUPPORTED)


def find_scheme(
    schemes: Sequence[Scheme], name: str, shape: tuple[int, ...], packed: tuple[int, ...], scale: tuple[int, ...]
) -> Scheme:
    """The scheme by which a module's tensors of these shapes hold a matrix (rows, columns).

    Raises:
        YunqiError: `weights-shape` where none does.
    """
    for scheme in schemes:
        if scheme.shapes(shape) == (packed, scale):
            return scheme
    wanted = " or ".join(_shapes_text(*scheme.shapes(shape)) for scheme in schemes)
    raise YunqiError("weights-shape", name=name + PACKED, found=_shapes_text(packed, scale), wanted=wanted)


def _shapes_text(packed: tuple[int, ...], scale: tuple[int, ...]) -> str:
    return f"{list(packed)} with scales {list(scale)}"


def packed_modules(names: Sequence[str]) -> Iterator[str]:
    """The modules whose weights are packed.

    Raises:
        YunqiError: `quantization-unsupported` where there are tensors of a kind that is not read.
    """
    for suffix, what in _OTHER_TENSORS.items():
        if any(name.endswith(suffix) for name in names):
            raise unsupported(f"{METHOD} with {what}")
    yield from (name.removesuffix(PACKED) for name in names if name.endswith(PACKED))


def quantization_config(scheme: Scheme, ignore: Sequence[str]) -> dict[str, Any]:
    """The object for a config.json; `ignore` names the linear modules that are stored as they were."""
    weights = {
        "num_bits": scheme.bits,
        "type": "int",
        "symmetric": True,
        "strategy": "channel" if scheme.group is None else "group",
        "group_size": scheme.group,
        "dynamic": False,
        "actorder": None,
    }
    group = {"targets": ["Linear"], "weights": weights, "input_activations": None, "output_activations": None}
    return {
        "quant_method": METHOD,
        "format": FORMAT,
        "quantization_status": "compressed",
        "config_groups": {"group_0": group},
        "ignore": list(ignore),
        "kv_cache_scheme": None,
        "global_compression_ratio": None,
    }


def _scheme(group: Mapping[str, Any], common_format: Any) -> Scheme:
    name, weights = group.get("format") or common_format, group.get("weights")
    if name != FORMAT:
        raise unsupported(f"{METHOD}' format '{name}'")
    if not isinstance(weights, Mapping):
        raise contradiction("a group of quantization_config has weights that are no object")
    bits, strategy, size = weights.get("num_bits"), weights.get("strategy"), weights.get("group_size")
    strategy = strategy or ("channel" if size == -1 else "group" if size else "tensor")
    whole = strategy == "group" and type(size) is int and size > 0 and size % 32 == 0
    obstacles = {
        "quantised activations": group.get("input_activations") or group.get("output_activations"),
        f"weights of type '{weights.get('type')}'": weights.get("type", "int") != "int",
        "asymmetric integers with zero points": weights.get("symmetric") is False,
        f"{bits} bits": type(bits) is not int or bits not in (4, 8),
        f"the strategy '{strategy}'": strategy not in ("group", "channel"),
        f"groups of {size}": strategy == "group" and not whole,
        "inputs in another order (actorder)": weights.get("actorder") in ("group", "dynamic", True),
    }
    for what, found in obstacles.items():
        if found:
            raise unsupported(f"{METHOD} with {what}")
    assert isinstance(bits, int), "checked above"
    return Scheme(bits, size if strategy == "group" else None)
