"""How long what waits will take, from what was measured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yunqi.engine.pace import UNMEASURED_OUTPUT, UNMEASURED_SECONDS, Pace
from yunqi.engine.request import Drawing, Request, StopRules
from yunqi.protocol.output import RequestMetrics


def waiting(prompt: int = 100, max_tokens: int = 1000, outputs: int = 0) -> Request:
    return Request(
        request_id="",
        prompt_len=prompt,
        token_ids=[1] * (prompt + outputs),
        drawing=Drawing(seed=0),
        stop=StopRules(max_tokens=max_tokens),
        metrics=RequestMetrics(arrival_time=0.0),
    )


def test_what_waits_is_divided_by_the_speed_of_the_last_minute() -> None:
    pace = Pace()
    for second in range(10):
        pace.step(100.0 + second, 0.5, 50)  # busy half of the time: 100 tokens a second
    pace.ended(105.0, 20)
    pace.ended(106.0, 60)
    assert pace.tokens_per_second(110.0) == pytest.approx(100)
    assert pace.usual_output(110.0) == 40
    assert pace.seconds_for([waiting()], 110.0) == 2  # 140 tokens
    assert pace.seconds_for([waiting()] * 10, 110.0) == 14
    assert pace.seconds_for([waiting(max_tokens=10)] * 10, 110.0) == 11
    assert pace.seconds_for([waiting(prompt=10, outputs=30)] * 10, 110.0) == 5  # preempted, and to be computed again


def test_it_has_bounds() -> None:
    pace = Pace()
    assert pace.seconds_for([waiting()], 0.0) == UNMEASURED_SECONDS
    pace.step(0.0, 1.0, 10)
    assert pace.seconds_for([], 0.0) == 1
    assert pace.seconds_for([waiting()], 0.0) == (100 + UNMEASURED_OUTPUT) // 10 + 1
    assert pace.seconds_for([waiting()] * 100, 0.0) == 60


def test_what_is_older_than_a_minute_is_forgotten() -> None:
    pace = Pace()
    pace.step(0.0, 1.0, 1_000)
    pace.ended(0.0, 7)
    pace.step(50.0, 1.0, 10)
    assert pace.tokens_per_second(55.0) == pytest.approx(505)
    assert pace.tokens_per_second(70.0) == pytest.approx(10)
    assert pace.usual_output(70.0) == UNMEASURED_OUTPUT
    assert pace.tokens_per_second(200.0) is None


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 3), st.integers(0, 1000)), max_size=200))
def test_any_course_of_steps_gives_a_time_in_bounds(steps: list[tuple[float, float, int]]) -> None:
    pace, now = Pace(), 0.0
    for gap, seconds, tokens in steps:
        now += gap
        pace.step(now, seconds, tokens)
        assert 1 <= pace.seconds_for([waiting()] * 3, now) <= 60
        assert len(pace._buckets) <= 61
