"""Who is served first: priorities, ageing, shares between clients, and a queue that has an end."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.engine.test_scheduling import VOCAB, alone, hashed, request
from yunqi.common.errors import YunqiError
from yunqi.engine.core import Engine
from yunqi.engine.request import Request
from yunqi.engine.scheduler import SchedulerConfig
from yunqi.engine.scripted import ScriptedRunner
from yunqi.engine.waiting import FairShares, WaitingQueue


def engine_of(**config: int) -> Engine:
    runner = ScriptedRunner(hashed, vocab_size=VOCAB, num_blocks=400, block_size=4)
    return Engine(runner, SchedulerConfig(**config))  # pyright: ignore[reportArgumentType]


def order_of_ends(engine: Engine, requests: list[Request]) -> list[str]:
    for one in requests:
        engine.add(one)
    ended: list[str] = []
    while engine.has_requests:
        engine.step()
        ended += [one.request_id for one in requests if one.finished and one.request_id not in ended]
    return ended


def test_a_higher_priority_goes_first() -> None:
    engine = engine_of(max_num_seqs=1)
    asked = [request(str(priority), [priority + 1], 2, priority=priority) for priority in (0, 2, 1, 2)]
    asked[3].request_id = "2 again"
    assert order_of_ends(engine, asked) == ["2", "2 again", "1", "0"]


def test_waiting_raises_a_priority() -> None:
    """A stream of urgent requests holds a plain one back for a while, not for ever."""

    def steps_until_served(ageing_tokens: int) -> int:
        engine = engine_of(max_num_seqs=1, ageing_tokens=ageing_tokens)
        plain = request("plain", [1, 2, 3], 1)
        engine.add(request("urgent", [4] * 10, 5, priority=2))
        engine.step()
        engine.add(plain)
        for i in range(100):
            engine.add(request(f"urgent {i}", [i % 90] * 10, 5, priority=2))
            while sum(one.key == "" for one in engine.scheduler.waiting) > 3:
                engine.step()
                if plain.finished:
                    return i
        return 100

    assert steps_until_served(1_000_000) == 100
    assert 2 <= steps_until_served(40) < 20


@settings(max_examples=50, deadline=None)
@given(
    asked=st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 60), st.integers(1, 12)), min_size=2, max_size=40),
    quantum=st.integers(1, 40),
)
def test_shares_are_fair(asked: list[tuple[str, int, int]], quantum: int) -> None:
    """As long as two clients wait, neither is served much more than the other: by a quantum and one request each."""
    engine = engine_of(max_num_seqs=1, max_num_batched_tokens=16, fair_quantum=quantum)
    requests = [request(f"r{i}", [i] * size, count, key=key) for i, (key, size, count) in enumerate(asked)]
    for one in requests:
        engine.add(one)
    largest = max(size + count for _, size, count in asked)
    served = dict.fromkeys("abc", 0)
    contending = set("abc")
    while engine.has_requests:
        before = {one: one.num_computed for one in requests if not one.finished}
        engine.step()
        for one, computed in before.items():
            served[one.key] += max(
                0, (one.prompt_len + one.num_outputs - 1 if one.finished else one.num_computed) - computed
            )
        contending &= engine.scheduler.waiting.keys
        if len(contending) > 1:
            shares = [served[key] for key in contending]
            assert max(shares) - min(shares) <= 2 * (largest + quantum)
    assert all(
        one.output_ids == alone([i] * size, count)
        for i, (one, (_, size, count)) in enumerate(zip(requests, asked, strict=True))
    )


def test_a_long_prompt_does_not_hold_up_another_client() -> None:
    """While one client's prompt of 1,000 tokens is computed, another's short one gets its share of each step."""
    engine = engine_of(max_num_batched_tokens=16)
    long, short = request("long", [1] * 1_000, 1, key="a"), request("short", [2] * 30, 1, key="b")
    engine.add(long)
    engine.step()
    engine.add(short)
    for _ in range(5):
        engine.step()
    assert short.finished
    assert long.num_computed >= 16 * 4 + 2  # nothing of a step is wasted: all but the other's 30
    assert order_of_ends(engine, []) == []
    assert long.output_ids == alone([1] * 1_000, 1)


def test_what_a_share_leaves_is_used() -> None:
    engine = engine_of(max_num_batched_tokens=16)
    engine.add(request("a", [1] * 100, 1, key="a"))
    engine.add(request("b", [2] * 100, 1, key="b"))
    sizes = []
    while engine.has_requests:
        batch = engine.scheduler.schedule()
        sizes.append(batch.num_tokens)
        for chunk in batch.chunks:
            chunk.request.num_computed = chunk.stop
            if chunk.draws:
                engine.finish(chunk.request, "length")
    assert sizes == [16] * 12 + [8]


def test_accounts_of_clients_that_left_are_dropped() -> None:
    engine = engine_of(max_num_seqs=2)
    order_of_ends(engine, [request(f"r{i}", [i] * 9, 3, key=f"k{i}") for i in range(40)])
    order_of_ends(engine, [request(f"s{i}", [i % VOCAB] * 9, 3, key="k") for i in range(200)])
    shares: FairShares = engine.scheduler.waiting.shares
    assert len(shares._account) <= 1  # nobody owes for what nobody else wanted
    shares.pick(["x", "y"], {"x": 10_000, "y": 10_000})
    shares.forget(())
    assert (shares._account, shares._turn) == ({}, {})


def test_a_full_queue_takes_no_more() -> None:
    engine = engine_of(max_num_waiting=2, max_num_seqs=1)
    engine.add(request("a", [1], 5))
    engine.step()
    engine.add(request("b", [1], 1))
    engine.add(request("c", [1], 1))
    with pytest.raises(YunqiError, match="2 requests are waiting") as caught:
        engine.add(request("d", [1], 1))
    assert caught.value.code == "queue-full"
    stats = engine.stats()
    assert (stats.num_running, stats.num_waiting) == (1, 2)
    engine.abort("d")
    while engine.has_requests:
        engine.step()
    engine.add(request("d", [1], 1))
    with pytest.raises(YunqiError):
        SchedulerConfig(max_num_waiting=0)


def test_counters() -> None:
    engine = engine_of(max_num_seqs=4)
    order_of_ends(engine, [request("a", [1] * 10, 4), request("b", [1] * 10, 4)])
    order_of_ends(engine, [request("c", [1] * 10, 4)])
    stats = engine.stats()
    assert stats.counters["prompt_tokens"] == 30
    assert stats.counters["cached_tokens"] == 16
    assert stats.counters["generated_tokens"] == 12
    assert stats.counters["computed_tokens"] == 3 * 13 - 16
    assert (stats.counters["preemptions"], stats.counters["evictions"], stats.counters["requests"]) == (0, 0, 3)
    assert stats.num_free_blocks == stats.num_blocks == 400


def test_a_preempted_request_comes_before_all_others() -> None:
    queue = WaitingQueue(quantum=10, ageing_tokens=10)
    first, urgent = request("first", [1], 1), request("urgent", [1], 1, priority=9)
    queue.add(urgent)
    queue.put_back(first)
    assert queue.next((), {}) is first
    assert queue.next({first}, {}) is urgent
    queue.remove(first)
    queue.remove(urgent)
    queue.remove(urgent)
    assert (len(queue), queue.keys, queue.next((), {})) == (0, set(), None)
