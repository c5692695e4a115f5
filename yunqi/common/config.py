"""The checkpoint's own configuration, read once and checked: `ModelConfig`. Torch-free.

Accepts the spellings of old and new checkpoints: `rope_theta` and `rope_scaling` (with `type` or `rope_type`) or one
`rope_parameters`; `torch_dtype` or `dtype`; sliding windows by `use_sliding_window` and `max_window_layers` or by
`layer_types`; the first generation's own keys (`yunqi.common.spelling`). Field names are the checkpoint's. A family
subclasses it where its defaults differ.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

from yunqi.common.errors import YunqiError
from yunqi.common.files import read_json
from yunqi.common.spelling import later_spelling

MAX_LAYERS = 10_000
ROPE_TYPES = ("default", "linear", "yarn", "llama3")


@dataclass(frozen=True, kw_only=True)
class RopeParameters:
    """Rotary embedding: base, variant and the variant's numbers (None where the variant has a rule of its own)."""

    rope_theta: float = 10_000.0
    rope_type: str = "default"
    partial_rotary_factor: float = 1.0
    factor: float | None = None
    original_max_position_embeddings: int | None = None
    attention_factor: float | None = None
    beta_fast: float | None = None
    beta_slow: float | None = None
    mscale: float | None = None
    mscale_all_dim: float | None = None
    truncate: bool = True
    low_freq_factor: float | None = None
    high_freq_factor: float | None = None

    @classmethod
    def from_config(cls, data: Mapping[str, Any]) -> RopeParameters:
        """Read either spelling out of a whole config."""
        rope: dict[str, Any] = {}
        for name in ("rope_parameters", "rope_scaling"):  # whoever adds the second to a config means it
            part = data.get(name)
            if part is not None and not isinstance(part, Mapping):
                raise contradiction(f"{name} is no object")
            rope |= part or {}
            if part and (part.get("rope_type") or part.get("type")):
                rope["rope_type"] = part.get("rope_type") or part.get("type")
        rope["rope_type"] = rope.get("rope_type") or rope.get("type") or "default"
        for name in ("rope_theta", "partial_rotary_factor"):
            if rope.get(name) is None and data.get(name) is not None:
                rope[name] = data[name]
        names = {f.name for f in dataclasses.fields(cls)}
        found = cls(**{k: v for k, v in rope.items() if k in names and v is not None})
        found.check()
        return found

    def check(self) -> None:
        if self.rope_type not in ROPE_TYPES:
            raise YunqiError(
                "config-unsupported", feature=f"rope type '{self.rope_type}'", supported=", ".join(ROPE_TYPES)
            )
        needed = {"linear": ("factor",), "llama3": ("factor", "low_freq_factor", "high_freq_factor")}
        missing = [name for name in needed.get(self.rope_type, ()) if getattr(self, name) is None]
        if missing:
            raise contradiction(f"rope type '{self.rope_type}' needs {', '.join(missing)}")
        for name in _POSITIVE:
            value = getattr(self, name)
            if value is not None and not (_is_number(value) and value > 0):
                raise contradiction(f"{name}={value!r} is not a positive number")
        if self.rope_theta <= 1:
            raise contradiction(f"rope_theta={self.rope_theta!r} is not above 1")
        if self.rope_type == "llama3" and self.low_freq_factor == self.high_freq_factor:
            raise contradiction("low_freq_factor equals high_freq_factor")


