"""What a model will need and how fast it can answer here, from its record and the speed of this machine's memory.

One token of one conversation reads every weight once, so `bandwidth / bytes read` bounds the rate; a small model is
held back by the work around each layer instead, hence the second term. Both constants were measured on two cores of an
EPYC server and are meant as an order of magnitude.
"""

from __future__ import annotations

from dataclasses import dataclass

from yunqi.hub.catalog import ModelRecord

CONTEXT_TOKENS = 4096
_SECONDS_PER_LAYER = 0.000_25
_PROCESS_BYTES = 400 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """`memory_bytes` for the process with weights and the cache of 4096 tokens; `tokens_per_second` of one answer."""

    memory_bytes: int
    tokens_per_second: float


def estimate(record: ModelRecord, *, bandwidth: float, native_bfloat16: bool) -> Estimate | None:
    """The estimate for a record, None where its figures are not known. `bandwidth` is in bytes per second."""
    if record.num_parameters is None or record.num_read_parameters is None or record.num_layers is None:
        return None
    width = 2 if native_bfloat16 and record.dtype == "bfloat16" else 4
    tokens = min(CONTEXT_TOKENS, record.context or CONTEXT_TOKENS)
    cache = tokens * (record.cache_elements_per_token or 0) * width
    seconds = record.num_read_parameters * width / bandwidth + record.num_layers * _SECONDS_PER_LAYER
    return Estimate(
        memory_bytes=record.num_parameters * width + cache + _PROCESS_BYTES,
        tokens_per_second=1 / seconds,
    )
