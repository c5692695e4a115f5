"""The models on this machine as records, read from their configs and safetensors headers; no weight is touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.common.spelling import later_spelling
from yunqi.families import FAMILIES, find_family
from yunqi.hub.checkpoint import CONFIG_FILE, PICKLE_SUFFIXES, is_checkpoint, read_config, weight_files
from yunqi.hub.header import TensorEntry, read_header
from yunqi.hub.places import Source, places
from yunqi.hub.quantization import PARTS, WORDS, schemes_of
from yunqi.hub.tokens import damaged_file

_DTYPES = {"BF16": "bfloat16", "F16": "float16", "F32": "float32", "F64": "float64"}
_CACHE_TENSORS = 2  # a key and a value
_EMBEDDINGS = ("embed_tokens.weight", "transformer.wte.weight")


@dataclass(frozen=True, kw_only=True, slots=True)
class Experts:
    """A model's experts: parameters, bytes as stored, those of the largest layer; the share that a token chooses."""

    num_parameters: int
    num_bytes: int
    layer_bytes: int
    share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelRecord:
    """One checkpoint. `problem` says why it cannot be run, None where it can; figures not known are None.

    `num_bytes` counts the weights as stored; `num_read_parameters` those that one token reads (of an untied embedding
    a single row, of a layer's experts the chosen ones); `cache_elements_per_token` the numbers that attention remembers
    of a token. `num_quantized_parameters` and `num_quantized_bytes` count what is stored as integers in groups; `dtype`
    is then that of the integers, and `plain_dtype` that of the rest.
    """

    name: str
    path: Path
    source: Source
    architecture: str | None = None
    supported: bool = False
    problem: str | None = None
    num_parameters: int | None = None
    num_read_parameters: int | None = None
    num_bytes: int | None = None
    num_quantized_parameters: int = 0
    num_quantized_bytes: int = 0
    dtype: str | None = None
    plain_dtype: str | None = None
    context: int | None = None
    num_layers: int | None = None
    cache_elements_per_token: int | None = None
    experts: Experts | None = None


def list_models() -> tuple[ModelRecord, ...]:
    """Every complete checkpoint of the known places, each folder once, in the places' order.

    Folders with pickled weights alone are listed too, with that for a `problem`.
    """
    records: dict[Path, ModelRecord] = {}
    for name, path, source in _folders():
        records.setdefault(path.resolve(), describe(path, name=name, source=source))
    return tuple(records.values())


def describe(path: Path, *, name: str | None = None, source: Source = "folder") -> ModelRecord:
    """The record of one checkpoint folder. What cannot be read is told in `problem`, not raised."""
    name = name or path.name
    try:
        config = read_config(path)
        facts = _config_facts(config) | _weight_facts(path, config)
    except (YunqiError, OSError) as error:
        return ModelRecord(name=name, path=path, source=source, problem=str(error))
    problem = _problem(config, facts["architecture"]) or _problem_of_files(path)
    return ModelRecord(name=name, path=path, source=source, supported=problem is None, problem=problem, **facts)


def _problem(config: Mapping[str, Any], architecture: str | None) -> str | None:
    if not any(architecture in (family.architecture, *family.text_of) for family in FAMILIES):
        return f"The architecture '{architecture}' is not one Yunqi knows."
    try:
        find_family(str(architecture)).load_config_class().from_dict(config)
        schemes_of(config)
    except YunqiError as error:
        return str(error)
    return None


def _problem_of_files(path: Path) -> str | None:
    if not is_checkpoint(path) and (pickled := _pickled_weights(path)):
        return f"Its weights are pickled ({pickled}). Convert them to safetensors."
    if damaged := damaged_file(path):
        return f"Its {damaged} is damaged. Fetch that file again."
    return None


def _pickled_weights(path: Path) -> str | None:
    return min((file.name for file in path.iterdir() if file.suffix.lower() in PICKLE_SUFFIXES), default=None)


def _folders() -> Iterator[tuple[str, Path, Source]]:
    for place in places():
        for name, path in place.models():
            if is_checkpoint(path) or ((path / CONFIG_FILE).is_file() and _pickled_weights(path)):
                yield name, path, place.source


