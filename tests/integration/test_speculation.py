"""Guesses change nothing of what `LLM` gives, whoever makes them and whatever is asked; and they are good guesses."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import pytest
import torch

from tests.integration.arrangements import NATIVE, build, head_of, made, question, with_head
from tests.integration.test_checkpoints import checkpoint
from tests.native import require_native
from tests.talker import talking
from yunqi import LLM, AsyncLLM, SamplingParams
from yunqi.common.errors import YunqiError
from yunqi.engine.core import Engine
from yunqi.engine.draft import DraftProposer
from yunqi.engine.loader import load_model, save_model
from yunqi.engine.mtp import MtpProposer
from yunqi.engine.native_runner import NativeRunner
from yunqi.engine.ngram import NgramProposer
from yunqi.engine.prefix_store import PrefixStore
from yunqi.engine.request import Request
from yunqi.engine.scheduler import SchedulerConfig
from yunqi.engine.speculation import Speculator
from yunqi.engine.torch_memory import block_bytes
from yunqi.engine.torch_runner import TorchRunner, runner_of
from yunqi.layers.decoder import CausalLM
from yunqi.layers.hybrid import HybridCausalLM
from yunqi.ops.context import ForwardContext
from yunqi.protocol.output import RequestOutput
from yunqi.protocol.sampling import StructuredOutputsParams

ALWAYS = {"adaptive": False}
NGRAM = {"method": "ngram", "prompt_lookup_min": 1, **ALWAYS}
OWN_DRAFT = {"method": "draft_model", "model": "nano", **ALWAYS}
CITY = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 12}, "size": {"type": "integer"}},
    "required": ["name", "size"],
    "additionalProperties": False,
}
ASKED: dict[str, tuple[str, dict[str, Any], bool | None]] = {
    "greedy": ("What is 12 + 30?", {"temperature": 0}, None),
    "sampled": ("Tell me a story.", {"temperature": 1.0, "max_tokens": 60, "seed": 3}, False),
    "several": ("Sort 3, 1, 2.", {"temperature": 0.9, "max_tokens": 40, "seed": 5, "n": 3}, False),
    "budget": ("What is 123 + 456?", {"temperature": 0.6, "thinking_budget": 7, "seed": 1}, True),
    "no thought": ("What is 7 + 8?", {"thinking_budget": 0, "temperature": 0}, None),
    "stop": ("Count from 1 to 20.", {"temperature": 0.7, "seed": 2, "stop": ["1", "e "], "min_tokens": 4}, False),
    "included": ("What is 40 + 2?", {"temperature": 0, "stop": ["2"], "include_stop_str_in_output": True}, False),
    "penalties": (
        "a b a b a b",
        {"temperature": 0.8, "repetition_penalty": 1.2, "presence_penalty": 0.5, "frequency_penalty": 0.3, "seed": 8},
        False,
    ),
    "bias": ("Hello.", {"temperature": 1.0, "logit_bias": {50: 4.0, 60: -9.0}, "max_tokens": 30, "seed": 4}, False),
    "limits": (
        "Hello.",
        {"temperature": 1.2, "top_k": 9, "min_p": 0.02, "top_p": 0.9, "max_tokens": 30, "seed": 6},
        False,
    ),
    "one token": ("Hello.", {"temperature": 0, "max_tokens": 1}, False),
    "ignored end": ("Hello.", {"temperature": 0, "max_tokens": 60, "ignore_eos": True}, False),
    "schema": (
        "Name a city.",
        {"temperature": 0.8, "seed": 9, "structured_outputs": StructuredOutputsParams(json=CITY), "max_tokens": 80},
        False,
    ),
}


def everything(llm: LLM) -> dict[str, RequestOutput]:
    """All that is asked, in one batch, after a part of it has been asked once to fill the cache."""
    conversations = [[{"role": "user", "content": text}] for text, _, _ in ASKED.values()]
    params = [SamplingParams(logprobs=2, **fields) for _, fields, _ in ASKED.values()]
    found: dict[str, RequestOutput] = {}
    for think in (None, True, False):
        names = [name for name, (_, _, wish) in ASKED.items() if wish is think]
        at = [list(ASKED).index(name) for name in names]
        outputs = llm.chat([conversations[i] for i in at], [params[i] for i in at], enable_thinking=think)
        found |= dict(zip(names, outputs, strict=True))
    return found


@cache
def plainly(backend: str) -> dict[str, RequestOutput]:
    return everything(LLM("nano", backend=backend, deterministic=True))


@pytest.mark.parametrize("guesses", [NGRAM, OWN_DRAFT], ids=["ngram", "draft"])
@pytest.mark.parametrize("backend", ["auto", "torch"])
def test_outputs_are_those_without(backend: str, guesses: Mapping[str, Any]) -> None:
    """Budgets, stop strings, grammars, penalties and all; the last field compared is each log-probability."""
    found = everything(LLM("nano", backend=backend, deterministic=True, speculative=guesses))
    for name, wanted in plainly(backend).items():
        assert found[name].outputs == wanted.outputs, name
    accepted = {name: output.metrics.num_accepted_tokens for name, output in found.items()}
    assert sum(count > 0 for count in accepted.values()) >= len(ASKED) // 2
    assert accepted["one token"] == 0


def test_a_model_is_its_own_best_draft(tmp_path: Path) -> None:
    """All guesses are right, greedy and sampled, over a cached prefix and after a preemption: the draft reads what
    the model reads, with the same random numbers."""
    _, path = checkpoint(tmp_path)
    fields = {"method": "draft_model", "model": str(path), "num_speculative_tokens": 3, **ALWAYS}
    for backend in ("auto", "torch"):
        llm = LLM(path, speculative=fields, backend=backend, deterministic=True, max_num_batched_tokens=32)
        plain = LLM(path, backend=backend, deterministic=True)
        for temperature in (0.0, 1.0):
            params = SamplingParams(temperature=temperature, seed=7, max_tokens=25, ignore_eos=True, logprobs=1)
            prompts = [list(range(1, 45)), [9, 8, 7], list(range(1, 40))]
            wanted = plain.generate(prompts, params)
            for _ in range(2):
                for output, one in zip(llm.generate(prompts, params), wanted, strict=True):
                    assert output.outputs == one.outputs
                    assert output.metrics.acceptance_length == 4
        params = SamplingParams(temperature=0, max_tokens=9, prompt_logprobs=2)
        assert llm.generate(prompts, params)[0].prompt_logprobs == plain.generate(prompts, params)[0].prompt_logprobs


class Watching:
    """A proposer that notes what it proposed after which tokens, and rests now and then."""

    def __init__(self, proposer: MtpProposer | DraftProposer) -> None:
        self._proposer = proposer
        self.follow = proposer.follow
        self.noted: list[tuple[list[int], tuple[int, ...]]] = []

    def available(self, request: Request, most: int) -> int:
        return 0 if request.num_outputs % 8 > 4 else self._proposer.available(request, most)

    def propose(self, wanted: Mapping[Request, int]) -> dict[Request, tuple[int, ...]]:
        found = self._proposer.propose(wanted)
        self.noted += [(list(request.token_ids), guesses) for request, guesses in found.items()]
        return found


@pytest.mark.parametrize("name", ["next", "3.5", "3.5-moe", "draft", "native-next", "native-3.5", "native-3.5-moe"])
def test_networks_guess_what_they_should(name: str) -> None:
    """In chunks, in company, preempted, over cached prefixes, after wrong guesses: as over the whole at once."""
    limits: dict[str, Any] = {"max_model_len": 512, "max_num_seqs": 4, "max_num_batched_tokens": 32, "num_blocks": 100}
    model = build("dense" if name == "draft" else name, torch.float32)
    runner = runner_of(model, backend="exact", device="cpu", num_threads=2, num_state_slots=20, **limits)
    if name == "draft":
        draft = build("dense", torch.float32, seed=6)
        watching = Watching(DraftProposer(TorchRunner(draft, backend="exact", device="cpu", **limits), runner))
        expected = partial(drafted, draft)
    else:
        plain = cast(HybridCausalLM, build(NATIVE.get(name, name), torch.float32))
        watching = Watching(MtpProposer(runner, head_of(model, torch.float32)))
        expected = partial(guessed, plain, head_of(plain, torch.float32))
    config = SchedulerConfig(max_num_batched_tokens=32, max_num_seqs=4, snapshot_interval=64, tail_interval=16)
    engine = Engine(runner, config, speculator=Speculator(watching, 3, adaptive=False))
    for i in range(3):
        asked = made(f"r{i}", question(50 + i) if i < 2 else [5, 4, 3], 30, seed=i)
        asked.drawing = type(asked.drawing)(seed=0, temperature=0)
        engine.add(asked)
        if i == 0:  # the next one finds its prompt
            while engine.has_requests:
                engine.step()
    engine.step()
    engine.scheduler.preempt(engine.scheduler.running[-1])
    while engine.has_requests:
        engine.step()
    assert len(watching.noted) > 20
    assert {len(guesses) for _, guesses in watching.noted} >= {3}
    wrong = sum(guesses != expected(tokens, len(guesses)) for tokens, guesses in watching.noted)
    # A head's key before the end of a cached prefix may be of another continuation.
    assert wrong <= (0 if name == "draft" else len(watching.noted) // 20)


@pytest.mark.parametrize("name", ["next", "native-next"])
def test_a_restarted_head_guesses_as_before(name: str, tmp_path: Path) -> None:
    """Its keys come back from the disk with the model's: over a prompt found there it guesses as over a cached one."""
    limits: dict[str, Any] = {"max_model_len": 512, "max_num_seqs": 4, "max_num_batched_tokens": 64, "num_blocks": 100}
    config = SchedulerConfig(max_num_batched_tokens=64, max_num_seqs=4, snapshot_interval=64, tail_interval=16)
    lives = []
    for asked in (2, 1):
        model = build(name, torch.float32)
        runner = runner_of(model, backend="exact", device="cpu", num_threads=2, num_state_slots=20, **limits)
        watching = Watching(MtpProposer(runner, head_of(model, torch.float32)))
        store = PrefixStore(tmp_path, 1 << 30)
        engine = Engine(runner, config, store, Speculator(watching, 3, adaptive=False))
        for _ in range(asked):
            watching.noted.clear()
            engine.add(one := made("r", question(60), 12))
            while engine.has_requests:
                engine.step()
        assert one.num_cached == 48
        store.close()
        lives.append(watching.noted)
    assert lives[0] == lives[1]
    assert len(lives[0]) > 5


