"""How a checkpoint's weights are quantised, and in which tensors and shapes they are then stored. Torch-free.

Read are integers of 4 or 8 bits in four layouts, of a module M whose weight has R rows, C columns and G groups. Words
are int32, filled from their lowest bits on; N integers take W(N) = ceil(N bits / 32) of them.

- compressed-tensors' "pack-quantized": `M.weight_packed` (R, W(C)), `M.weight_scale` (R, G), asymmetric ones also
  `M.weight_zero_point` (W(R), G), whose words run down the rows; `M.weight_shape` says R and C once more;
- "gptq": `M.qweight` (W(C), R), whose words run along the columns; `M.scales` (G, R); `M.qzeros` (G, W(R)), each zero
  point less one; `M.g_idx` (C), the group of each column; "gptq_v2": the same with zero points as they are;
- "awq" (version gemm): `M.qweight` (C, W(R)), `M.scales` (G, R), `M.qzeros` (G, W(R)); a word of eight rows holds them
  in the order 0, 2, 4, 6, 1, 3, 5, 7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from yunqi.common.config import contradiction
from yunqi.common.errors import YunqiError

METHOD, FORMAT = "compressed-tensors", "pack-quantized"
Layout = Literal["pack-quantized", "gptq", "gptq_v2", "awq"]
Shape = tuple[int, ...]

PACKED, SCALE, ZERO_POINT, SHAPE = ".weight_packed", ".weight_scale", ".weight_zero_point", ".weight_shape"
QWEIGHT, SCALES, QZEROS, ORDER = ".qweight", ".scales", ".qzeros", ".g_idx"
WORDS = (PACKED, QWEIGHT)
PARTS = (*WORDS, SCALE, SCALES, ZERO_POINT, QZEROS, SHAPE, ORDER)
OPTIONAL = (SHAPE, ORDER)
SUPPORTED = (
    f"integers of 4 or 8 bits by {METHOD} ({FORMAT}) or gptq, of 4 bits by awq (gemm), a scale for a row or for 32 "
    "inputs or a multiple of it"
)
FP8_METHOD = "fp8"  # blocks of FP8, which are found by the tensors themselves
QUANTIZATION_KEYS = ("quantization_config", "compression_config")
_REORDERED = ".weight_g_idx"


@dataclass(frozen=True, slots=True)
class Scheme:
    """Integers of `bits`, with one scale for `group` columns; None: for a whole row. `zeros`: and with a zero point."""

    bits: int
    group: int | None
    layout: Layout = FORMAT
    zeros: bool = False

    def parts(self, shape: Shape) -> dict[str, Shape]:
        """By suffix the shapes of the tensors that hold a matrix (rows, columns), its integers first."""
        rows, columns = shape
        groups = 1 if self.group is None else -(-columns // self.group)
        if self.layout == FORMAT:
            made: dict[str, Shape] = {PACKED: (rows, self._words(columns)), SCALE: (rows, groups)}
            return made | ({ZERO_POINT: (self._words(rows), groups)} if self.zeros else {})
        integers = (columns, self._words(rows)) if self.layout == "awq" else (self._words(columns), rows)
        return {QWEIGHT: integers, SCALES: (groups, rows), QZEROS: (groups, self._words(rows))}

    def _words(self, count: int) -> int:
        return -(-count * self.bits // 32)


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
    reader = _READERS.get(method) if isinstance(method, str) else None
    if reader is None:
        raise unsupported(f"the method '{method}'")
    return reader(data)


def unsupported(what: str) -> YunqiError:
    return YunqiError("quantization-unsupported", what=what, supported=SUPPORTED)


def find_scheme(schemes: Sequence[Scheme], name: str, shape: Shape, found: Mapping[str, Shape]) -> Scheme:
    """The scheme by which a module's tensors, their shapes by suffix, hold a matrix (rows, columns).

    Raises:
        YunqiError: `weights-missing`, `weights-shape` where none does.
    """
    wanted = {scheme: scheme.parts(shape) for scheme in sorted(schemes, key=lambda one: not one.zeros)}
    for scheme, parts in wanted.items():
        if parts.items() <= found.items():
            return scheme
    missing = [next((part for part in parts if part not in found), None) for parts in wanted.values()]
    if missing[0] is not None and all(missing):
        raise YunqiError("weights-missing", count=1, name=name + missing[0])
    kept = {part: found[part] for part in found if any(part in parts for parts in wanted.values())}
    words = next(part for part in found if part in WORDS)
    texts = " or ".join(_shapes_text(parts) for parts in wanted.values())
    raise YunqiError("weights-shape", name=name + words, found=_shapes_text(kept), wanted=texts)


def _shapes_text(parts: Mapping[str, Shape]) -> str:
    """Integers first, then what stands beside them."""
    integers, *others = sorted(parts, key=PARTS.index)
    beside = " and ".join(f"{part[1:]} {list(parts[part])}" for part in others)
    return f"{list(parts[integers])} with {beside}" if beside else str(list(parts[integers]))


def packed_modules(names: Sequence[str]) -> Iterator[str]:
    """The modules whose weights are integers in groups.

    Raises:
        YunqiError: `quantization-unsupported` where there are tensors of a kind that is not read.
    """
    if any(name.endswith(_REORDERED) for name in names):
        raise unsupported(f"{METHOD} with inputs in another order ({_REORDERED[1:]})")
    for words in WORDS:
        yield from (name.removesuffix(words) for name in names if name.endswith(words))


def quantization_config(scheme: Scheme, ignore: Sequence[str]) -> dict[str, Any]:
    """The object for a config.json; `ignore` names the linear modules that are stored as they were."""
    weights = {
        "num_bits": scheme.bits,
        "type": "int",
        "symmetric": not scheme.zeros,
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


def _compressed(data: Mapping[str, Any]) -> tuple[Scheme, ...]:
    for key, what in (("kv_cache_scheme", "a quantised cache"), ("transform_config", "transformed weights")):
        if data.get(key):
            raise unsupported(f"{METHOD} with {what}")
    groups = data.get("config_groups")
    if not isinstance(groups, Mapping) or not all(isinstance(group, Mapping) for group in groups.values()):
        raise contradiction("quantization_config has no object config_groups")
    quantised = (group for group in groups.values() if group.get("weights") is not None)
    return tuple(dict.fromkeys(_compressed_group(group, data.get("format")) for group in quantised))


def _compressed_group(group: Mapping[str, Any], common_format: Any) -> Scheme:
    name, weights = group.get("format") or common_format, group.get("weights")
    if name != FORMAT:
        raise unsupported(f"{METHOD}' format '{name}'")
    if not isinstance(weights, Mapping):
        raise contradiction("a group of quantization_config has weights that are no object")
    bits, strategy, size = weights.get("num_bits"), weights.get("strategy"), weights.get("group_size")
    strategy = strategy or ("channel" if size == -1 else "group" if size else "tensor")
    _refuse(
        METHOD,
        {
            "quantised activations": group.get("input_activations") or group.get("output_activations"),
            f"weights of type '{weights.get('type')}'": weights.get("type", "int") != "int",
            f"{bits} bits": not _one_of(bits, (4, 8)),
            f"the strategy '{strategy}'": strategy not in ("group", "channel"),
            f"groups of {size}": strategy == "group" and not _whole_groups(size),
            "inputs in another order (actorder)": weights.get("actorder") in ("group", "dynamic", True),
        },
    )
    return Scheme(int(bits or 0), size if strategy == "group" else None, FORMAT, weights.get("symmetric") is False)


def _gptq(data: Mapping[str, Any]) -> tuple[Scheme, ...]:
    bits, size, dynamic = data.get("bits"), data.get("group_size"), data.get("dynamic")
    named = data.get("checkpoint_format") or data.get("format") or "gptq"
    layout = "marlin" if data.get("is_marlin_format") else named
    own = isinstance(dynamic, Mapping) and not all(str(rule).startswith("-") for rule in dynamic)
    ordered = data.get("desc_act") and not data.get("static_groups") and size != -1
    _refuse(
        "gptq",
        {
            f"{bits} bits": not _one_of(bits, (4, 8)),
            f"groups of {size}": size != -1 and not _whole_groups(size),
            f"the layout '{layout}'": layout not in ("gptq", "gptq_v2"),
            "inputs in another order (desc_act)": ordered,
            "widths of their own for some modules (dynamic)": own,
        },
    )
    return (Scheme(int(bits or 0), _group(size), "gptq_v2" if layout == "gptq_v2" else "gptq", True),)


def _awq(data: Mapping[str, Any]) -> tuple[Scheme, ...]:
    bits, size = data.get("bits", data.get("w_bit")), data.get("group_size", data.get("q_group_size"))
    version = str(data.get("version") or "gemm").lower()
    _refuse(
        "awq",
        {
            f"{bits} bits": not _one_of(bits, (4,)),
            f"groups of {size}": size != -1 and not _whole_groups(size),
            f"the version '{version}'": version != "gemm",
        },
    )
    return (Scheme(4, _group(size), "awq", True),)


_READERS: dict[str, Callable[[Mapping[str, Any]], tuple[Scheme, ...]]] = {
    METHOD: _compressed,
    "gptq": _gptq,
    "awq": _awq,
}


def _refuse(method: str, obstacles: Mapping[str, Any]) -> None:
    for what, found in obstacles.items():
        if found:
            raise unsupported(f"{method} with {what}")


def _one_of(bits: Any, known: tuple[int, ...]) -> bool:
    return type(bits) is int and bits in known


def _whole_groups(size: Any) -> bool:
    return type(size) is int and size > 0 and size % 32 == 0


def _group(size: Any) -> int | None:
    return None if size == -1 else int(size)
