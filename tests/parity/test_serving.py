"""The served model against the reference, and against itself: whatever the engine does, a row keeps its bits."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch

from tests.native import require_native
from tests.parity.cases import CASES, Case, random_config, reference_model
from tests.parity.test_dense import ours
from tests.unit.engine.test_scheduling import request
from yunqi.engine.batch import Batch
from yunqi.engine.core import Engine
from yunqi.engine.native_runner import NativeRunner
from yunqi.engine.packing import pack_model
from yunqi.engine.request import Drawing
from yunqi.engine.scheduler import SchedulerConfig
from yunqi.engine.torch_runner import TorchRunner
from yunqi.layers.linear import Packed
from yunqi.ops.native.library import Team
from yunqi.ops.native.matrix import KINDS, Kind

LIMITS: dict[str, Any] = {"max_model_len": 512, "max_num_seqs": 20, "max_num_batched_tokens": 256}


class Recorder:
    """A runner that keeps the logits of every drawn token, by request and position."""

    def __init__(self, runner: TorchRunner) -> None:
        self.runner = runner
        self.vocab_size, self.block_size, self.num_blocks = runner.vocab_size, runner.block_size, runner.num_blocks
        self.num_state_slots = runner.num_state_slots
        self.cache_salt, self.copy_state = runner.cache_salt, runner.copy_state
        self.rows: dict[tuple[str, int], np.ndarray] = {}

    def run(self, batch: Batch) -> np.ndarray:
        logits = self.runner.run(batch)
        row = 0
        for chunk in batch.chunks:
            row += chunk.num_logits
            if chunk.num_logits:
                self.rows[chunk.request.request_id, chunk.stop] = logits[row - 1]
        return logits


def serve(model: Any, asked: dict[str, tuple[list[int], int]], backend: str, **changes: Any) -> tuple[dict, dict]:
    """Run requests to their end: their tokens, and the logits of each draw."""
    limits = LIMITS | {k: v for k, v in changes.items() if k in LIMITS}
    num_blocks = changes.get("num_blocks", 200)
    block_size = changes.get("block_size", 16)
    sizes = limits | {"num_blocks": num_blocks, "block_size": block_size}
    if isinstance(model.embedding, Packed):
        runner = NativeRunner(model, team=Team(2), **sizes)
    else:
        runner = TorchRunner(model, backend=backend, device="cpu", **sizes)  # pyright: ignore
    recorder = Recorder(runner)
    engine = Engine(
        recorder,
        SchedulerConfig(max_num_batched_tokens=limits["max_num_batched_tokens"], max_num_seqs=limits["max_num_seqs"]),
    )
    requests = [request(name, prompt, count) for name, (prompt, count) in asked.items()]
    for i, made in enumerate(requests):
        made.drawing = Drawing(seed=i, temperature=changes.get("temperature", 0))
        engine.add(made)
    while engine.has_requests:
        engine.step()
    assert engine.scheduler.blocks.num_free == num_blocks
    return {r.request_id: r.output_ids for r in requests}, recorder.rows


def questions(config: dict[str, Any], count: int, seed: int) -> dict[str, tuple[list[int], int]]:
    draw = random.Random(seed)
    vocab = config["vocab_size"]
    return {
        f"r{i}": ([draw.randrange(vocab) for _ in range(draw.choice([1, 3, 17, 40, 130, 200]))], draw.randint(1, 24))
        for i in range(count)
    }


def model_of(case: Case, seed: int, **changes: Any) -> tuple[dict[str, Any], Any]:
    config = random_config(case, seed) | {"max_position_embeddings": 512} | changes
    return config, ours(case, config, reference_model(case, config, seed))


def natively(model: Any, kind: Kind) -> Any:
    """The model packed for the native core, which runs every family."""
    require_native()
    return pack_model(model, kind, team=Team(2))


@pytest.mark.parametrize("backend", ["naive", "torch", "exact", "native"])
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.architecture)
def test_greedy_tokens_equal_the_reference(case: Case, seed: int, backend: str) -> None:
    config = random_config(case, seed) | {"max_position_embeddings": 512}
    reference = reference_model(case, config, seed)
    prompt = list(range(2, 2 + 5 + seed * 7))
    model = ours(case, config, reference)
    if backend == "native":
        model = natively(model, "float32")
    found, _ = serve(model, {"r": (prompt, 64)}, backend, max_num_batched_tokens=16)
    ids = torch.tensor([prompt])
    with torch.no_grad():
        wanted = reference.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=64, do_sample=False, eos_token_id=None,
            pad_token_id=0,
        )  # fmt: skip
    assert found["r"] == wanted[0, len(prompt) :].tolist()


@pytest.mark.parametrize("dtype, seed", [(torch.float32, 0), (torch.float32, 1), (torch.bfloat16, 2)])
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.architecture)
def test_rows_keep_their_bits(case: Case, dtype: torch.dtype, seed: int) -> None:
    """Alone, together, in chunks of any size, preempted, in other blocks: the same logits, bit for bit."""
    config, model = model_of(case, seed)
    check_bits(model.to(dtype), questions(config, case.num_requests, seed))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.architecture)
def test_rows_keep_their_bits_in_the_native_core(case: Case, kind: Kind) -> None:
    config, model = model_of(case, 3 + KINDS.index(kind))
    check_bits(natively(model, kind), questions(config, 16, 3))


def check_bits(model: Any, asked: dict[str, tuple[list[int], int]]) -> dict[tuple[str, int], np.ndarray]:
    """Serve requests alone and in many arrangements; returns the logits of every draw, the same in all."""
    alone: dict[tuple[str, int], np.ndarray] = {}
    tokens: dict[str, list[int]] = {}
    for name, question in asked.items():
        found, rows = serve(model, {name: question}, "exact")
        tokens |= found
        alone |= rows
    arrangements: list[dict[str, Any]] = [
        {},
        {"max_num_batched_tokens": 7},
        {"max_num_batched_tokens": 64, "max_num_seqs": 3},
        {"num_blocks": 20},
    ]
    if not isinstance(model.embedding, Packed):
        arrangements.append({"block_size": 4, "num_blocks": 700})
    for changes in arrangements:
        found, rows = serve(model, asked, "exact", **changes)
        assert found == tokens, changes
        for key, row in alone.items():
            assert np.array_equal(rows[key], row), (changes, key)
    return alone


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.architecture)
def test_sampled_tokens_do_not_depend_on_company(case: Case) -> None:
    config, model = model_of(case, 9)
    asked = questions(config, 16, 9)
    together, _ = serve(model, asked, "exact", temperature=1.0)
    by_chunks, _ = serve(model, asked, "exact", temperature=1.0, max_num_batched_tokens=9, num_blocks=20)
    assert together == by_chunks
    assert len({tuple(tokens[:3]) for tokens in together.values() if len(tokens) >= 3}) > 3


def test_stale_memory_is_not_read() -> None:
    """Blocks keep what their last owner wrote, even what is not a number."""
    _, model = model_of(CASES[1], 4)
    prompt = [1, 2, 3, 4, 5]
    clean, _ = serve(model, {"r": (prompt, 8)}, "exact")
    runner = TorchRunner(model, backend="exact", device="cpu", num_blocks=20, **LIMITS)
    for store in runner.memory.values():
        store.key.fill_(float("nan"))
        store.value.fill_(float("nan"))
    engine = Engine(runner, SchedulerConfig())
    made = request("r", prompt, 8)
    engine.add(made)
    while engine.has_requests:
        engine.step()
    assert made.output_ids == clean["r"]
