"""One request served in many arrangements: cached or not, in chunks of any size, in company, preempted, with guesses
or without. All agree.

`AXES` names the arrangements; `answer` serves the request in one of them and gives its tokens with their
log-probabilities, which an exact engine keeps to the bit.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from tests.integration.hybrid_model import SHAPE, hybrid, random_weights
from tests.native import require_native
from tests.unit.engine.test_scheduling import check_nothing_is_held, request
from yunqi.engine.core import Engine
from yunqi.engine.draft import DraftProposer
from yunqi.engine.loader import build_model, save_model
from yunqi.engine.mtp import MtpProposer
from yunqi.engine.native_runner import NativeRunner
from yunqi.engine.ngram import NgramProposer
from yunqi.engine.packing import pack_model
from yunqi.engine.prefix_store import PrefixStore
from yunqi.engine.request import Drawing, Request
from yunqi.engine.scheduler import SchedulerConfig
from yunqi.engine.speculation import Proposer, Speculator
from yunqi.engine.torch_memory import memory_dtype
from yunqi.engine.torch_runner import TorchRunner
from yunqi.layers.decoder import CausalLM
from yunqi.layers.hybrid import HybridCausalLM, MultiTokenPredictor
from yunqi.layers.linear import Packed
from yunqi.ops.native.library import Team
from yunqi.ops.native.matrix import Kind

AXES: dict[str, tuple[Any, ...]] = {
    "model": ("dense", "moe", "hybrid", "next", "3.5", "3.5-moe", "native", "native-next"),
    "dtype": (torch.float32, torch.bfloat16),
    "cache": ("off", "on", "warm", "restored"),
    "chunk": (512, 16, 64),
    "company": (0, 31),
    "preempted": (False, True),
    "guesses": ("off", "ngram", "draft", "mtp"),
}
WITH_HEADS = ("next", "3.5", "3.5-moe", "native-next")
VOCAB = SHAPE["vocab_size"]
KIND_OF: dict[torch.dtype, Kind] = {torch.float32: "float32", torch.bfloat16: "int8"}  # what the native ones keep it in
NATIVE = {"native": "dense", "native-next": "next", "native-3.5": "3.5", "native-3.5-moe": "3.5-moe"}  # what is packed
NUM_OUTPUTS = 12
NUM_GUESSES = 3
STABLE = (40, 110)
LINEAR = {
    "full_attention_interval": 2,
    "head_dim": 16,
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 4,
    "linear_key_head_dim": 8,
    "linear_value_head_dim": 6,
}
EXPERTS = {"num_experts": 5, "num_experts_per_tok": 2, "moe_intermediate_size": 12}
SHARED = EXPERTS | {"shared_expert_intermediate_size": 10}
CONFIGS = {
    "dense": {"architectures": ["Qwen3ForCausalLM"], **SHAPE},
    "moe": {"architectures": ["Qwen3MoeForCausalLM"], **SHAPE, **EXPERTS, "norm_topk_prob": True},
    "next": {"architectures": ["Qwen3NextForCausalLM"], **SHAPE, **LINEAR, **SHARED},
    "3.5": {"architectures": ["Qwen3_5ForCausalLM"], **SHAPE, **LINEAR},
    "3.5-moe": {"architectures": ["Qwen3_5MoeForCausalLM"], **SHAPE, **LINEAR, **SHARED},
}


def build(model: str, dtype: torch.dtype, seed: int = 5) -> CausalLM:
    """A tiny model with random weights; those of `NATIVE` are packed ones."""
    if model == "hybrid":
        return hybrid(seed).to(dtype)
    if model in NATIVE:
        require_native()
        return pack_model(build(NATIVE[model], dtype, seed), KIND_OF[dtype], team=Team(2))
    return random_weights(build_model(CONFIGS[model]), seed).to(dtype)


def question(length: int = 150) -> list[int]:
    draw = random.Random(3)
    return [draw.randrange(VOCAB) for _ in range(length)]


def made(name: str, prompt: Sequence[int], max_tokens: int, seed: int = 0) -> Request:
    found = request(name, prompt, max_tokens)
    found.drawing = Drawing(seed=seed, temperature=0.8, logprobs=3)
    found.stable_lengths = tuple(n for n in STABLE if n <= len(prompt))
    return found


def engine_of(
    model: CausalLM,
    *,
    chunk: int,
    caching: bool,
    num_blocks: int = 400,
    store: PrefixStore | None = None,
    guesses: str = "off",
    truth: Sequence[int] = (),
) -> Engine:
    """`truth` is what the request "asked" will answer: guesses for it are made right, most of the time."""
    runner = _runner(model, max_num_batched_tokens=chunk, num_blocks=num_blocks)
    proposer = _proposer(guesses, runner)
    speculator = None if proposer is None else Speculator(Helped(proposer, truth), NUM_GUESSES, adaptive=False)
    config = SchedulerConfig(
        max_num_batched_tokens=chunk,
        max_num_seqs=32,
        enable_prefix_caching=caching,
        snapshot_interval=64,
        tail_interval=16,
    )
    return Engine(runner, config, store, speculator)


def _runner(model: CausalLM, **limits: Any) -> TorchRunner:
    limits |= {"max_model_len": 512, "max_num_seqs": 32, "num_state_slots": 64}
    if isinstance(model.embedding, Packed):
        return NativeRunner(model, team=Team(2), **limits)
    return TorchRunner(model, backend="exact", device="cpu", **limits)


def _proposer(guesses: str, runner: TorchRunner) -> Proposer | None:
    model, dtype = runner.model, memory_dtype(runner.model)
    if guesses == "draft":
        draft = build("native" if isinstance(model.embedding, Packed) else "dense", dtype, seed=6)
        sizes = {"max_num_batched_tokens": runner.max_rows, "num_blocks": runner.num_blocks}
        return DraftProposer(_runner(draft, **sizes), runner)
    if guesses == "mtp":
        return MtpProposer(runner, head_of(model, dtype))
    return None if guesses == "off" else NgramProposer(1, 4)


def head_of(model: CausalLM, dtype: torch.dtype, seed: int = 7) -> MultiTokenPredictor:
    """A multi-token head with random weights, packed where its model is."""
    assert isinstance(model, HybridCausalLM)
    head = random_weights(model.make_mtp(), seed).to(dtype)
    embedding = model.embedding
    return pack_model(head, embedding.matrix.kind, team=Team(2)) if isinstance(embedding, Packed) else head


def with_head(path: Path, name: str, dtype: torch.dtype = torch.float32) -> Path:
    """A checkpoint of a tiny hybrid with its multi-token head."""
    model = build(name, dtype)
    save_model(model, path)
    tensors = {f"mtp.{key}": value.clone() for key, value in head_of(model, dtype).state_dict().items()}
    save_file({**load_file(path / "model.safetensors"), **tensors}, path / "model.safetensors")
    return path


class Helped:
    """A proposer whose guesses for the request "asked" are made right, but for every third token."""

    def __init__(self, proposer: Proposer, truth: Sequence[int]) -> None:
        self._proposer, self._truth = proposer, truth
        self.available, self.follow = proposer.available, proposer.follow

    def propose(self, wanted: Mapping[Request, int]) -> dict[Request, tuple[int, ...]]:
        found = self._proposer.propose(wanted)
        for one, guessed in found.items():
            if one.request_id == "asked":
                first = one.num_outputs
                known = enumerate(zip(self._truth[first:], guessed, strict=False), first)
                found[one] = tuple(guess if i % 3 == 2 else right for i, (right, guess) in known)
        return found


def company(count: int) -> list[Request]:
    """Others of many lengths; every third begins as the question does."""
    draw = random.Random(4)
    found = []
    for i in range(count):
        begin = question()[: draw.choice([16, 40, 70])] if i % 3 == 0 else []
        prompt = begin + [draw.randrange(VOCAB) for _ in range(draw.choice([1, 5, 17, 30]))]
        found.append(made(f"other {i}", prompt, draw.randint(1, 8), seed=i))
    return found


def serve(engine: Engine, asked: Request, others: Sequence[Request], *, preempted: bool) -> Request:
    """Run all to the end; the request loses its memory in the middle of its prompt and of its answer."""
    half = len(others) // 2
    for other in (*others[:half], asked, *others[half:]):
        engine.add(other)
    due = [asked.prompt_len // 2, asked.prompt_len + NUM_OUTPUTS // 2] if preempted else []
    while engine.has_requests:
        engine.step()
        if due and asked.num_computed >= due[0] and not asked.finished:
            due.pop(0)
            engine.scheduler.preempt(asked)
    check_nothing_is_held(engine)
    return asked


def answer(
    model: CausalLM,
    *,
    cache: str,
    chunk: int,
    company: int,
    preempted: bool,
    guesses: str = "off",
    length: int = 150,
    truth: Sequence[int] = (),
) -> tuple[list[int], list[Any], int]:
    """Tokens, log-probabilities and the number of cached prompt tokens of the question in one arrangement."""
    prompt = question(length)
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory()) if cache == "restored" else None
        how = {"chunk": chunk, "caching": cache != "off", "guesses": guesses, "truth": truth}
        engine = _engine(model, folder, how)
        if cache in ("warm", "restored"):
            warm(engine, prompt)
        if cache == "restored":
            _store(engine).close()
            engine = _engine(model, folder, how)
            stack.callback(_store(engine).close)  # before the folder goes, it must have been written to the end
        return _answer(engine, prompt, company, preempted=preempted)


def warm(engine: Engine, prompt: list[int]) -> None:
    """Serve the question, and half of it, so that what was computed of both is remembered."""
    engine.add(made("before", prompt, NUM_OUTPUTS))
    engine.add(made("half", prompt[: len(prompt) // 2], 4))
    while engine.has_requests:
        engine.step()


def _engine(model: CausalLM, folder: str | None, how: dict[str, Any]) -> Engine:
    return engine_of(model, store=None if folder is None else PrefixStore(folder, 1 << 30), **how)


def _store(engine: Engine) -> PrefixStore:
    assert engine.scheduler.cache.spill is not None
    return engine.scheduler.cache.spill.store


def _answer(engine: Engine, prompt: list[int], company: int, *, preempted: bool) -> tuple[list[int], list[Any], int]:
    asked = serve(engine, made("asked", prompt, NUM_OUTPUTS), _others(company), preempted=preempted)
    assert (asked.metrics.num_preemptions > 0) == preempted
    if engine.speculator is not None:
        assert 0 < asked.metrics.num_accepted_tokens < asked.metrics.num_proposed_tokens
    return asked.output_ids, asked.output_logprobs, asked.num_cached


_others = company


def every() -> Iterator[dict[str, Any]]:
    """All arrangements."""
    for values in itertools.product(*AXES.values()):
        row = dict(zip(AXES, values, strict=True))
        if is_possible(row["model"], row["guesses"]):
            yield row


def is_possible(model: Any, guesses: Any) -> bool:
    """Whether a model has what makes its guesses; true for other values."""
    return guesses != "mtp" or model not in AXES["model"] or model in WITH_HEADS


def pairwise() -> list[dict[str, Any]]:
    """Few arrangements in which any two values of different axes still meet, chosen greedily."""

    def pairs(row: dict[str, Any]) -> set[Any]:
        return set(itertools.combinations(row.items(), 2))

    rows, chosen = list(every()), []
    open_pairs = set().union(*map(pairs, rows))
    while open_pairs:
        best = max(rows, key=lambda row: len(pairs(row) & open_pairs))
        chosen.append(best)
        open_pairs -= pairs(best)
    return chosen


def name_of(row: dict[str, Any]) -> str:
    return "-".join(str(value).removeprefix("torch.") for value in row.values())
