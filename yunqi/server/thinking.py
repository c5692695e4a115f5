"""How long to think: every dialect's fields -> one decision. What contradicts itself is an error.

The table of efforts is `EFFORTS`; a budget in the request is more exact than an effort and wins over it. The server's
default serves requests that say nothing, its cap bounds all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from yunqi.common.errors import YunqiError
from yunqi.protocol.requests import ModelCard
from yunqi.server.config import ThinkingPolicy

_T = TypeVar("_T")
Named = tuple[str, _T]

# Effort -> tokens of thought; None: as many as leave room for the answer. 0 answers at once.
EFFORTS: dict[str, int | None] = {
    "none": 0,
    "minimal": 128,
    "low": 1024,
    "medium": 4096,
    "high": 16384,
    "xhigh": None,
    "max": None,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What a request says about thinking; each field with the name under which it came."""

    enable: tuple[tuple[str, bool | None], ...] = ()
    budget: tuple[tuple[str, int | None], ...] = ()
    effort: tuple[tuple[str, str | None], ...] = ()
    preserve: tuple[tuple[str, bool | None], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What the engine is told: `ChatRequest.enable_thinking`, `SamplingParams.thinking_budget`, `preserve_thinking`."""

    enable: bool | None
    budget: int | None
    preserve: bool


def decide(wish: Wish, card: ModelCard, policy: ThinkingPolicy) -> Decision:
    """The decision for one request.

    Raises:
        YunqiError: `options-contradict` for fields that cannot all be meant, `field-invalid` for an unknown effort.
    """
    enable = _agreed(wish.enable)
    budget = _agreed(wish.budget)
    effort = _agreed(wish.effort)
    preserve = _agreed(wish.preserve)
    if effort is not None and effort[1] not in EFFORTS:
        rule = f"It is one of {', '.join(EFFORTS)}."
        raise YunqiError("field-invalid", place=effort[0], reason=f"{effort[1]!r} is not known", rule=rule)
    _check(enable, budget, effort)
    tokens = budget[1] if budget else EFFORTS[effort[1]] if effort else policy.default_budget
    silent = not (enable or budget or effort)
    asked = enable[1] if enable else None if silent else True
    if tokens == 0:
        asked = False
    if asked is False or (silent and card.thinking == "none"):  # the server's wishes are for models that think
        tokens = None
    elif policy.cap is not None:
        tokens = policy.cap if tokens is None else min(tokens, policy.cap)
    return Decision(enable=asked, budget=tokens, preserve=preserve[1] if preserve else policy.preserve)


def _check(*named: Named[bool] | Named[int] | Named[str] | None) -> None:
    """Raise where one field asks for a thought and another for none."""
    given = [one for one in named if one is not None]
    thinks = [one for one in given if _wants(one[1])]
    answers = [one for one in given if not _wants(one[1])]
    if thinks and answers:
        raise _contradiction(thinks[0], answers[0])


def _wants(value: bool | int | str) -> bool:
    return value != "none" if isinstance(value, str) else bool(value)


def _agreed(named: Iterable[tuple[str, _T | None]]) -> Named[_T] | None:
    """The one value of fields that mean the same."""
    given = [(name, value) for name, value in named if value is not None]
    for other in given[1:]:
        if other[1] != given[0][1]:
            raise _contradiction(given[0], other)
    return given[0] if given else None


def _contradiction(first: tuple[str, object], second: tuple[str, object]) -> YunqiError:
    told = [f"{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in (first, second)]
    return YunqiError("options-contradict", first=told[0], second=told[1], rule="Send one of them.")
