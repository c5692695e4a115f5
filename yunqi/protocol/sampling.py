"""How to draw tokens: `SamplingParams`, named as vLLM names them.

A field left at None takes the model's official value for the mode (thinking or not); see
`yunqi.processing.defaults`. `temperature=0` is greedy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

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
class StructuredOutputsParams:
    """What the answer is held to: `json`, a schema as an object or as text, or `json_object`, any object.

    What is held is the text after a thought. An answer that `max_tokens` cuts short is no whole JSON.
    """

    json: Mapping[str, Any] | bool | str | None = field(default=None, hash=False)
    json_object: bool = False

    def __post_init__(self) -> None:
        if (self.json is None) != bool(self.json_object):
            value = "both" if self.json_object else "neither"
            raise _invalid("structured_outputs", value, "Give a schema as json, or json_object=True.")

    @property
    def schema(self) -> Any:
        """The JSON schema."""
        if not isinstance(self.json, str):
            return {"type": "object"} if self.json is None else self.json
        try:
            return json.loads(self.json)
        except ValueError as error:
            raise _invalid("structured_outputs", self.json[:100], f"The schema is no JSON: {error}.") from error


@dataclass(frozen=True, kw_only=True, slots=True)
class SamplingParams:
    """What one request asks for.

    `top_k` 0 or -1 means all; `thinking_budget` counts tokens between the thought's tags; `logprobs` and
    `prompt_logprobs` give that many alternatives beside the token itself; `max_tokens` None means what the
    checkpoint's generation config says, else as many as the context leaves.
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
    logit_bias: Mapping[int, float] = field(default_factory=dict, hash=False)
    thinking_budget: int | None = None
    skip_special_tokens: bool = True
    structured_outputs: StructuredOutputsParams | None = None

    def __post_init__(self) -> None:
        for name, (low, high) in _FRACTIONS.items():
            self._number(name, low, high)
        for name, (low, high) in _COUNTS.items():
            self._count(name, low, high)
        stop = self.stop or ()
        stop = (stop,) if isinstance(stop, str) else stop
        if not isinstance(stop, Iterable) or not all(isinstance(text, str) and text for text in stop):
            raise _invalid("stop", self.stop, "It is a text, or a list of texts, each of at least one character.")
        object.__setattr__(self, "stop", tuple(stop))
        object.__setattr__(self, "stop_token_ids", self._ids("stop_token_ids", self.stop_token_ids or ()))
        object.__setattr__(self, "logit_bias", self._bias())
        for name in ("ignore_eos", "include_stop_str_in_output", "skip_special_tokens"):
            if not isinstance(getattr(self, name), bool):
                raise _invalid(name, getattr(self, name), "It is true or false.")
        if not isinstance(self.structured_outputs, StructuredOutputsParams | None):
            raise _invalid("structured_outputs", self.structured_outputs, "It is a StructuredOutputsParams.")
        if self.max_tokens is not None and self.min_tokens > self.max_tokens:
            raise _invalid("min_tokens", self.min_tokens, "min_tokens is at most max_tokens.")

    def _number(self, name: str, low: float, high: float) -> None:
        value = getattr(self, name)
        if value is None:
            return
        fits = isinstance(value, Real) and not isinstance(value, bool) and low <= float(value) <= high
        if not fits or (name in _ABOVE and float(value) == low):
            edge = "above" if name in _ABOVE else "at least"
            raise _invalid(name, value, f"It is a number, {edge} {low:g} and at most {high:g}.")
        object.__setattr__(self, name, float(value))

    def _count(self, name: str, low: int, high: int) -> None:
        value = getattr(self, name)
        if value is None and name not in ("n", "min_tokens"):
            return
        if not isinstance(value, Integral) or isinstance(value, bool) or not low <= int(value) <= high:
            raise _invalid(name, value, f"It is a whole number, at least {low} and at most {high}.")
        object.__setattr__(self, name, int(value))

    def _ids(self, name: str, values: Any) -> tuple[int, ...]:
        rule = "It is a list of token ids."
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise _invalid(name, values, rule)
        ids = tuple(values)
        if not all(isinstance(i, Integral) and not isinstance(i, bool) and int(i) >= 0 for i in ids):
            raise _invalid(name, values, rule)
        return tuple(int(i) for i in ids)

    def _bias(self) -> Mapping[int, float]:
        """Token ids may be text: JSON has no other keys."""
        rule = "It maps token ids to numbers between -100 and 100."
        bias = self.logit_bias if self.logit_bias is not None else {}
        if not isinstance(bias, Mapping):
            raise _invalid("logit_bias", bias, rule)
        found: dict[int, float] = {}
        for key, value in bias.items():
            whole = isinstance(key, Integral) or (isinstance(key, str) and key.isdigit())
            if not whole or isinstance(key, bool) or not isinstance(value, Real) or not abs(float(value)) <= 100:
                raise _invalid("logit_bias", dict(bias), rule)
            found[int(key)] = float(value)
        return found


_FRACTIONS: dict[str, tuple[float, float]] = {
    "temperature": (0, 100),
    "top_p": (0, 1),
    "min_p": (0, 1),
    "repetition_penalty": (0, 100),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
}
_ABOVE = ("top_p", "repetition_penalty")  # their lower limit itself makes no sense
_COUNTS: dict[str, tuple[int, int]] = {
    "n": (1, 1024),
    "top_k": (-1, 2**31),
    "max_tokens": (1, 2**31),
    "min_tokens": (0, 2**31),
    "logprobs": (0, 100),
    "prompt_logprobs": (0, 100),
    "thinking_budget": (0, 2**31),
    "seed": (-(2**63), 2**64 - 1),
}


def _invalid(name: str, value: object, rule: str) -> YunqiError:
    return YunqiError("sampling-invalid", field=name, value=value, rule=rule)
