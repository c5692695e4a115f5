"""How to draw tokens: `SamplingParams`, named as vLLM names them.

A field left at None takes the model's official value for the mode (thinking or not); see
`yunqi.processing.defaults`. `temperature=0` is greedy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from yunqi.common.errors import YunqiError


@dataclass(frozen=True, kw_only=True, slots=True)
class SamplingDefaults:
    """A model's official values for one mode; neutral where nothing is published."""

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SamplingParams:
    """What one request asks for.

    `top_k` 0 or -1 means all; `thinking_budget` counts tokens between the thought's tags; `logprobs` and
    `prompt_logprobs` give that many alternatives beside the token itself; `max_tokens` None means as many as the
    model's context leaves.
    """

    n: int = 1
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    min_tokens: int = 0
    stop: str | Sequence[str] = ()
    stop_token_ids: Sequence[int] = ()
    include_stop_str_in_output: bool = False
    ignore_eos: bool = False
    logprobs: int | None = None
    prompt_logprobs: int | None = None
    logit_bias: Mapping[int, float] = field(default_factory=dict)
    thinking_budget: int | None = None
    skip_special_tokens: bool = True

    def __post_init__(self) -> None:
        stop = (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())
        object.__setattr__(self, "stop", stop)
        object.__setattr__(self, "stop_token_ids", tuple(self.stop_token_ids or ()))
        object.__setattr__(self, "logit_bias", {int(k): float(v) for k, v in (self.logit_bias or {}).items()})
        self._check("temperature", 0.0, 100.0)
        self._check("top_p", 0.0, 1.0, low_open=True)
        self._check("min_p", 0.0, 1.0)
        self._check("repetition_penalty", 0.0, 100.0, low_open=True)
        self._check("presence_penalty", -2.0, 2.0)
        self._check("frequency_penalty", -2.0, 2.0)
        self._check_int("n", 1, 1024)
        self._check_int("top_k", -1, 2**31)
        self._check_int("max_tokens", 1, 2**31)
        self._check_int("min_tokens", 0, 2**31)
        self._check_int("logprobs", 0, 100)
        self._check_int("prompt_logprobs", 0, 100)
        self._check_int("thinking_budget", 0, 2**31)
        self._check_int("seed", -(2**63), 2**64 - 1)
        if any(not text for text in self.stop):
            raise _invalid("stop", self.stop, "A stop string has at least one character.")
        if any(not math.isfinite(v) or abs(v) > 100 for v in self.logit_bias.values()):
            raise _invalid("logit_bias", dict(self.logit_bias), "A bias lies between -100 and 100.")
        if self.max_tokens is not None and self.min_tokens > self.max_tokens:
            raise _invalid("min_tokens", self.min_tokens, "min_tokens is at most max_tokens.")

    def _check(self, name: str, low: float, high: float, *, low_open: bool = False) -> None:
        value = getattr(self, name)
        if value is None:
            return
        fits = isinstance(value, int | float) and math.isfinite(value) and low <= value <= high
        if not fits or isinstance(value, bool) or (low_open and value == low):
            edge = "above" if low_open else "at least"
            raise _invalid(name, value, f"It is a number, {edge} {low:g} and at most {high:g}.")

    def _check_int(self, name: str, low: int, high: int) -> None:
        value = getattr(self, name)
        if value is None and name not in ("n", "min_tokens"):
            return
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise _invalid(name, value, f"It is a whole number, at least {low} and at most {high}.")


def _invalid(name: str, value: object, rule: str) -> YunqiError:
    return YunqiError("sampling-invalid", field=name, value=value, rule=rule)
