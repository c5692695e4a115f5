"""The first generation beyond its trained length, against formulas written out again; its names and spellings."""

from __future__ import annotations

import json
import math
import random
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.parity.cases import CASES, Case, random_config
from tests.parity.test_serving import LIMITS, check_bits, natively, questions, serve
from tests.unit.engine.test_scheduling import request
from yunqi.common.errors import YunqiError
from yunqi.engine.core import Engine
from yunqi.engine.loader import build_model, load_model, save_model
from yunqi.engine.scheduler import SchedulerConfig
from yunqi.engine.torch_runner import TorchRunner
from yunqi.hub.catalog import describe
from yunqi.ops.context import ForwardContext
from yunqi.ops.native.matrix import KINDS, Kind

ARCHITECTURE = "QWenLMHeadModel"
SHORT: dict[str, Any] = {  # trained on 16 tokens: every prompt beyond stretches its rotation
    "architectures": [ARCHITECTURE],
    "vocab_size": 61,
    "hidden_size": 24,
    "intermediate_size": 52,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "kv_channels": 8,
    "max_position_embeddings": 512,
    "layer_norm_epsilon": 1e-6,
    "rotary_emb_base": 10_000,
    "rotary_pct": 1.0,
    "seq_length": 16,
    "use_dynamic_ntk": True,
    "use_logn_attn": True,
    "no_bias": True,
    "tie_word_embeddings": False,
}


def random_model(config: dict[str, Any], seed: int) -> Any:
    model = build_model(config)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            scale = 0.5 if parameter.dim() == 1 else parameter.shape[-1] ** -0.5
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * scale + (parameter.dim() == 1) * 0.3)
    return model.requires_grad_(False).eval()


def stretch(prompt_len: int, trained: int) -> float:
    """The least of 1, 3, 7, 15, ... whose half, rounded up, times the trained length holds the prompt."""
    factor = 1
    while prompt_len > trained * (factor + 1) // 2:
        factor = 2 * factor + 1
    return float(factor)


