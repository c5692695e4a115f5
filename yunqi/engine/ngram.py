"""Guessing by looking back: where the last few tokens stood before, what followed then may follow again.

Known as prompt lookup (Saxena 2023): good where an answer repeats its prompt, as in editing, extraction and code. Costs
no model. Torch-free.
"""

from __future__ import annotations

from collections.abc import Mapping

from yunqi.engine.batch import Batch
from yunqi.engine.request import Request

_MOST_PLACES = 32  # looked at before the longest run is taken


class NgramProposer:
    """Proposes what followed the latest place where the longest known ending, `shortest` to `longest` tokens, stood."""

    def __init__(self, shortest: int, longest: int) -> None:
        self._lengths = shortest, longest

    def available(self, request: Request, most: int) -> int:
        return most if self._place(request) is not None else 0

    def propose(self, wanted: Mapping[Request, int]) -> dict[Request, tuple[int, ...]]:
        return {request: self._after(request, count) for request, count in wanted.items()}

    def follow(self, batch: Batch) -> None:
        pass

    def _after(self, request: Request, count: int) -> tuple[int, ...]:
        """What followed; where that runs into the end, it goes on with itself, so a loop is guessed as a loop."""
        place, known = self._place(request), len(request.token_ids)
        if place is None:
            return ()
        period = known - place
        return tuple(request.token_ids[place + i % period] for i in range(count))

    def _place(self, request: Request) -> int | None:
        """Where what followed the ending before begins."""
        index: _Index = request.guessing.notes or _Index(*self._lengths)
        request.guessing.notes = index
        return index.place(request.token_ids)


class _Index:
    """Where runs of `shortest` tokens end, but those at the end of the sequence; follows it as it grows."""

    def __init__(self, shortest: int, longest: int) -> None:
        self._shortest, self._longest = shortest, longest
        self._latest: dict[tuple[int, ...], int] = {}
        self._earlier: list[int] = []  # for each end the one before it of the same run, 0 for none
        self._place: int | None = None

    def place(self, token_ids: list[int]) -> int | None:
        """Behind the longest run that the sequence ends with, the latest of the places where it stood before."""
        if len(token_ids) == len(self._earlier):
            return self._place
        for end in range(len(self._earlier), len(token_ids)):
            run = tuple(token_ids[max(0, end - self._shortest) : end])
            self._earlier.append(self._latest.get(run, 0))
            self._latest[run] = end
        end = self._latest.get(tuple(token_ids[-self._shortest :]), 0)
        best, self._place = 0, None
        for _ in range(_MOST_PLACES):
            if end < self._shortest or best == self._longest:
                break
            length = self._shortest
            while length < min(self._longest, end) and token_ids[end - length - 1] == token_ids[-length - 1]:
                length += 1
            if length > best:
                best, self._place = length, end
            end = self._earlier[end]
        return self._place
