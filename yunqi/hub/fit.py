"""Whether a model fits into the memory that is free, said before a byte of it is loaded."""

from __future__ import annotations

from pathlib import Path

from yunqi.common.errors import YunqiError
from yunqi.common.machine import has_native_bfloat16, memory
from yunqi.common.sizes import size_text
from yunqi.hub.catalog import ModelRecord, describe
from yunqi.hub.estimate import QUANTIZED_BYTES, memory_bytes
from yunqi.hub.released import next_smaller
from yunqi.hub.spill import spill_of_record


def check_fit(
    path: Path,
    *,
    name: str | None = None,
    float32: bool = False,
    quantization: str | None = None,
    may_spill: bool = False,
    remedy: str = "",
) -> None:
    """Return where the checkpoint's estimated memory is available; `float32`, `quantization`: as it would be so. With
    `may_spill` experts may stay on the disk (`yunqi.hub.spill`).

    Raises:
        YunqiError: `memory-too-small`, which names the next smaller released model that fits, or
            `memory-too-small-layer`; `remedy` is added to it.
    """
    record = describe(path, name=name)
    native = has_native_bfloat16() and not float32
    needed = memory_bytes(record, native_bfloat16=native, quantization=quantization)
    available = memory().available
    if needed is None or needed <= available:
        return
    spill = spill_of_record(record, available=available, native_bfloat16=native)
    if spill is not None and quantization is None and may_spill:
        spill.check(remedy)  # its experts can stay on the disk
        return
    advice = advice_for(record, available=available, native_bfloat16=native)
    if not (float32 or quantization):
        advice = f"{fewer_bits(record, available)}{advice}"
    raise YunqiError(
        "memory-too-small",
        name=record.name,
        needed=size_text(needed),
        available=size_text(available),
        advice=f"{advice}{remedy}",
    )


def fewer_bits(record: ModelRecord, available: int) -> str:
    """In which quantisation a model of a known family would fit, the widest; else nothing."""
    for quantization in QUANTIZED_BYTES if record.supported else ():
        needed = memory_bytes(record, native_bfloat16=True, quantization=quantization)
        if needed is not None and needed <= available:
            return f"With -q {quantization} it takes about {size_text(needed)}. "
    return ""


def advice_for(record: ModelRecord, *, available: int, native_bfloat16: bool) -> str:
    """What to do about a model that does not fit."""
    smaller = next_smaller(record, room=available, native_bfloat16=native_bfloat16)
    if smaller is None:
        return "Close other programs."
    cost = memory_bytes(smaller, native_bfloat16=native_bfloat16) or 0
    return f"The next smaller that fits is {smaller.name} (about {size_text(cost)}), or close other programs."
