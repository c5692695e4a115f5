"""What a model needs and gives on given hardware, from its structure alone: bytes, times by a roofline, and cost.

Prefilling multiplies every active weight once a token, but the head's, which is asked of the last one alone; so its
time is operations over arithmetic, and at least the reading of the weights. A step of decoding reads the active weights
once for all its sequences, and each one's cache, and reads and writes its states: bytes over bandwidth, or operations
over arithmetic where that is longer (Williams et al. 2009, "Roofline"). Of `E` experts, `n` tokens that choose `k` each
at random reach E (1 - (1 - k/E)^n). Weights are spread evenly over all devices, whose exchange is taken to cost
nothing: what is printed is a bound, which real engines reach in part; `memory_share` and `arithmetic_share` of a device
say in which.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from yunqi.common.errors import YunqiError
from yunqi.hub.estimate import QUANTIZED_BYTES

WIDTHS: Mapping[str, float] = {"float32": 4.0, "bfloat16": 2.0} | QUANTIZED_BYTES
_OPERATIONS_ON_STATE = 7  # a token's decay, product with the key, correction and product with the query


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """`count` equal devices. Bytes, bytes a second and operations a second of one; the price of one for an hour.

    `arithmetic` is that of the dtype which is multiplied.
    """

    name: str
    memory: float
    bandwidth: float
    arithmetic: float
    count: int = 1
    price: float = 0.0
    currency: str = ""
    memory_share: float = 0.8
    arithmetic_share: float = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Structure:
    """Elements and counts of a model, read off its modules on the meta device.

    `dense` are the matrix elements every token is multiplied by, `experts` (number, chosen, elements of one) of each
    sparse layer, `looked_up` those of tables; of `dense`, `head` are those of the last projection. `cache_elements` a
    token and `state_elements` a sequence are remembered; a cache of int8 has `cache_scales` float32 for a token.
    `attended` are the head dimensions summed over the query heads of all attention layers.
    """

    name: str
    num_parameters: int
    dense: int
    head: int
    experts: tuple[tuple[int, int, int], ...]
    looked_up: int
    cache_elements: int
    cache_scales: int
    state_elements: int
    attended: int
    context: int

    @property
    def active(self) -> int:
        """Elements one token is multiplied by."""
        return self.dense + sum(chosen * size for _, chosen, size in self.experts)

    @property
    def elements(self) -> int:
        """Of all matrices and tables."""
        return self.dense + self.looked_up + sum(number * size for number, _, size in self.experts)

    def read_by(self, tokens: float) -> float:
        """Elements that a step of so many tokens reads."""
        reached = (number * (1 - (1 - chosen / number) ** tokens) * size for number, chosen, size in self.experts)
        return self.dense + sum(reached)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Bytes, seconds and tokens a second of one workload; costs are for a million tokens."""

    weight_bytes: float
    cache_bytes_per_token: float
    state_bytes_per_sequence: float
    memory: float
    fits: bool
    sequences: int
    prefill_seconds: float
    prefill_tokens_per_second: float
    decode_tokens_per_second: float
    decode_tokens_per_second_each: float
    input_cost: float
    output_cost: float


def structure_of(config: Mapping[str, Any], name: str = "") -> Structure:
    """Build the model on the meta device and count.

    Raises:
        YunqiError: as `loader.build_model`.
    """
    from yunqi.engine.loader import build_model
    from yunqi.layers.linear import Embedding, Linear
    from yunqi.layers.moe import SparseMoE
    from yunqi.ops.context import PagedKVSpec

    model = build_model(config, device="meta")
    routed: set[int] = set()
    experts = []
    for module in model.modules():
        if isinstance(module, SparseMoE):
            sizes = [sum(p.numel() for p in expert.parameters()) for expert in module.experts]
            experts.append((len(sizes), module.num_experts_per_tok, sizes[0]))
            routed.update(id(p) for expert in module.experts for p in expert.parameters())
    multiplied = {id(m.weight): m.weight.numel() for m in model.modules() if isinstance(m, Linear)}
    tables = {id(m.weight): m.weight.numel() for m in model.modules() if isinstance(m, Embedding)}
    specs = model.memory_specs().values()
    paged = [spec for spec in specs if isinstance(spec, PagedKVSpec)]
    states = [spec for spec in specs if not isinstance(spec, PagedKVSpec)]
    attentions: list[Any] = [m for m in model.modules() if isinstance(getattr(m, "memory_spec", None), PagedKVSpec)]
    return Structure(
        name=name,
        num_parameters=sum({id(p): p.numel() for p in model.parameters()}.values()),
        dense=sum(count for key, count in multiplied.items() if key not in routed),
        head=multiplied[id(model.lm_head.weight)],
        experts=tuple(experts),
        looked_up=sum(count for key, count in tables.items() if key not in multiplied),
        cache_elements=sum(2 * spec.num_kv_heads * spec.head_dim for spec in paged),
        cache_scales=sum(2 * spec.num_kv_heads for spec in paged),
        state_elements=sum(spec.bytes_per_slot(4) for spec in states) // 4,
        attended=sum(one.num_heads * one.head_dim for one in attentions),
        context=model.config.max_context,
    )