def _config_facts(config: Mapping[str, Any]) -> dict[str, Any]:
    architectures = config.get("architectures")
    architecture = architectures[0] if isinstance(architectures, list) and architectures else None
    # Models with more than text keep the decoder's numbers apart.
    text = config.get("text_config")
    text = text if isinstance(text, dict) else later_spelling(config)
    layers, heads = _count(text, "num_hidden_layers"), _count(text, "num_attention_heads")
    kv_heads, head_dim = _count(text, "num_key_value_heads") or heads, _count(text, "head_dim")
    if head_dim is None and heads and (hidden := _count(text, "hidden_size")):
        head_dim = hidden // heads
    cache = None
    if layers and kv_heads and head_dim:
        cache = _CACHE_TENSORS * _attending(text, layers) * kv_heads * head_dim
    return {
        "architecture": architecture if isinstance(architecture, str) else None,
        "context": _count(text, "max_position_embeddings"),
        "num_layers": layers,
        "cache_elements_per_token": cache,
    }


def _attending(text: Mapping[str, Any], layers: int) -> int:
    """Layers that keep keys and values; those of linear attention keep a state, whatever the length."""
    kinds = text.get("layer_types")
    if isinstance(kinds, list):
        return layers - kinds.count("linear_attention")
    return layers // (_count(text, "full_attention_interval") or 1)


def _weight_facts(path: Path, config: Mapping[str, Any]) -> dict[str, Any]:
    tensors = [entry for file in weight_files(path) for entry in read_header(file)]
    if not tensors:
        return {}
    bits = _bits(config)
    parameters = sum(_num_parameters(entry, bits) for entry in tensors)
    quantized = [entry for entry in tensors if bits is not None and entry.name.endswith(PARTS)]
    dtype = _commonest_dtype(tensors)
    return {
        "num_parameters": parameters,
        "num_read_parameters": parameters - _unread_parameters(tensors) - _idle_parameters(tensors, config, bits),
        "num_bytes": sum(entry.num_bytes for entry in tensors),
        "num_quantized_parameters": sum(_num_parameters(entry, bits) for entry in quantized),
        "num_quantized_bytes": sum(entry.num_bytes for entry in quantized),
        "dtype": f"int{bits}" if quantized else dtype,
        "plain_dtype": _commonest_dtype([e for e in tensors if not e.name.endswith(PARTS)]) if quantized else dtype,
        "experts": _experts(tensors, config, bits),
    }


def _commonest_dtype(tensors: list[TensorEntry]) -> str | None:
    """That of most bytes."""
    sizes: Counter[str] = Counter()
    for entry in tensors:
        sizes[entry.dtype] += entry.num_bytes
    dtype = next((dtype for dtype, _ in sizes.most_common(1)), None)
    return None if dtype is None else _DTYPES.get(dtype, dtype.lower())


def _bits(config: Mapping[str, Any]) -> int | None:
    """Of the quantised weights, the fewest where they differ; None where there are none that Yunqi reads."""
    try:
        return min((scheme.bits for scheme in schemes_of(config)), default=None)
    except YunqiError:
        return None


def _num_parameters(entry: TensorEntry, bits: int | None) -> int:
    if bits is None or not entry.name.endswith(PARTS):
        return entry.num_elements
    return entry.num_elements * 32 // bits if entry.name.endswith(WORDS) else 0


def _unread_parameters(tensors: list[TensorEntry]) -> int:
    if not any(entry.name.endswith("lm_head.weight") for entry in tensors):
        return 0
    return sum(entry.num_elements for entry in tensors if entry.name.endswith(_EMBEDDINGS))


def _idle_parameters(tensors: list[TensorEntry], config: Mapping[str, Any], bits: int | None) -> int:
    """Those of the experts that a token does not choose."""
    experts = _count(config, "num_experts") or _count(config, "num_local_experts")
    active = _count(config, "num_experts_per_tok")
    if not experts or not active:
        return 0
    routed = sum(_num_parameters(entry, bits) for entry in tensors if ".experts." in entry.name)
    return routed * max(0, experts - active) // experts


def _experts(tensors: list[TensorEntry], config: Mapping[str, Any], bits: int | None) -> Experts | None:
    text = config.get("text_config")
    text = text if isinstance(text, Mapping) else config
    experts = _count(text, "num_experts") or _count(text, "num_local_experts")
    active, routed = _count(text, "num_experts_per_tok"), [entry for entry in tensors if ".experts." in entry.name]
    if not experts or not active or not routed:
        return None
    layers: Counter[str] = Counter()
    for entry in routed:
        layers[entry.name.partition(".experts.")[0]] += entry.num_bytes
    return Experts(
        num_parameters=sum(_num_parameters(entry, bits) for entry in routed),
        num_bytes=sum(layers.values()),
        layer_bytes=max(layers.values()),
        share=min(1.0, active / experts),
    )


def _count(config: Mapping[str, Any], name: str) -> int | None:
    value = config.get(name)
    return value if type(value) is int and value > 0 else None
