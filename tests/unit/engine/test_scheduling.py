"""Scheduler, blocks and engine over a scripted model: nothing leaks, nobody starves, nothing is computed wrongly."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.engine.guessing import Guesser
from yunqi.common.errors import YunqiError
from yunqi.engine.block_manager import BlockManager
from yunqi.engine.core import Engine
from yunqi.engine.prefix_store import PrefixStore
from yunqi.engine.prefix_tree import Node
from yunqi.engine.request import Drawing, Request, StopRules
from yunqi.engine.scheduler import SchedulerConfig
from yunqi.engine.scripted import ScriptedRunner, playing
from yunqi.engine.speculation import Speculator
from yunqi.protocol.output import RequestMetrics

VOCAB = 97


def hashed(seen: Sequence[int]) -> int:
    """A token that depends on every token before it."""
    return zlib.crc32(bytes(seen)) % VOCAB


def request(name: str, prompt: Sequence[int], max_tokens: int, **more: object) -> Request:
    return Request(
        request_id=name,
        prompt_len=len(prompt),
        token_ids=list(prompt),
        drawing=Drawing(seed=0, temperature=0),
        stop=StopRules(max_tokens=max_tokens),
        metrics=RequestMetrics(arrival_time=0.0),
        **more,  # pyright: ignore
    )


def alone(prompt: Sequence[int], max_tokens: int) -> list[int]:
    tokens = list(prompt)
    for _ in range(max_tokens):
        tokens.append(hashed(tokens))
    return tokens[len(prompt) :]


# Prompts that begin alike: a few long texts, each cut somewhere and given an end of its own.
STEMS = [[(7 * i + j) % VOCAB for i in range(48)] for j in (0, 0, 1)]
STEMS[1][20:] = [3] * 28
prompts = st.builds(
    lambda stem, cut, end: (STEMS[stem][:cut] + end) or [1],
    st.integers(0, 2),
    st.integers(0, 40),
    st.lists(st.integers(0, VOCAB - 1), max_size=20),
)
asked_of = st.tuples(prompts, st.integers(1, 20), st.integers(0, 15), st.integers(0, 11))


schedules = given(
    asked=st.lists(asked_of, min_size=1, max_size=12),
    aborts=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 11)), max_size=6),
    num_blocks=st.integers(8, 20),
    block_size=st.sampled_from([1, 4, 8]),
    budget=st.integers(1, 40),
    max_num_seqs=st.integers(1, 6),
    snapshots=st.sampled_from([None, 0, 1, 5]),
    caching=st.sampled_from([True, True, True, False]),
    wrong=st.sampled_from([None, None, 0.0, 0.2, 1.0]),
)


def check_schedule(**drawn: Any) -> None:
    check_schedule_over(None, **drawn)


def check_schedule_over(
    store, asked, aborts, num_blocks, block_size, budget, max_num_seqs, snapshots, caching, wrong
) -> None:
    """`snapshots` None plays a model without recurrent state. The last number of a question draws salt and client.
    `wrong` is how often guesses are, None where there are none."""
    num_blocks = num_blocks if block_size > 1 else num_blocks * 8
    runner = ScriptedRunner(
        hashed,
        vocab_size=VOCAB,
        num_blocks=num_blocks,
        block_size=block_size,
        num_state_slots=0 if snapshots is None else max_num_seqs + snapshots,
        salt=lambda prompt_len: "long" if prompt_len > 30 else None,
    )
    config = SchedulerConfig(
        max_num_batched_tokens=budget,
        max_num_seqs=max_num_seqs,
        enable_prefix_caching=caching,
        snapshot_interval=16,
        tail_interval=8,
        ageing_tokens=32,
        fair_quantum=16,
    )
    speculator = None if wrong is None else Speculator(Guesser(hashed, VOCAB, wrong), 4, adaptive=False)
    engine = Engine(runner, config, store, speculator)
    requests = [
        request(f"r{i}", prompt, count, cache_salt="s" if who == 0 else None, key=str(who % 3), priority=who // 8)
        for i, (prompt, count, _, who) in enumerate(asked)
    ]
    for made in requests:
        made.stable_lengths = tuple(n for n in (9, 24) if n <= made.prompt_len)
    due = {i: arrives for i, (_, _, arrives, _) in enumerate(asked)}
    refused = set()
    for step in range(2_000):
        for i in [i for i, arrives in due.items() if arrives <= step]:
            del due[i]
            try:
                engine.add(requests[i])
            except YunqiError:
                refused.add(i)
        for when, who in aborts:
            if when == step:
                engine.abort(f"r{who}")
        engine.step()
        check_memory(engine, requests)
        if not due and not engine.has_requests:
            break
    else:
        pytest.fail("the queue stands still")
    assert engine.scheduler.blocks.num_free == num_blocks
    check_nothing_is_held(engine)
    for i, (prompt, count, _, _) in enumerate(asked):
        wanted = alone(prompt, count)
        if i in refused:
            assert -(-(len(prompt) + count - 1) // block_size) > num_blocks
        elif requests[i].finish_reason == "abort":
            assert requests[i].output_ids == wanted[: requests[i].num_outputs]
        else:
            assert requests[i].output_ids == wanted


def nodes_of(engine: Engine) -> list[Node]:
    found, rest = [], list(engine.scheduler.blocks.tree._roots.values())
    while rest:
        node = rest.pop()
        found += node.children.values()
        rest += node.children.values()
    return found


def check_memory(engine: Engine, requests: Sequence[Request]) -> None:
    """Every block is in one place, and held as often as requests hold it."""
    blocks, states = engine.scheduler.blocks, engine.scheduler.cache.states
    nodes = nodes_of(engine)
    private = [block for r in requests for block in r.block_table[len(r.path) :]]
    everywhere = [*blocks._free, *private, *(node.block for node in nodes)]
    assert sorted(everywhere) == list(range(1, blocks.num_blocks + 1))
    holders = Counter(node for r in requests for node in r.path)
    assert all(node.holders == holders[node] for node in nodes)
    assert all(r.block_table[: len(r.path)] == [node.block for node in r.path] for r in requests)
    assert blocks.tree.num_nodes == len(nodes)
    assert blocks.tree.num_unused == sum(node.holders == 0 for node in nodes)
    if states is not None:
        slots = [r.state_slot for r in requests if r.state_slot is not None]
        assert all(r.kept_slot is None for r in requests)
        slots += [node.state_slot for node in nodes if node.state_slot is not None]
        assert sorted([*slots, *states._free]) == list(range(1, states.num_slots + 1))
        assert states.num_snapshots == sum(node.state_slot is not None for node in nodes)


def check_nothing_is_held(engine: Engine) -> None:
    """What is cached can all be given up: nobody holds it."""
    blocks, states = engine.scheduler.blocks, engine.scheduler.cache.states
    assert all(node.holders == 0 for node in nodes_of(engine))
    table: list[int] = []
    assert blocks.grow(table, blocks.num_blocks * blocks.block_size)
    assert sorted(table) == list(range(1, blocks.num_blocks + 1))
    assert nodes_of(engine) == []
    assert not blocks.tree._roots
    if states is not None:
        assert (states.num_snapshots, states.num_free) == (0, states.num_slots)
    blocks.release(table)
    assert not engine.scheduler.waiting.keys


@settings(max_examples=20, deadline=None)
@schedules
def test_random_schedules_over_one_folder(**drawn: Any) -> None:
    """What one engine left on the disk is right for the next, whatever either of them does."""
    with TemporaryDirectory() as folder:
        for max_bytes in (1 << 20, 20_000):
            store = PrefixStore(folder, max_bytes)
            check_schedule_over(store, **drawn)
            store.close()


test_random_schedules_leak_nothing = settings(max_examples=100, deadline=None)(schedules(check_schedule))


@settings(max_examples=50, deadline=None)
@given(budget=st.integers(1, 30), lengths=st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_a_step_keeps_its_budget_and_decodes_first(budget: int, lengths: list[int]) -> None:
    runner = ScriptedRunner(hashed, vocab_size=VOCAB, num_blocks=64, block_size=8)
    engine = Engine(runner, SchedulerConfig(max_num_batched_tokens=budget, max_num_seqs=8))
    for i, length in enumerate(lengths):
        engine.add(request(f"r{i}", [1] * length, 5))
    while engine.has_requests:
        decoding = [r for r in engine.scheduler.running if r.num_pending == 1]
        batch = engine.scheduler.schedule()
        assert 0 < batch.num_tokens <= budget
        planned = [chunk.request for chunk in batch.chunks]
        assert planned[: min(len(decoding), budget)] == decoding[:budget]
        for chunk in batch.chunks:  # play the step by hand
            chunk.request.num_computed = chunk.stop
            if chunk.draws:
                chunk.request.token_ids.append(0)
                if chunk.request.num_outputs == 5:
                    engine.finish(chunk.request, "length")


def test_the_earliest_is_not_preempted_for_a_later_one() -> None:
    runner = ScriptedRunner(hashed, vocab_size=VOCAB, num_blocks=6, block_size=4)
    engine = Engine(runner, SchedulerConfig(max_num_batched_tokens=64, max_num_seqs=4))
    first, second = request("a", [1] * 8, 14), request("b", [2] * 8, 14)
    engine.add(first)
    engine.add(second)
    while engine.has_requests:
        engine.step()
    assert first.metrics.num_preemptions == 0
    assert second.metrics.num_preemptions > 0
    assert second.output_ids == alone([2] * 8, 14)


def test_preemption_does_not_thrash() -> None:
    """Two requests that cannot both end in memory: little is computed twice."""
    runner = ScriptedRunner(hashed, vocab_size=VOCAB, num_blocks=64, block_size=4)
    engine = Engine(runner, SchedulerConfig(max_num_batched_tokens=32, max_num_seqs=4))
    asked = [([1] * 120, 40), ([2] * 140, 20)]
    for i, (prompt, count) in enumerate(asked):
        engine.add(request(f"r{i}", prompt, count))
    computed = 0
    while engine.has_requests:
        batch = engine.scheduler.schedule()
        computed += batch.num_tokens
        for chunk in batch.chunks:
            chunk.request.num_computed = chunk.stop
            if chunk.draws:
                chunk.request.token_ids.append(0)
                if chunk.request.num_outputs == chunk.request.stop.max_tokens:
                    engine.finish(chunk.request, "length")
    assert computed <= 2 * sum(len(prompt) + count for prompt, count in asked)


def test_a_request_that_fails_alone_harms_no_other() -> None:
    def policy(seen: Sequence[int]) -> np.ndarray:
        row = np.zeros(VOCAB, dtype=np.float32)
        row[3] = np.nan if seen[0] == 13 else 9
        return row

    engine = Engine(ScriptedRunner(policy, vocab_size=VOCAB), SchedulerConfig())
    bad, good = request("bad", [13], 3), request("good", [1], 3)
    engine.add(bad)
    engine.add(good)
    errors = [update.error for update in engine.step() if update.error]
    while engine.has_requests:
        assert not [update.error for update in engine.step() if update.error]
    assert [type(error) for error in errors] == [FloatingPointError]
    assert (bad.finish_reason, good.output_ids) == ("abort", [3, 3, 3])
    assert engine.scheduler.blocks.num_free == engine.scheduler.blocks.num_blocks


def test_a_failing_runner_ends_its_requests_and_not_the_engine() -> None:
    calls = []

    def policy(seen: Sequence[int]) -> int:
        calls.append(seen)
        if seen[0] == 13:
            raise RuntimeError("boom")
        return 1

    engine = Engine(ScriptedRunner(policy, vocab_size=VOCAB), SchedulerConfig())
    bad = request("bad", [13], 3)
    engine.add(bad)
    with pytest.raises(RuntimeError, match="boom"):
        engine.step()
    assert bad.finish_reason == "abort"
    assert engine.scheduler.blocks.num_free == engine.scheduler.blocks.num_blocks
    good = request("good", [1], 3)
    engine.add(good)
    while engine.has_requests:
        engine.step()
    assert good.output_ids == [1, 1, 1]


def test_end_tokens_and_their_rules() -> None:
    engine = Engine(ScriptedRunner(playing(2, [5, 6, 7]), vocab_size=VOCAB), SchedulerConfig())
    cases = {
        "eos": (StopRules(max_tokens=9, eos_ids=frozenset({6})), [5, 6], "stop", None),
        "stop id": (StopRules(max_tokens=9, stop_ids=frozenset({7})), [5, 6, 7], "stop", 7),
        "length": (StopRules(max_tokens=2), [5, 6], "length", None),
        # Too early to end: token 5 is banned, and the row's next best is the lowest id.
        "minimum": (StopRules(max_tokens=4, min_tokens=1, eos_ids=frozenset({5})), [0, 6, 7, 7], "length", None),
    }
    for name, (stop, tokens, reason, stop_reason) in cases.items():
        made = request(name, [1, 2], 9)
        made.stop = stop
        engine.add(made)
        while engine.has_requests:
            engine.step()
        assert (made.output_ids, made.finish_reason, made.stop_reason) == (tokens, reason, stop_reason), name


def test_refusals() -> None:
    engine = Engine(ScriptedRunner(hashed, vocab_size=VOCAB, num_blocks=2, block_size=4), SchedulerConfig())
    with pytest.raises(YunqiError, match="Token id 97"):
        engine.add(request("a", [97], 1))
    with pytest.raises(YunqiError, match="needs 3 blocks"):
        engine.add(request("b", [1] * 5, 5))
    biased = request("c", [1], 1)
    biased.drawing = Drawing(seed=0, logit_bias=((VOCAB, 1.0),))
    with pytest.raises(YunqiError, match="Token id 97"):
        engine.add(biased)
    for wrong in ({"max_num_batched_tokens": 0}, {"max_num_seqs": 0}, {"max_num_seqs": 1.5}):
        with pytest.raises(YunqiError, match="whole number"):
            SchedulerConfig(**wrong)
    assert not engine.has_requests


def test_blocks_grow_all_or_nothing() -> None:
    blocks = BlockManager(3, 4)
    table: list[int] = []
    assert blocks.grow(table, 9)
    assert not blocks.grow(table, 17)
    assert len(table) == 3
    assert 0 not in table
    blocks.release(table)
    assert (table, blocks.num_free) == ([], 3)