_POSITIVE = (
    *("rope_theta", "partial_rotary_factor", "factor", "original_max_position_embeddings", "attention_factor"),
    *("beta_fast", "beta_slow", "low_freq_factor", "high_freq_factor"),
)


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """A decoder's shape and constants. `source` is the config as read, for saving it again."""

    default_head_dim: ClassVar[int | None] = None
    known_layer_types: ClassVar[tuple[str, ...]] = ("full_attention", "sliding_attention")

    architecture: str = ""
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    max_position_embeddings: int = 32_768
    rms_norm_eps: float = 1e-6
    rope: RopeParameters = RopeParameters()
    attention_bias: bool = False
    tie_word_embeddings: bool = False
    hidden_act: str = "silu"
    layer_types: tuple[str, ...] = ()
    sliding_window: int | None = None
    dtype: str | None = None
    source: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read and check a config.json's object.

        Raises:
            YunqiError: `config-contradiction` for sizes that cannot fit together or are missing, `config-unsupported`
                for a variant that is not there.
        """
        source, data = dict(data), cls.spelled(data)
        head_count = count_in(data, "num_attention_heads")
        hidden_size = count_in(data, "hidden_size")
        num_layers = count_in(data, "num_hidden_layers", most=MAX_LAYERS)
        names = {f.name for f in dataclasses.fields(cls)}
        values: dict[str, Any] = {k: v for k, v in data.items() if k in names and v is not None}
        values |= {
            "architecture": (data.get("architectures") or [""])[0],
            "vocab_size": count_in(data, "vocab_size"),
            "intermediate_size": count_in(data, "intermediate_size"),
            "num_key_value_heads": count_in(data, "num_key_value_heads", head_count),
            "head_dim": count_in(data, "head_dim", cls.default_head_dim or hidden_size // head_count),
            "max_position_embeddings": count_in(data, "max_position_embeddings", 32_768),
            "rope": RopeParameters.from_config(data),
            "layer_types": cls.read_layer_types(data, num_layers),
            "sliding_window": _sliding_window(data),
            "dtype": data.get("dtype") or data.get("torch_dtype"),
            "source": source,
        }
        config = cls(**values)
        config.check()
        return config

    @classmethod
    def spelled(cls, data: Mapping[str, Any]) -> dict[str, Any]:
        """A config.json's object with the names and meanings that `from_dict` reads, as a copy."""
        return later_spelling(data)

    @classmethod
    def from_directory(cls, path: str | Path) -> Self:
        """Read `config.json` of a checkpoint folder."""
        data = read_json(Path(path) / "config.json")
        if not isinstance(data, dict):
            raise YunqiError("config-unreadable", file=Path(path) / "config.json", reason="it holds no object")
        return cls.from_dict(data)

    @classmethod
    def read_layer_types(cls, data: Mapping[str, Any], num_layers: int) -> tuple[str, ...]:
        """The kind of every layer: as listed, or after the family's rule."""
        window = _sliding_window(data)
        if (listed := listed_layer_types(data)) is not None:
            # A checkpoint that lists sliding layers but switches the window off attends to everything.
            return tuple("full_attention" if window is None and t == "sliding_attention" else t for t in listed)
        first = data.get("max_window_layers")
        first = 28 if first is None else first
        if isinstance(first, bool) or not isinstance(first, int):
            raise contradiction(f"max_window_layers={first!r} is not a whole number")
        return tuple("sliding_attention" if window and i >= first else "full_attention" for i in range(num_layers))

    @property
    def rotary_dim(self) -> int:
        """Dimensions of each head that rotate."""
        return int(self.head_dim * self.rope.partial_rotary_factor)

    @property
    def max_context(self) -> int:
        """Positions the model is made for: YaRN and linear scaling reach beyond `max_position_embeddings`."""
        reach = float(self.max_position_embeddings)
        if self.rope.rope_type == "yarn" and self.rope.factor:
            reach = (self.rope.original_max_position_embeddings or reach) * self.rope.factor
        elif self.rope.rope_type == "linear" and self.rope.factor:
            reach *= self.rope.factor
        return max(self.max_position_embeddings, int(reach))

    def window_of(self, layer: int) -> int | None:
        """Keys a query of this layer may look back on, itself included; None for all."""
        return self.sliding_window if self.layer_types[layer] == "sliding_attention" else None

    def check(self) -> None:
        if self.num_attention_heads % self.num_key_value_heads:
            raise contradiction(
                f"{self.num_attention_heads} attention heads cannot share {self.num_key_value_heads} key-value heads"
            )
        if self.rotary_dim % 2 or self.rotary_dim > self.head_dim:
            raise contradiction(f"{self.rotary_dim} rotary dimensions do not fit a head of {self.head_dim}")
        if len(self.layer_types) != self.num_hidden_layers:
            raise contradiction(f"{len(self.layer_types)} layer types for {self.num_hidden_layers} layers")
        if unknown := sorted(set(self.layer_types) - set(self.known_layer_types)):
            supported = " and ".join(self.known_layer_types)
            raise YunqiError("config-unsupported", feature=f"layer type '{unknown[0]}'", supported=supported)
        if self.hidden_act != "silu":
            raise YunqiError("config-unsupported", feature=f"activation '{self.hidden_act}'", supported="silu")
        for name in ("tie_word_embeddings", "attention_bias"):
            if not isinstance(getattr(self, name), bool):
                raise contradiction(f"{name}={getattr(self, name)!r} is neither true nor false")
        if not isinstance(self.rms_norm_eps, float) or not 0 <= self.rms_norm_eps < 1:
            raise contradiction(f"rms_norm_eps={self.rms_norm_eps!r} is not a small number")


def contradiction(reason: str) -> YunqiError:
    return YunqiError("config-contradiction", reason=reason)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def count_in(data: Mapping[str, Any], name: str, default: int | None = None, *, most: int = 2**31) -> int:
    """A config's whole number from 1 to `most`, or `default` where it does not say; raises `config-contradiction`."""
    value = data.get(name)
    if value is None:
        value = default
    if value is None:
        raise contradiction(f"{name} is missing")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= most:
        raise contradiction(f"{name}={value!r} is not a whole number from 1 to {most}")
    return value


def _sliding_window(data: Mapping[str, Any]) -> int | None:
    explicit = data.get("layer_types") is not None and data.get("use_sliding_window") is None
    used = data.get("use_sliding_window") or explicit
    return count_in(data, "sliding_window") if used and data.get("sliding_window") is not None else None


def listed_layer_types(data: Mapping[str, Any]) -> list[str] | None:
    """A config's list of layer kinds, None where it has none."""
    named = data.get("layer_types")
    if named is not None and not (isinstance(named, list) and all(isinstance(kind, str) for kind in named)):
        raise contradiction("layer_types is no list of names")
    return named