def plan(
    model: Structure,
    device: Device,
    *,
    context: int = 4096,
    batch: int = 1,
    dtype: str = "bfloat16",
    kv_cache_dtype: str = "auto",
) -> Plan:
    """Sequences of `context` tokens, read at once and then continued `batch` together.

    Args:
        dtype: what the weights are kept in, of `WIDTHS`.
        kv_cache_dtype: "int8", or "auto": bfloat16, or float32 with float32 weights.

    Raises:
        YunqiError: `option-invalid` for a context beyond the model's, a batch below 1 or another dtype.
    """
    if kv_cache_dtype not in ("auto", "int8"):
        rule = "There are auto and int8."
        raise YunqiError("option-invalid", option="kv_cache_dtype", value=kv_cache_dtype, rule=rule)
    if dtype not in WIDTHS:
        raise YunqiError("option-invalid", option="dtype", value=dtype, rule=f"Use {', '.join(WIDTHS)}.")
    if not 1 <= context <= model.context:
        rule = f"This model's context holds {model.context} tokens."
        raise YunqiError("option-invalid", option="context", value=context, rule=rule)
    if batch < 1:
        raise YunqiError("option-invalid", option="batch", value=batch, rule="It is at least 1.")
    width, kept = WIDTHS[dtype], 4 if dtype == "float32" else 2
    bandwidth = device.count * device.bandwidth * device.memory_share
    arithmetic = device.count * device.arithmetic * device.arithmetic_share
    memory = device.count * device.memory
    weights, state = model.num_parameters * width, model.state_elements * 4
    per_token = (
        model.cache_elements * kept if kv_cache_dtype == "auto" else model.cache_elements + 4 * model.cache_scales
    )
    each = per_token * context + state
    room = memory - weights
    # Queries and keys, weights and values: 2 operations each, over half of the keys on average.
    prefill_operations = (
        2 * (model.active - model.head) * context
        + 2 * model.head
        + 2 * model.attended * context**2
        + _OPERATIONS_ON_STATE * model.state_elements * context
    )
    prefill = max(prefill_operations / arithmetic, model.read_by(context) * width / bandwidth)
    step_bytes = model.read_by(batch) * width + batch * (each + state)
    step_operations = batch * (
        2 * model.active + 4 * model.attended * context + _OPERATIONS_ON_STATE * model.state_elements
    )
    step = max(step_bytes / bandwidth, step_operations / arithmetic)
    dollars = device.count * device.price / 3600
    return Plan(
        weight_bytes=weights,
        cache_bytes_per_token=per_token,
        state_bytes_per_sequence=state,
        memory=memory,
        fits=room >= batch * each,
        sequences=max(0, int(room // each)) if each else batch,
        prefill_seconds=prefill,
        prefill_tokens_per_second=context / prefill,
        decode_tokens_per_second=batch / step,
        decode_tokens_per_second_each=1 / step,
        input_cost=dollars * prefill / context * 1e6,
        output_cost=dollars * step / batch * 1e6,
    )


def read_devices(path: Path) -> list[Device]:
    """The `[[device]]` tables of a TOML file: `memory_gb`, `bandwidth_gb_s`, `tflops`, and what `Device` has beside.

    Raises:
        YunqiError: `hardware-invalid` with what is wrong.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("device")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise YunqiError("hardware-invalid", file=path, reason=error) from error
    if not isinstance(tables, list) or not tables:
        raise YunqiError("hardware-invalid", file=path, reason="it has no [[device]]")
    return [_device(path, table) for table in tables]


_UNITS = {"memory_gb": ("memory", 1e9), "bandwidth_gb_s": ("bandwidth", 1e9), "tflops": ("arithmetic", 1e12)}
_TEXTS = ("name", "currency")


def _device(path: Path, table: Any) -> Device:
    def wrong(reason: str) -> YunqiError:
        return YunqiError("hardware-invalid", file=path, reason=reason)

    if not isinstance(table, dict):
        raise wrong("a device is no table")
    values: dict[str, Any] = {}
    known = {field.name for field in fields(Device)} - {name for name, _ in _UNITS.values()}
    for key, value in table.items():
        if key not in _UNITS and key not in known:
            raise wrong(f"'{key}' is no field of a device: it has {', '.join([*_UNITS, *sorted(known)])}")
        if key in _TEXTS:
            if not isinstance(value, str):
                raise wrong(f"{key}={value!r} is no text")
            values[key] = value
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not (value > 0 or key == "price"):
            raise wrong(f"{key}={value!r} is no number above 0")
        if key == "count" and not isinstance(value, int):
            raise wrong(f"count={value!r} is no whole number")
        if key.endswith("_share") and value > 1:
            raise wrong(f"{key}={value!r} is above 1")
        name, factor = _UNITS.get(key, (key, 1))
        values[name] = value * factor
    if missing := [key for key, (name, _) in _UNITS.items() if name not in values]:
        raise wrong(f"a device lacks {', '.join(missing)}")
    values.setdefault("name", "device")
    return Device(**values)
