"""How fast the engine works, and how long it will take for what waits: what a client is told that finds no place.

Measured over the last minute, in seconds of steps: time in which there was nothing to do says nothing about speed.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

from yunqi.engine.request import Request

WINDOW_SECONDS = 60.0
LEAST_SECONDS, MOST_SECONDS = 1, 60
UNMEASURED_SECONDS = 5
UNMEASURED_OUTPUT = 256  # tokens of an answer where none has ended lately
_BUCKET_SECONDS = 1.0


class Pace:
    """Sums over the last minute: tokens computed, seconds of steps, answers that ended and their tokens.

    Times are those of any one monotonic clock.
    """

    def __init__(self) -> None:
        self._buckets: deque[_Bucket] = deque()

    def step(self, now: float, seconds: float, num_tokens: int) -> None:
        """Note a step that has just ended."""
        bucket = self._bucket(now)
        bucket.seconds += seconds
        bucket.num_tokens += num_tokens

    def ended(self, now: float, num_outputs: int) -> None:
        """Note an answer that has come to its end."""
        bucket = self._bucket(now)
        bucket.num_answers += 1
        bucket.num_outputs += num_outputs

    def tokens_per_second(self, now: float) -> float | None:
        """None where nothing was computed lately."""
        self._forget(now)
        seconds = sum(bucket.seconds for bucket in self._buckets)
        tokens = sum(bucket.num_tokens for bucket in self._buckets)
        return tokens / seconds if tokens and seconds > 0 else None

    def usual_output(self, now: float) -> float:
        """Tokens that an answer had lately."""
        self._forget(now)
        answers = sum(bucket.num_answers for bucket in self._buckets)
        return sum(bucket.num_outputs for bucket in self._buckets) / answers if answers else UNMEASURED_OUTPUT

    def seconds_for(self, waiting: Iterable[Request], now: float) -> int:
        """Whole seconds in which these requests will have been served, between 1 and 60."""
        rate = self.tokens_per_second(now)
        if rate is None:
            return UNMEASURED_SECONDS
        usual = self.usual_output(now)
        seconds = sum(_tokens_left(request, usual) for request in waiting) / rate
        return max(LEAST_SECONDS, min(math.ceil(seconds), MOST_SECONDS))

    def _bucket(self, now: float) -> _Bucket:
        self._forget(now)
        if not self._buckets or now - self._buckets[-1].start >= _BUCKET_SECONDS:
            self._buckets.append(_Bucket(now))
        return self._buckets[-1]

    def _forget(self, now: float) -> None:
        while self._buckets and now - self._buckets[0].start > WINDOW_SECONDS:
            self._buckets.popleft()


class _Bucket:
    """Sums of one second."""

    def __init__(self, start: float) -> None:
        self.start = start
        self.seconds = 0.0
        self.num_tokens = self.num_answers = self.num_outputs = 0


def _tokens_left(request: Request, usual_output: float) -> float:
    """What is known and not computed, and what its answer will probably still have."""
    limit = request.stop.max_tokens - request.num_outputs
    return request.num_pending + max(0.0, min(limit, usual_output - request.num_outputs))