@torch.inference_mode()
def drafted(draft: CausalLM, tokens: list[int], count: int) -> tuple[int, ...]:
    """A draft's greedy guesses after a sequence, each from all that is before it."""
    found = list(tokens)
    for _ in range(count):
        ctx = ForwardContext.training([0, len(found)], backend="exact")
        hidden = draft(torch.tensor(found), torch.arange(len(found)), ctx)
        found.append(int(draft.compute_logits(hidden[-1:], ctx).argmax()))
    return tuple(found[len(tokens) :])


@torch.inference_mode()
def guessed(model: HybridCausalLM, head: Any, tokens: list[int], count: int) -> tuple[int, ...]:
    """The head's greedy guesses after a sequence, computed at once."""
    ids, found = torch.tensor(tokens), []
    ctx = ForwardContext.training([0, len(tokens)], backend="exact")
    hidden = model(ids, torch.arange(len(tokens)), ctx)[:-1]
    following = ids[1:]
    for _ in range(count):
        ctx = ForwardContext.training([0, len(hidden)], backend="exact")
        out = head(model.embedding(following, ctx), hidden, torch.arange(len(hidden)), ctx)
        found.append(int(model.compute_logits(out[-1:], ctx).argmax()))
        hidden, following = torch.cat((hidden, out[-1:])), torch.cat((following, torch.tensor(found[-1:])))
    return tuple(found)


