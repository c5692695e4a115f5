"""What a model will need and how fast it can answer here, from its record and the speed of this machine's memory.

One token of one conversation reads every weight once, at a share of the speed that plain reading reaches; each layer
adds the time of its calls, which is what holds a small model back. Both were measured on two cores of an EPYC server,
with the native core and with torch; the result is an order of magnitude, no promise.
"""

from __future__ import annotations

from dataclasses import dataclass

from yunqi.hub.catalog import ModelRecord

CONTEXT_TOKENS = 4096
# The share of the memory's speed, and the seconds that a layer adds.
_CORE, _TORCH = (0.7, 0.000_05), (0.5, 0.001_2)
_PROCESS_BYTES = 400 << 20
_COMPUTED_IN_BFLOAT16 = ("bfloat16", "f8_e4m3")  # FP8 is dequantised when it is read


# A parameter, with its part of a two-byte scale for 32.
QUANTIZED_BYTES = {"int8": 1 + 2 / 32, "int4": 0.5 + 2 / 32}


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """`memory_bytes` for the process with weights and the cache of 4096 tokens; `tokens_per_second` of one answer."""

    memory_bytes: int
    tokens_per_second: float


def estimate(record: ModelRecord, *, bandwidth: float, native_bfloat16: bool, core: bool = False) -> Estimate | None:
    """The estimate for a record, None where its figures are not known. `bandwidth` is in bytes per second; `core` says
    that the native core computes, not torch."""
    if record.num_parameters is None or record.num_read_parameters is None or record.num_layers is None:
        return None
    memory = memory_bytes(record, native_bfloat16=native_bfloat16)
    assert memory is not None, "its parameters are known"
    share, layer_seconds = _CORE if core else _TORCH
    reading = record.num_read_parameters * weight_width(record, native_bfloat16) / (share * bandwidth)
    return Estimate(memory_bytes=memory, tokens_per_second=1 / (reading + record.num_layers * layer_seconds))


def memory_bytes(record: ModelRecord, *, native_bfloat16: bool, quantization: str | None = None) -> int | None:
    """The memory of an `Estimate` alone, which needs no speed; None where the parameters are not known.

    `quantization`: what the weights that are not quantised yet are kept in, of `QUANTIZED_BYTES`.
    """
    if record.num_parameters is None:
        return None
    quantised = quantization or record.num_quantized_parameters
    tokens = min(CONTEXT_TOKENS, record.context or CONTEXT_TOKENS)
    weights = _weight_bytes(record, native_bfloat16, quantization)
    cache = tokens * (record.cache_elements_per_token or 0) * (2 if quantised else _width(record, native_bfloat16))
    return round(weights + cache) + _PROCESS_BYTES


def weight_width(record: ModelRecord, native_bfloat16: bool) -> float:
    """Bytes of a parameter in memory, the mean of all."""
    return _weight_bytes(record, native_bfloat16) / max(1, record.num_parameters or 0)


def _weight_bytes(record: ModelRecord, native_bfloat16: bool, quantization: str | None = None) -> float:
    """What is stored as integers in groups stays so; beside it the native core keeps bfloat16 on every processor."""
    assert record.num_parameters is not None, "its parameters are known"
    plain = record.num_parameters - record.num_quantized_parameters
    width = _width(record, native_bfloat16 or record.num_quantized_parameters > 0)
    return record.num_quantized_bytes + plain * (width if quantization is None else QUANTIZED_BYTES[quantization])


def _width(record: ModelRecord, native_bfloat16: bool) -> int:
    return 2 if native_bfloat16 and (record.plain_dtype or record.dtype) in _COMPUTED_IN_BFLOAT16 else 4