def written_out(config: dict[str, Any], model: Any, ids: list[int], prompt_len: int, last: int) -> np.ndarray:
    """Logits of the last rows by the formulas alone, in float64: rotation as complex numbers, one head at a time."""
    w = {name: tensor.double().numpy() for name, tensor in model.state_dict().items()}
    heads, size = config["num_attention_heads"], config["kv_channels"]
    turning = int(size * config["rotary_pct"])
    base = float(config["rotary_emb_base"])
    if config["use_dynamic_ntk"]:
        base *= stretch(prompt_len, config["seq_length"]) ** (turning / (turning - 2))
    places = np.arange(len(ids))
    turns = np.exp(1j * places[:, None] * base ** (-2 * np.arange(turning // 2) / turning))
    boost = np.ones(len(ids))
    if config["use_logn_attn"]:
        boost = np.array([max(1.0, math.log(p + 1, config["seq_length"])) for p in places])

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + config["layer_norm_epsilon"]) * w[name + ".weight"]

    def project(x: np.ndarray, name: str) -> np.ndarray:
        return x @ w[name + ".weight"].T + w.get(name + ".bias", 0.0)

    def turn(x: np.ndarray) -> np.ndarray:
        pairs = (x[:, : turning // 2] + 1j * x[:, turning // 2 : turning]) * turns
        return np.concatenate([pairs.real, pairs.imag, x[:, turning:]], axis=1)

    def attend(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
        scores = (turn(q) * boost[:, None]) @ turn(k).T / math.sqrt(size)
        scores = np.where(places[None, :] > places[:, None], -np.inf, scores)
        weights = np.exp(scores - scores.max(1, keepdims=True))
        return weights / weights.sum(1, keepdims=True) @ v

    x = w["transformer.wte.weight"][ids]
    for i in range(config["num_hidden_layers"]):
        at = f"transformer.h.{i}."
        q, k, v = np.split(project(norm(x, at + "ln_1"), at + "attn.c_attn"), 3, axis=1)
        each = [slice(h * size, (h + 1) * size) for h in range(heads)]
        x = x + project(np.concatenate([attend(q[:, h], k[:, h], v[:, h]) for h in each], 1), at + "attn.c_proj")
        y = norm(x, at + "ln_2")
        gate = project(y, at + "mlp.w2")
        x = x + project(project(y, at + "mlp.w1") * gate / (1 + np.exp(-gate)), at + "mlp.c_proj")
    return norm(x[-last:], "transformer.ln_f") @ w["lm_head.weight"].T


def near(found: np.ndarray, wanted: np.ndarray) -> bool:
    return bool(np.abs(found - wanted).max() <= 1e-4 * np.abs(wanted).max())


@pytest.mark.parametrize("trained", [2, 16, 1000, 2048, 8192, 32_768])
def test_the_stretch_follows_the_prompt(trained: int) -> None:
    model = build_model(SHORT | {"seq_length": trained, "max_position_embeddings": 100_000}, device="meta")
    lengths = {1, 2, trained - 1, *(round(trained * k / 2) + d for k in range(2, 12) for d in (-1, 0, 1))}
    for length in lengths:
        assert model.rope_factor(length) == stretch(length, trained), length
        # The formula as the publisher's paper has it.
        published = max(2 ** math.ceil(math.log(length / trained, 2) + 1) - 1, 1)
        assert model.rope_factor(length) == published, length


def test_known_stretches_of_a_model_trained_on_2048() -> None:
    model = build_model(SHORT | {"seq_length": 2048, "max_position_embeddings": 32_768}, device="meta")
    wanted = {1: 1, 2048: 1, 2049: 3, 4096: 3, 4097: 7, 8192: 7, 8193: 15, 16_384: 15, 16_385: 31, 32_768: 31}
    assert {n: model.rope_factor(n) for n in wanted} == wanted


VARIANTS: list[dict[str, Any]] = [
    {},
    {"use_logn_attn": False},
    {"use_dynamic_ntk": False},
    {"no_bias": False, "rotary_pct": 0.5},
    {"tie_word_embeddings": True, "rotary_emb_base": 500, "seq_length": 5},
    {"num_attention_heads": 1, "kv_channels": 24, "seq_length": 31},
]


@pytest.mark.parametrize("backend", ["naive", "torch", "exact", "native"])
@pytest.mark.parametrize("seed, changes", list(enumerate(VARIANTS)))
def test_beyond_the_trained_length(seed: int, changes: dict[str, Any], backend: str) -> None:
    """Prompts below, at and beyond the trained length, growing past further thresholds: the stretch stays."""
    config = SHORT | changes
    model = random_model(config, seed)
    draw = random.Random(seed)
    asked = {f"r{n}": ([draw.randrange(61) for _ in range(n)], 20) for n in (1, 14, 16, 17, 31, 33, 70)}
    serving = natively(deepcopy(model), "float32") if backend == "native" else model
    tokens, rows = serve(serving, asked, backend, max_num_batched_tokens=24, num_blocks=30)
    for name, (prompt, count) in asked.items():
        whole = prompt + tokens[name][:-1]
        wanted = written_out(config, model, whole, len(prompt), last=count)
        found = np.stack([rows[name, stop] for stop in range(len(prompt), len(whole) + 1)])
        assert near(found, wanted), name


def test_beyond_2048() -> None:
    config = SHORT | {"seq_length": 2048, "num_hidden_layers": 1, "max_position_embeddings": 8192}
    model = random_model(config, 7)
    draw = random.Random(7)
    prompt = [draw.randrange(61) for _ in range(2100)]
    limits = {"max_model_len": 2200, "max_num_batched_tokens": 512}
    runs = [serve(model, {"r": (prompt, 5)}, "exact", **LIMITS | limits | more) for more in ({}, {"block_size": 64})]
    wanted = written_out(config, model, prompt + runs[0][0]["r"][:-1], 2100, last=5)
    for tokens, rows in runs:
        assert tokens == runs[0][0]
        assert near(np.stack([rows["r", stop] for stop in range(2100, 2105)]), wanted)
    plain = written_out(config | {"use_dynamic_ntk": False}, model, prompt, 2100, last=1)
    assert not near(plain, wanted[:1])
    plain = written_out(config | {"use_logn_attn": False}, model, prompt, 2100, last=1)
    assert not near(plain, wanted[:1])


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16, *KINDS])
def test_rows_keep_their_bits_beyond_the_trained_length(kind: torch.dtype | Kind) -> None:
    """Sequences of different stretch in one step, in chunks, preempted: the same logits, bit for bit."""
    asked = questions(SHORT, 16, 3)
    assert len({stretch(len(prompt), 16) for prompt, _ in asked.values()}) >= 3
    model = random_model(SHORT, 3)
    check_bits(model.to(kind) if isinstance(kind, torch.dtype) else natively(model, kind), asked)


def test_whole_prompts_score_as_served() -> None:
    model = random_model(SHORT, 5)
    lengths = [10, 40, 17]
    ids = torch.randint(0, 61, (sum(lengths),), generator=torch.Generator().manual_seed(5))
    positions = torch.cat([torch.arange(n) for n in lengths])
    offsets = np.cumsum([0, *lengths])
    factors = [model.rope_factor(n) for n in lengths]
    for rope_factors, prompts in ((factors, lengths), (None, [1, 1, 1])):
        ctx = ForwardContext.training(offsets, rope_factors=rope_factors)
        found = model.compute_logits(model(ids, positions, ctx), ctx).numpy()
        for start, stop, prompt_len in zip(offsets[:-1], offsets[1:], prompts, strict=True):
            wanted = written_out(SHORT, model, ids[start:stop].tolist(), prompt_len, last=stop - start)
            assert near(found[start:stop], wanted)


def test_the_salt_tells_prompts_apart_whose_blocks_differ() -> None:
    """The keys of 8 shared first tokens are the same where the salts are, and only there."""
    model = random_model(SHORT, 6)

    def keys(length: int) -> torch.Tensor:
        runner = TorchRunner(model, backend="exact", device="cpu", num_blocks=40, **LIMITS)
        engine = Engine(runner, SchedulerConfig())
        engine.add(made := request("r", list(range(length)), 2))
        engine.step()
        return runner.memory[1].key[made.block_table[0], :, :8].clone()

    lengths = (9, 16, 17, 30, 33, 60)
    for first in lengths:
        for second in lengths:
            same = model.cache_salt(first) == model.cache_salt(second)
            assert keys(first).equal(keys(second)) == same, (first, second)
    assert model.cache_salt(16) != model.cache_salt(17) == model.cache_salt(32)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.architecture)
def test_other_models_need_no_salt(case: Case) -> None:
    config = random_config(case, 1) | ({"use_dynamic_ntk": False} if case.architecture == ARCHITECTURE else {})
    model = build_model(config, device="meta")
    assert [model.cache_salt(n) for n in (1, 100_000)] == [None, None]
    assert model.rope_factor(100_000) is None


# hidden, heads, layers, intermediate_size as the config counts it, vocabulary, seq_length, bytes of the published
# bfloat16 shards as their index says (None: not seen).
SIZES = {
    "Qwen-1.8B": (2048, 16, 24, 11_008, 151_936, 8192, 3_673_657_344),
    "Qwen-7B": (4096, 32, 32, 22_016, 151_936, 8192, 15_442_649_088),
    "Qwen-14B": (5120, 40, 40, 27_392, 152_064, 2048, None),
    "Qwen-72B": (8192, 64, 80, 49_152, 152_064, 32_768, 144_575_840_256),
}
# Name -> shape, in D hidden, F half the intermediate_size, V vocabulary. (The publisher's modeling code.)
LAYER = {
    "ln_1.weight": ("D",),
    "attn.c_attn.weight": ("3D", "D"),
    "attn.c_attn.bias": ("3D",),
    "attn.c_proj.weight": ("D", "D"),
    "ln_2.weight": ("D",),
    "mlp.w1.weight": ("F", "D"),
    "mlp.w2.weight": ("F", "D"),
    "mlp.c_proj.weight": ("D", "F"),
}
AROUND = {"transformer.wte.weight": ("V", "D"), "transformer.ln_f.weight": ("D",), "lm_head.weight": ("V", "D")}


@pytest.mark.parametrize("name", SIZES)
def test_names_and_shapes_of_every_size(name: str) -> None:
    hidden, heads, layers, width, vocab, trained, num_bytes = SIZES[name]
    config = SHORT | {
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "intermediate_size": width,
        "vocab_size": vocab,
        "seq_length": trained,
        "kv_channels": 128,
    }
    sizes = {"D": hidden, "3D": 3 * hidden, "F": width // 2, "V": vocab}
    table = {f"transformer.h.{i}.{part}": shape for i in range(layers) for part, shape in LAYER.items()} | AROUND
    model = build_model(config, device="meta")
    found = {key: tuple(tensor.shape) for key, tensor in model.state_dict().items()}
    assert found == {key: tuple(sizes[letter] for letter in shape) for key, shape in table.items()}
    assert num_bytes is None or 2 * sum(p.numel() for p in model.parameters()) == num_bytes


AUGUST = {
    **{"architectures": [ARCHITECTURE], "n_embd": 24, "n_layer": 2, "n_head": 3, "n_positions": 512},
    **{"ffn_hidden_size": 52, "padded_vocab_size": 61, "kv_channels": 8, "rotary_emb_base": 10_000, "rotary_pct": 1.0},
    **{"layer_norm_epsilon": 1e-6, "seq_length": 16, "use_dynamic_ntk": True, "use_logn_attn": True, "no_bias": True},
    **{"tie_word_embeddings": False, "activation": "swiglu", "pos_emb": "rotary"},
}


def test_both_spellings_mean_the_same(tmp_path: Path) -> None:
    august, september = (build_model(config, device="meta").config for config in (AUGUST, SHORT))
    assert august == september
    assert (august.intermediate_size, august.head_dim, august.max_context) == (26, 8, 512)
    save_model(random_model(AUGUST, 1), tmp_path)
    saved = json.loads((tmp_path / "config.json").read_text())
    assert saved == AUGUST | {"torch_dtype": "float32"}
    record = describe(tmp_path)
    assert (record.supported, record.num_layers, record.context) == (True, 2, 512)
    assert record.cache_elements_per_token == 2 * 2 * 3 * 8
    assert record.num_parameters is not None
    assert record.num_read_parameters == record.num_parameters - 61 * 24
    assert replace(load_model(tmp_path).config, dtype=None) == august


def test_what_a_config_leaves_out() -> None:
    few = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "vocab_size")
    config = build_model({"architectures": [ARCHITECTURE]} | {k: SHORT[k] for k in few}, device="meta").config
    assert (config.head_dim, config.max_position_embeddings, config.seq_length) == (8, 8192, 8192)
    assert (config.rms_norm_eps, config.rope.rope_theta, config.rotary_dim) == (1e-6, 10_000.0, 8)
    assert (config.use_dynamic_ntk, config.use_logn_attn, config.no_bias) == (True, True, True)
    assert not config.tie_word_embeddings


@pytest.mark.parametrize(
    "changes",
    [
        {"kv_channels": 10},
        {"seq_length": 1},
        {"seq_length": "long"},
        {"seq_length": True},
        {"use_dynamic_ntk": "yes"},
        {"use_logn_attn": 1},
        {"no_bias": 0},
        {"rotary_pct": 0.25},
        {"intermediate_size": 1},
        {"intermediate_size": "wide"},
        {"hidden_size": None},
        {"layer_norm_epsilon": "small"},
        {"rotary_emb_base": 0},
    ],
)
def test_contradictions(changes: dict[str, Any]) -> None:
    with pytest.raises(YunqiError) as caught:
        build_model(SHORT | changes, device="meta")
    assert caught.value.code == "config-contradiction"


def test_buffers_of_old_checkpoints_are_passed_over(tmp_path: Path) -> None:
    model = random_model(SHORT, 2)
    save_model(model, tmp_path)
    file = tmp_path / "model.safetensors"
    old = {"transformer.h.0.attn.masked_bias": torch.tensor(-1e4), "transformer.rotary_emb.inv_freq": torch.ones(4)}
    save_file(load_file(file) | old, file)
    assert load_model(tmp_path).lm_head.weight.equal(model.lm_head.weight)
    save_file(load_file(file) | {"transformer.h.0.attn.extra": torch.ones(1)}, file)
    with pytest.raises(YunqiError, match="no place for"):
        load_model(tmp_path)