HOW: list[dict[str, Any]] = [
    {"backend": "torch"},
    {"backend": "native"},
    {"backend": "native", "dtype": "bfloat16"},
    {"quantization": "int8", "kv_cache_dtype": "int8"},
    {"quantization": "int4"},
]


@pytest.mark.parametrize("how", HOW, ids=lambda how: "-".join(how.values()))
@pytest.mark.parametrize("name", ["next", "3.5", "3.5-moe"])
def test_a_checkpoint_with_its_head(name: str, how: dict[str, Any], tmp_path: Path) -> None:
    """Greedy and sampled as without it, bit for bit; its keys take their share of the blocks."""
    if how != HOW[0]:
        require_native()
    path, common = with_head(tmp_path, name), {"max_tokens": 20, "logprobs": 2, "ignore_eos": True}
    params = [SamplingParams(temperature=0.7, seed=1, **common), SamplingParams(temperature=0, **common)]
    prompts = [question(40), [1, 2, 3]]
    plain = LLM(path, **how).generate(prompts, params)
    cached = tmp_path / "cache"
    for _ in range(2):  # the second finds the prompts on the disk
        fields = {"method": "mtp", "num_speculative_tokens": 2, **ALWAYS}
        llm = LLM(path, speculative=fields, prefix_cache_dir=cached, **how)
        runner = cast(TorchRunner, llm.engine.runner)
        assert isinstance(runner, NativeRunner) == (how != HOW[0])
        of_model = block_bytes(runner.model, 16, runner.kv_dtype)
        assert len(runner.read_block(1)) == of_model * 3 // 2  # two layers of the model attend
        for output, wanted in zip(llm.generate(prompts, params), plain, strict=True):
            assert output.outputs == wanted.outputs
            assert output.metrics.num_verifications > 10
        counters = llm.engine.stats().counters
        assert counters["proposed_tokens"] > counters["verifications"] > 20
        llm.engine.scheduler.cache.spill.store.close()  # pyright: ignore
    assert counters["restored_blocks"] > 0


