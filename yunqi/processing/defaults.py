"""The official sampling values of each model and mode.

A checkpoint's `generation_config.json` speaks for the mode that its publisher had in mind: it overrides the table for
models of one mode, and for the thinking mode of hybrid ones; the non-thinking mode of a hybrid model keeps the table's
values. `do_sample: false` without a temperature means greedy. Where nothing is known the values are neutral.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from yunqi.processing.chat.rendered import ChatRenderer
from yunqi.protocol.sampling import SamplingDefaults

_THINKING = SamplingDefaults(temperature=0.6, top_p=0.95, top_k=20)
_INSTRUCT = SamplingDefaults(temperature=0.7, top_p=0.8, top_k=20)
_QWEN = SamplingDefaults(top_p=0.8)
_QWEN25 = replace(_INSTRUCT, repetition_penalty=1.05)

# Renderer name -> values while thinking, values while not. (Model cards; of QwQ's top_k range 20 to 40 the lower end.)
_TABLE: dict[str, tuple[SamplingDefaults, SamplingDefaults]] = {
    "qwen": (_QWEN, _QWEN),
    "qwen2.5": (_QWEN25, _QWEN25),
    "qwq": (_THINKING, _THINKING),
    "qwen3": (_THINKING, _INSTRUCT),
    "qwen3-thinking-2507": (_THINKING, _THINKING),
    "qwen3-instruct-2507": (_INSTRUCT, _INSTRUCT),
    "qwen3-coder": (_QWEN25, _QWEN25),
}
_FRACTIONS = ("temperature", "top_p", "min_p", "repetition_penalty")


def sampling_defaults(
    name_or_renderer: str | ChatRenderer | None, generation_config: Mapping[str, Any] | None, *, thinking: bool
) -> SamplingDefaults:
    """The values for a request that leaves them open. `generation_config` is the parsed JSON file, if there is one."""
    name = name_or_renderer if isinstance(name_or_renderer, str) else getattr(name_or_renderer, "name", "")
    while_thinking, otherwise = _TABLE.get(name, (SamplingDefaults(), SamplingDefaults()))
    if not thinking and while_thinking != otherwise:
        return otherwise
    return _override(while_thinking, generation_config or {})


def _override(official: SamplingDefaults, config: Mapping[str, Any]) -> SamplingDefaults:
    values: dict[str, Any] = {name: float(config[name]) for name in _FRACTIONS if _is_number(config.get(name))}
    if _is_number(config.get("top_k")):
        values["top_k"] = max(0, int(config["top_k"]))
    if config.get("do_sample") is False and "temperature" not in values:
        values["temperature"] = 0.0
    return replace(official, **values)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
