"""Whether guessing pays: what a guess is likely to save against what it was measured to cost. Torch-free.

A step that decodes R requests takes t(R) seconds and gives R tokens, so a token is worth t(R) / R. The i-th guess for a
request saves one with probability p^i, where p is how often its guesses were right lately; it costs a row more in the
step and its share of the time that the proposer took. Guesses go on as long as they save more than they cost. A request
whose first guess would not is left alone for a while, then tried again. All of it changes speed, never a token.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

FIRST_RIGHT = 0.7  # how often guesses are taken to be right before anything is known
LEAST_REST, MOST_REST = 32, 512  # tokens without a guess
TRIALS = 4  # steps with guesses after a rest, whatever they cost
MEASURED_EVERY = 128  # steps, of which one goes without guesses
_NEWEST = 0.1  # weight of the newest outcome
_NEWEST_OF_ALL = 0.02
_NUM_TIMES, _ENOUGH_TIMES = 9, 3


@dataclass(kw_only=True, slots=True)
class Guessing:
    """What is known of one request's guesses; `notes` are its proposer's own."""

    right: float | None = None
    rest: int = 0
    next_rest: int = LEAST_REST
    trials: int = 0
    notes: Any = None


class StepTimes:
    """Seconds of decoding steps by their rows: of the latest the lower quartile, for what disturbs only ever delays."""

    def __init__(self) -> None:
        self._times: dict[int, deque[float]] = {}

    def add(self, num_rows: int, seconds: float) -> None:
        self._times.setdefault(num_rows, deque(maxlen=_NUM_TIMES)).append(seconds)

    def of(self, num_rows: int) -> float | None:
        """Seconds of a step of so many rows; None where there were too few."""
        times = self._times.get(num_rows, ())
        return sorted(times)[len(times) // 4] if len(times) >= _ENOUGH_TIMES else None

    def per_row(self, num_rows: int, most: int) -> float:
        """What a row more costs a step of `num_rows`, from it and the steps nearest to `most` rows; 0 before any."""
        first = self.of(num_rows)
        more = {rows: time for rows in self._times if rows > num_rows and (time := self.of(rows)) is not None}
        if first is None or not more:
            return 0.0
        nearest = min(more, key=lambda rows: (abs(rows - most), rows))
        return max(0.0, more[nearest] - first) / (nearest - num_rows)


class Payoff:
    """Decides how many tokens to guess, at most `most` a request and step."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.times = StepTimes()
        self._right = FIRST_RIGHT
        self._seconds_per_guess = 0.0
        self._num_requests = self._num_guessing = 0

    def begin(self, num_requests: int) -> None:
        """Say how many requests the next step decodes. Now and then it must be one without guesses, to be measured."""
        self._num_requests = num_requests
        measured = self._num_guessing < MEASURED_EVERY and self.times.of(num_requests) is not None
        self._num_guessing = self._num_guessing + 1 if measured else 0

    def guesses(self, one: Guessing) -> int:
        """How many to make for a request in the next step. Called once a step."""
        if self._num_guessing == 0:
            return 0
        if one.rest > 0:
            one.rest -= 1
            one.trials = TRIALS
            return 0
        if count := self._worth(self._right if one.right is None else one.right):
            one.next_rest = LEAST_REST
            return count
        if one.trials > 0:
            one.trials -= 1
            return self.most
        one.rest, one.next_rest = one.next_rest, min(2 * one.next_rest, MOST_REST)
        return 0

    def verified(self, one: Guessing, num_proposed: int, num_right: int) -> None:
        """Note how a request's guesses turned out; what follows a wrong one says nothing."""
        one.right = self._right if one.right is None else one.right
        for outcome in [1.0] * num_right + [0.0] * (num_right < num_proposed):
            one.right += _NEWEST * (outcome - one.right)
            self._right += _NEWEST_OF_ALL * (outcome - self._right)

    def proposed(self, num_tokens: int, seconds: float) -> None:
        """Note how long a proposer took for its guesses."""
        if num_tokens:
            self._seconds_per_guess += _NEWEST * (seconds / num_tokens - self._seconds_per_guess)

    def _worth(self, right: float) -> int:
        plain = self.times.of(self._num_requests)
        assert plain is not None, "a step without guesses comes first"
        cost = self.times.per_row(self._num_requests, self._num_requests * (1 + self.most)) + self._seconds_per_guess
        token, count = plain / self._num_requests, 0
        while count < self.most and right ** (count + 1) * token > cost:
            count += 1
        return count