def test_another_process_guesses_too() -> None:
    async def ask() -> RequestOutput:
        async with AsyncLLM("nano", speculative=OWN_DRAFT) as llm:
            text, fields, think = ASKED["stop"]
            messages = [{"role": "user", "content": text}]
            params = SamplingParams(logprobs=2, **fields)
            async for output in llm.chat(messages, params, enable_thinking=think):
                last = output
            stats = await llm.stats()
            assert stats.counters["verifications"] > 0
            return last

    output = asyncio.run(ask())
    assert output.outputs == plainly("auto")["stop"].outputs
    assert output.metrics.acceptance_length is not None
    assert output.metrics.acceptance_length > 1


def test_a_stop_string_counts_from_where_it_may() -> None:
    """Several tokens at once are read as if they came one by one: `min_tokens` falls between them."""
    messages = [{"role": "user", "content": "What is it?"}]
    for min_tokens in range(12):
        params = SamplingParams(temperature=0, stop=["42"], min_tokens=min_tokens, max_tokens=40, logprobs=1)
        outputs = []
        for speculator in (None, Speculator(NgramProposer(1, 3), 5, adaptive=False)):
            llm = talking("1 42 42 42 42 42 42 42 42 42 42 42 42", thought=None, speculator=speculator)
            (output,) = llm.chat(messages, params, enable_thinking=False)
            outputs.append(output)
        assert outputs[0].outputs == outputs[1].outputs
        assert outputs[1].outputs[0].stop_reason == "42"
    assert outputs[1].metrics.num_accepted_tokens > 0


def refused(*arguments: Any, **options: Any) -> str:
    with pytest.raises(YunqiError) as caught:
        LLM(*arguments, **options)
    assert caught.value.code == "speculation-invalid"
    return str(caught.value)


def test_refusals(tmp_path: Path) -> None:
    _, other = checkpoint(tmp_path / "other")
    found = refused("nano", speculative={"method": "draft_model", "model": str(other)})
    assert "another vocabulary" in found
    assert "same family" in found
    assert "no head for multi-token prediction" in refused("nano", speculative="mtp")
    hybrid = with_head(tmp_path / "hybrid", "next")
    recurrent = {"method": "draft_model", "model": str(hybrid)}
    assert "recurrent layers" in refused(hybrid, speculative=recurrent)
    save_model(load_model(hybrid), tmp_path / "headless")
    for backend in ("torch", "auto"):
        found = refused(tmp_path / "headless", speculative="mtp", backend=backend)
        assert "no head for multi-token prediction" in found
    with pytest.raises(YunqiError, match="num_speculative_tokens is 0"):
        AsyncLLM("nano", speculative={"method": "ngram", "num_speculative_tokens": 0})
    with pytest.raises(YunqiError, match="no model 'nowhere'"):
        LLM("nano", speculative={"method": "draft_model", "model": "nowhere"})
