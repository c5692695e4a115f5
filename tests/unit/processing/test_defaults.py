from __future__ import annotations

from typing import Any

import pytest

from yunqi.processing.chat.choose import STYLES
from yunqi.processing.chat.native import NativeRenderer
from yunqi.processing.defaults import sampling_defaults
from yunqi.processing.tokenizer import Tokenizer
from yunqi.protocol.sampling import SamplingDefaults

QWEN3_FILE = {"do_sample": True, "temperature": 0.6, "top_k": 20, "top_p": 0.95, "eos_token_id": [151645, 151643]}


@pytest.mark.parametrize(
    ("name", "thinking", "values"),
    [
        ("qwen2.5", False, (0.7, 0.8, 20, 1.05)),
        ("qwq", True, (0.6, 0.95, 20, 1.0)),
        ("qwen3", True, (0.6, 0.95, 20, 1.0)),
        ("qwen3", False, (0.7, 0.8, 20, 1.0)),
        ("qwen3-thinking-2507", True, (0.6, 0.95, 20, 1.0)),
        ("qwen3-instruct-2507", False, (0.7, 0.8, 20, 1.0)),
        ("chatml", False, (1.0, 1.0, 0, 1.0)),
        (None, False, (1.0, 1.0, 0, 1.0)),
    ],
)
def test_official_values(name: str | None, thinking: bool, values: tuple[float, ...], small: Tokenizer) -> None:
    found = sampling_defaults(name, None, thinking=thinking)
    assert (found.temperature, found.top_p, found.top_k, found.repetition_penalty) == values
    for style in STYLES:
        if style.name == name:
            assert sampling_defaults(NativeRenderer(style, small), {}, thinking=thinking) == found


def test_the_checkpoint_speaks_for_its_own_mode() -> None:
    own = QWEN3_FILE | {"temperature": 0.5, "repetition_penalty": 1.1}
    assert sampling_defaults("qwen3", own, thinking=True).temperature == 0.5
    assert sampling_defaults("qwen3", own, thinking=False) == sampling_defaults("qwen3", None, thinking=False)
    changed = sampling_defaults("qwen2.5", own, thinking=False)
    assert (changed.temperature, changed.top_p, changed.repetition_penalty) == (0.5, 0.95, 1.1)
    assert sampling_defaults("jinja", own, thinking=False).top_k == 20


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"do_sample": False}, SamplingDefaults(temperature=0.0)),
        ({"do_sample": False, "temperature": 0.3}, SamplingDefaults(temperature=0.3)),
        ({"temperature": None, "top_p": "0.9", "top_k": True, "min_p": float("nan")}, SamplingDefaults()),
        ({"top_k": 0, "top_p": 1}, SamplingDefaults()),
    ],
)
def test_odd_files(config: dict[str, Any], expected: SamplingDefaults) -> None:
    assert sampling_defaults(None, config, thinking=False) == expected
