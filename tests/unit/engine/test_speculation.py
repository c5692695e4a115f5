"""Guessing without a model: the configuration, looking back, when it pays, and that no token changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.engine.guessing import Guesser
from tests.unit.engine.test_scheduling import VOCAB, alone, check_nothing_is_held, hashed, request
from yunqi.common.errors import YunqiError
from yunqi.engine.core import Engine
from yunqi.engine.ngram import NgramProposer
from yunqi.engine.payoff import LEAST_REST, MOST_REST, TRIALS, Guessing, Payoff, StepTimes
from yunqi.engine.request import Drawing, Request
from yunqi.engine.scheduler import SchedulerConfig
from yunqi.engine.scripted import ScriptedRunner, Tokens
from yunqi.engine.speculation import Proposer, SpeculativeConfig, Speculator


@pytest.mark.parametrize(
    "given, words",
    [
        ("medusa", "'medusa' is no method.*ngram, draft_model, mtp"),
        ({"method": "ngram", "num_speculative_tokens": 0}, "num_speculative_tokens is 0.*from 1 to 64"),
        ({"method": "ngram", "num_speculative_tokens": -3}, "num_speculative_tokens is -3"),
        ({"method": "ngram", "num_speculative_tokens": True}, "num_speculative_tokens is True"),
        ({"method": "ngram", "num_speculative_tokens": 65}, "num_speculative_tokens is 65"),
        ({"method": "ngram", "prompt_lookup_min": 0}, "prompt_lookup_min is 0"),
        ({"method": "ngram", "prompt_lookup_min": 6}, "prompt_lookup_min 6 is above prompt_lookup_max 5"),
        ({"method": "draft_model"}, "no draft model is named"),
        ({"method": "mtp", "model": "nano"}, "mtp takes no draft model"),
        ({"method": "ngram", "tokens": 3}, "no field 'tokens'.*num_speculative_tokens"),
        ({"num_speculative_tokens": 3}, "no method is named"),
        (3, "3 is no configuration"),
    ],
)
def test_wrong_configurations(given: Any, words: str) -> None:
    with pytest.raises(YunqiError, match=words) as caught:
        SpeculativeConfig.of(given)
    assert caught.value.code == "speculation-invalid"


def test_configurations() -> None:
    assert SpeculativeConfig.of(None) is None
    ngram = SpeculativeConfig.of("ngram")
    assert ngram is not None
    assert (ngram.most, SpeculativeConfig.of(ngram)) == (5, ngram)
    draft = SpeculativeConfig.of({"method": "draft_model", "model": "nano", "num_speculative_tokens": 7})
    assert draft is not None
    assert draft.most == 7


def looked_up(tokens: Sequence[int], shortest: int, longest: int, count: int) -> tuple[int, ...]:
    """Prompt lookup, written out."""
    for size in range(longest, shortest - 1, -1):
        for end in range(len(tokens) - 1, size - 1, -1):
            if len(tokens) > size and tokens[end - size : end] == tokens[-size:]:
                found = list(tokens)
                for i in range(count):
                    found.append(found[end + i])
                return tuple(found[len(tokens) :])
    return ()


@settings(max_examples=150, deadline=None)
@given(
    tokens=st.lists(st.integers(0, 2), min_size=1, max_size=30),
    more=st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=4), max_size=4),
    sizes=st.tuples(st.integers(1, 3), st.integers(0, 3)),
    count=st.integers(1, 8),
)
def test_lookup_follows_a_sequence(
    tokens: list[int], more: list[list[int]], sizes: tuple[int, int], count: int
) -> None:
    shortest, longest = sizes[0], sum(sizes)
    proposer, made = NgramProposer(shortest, longest), request("r", tokens, 99)
    for part in ([], *more):
        made.token_ids += part
        wanted = looked_up(made.token_ids, shortest, longest, count)
        assert proposer.available(made, count) == len(wanted)
        assert proposer.propose({made: count})[made] == wanted


def engine_with(proposer: Proposer, runner: ScriptedRunner, most: int = 4, **more: Any) -> Engine:
    return Engine(runner, SchedulerConfig(**more), speculator=Speculator(proposer, most, adaptive=False))


def finish(engine: Engine, *requests: Request) -> int:
    """Run requests to their end; the number of steps."""
    for made in requests:
        engine.add(made)
    steps = 0
    while engine.has_requests:
        engine.step()
        steps += 1
    check_nothing_is_held(engine)
    return steps


class Always:
    """Proposes what a function says of all tokens, as many as are wanted."""

    def __init__(self, say: Any) -> None:
        self._say = say

    def available(self, request: Request, most: int) -> int:
        return most

    def propose(self, wanted: Mapping[Request, int]) -> dict[Request, tuple[int, ...]]:
        found = {}
        for made, count in wanted.items():
            tokens = list(made.token_ids)
            for _ in range(count):
                tokens.append(self._say(tokens))
            found[made] = tuple(tokens[len(made.token_ids) :])
        return found

    def follow(self, batch: Any) -> None:
        pass


def test_right_guesses_save_steps() -> None:
    for recurrent in (0, 8):
        runner = ScriptedRunner(hashed, vocab_size=VOCAB, num_state_slots=recurrent)
        made = request("r", [1, 2, 3], 21)
        steps = finish(engine_with(Always(hashed), runner, max_num_seqs=2, tail_interval=16), made)
        assert made.output_ids == alone([1, 2, 3], 21)
        assert steps == (5 if not recurrent else 6)  # prompt, then five at a time; a snapshot's place ends a step
        assert made.metrics.acceptance_length == pytest.approx(21 / steps, abs=1)


def test_the_next_turn_finds_the_states_of_an_answer() -> None:
    """The scripted model holds each state to the tokens it stands behind, whatever was guessed beyond them."""
    for wrong in (0.0, 0.3):
        runner = ScriptedRunner(hashed, vocab_size=VOCAB, block_size=4, num_state_slots=20)
        limits = {"max_num_seqs": 2, "snapshot_interval": 16, "tail_interval": 8}
        engine = engine_with(Guesser(hashed, VOCAB, wrong), runner, **limits)
        prompt = [1, 2, 3]
        for _ in range(4):
            made = request("r", prompt, 15)
            engine.add(made)
            while engine.has_requests:
                engine.step()
            assert made.output_ids == alone(prompt, 15)
            assert made.num_cached >= len(prompt) - 15
            prompt = [*made.token_ids, 7, 8]


def test_wrong_guesses_cost_no_token() -> None:
    for recurrent in (0, 8):
        runner = ScriptedRunner(hashed, vocab_size=VOCAB, num_state_slots=recurrent)
        made = request("r", [1, 2, 3], 21)
        engine = engine_with(Always(lambda tokens: (hashed(tokens) + 1) % VOCAB), runner, max_num_seqs=2)
        assert finish(engine, made) == 21
        assert made.output_ids == alone([1, 2, 3], 21)
        assert made.metrics.acceptance_length == 1
        counters = engine.stats().counters
        assert (counters["accepted_tokens"], counters["proposed_tokens"] > 50) == (0, True)


def test_guesses_give_way() -> None:
    """They take what other decodes leave of a step, and no blocks that others hold."""
    runner = ScriptedRunner(hashed, vocab_size=VOCAB, num_blocks=12, block_size=4)
    engine = engine_with(Always(hashed), runner, max_num_batched_tokens=5, max_num_seqs=4)
    made = [request(f"r{i}", [i], 12) for i in range(3)]
    for one in made:
        engine.add(one)
    while engine.has_requests:
        decoding = [one for one in engine.scheduler.running if one.decoding]
        for update in engine.step():
            assert len(update.new_token_ids) <= 5
        assert all(one.num_outputs for one in decoding)
    assert [one.output_ids for one in made] == [alone([i], 12) for i in range(3)]
    assert all(one.metrics.num_preemptions == 0 for one in made)


def test_a_request_ends_inside_right_guesses() -> None:
    from yunqi.engine.request import StopRules

    wanted = alone([5], 20)
    for end in range(1, 12):
        made = request("r", [5], 20)
        made.stop = StopRules(max_tokens=20, eos_ids=frozenset({wanted[end]}))
        first = wanted.index(wanted[end])
        finish(engine_with(Always(hashed), ScriptedRunner(hashed, vocab_size=VOCAB)), made)
        assert made.output_ids == wanted[: first + 1]
        assert made.finish_reason == "stop"


@pytest.mark.parametrize("wrong", [0.0, 0.3])
def test_sampling_draws_what_it_draws_without(wrong: float) -> None:
    """The same tokens by the same random numbers, so also the same distribution: here against its probabilities."""
    probabilities = np.asarray([0.4, 0.3, 0.2, 0.07, 0.03])
    row = np.log(probabilities).astype(np.float32)
    count, each = 1500, 30

    def policy(seen: Tokens) -> np.ndarray:
        return row

    outputs = []
    for speculator in (None, Speculator(Guesser(lambda seen: 0, 5, wrong), 4, adaptive=False)):
        engine = Engine(ScriptedRunner(policy, vocab_size=5, num_blocks=300), SchedulerConfig(), speculator=speculator)
        made = [request(f"r{i}", [1], each) for i in range(count // each)]
        for i, one in enumerate(made):
            one.drawing = Drawing(seed=11, answer=i, temperature=1.0)
        finish(engine, *made)
        outputs.append([token for one in made for token in one.output_ids])
    assert outputs[0] == outputs[1]
    expected = probabilities * count
    found = np.bincount(outputs[1], minlength=5)
    assert ((found - expected) ** 2 / expected).sum() < 18.5  # chi-squared with 4 degrees of freedom: 0.1 %
    pairs = np.bincount([5 * a + b for a, b in zip(outputs[1], outputs[1][1:], strict=False)], minlength=25)
    expected = np.outer(probabilities, probabilities).ravel() * (count - 1)
    assert ((pairs - expected) ** 2 / expected).sum() < 51.2  # with 24


def test_step_times() -> None:
    times = StepTimes()
    assert times.of(3) is None
    assert times.per_row(3, 15) == 0
    for rows, seconds in ((2, 1.0), (2, 3.0), (2, 1.5), (4, 2.0), (10, 5.0)):
        times.add(rows, seconds)
    assert [times.of(rows) for rows in (1, 2, 4)] == [None, 1.0, None]  # few times say nothing
    assert times.per_row(2, 4) == 0
    for rows, seconds in ((4, 9.0), (4, 2.0), (10, 5.0), (10, 5.0)):
        times.add(rows, seconds)
    assert [times.of(rows) for rows in (1, 2, 4, 10)] == [None, 1.0, 2.0, 5.0]
    assert [times.per_row(2, most) for most in (3, 6, 9, 99)] == [0.5, 0.5, 0.5, 0.5]
    assert times.per_row(10, 20) == 0
    for _ in range(9):
        times.add(2, 4.0)
    assert times.of(2) == 4.0  # what is long ago is forgotten
    assert times.per_row(2, 4) == 0  # a step of more rows that seems to take less
    assert times.per_row(2, 10) == 0.125


def payoff(seconds: Mapping[int, float], per_guess: float = 0.0, most: int = 4) -> Payoff:
    found = Payoff(most)
    for rows, value in seconds.items():
        for _ in range(3):
            found.times.add(rows, value)
    for _ in range(100):
        found.proposed(1, per_guess)
    found.begin(min(seconds))
    return found


def test_guesses_are_as_many_as_pay() -> None:
    new = Payoff(4)
    new.begin(1)
    assert new.guesses(Guessing()) == 0  # a step without guesses is measured first
    for _ in range(3):
        new.times.add(1, 1.0)
    new.begin(1)
    assert new.guesses(Guessing(right=0.3)) == 4  # nothing is known of what they cost
    free = payoff({1: 1.0, 5: 1.0})
    assert free.guesses(Guessing(right=0.3)) == 4  # rows cost nothing
    dear = payoff({1: 1.0, 5: 3.0})  # a row costs half a step
    assert [dear.guesses(Guessing(right=p)) for p in (0.4, 0.6, 0.75, 0.9)] == [0, 1, 2, 4]
    drafted = payoff({1: 1.0, 5: 1.0}, per_guess=0.3)
    assert [drafted.guesses(Guessing(right=p)) for p in (0.2, 0.5, 0.6)] == [0, 1, 2]
    together = payoff({8: 1.0, 40: 5.0})  # arithmetic is the limit: eight rows more take as long as a step
    assert together.guesses(Guessing(right=0.99)) == 0


def test_what_does_not_pay_rests_and_is_tried_again() -> None:
    found, one = payoff({1: 1.0, 5: 5.0}), Guessing(right=0.5)
    counts = []
    for _ in range(1500):
        counts.append(found.guesses(one))
        if counts[-1]:
            found.verified(one, counts[-1], 0)
    tried = [i for i, count in enumerate(counts) if count]
    rests = [b - a for a, b in pairwise(tried) if b - a > 1]
    assert rests == [2 * LEAST_REST + 2, 4 * LEAST_REST + 2, 8 * LEAST_REST + 2, MOST_REST + 2][: len(rests)]
    assert len(rests) >= 3
    assert len(tried) % TRIALS == 0
    found.times = StepTimes()  # now rows cost nothing
    for rows in (1, 5) * 3:
        found.times.add(rows, 1.0)
    while not (count := found.guesses(one)):
        pass
    assert count == 4
    assert one.next_rest == LEAST_REST


def test_outcomes_after_a_wrong_guess_say_nothing() -> None:
    found = Payoff(4)
    one, other = Guessing(), Guessing()
    found.verified(one, 4, 1)
    found.verified(other, 2, 1)
    assert one.right == pytest.approx(other.right, abs=0.02)
    found.verified(one, 2, 2)
    assert other.right is not None
    assert one.right > other.right


def test_an_engine_stops_guessing_where_it_does_not_pay() -> None:
    """Guesses are never right, and rows cost as a whole step, by a clock that counts rows; or always, and nothing."""

    def served(say: Any, *, rows_count: bool) -> Request:
        now = 0.0
        runner = ScriptedRunner(hashed, vocab_size=VOCAB, num_blocks=400)
        plain_run = runner.run

        def run(batch: Any) -> Any:
            nonlocal now
            now += batch.num_tokens if rows_count else 1
            return plain_run(batch)

        runner.run = run  # pyright: ignore
        engine = Engine(runner, SchedulerConfig(), speculator=Speculator(Always(say), 4, clock=lambda: now))
        made = request("r", [1, 2, 3], 300)
        finish(engine, made)
        assert made.output_ids == alone([1, 2, 3], 300)
        return made

    made = served(lambda tokens: (hashed(tokens) + 1) % VOCAB, rows_count=True)
    assert 0 < made.metrics.num_verifications < 40
    made = served(hashed, rows_count=False)
    assert made.metrics.acceptance_length == pytest.approx(5, abs=0.1)
    assert made.metrics.num_verifications >= 58  # but for a step without guesses now and then


def test_a_failing_proposer_ends_its_requests_and_not_the_engine() -> None:
    def fail(tokens: list[int]) -> int:
        raise RuntimeError("no idea")

    engine = engine_with(Always(fail), ScriptedRunner(hashed, vocab_size=VOCAB, num_state_slots=8), max_num_seqs=2)
    bad = request("bad", [1], 9)
    engine.add(bad)
    engine.step()
    with pytest.raises(RuntimeError, match="no idea"):
        engine.step()
    assert bad.finish_reason == "abort"
    assert not engine.has_requests
    check_nothing_is_held(engine)


def test_a_row_that_is_no_number_ends_its_request_where_it_would_without() -> None:
    wanted = alone([1], 9)

    def policy(seen: Tokens) -> np.ndarray:
        row = np.zeros(VOCAB, dtype=np.float32)
        row[hashed(seen)] = np.nan if len(seen) == 4 else 9
        return row

    engine = engine_with(Always(hashed), ScriptedRunner(policy, vocab_size=VOCAB))
    bad = request("bad", [1], 9)
    engine.add(bad)
    tokens, errors = [], []
    while engine.has_requests:
        for update in engine.step():
            tokens += update.new_token_ids
            errors += [update.error] if update.error else []
    assert tokens == bad.output_ids == wanted[:3]
    assert [type(error) for error in errors] == [FloatingPointError]
    check_nothing_is_held(engine)


def test_randomly_wrong_guesses() -> None:
    random = Random(0)
    for recurrent in (0, 6):
        runner = ScriptedRunner(hashed, vocab_size=VOCAB, num_blocks=40, block_size=4, num_state_slots=recurrent)
        engine = engine_with(Guesser(hashed, VOCAB, 0.2), runner, max_num_seqs=4, tail_interval=8)
        made = [request(f"r{i}", [random.randrange(VOCAB) for _ in range(9)], 30) for i in range(8)]
        finish(engine, *made)
        assert [one.output_ids for one in made] == [alone(one.token_ids[:9], 30) for one in made]
        assert sum(one.metrics.num_accepted_tokens for one in made) > 30
