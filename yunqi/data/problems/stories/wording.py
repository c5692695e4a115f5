"""The words of the plot `flow`, in three languages.

What the hero does is a predicate, so that two of them share a sentence; what happens to the hero is a whole sentence.
`buys/bought/buy` is a verb in the present, in the past and with `I`. `{n}` is an amount, alone or with the thing beside
it; `{k}` holders hold `{m}` each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    have: tuple[str, ...]
    have_rows: tuple[str, ...]
    does: Mapping[str, tuple[str, ...]]
    happens: Mapping[str, tuple[str, ...]]
    links: tuple[str, ...]
    comma: str
    joint: str
    asks: tuple[str, ...]
    replies: tuple[str, str]
    # How the end is shared: what is done, what is asked, what is replied.
    shares: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...]
