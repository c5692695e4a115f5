"""Whatever the engine does with a request, it gives the same tokens with the same log-probabilities, bit for bit."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from tests.integration.arrangements import (
    AXES,
    NUM_OUTPUTS,
    answer,
    build,
    company,
    engine_of,
    is_possible,
    made,
    name_of,
    pairwise,
    question,
    serve,
)  # fmt: skip
from tests.integration.hybrid_model import delta_rule, hybrid
from yunqi.engine.core import Engine
from yunqi.engine.torch_runner import build_runner
from yunqi.ops.context import ForwardContext

PLAIN = {"cache": "off", "chunk": 512, "company": 0, "preempted": False, "guesses": "off"}


@cache
def plainly(model: str, dtype: torch.dtype) -> tuple[list[int], list[Any], int]:
    return answer(build(model, dtype), **PLAIN)


def check_arrangement(row: dict[str, Any]) -> None:
    how = {name: row[name] for name in PLAIN}
    plain = plainly(row["model"], row["dtype"])
    tokens, logprobs, num_cached = answer(build(row["model"], row["dtype"]), **how, truth=plain[0])
    assert (tokens, logprobs) == plain[:2]
    assert len(tokens) == NUM_OUTPUTS
    if row["cache"] in ("warm", "restored"):
        assert num_cached == 144  # 9 blocks of 16: the last token is always computed
    elif row["cache"] == "off":
        assert num_cached == 0


@pytest.mark.parametrize("row", pairwise(), ids=name_of)
def test_arrangements_agree(row: dict[str, Any]) -> None:
    check_arrangement(row)


@pytest.mark.parametrize("model", ["dense", "moe", "hybrid", "next", "3.5", "3.5-moe", "native-next"])
def test_scarce_memory_changes_nothing(model: str) -> None:
    """Blocks for one request and a bit: others take them away, and cached ones are given up."""
    network = build(model, torch.float32)
    engine = engine_of(network, chunk=64, caching=True, num_blocks=14)
    for one in company(10):
        one.priority = 1
        engine.add(one)
    asked = serve(engine, made("asked", question(), NUM_OUTPUTS), [], preempted=True)
    assert (asked.output_ids, asked.output_logprobs) == plainly(model, torch.float32)[:2]
    assert engine.stats().counters["evictions"] > 0


def test_pairs_are_covered() -> None:
    rows = pairwise()
    for a in AXES:
        for b in AXES:
            pairs = {(x, y) for x in AXES[a] for y in AXES[b]} if a != b else set()
            wanted = {(x, y) for x, y in pairs if is_possible(x, y) and is_possible(y, x)}
            assert not wanted - {(row[a], row[b]) for row in rows}


def test_the_tokens_depend_on_the_prompt() -> None:
    """Else the other tests would show nothing."""
    found = {tuple(answer(build("hybrid", torch.float32), **PLAIN, length=n)[0]) for n in (150, 149, 60)}
    assert len(found) == 3


def test_packed_sequences_begin_anew() -> None:
    """States reset where a sequence begins, and serving gives what scoring whole sequences gives."""
    model = hybrid(2)
    prompts = [question(37), question(20)[::-1], question(150)]
    with torch.inference_mode():
        offsets = np.cumsum([0, *map(len, prompts)])
        ctx = ForwardContext.training(offsets, backend="exact")
        positions = torch.cat([torch.arange(len(prompt)) for prompt in prompts])
        ids = torch.tensor([token for prompt in prompts for token in prompt])
        rows = model.compute_logits(model(ids, positions, ctx), ctx)
        for start, prompt in zip(offsets, prompts, strict=False):
            ctx = ForwardContext.training([0, len(prompt)], backend="exact")
            alone = model.compute_logits(model(torch.tensor(prompt), torch.arange(len(prompt)), ctx), ctx)
            assert torch.equal(alone, rows[start : start + len(prompt)])
            asked = made("asked", prompt, 1)
            serve(engine_of(model, chunk=16, caching=True), asked, [], preempted=False)
            wanted = rows[start + len(prompt) - 1].double().log_softmax(-1)
            assert asked.output_logprobs[0][asked.output_ids[0]].logprob == pytest.approx(
                float(wanted[asked.output_ids[0]]), abs=1e-5
            )


def test_the_delta_rule_equals_the_reference() -> None:
    from transformers.models.qwen3_next.modeling_qwen3_next import torch_chunk_gated_delta_rule

    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(70, 4, 8, generator=generator) for _ in range(3))
    q, k = (x / x.norm(dim=-1, keepdim=True) for x in (q, k))
    beta, g = torch.rand(70, 4, generator=generator), -torch.rand(70, 4, generator=generator)
    state = torch.zeros(4, 8, 8)
    found = delta_rule(q * 8**-0.5, k, v, beta, g.exp(), state)
    wanted, last = torch_chunk_gated_delta_rule(
        *(x[None] for x in (q, k, v, g, beta)), chunk_size=64, initial_state=None, output_final_state=True
    )
    assert torch.allclose(found, wanted[0], atol=1e-5)
    assert torch.allclose(state, last[0], atol=1e-5)


def run(engine: Engine, prompt: list[int], max_tokens: int = 1, **fields: Any) -> Any:
    asked = made("asked", prompt, max_tokens)
    for name, value in fields.items():
        setattr(asked, name, value)
    engine.add(asked)
    while engine.has_requests:
        engine.step()
    return asked


@pytest.mark.parametrize("model", ["dense", "hybrid", "next", "3.5-moe", "native-next"])
def test_the_next_turn_goes_on_from_the_answer(model: str) -> None:
    """Every full block is found again; a recurrent model's snapshot has moved along with the answer."""
    engine = engine_of(build(model, torch.float32), chunk=64, caching=True)
    first = run(engine, question(100), 80)
    second = run(engine, [*first.token_ids, *question(20)[::-1]], 4)
    assert second.num_cached == 176
    assert first.num_cached == 0


def test_a_hybrid_goes_on_from_its_deepest_snapshot() -> None:
    """Stable lengths 40 and 110 in blocks of 16, the end of the prompt, and where an earlier prompt branched off."""
    engine = engine_of(hybrid(5), chunk=512, caching=True)
    prompt = question(150)
    run(engine, prompt)
    assert run(engine, prompt[:60] + [1] * 30).num_cached == 32  # of 48 cached tokens 32 have a state
    assert run(engine, prompt[:60] + [2] * 30).num_cached == 48  # which the last one left where it branched off
    assert run(engine, prompt[:120] + [1] * 20).num_cached == 96
    assert run(engine, prompt).num_cached == 144


def test_a_system_prompt_is_computed_once() -> None:
    """Requests that begin alike and come together wait for the first of them."""
    for model in ("dense", "hybrid"):
        engine = engine_of(build(model, torch.float32), chunk=64, caching=True)
        system = question(112)
        everyone = [made(f"r{i}", [*system, i, i + 1, i + 2], 1) for i in range(32)]
        for one in everyone:
            one.stable_lengths = (112,)
            engine.add(one)
        while engine.has_requests:
            engine.step()
        assert engine.stats().counters["computed_tokens"] == 112 + 32 * 3
        assert [one.num_cached for one in everyone] == [0] + [112] * 31


def test_salts_and_keys_share_nothing() -> None:
    engine = engine_of(build("dense", torch.float32), chunk=64, caching=True)
    prompt = question(60)
    run(engine, prompt, cache_salt="a")
    assert run(engine, prompt).num_cached == 0
    assert run(engine, prompt, cache_salt="b").num_cached == 0
    assert run(engine, prompt, cache_salt="a", cache_keys=("picture 1",)).num_cached == 0
    assert run(engine, prompt, cache_salt="a").num_cached == 48


def test_prompt_logprobs_take_no_hit() -> None:
    engine = engine_of(build("dense", torch.float32), chunk=64, caching=True)
    prompt = question(60)
    plain = run(engine, prompt, prompt_logprobs=2)
    again = run(engine, prompt, prompt_logprobs=2)
    assert again.num_cached == 0
    assert len(again.prompt_logprob_rows) == 60
    assert again.prompt_logprob_rows == plain.prompt_logprob_rows


@pytest.mark.parametrize("allowed", [30_000, 170_000, 1_000_000])
def test_states_and_blocks_share_the_allowed_bytes(allowed: int) -> None:
    runner, longest = build_runner(
        hybrid(5),
        device="cpu",
        deterministic=True,
        max_model_len=None,
        max_num_seqs=4,
        max_num_batched_tokens=64,
        kv_cache_memory_bytes=allowed,
    )
    taken = runner.num_blocks * len(runner.read_block(1)) + (runner.num_state_slots + 1) * len(runner.read_state(1))
    assert taken <= allowed
    assert 4 <= runner.num_state_slots <= 4 + 128
    assert (runner.num_state_slots > 4) == (allowed > 30_000)
    assert longest == min(512, runner.num_blocks * 16)
    assert (longest == 512) == (allowed > 30_000)  # snapshots cost no context


def test_few_state_slots_are_enough() -> None:
    """With no room for snapshots nothing is found again, and nothing is wrong."""
    model = hybrid(5)
    engine = engine_of(model, chunk=64, caching=True)
    states = engine.scheduler.cache.states
    assert states is not None
    while len(states._free) > 1:
        states._free.pop()
    first = run(engine, question(100), 8)
    assert run(engine, question(100), 8).num_cached == 0
    states._free.popleft()
    assert first.output_ids == run(engine_of(model, chunk=64, caching=False), question(100), 8).output_ids
