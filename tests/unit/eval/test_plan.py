"""Plans: counts that equal the model's, times that follow the roofline, files that are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from yunqi.common.errors import YunqiError
from yunqi.engine.loader import load_model
from yunqi.engine.torch_memory import block_bytes
from yunqi.eval.plan import Device, Structure, plan, read_devices, structure_of
from yunqi.hub.checkpoint import read_config
from yunqi.hub.released_configs import released_configs
from yunqi.hub.resolve import resolve

DEVICE = Device(name="d", memory=8e9, bandwidth=1e11, arithmetic=1e13, memory_share=1.0, arithmetic_share=1.0)
# Billions of parameters, and of those that a token meets, as the makers state them.
STATED = {
    "Qwen/Qwen1.5-MoE-A2.7B": (14.3, 2.7),
    "Qwen/Qwen2-57B-A14B-Instruct": (57.4, 14.0),
    "Qwen/Qwen3-30B-A3B": (30.5, 3.3),
    "Qwen/Qwen3-235B-A22B": (235.0, 22.0),
    "Qwen/Qwen3-Coder-480B-A35B-Instruct": (480.0, 35.0),
    "Qwen/Qwen3-Next-80B-A3B-Instruct": (80.0, 3.0),
}


QUICK = ("Qwen/Qwen1.5-MoE-A2.7B", "Qwen/Qwen3-30B-A3B")  # others have tens of thousands of modules


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in STATED]
)
def test_the_released_sizes_are_the_stated_ones(name: str) -> None:
    config = released_configs()[name]
    found, (total, active) = structure_of(config, name), STATED[name]
    assert found.num_parameters / 1e9 == pytest.approx(total, rel=0.02)
    head = config["vocab_size"] * config["hidden_size"]
    # Some makers count the tables among what a token meets, and some do not.
    assert (found.active - head) / 1e9 <= active * 1.12
    assert (found.active + head) / 1e9 >= active * 0.95


@pytest.mark.slow
def test_the_sketch_has_a_trillion_parameters() -> None:
    assert structure_of(released_configs()["qwen3-max-sketch"]).num_parameters > 1e12


def test_nano_is_counted_as_it_is() -> None:
    model, found = load_model(resolve("nano")), structure_of(read_config(resolve("nano")))
    assert found.num_parameters == sum(p.numel() for p in model.parameters())
    assert found.active == sum(p.numel() for p in model.parameters() if p.ndim == 2)
    assert found.looked_up == 0
    assert found.head == model.lm_head.weight.numel()
    assert found.elements == found.active
    assert model.embedding.weight.itemsize * found.cache_elements * 16 == block_bytes(model, 16)
    assert (found.cache_elements + 4 * found.cache_scales) * 16 == block_bytes(model, 16, torch.int8)
    assert found.state_elements == 0


def test_a_hybrid_remembers_little_of_a_token_and_a_state_of_a_sequence() -> None:
    found = structure_of(released_configs()["Qwen/Qwen3-Next-80B-A3B-Instruct"])
    assert found.cache_elements == 12 * 2 * 2 * 256
    assert found.state_elements >= 36 * 32 * 128 * 128


def structure(**changes: Any) -> Structure:
    values: dict[str, Any] = {
        "name": "s", "num_parameters": 1_000_000_000, "dense": 900_000_000, "head": 100_000_000, "experts": (),
        "looked_up": 100_000_000, "cache_elements": 1000, "cache_scales": 10, "state_elements": 0, "attended": 1000,
        "context": 100_000,
    }  # fmt: skip
    return Structure(**(values | changes))


def test_a_step_reads_weights_and_caches() -> None:
    found = plan(structure(), DEVICE, context=1000, batch=4)
    assert found.weight_bytes == 2e9
    assert found.decode_tokens_per_second == pytest.approx(4 / ((1.8e9 + 4 * 1000 * 2000) / 1e11))
    # The head is asked of one token.
    assert found.prefill_seconds == pytest.approx((2 * 8e8 * 1000 + 2 * 1e8 + 2 * 1000 * 1000**2) / 1e13)
    assert found.sequences == 3000


def test_states_are_read_and_written_and_take_their_operations() -> None:
    alone, found = (plan(structure(state_elements=n), DEVICE, context=1000) for n in (0, 10_000_000))
    assert found.state_bytes_per_sequence == 4e7
    more = 1 / found.decode_tokens_per_second - 1 / alone.decode_tokens_per_second
    assert more == pytest.approx(8e7 / 1e11)
    assert found.prefill_seconds - alone.prefill_seconds == pytest.approx(7 * 1e7 * 1000 / 1e13)


def test_a_cache_of_int8_has_scales() -> None:
    found = plan(structure(), DEVICE, kv_cache_dtype="int8")
    assert found.cache_bytes_per_token == 1000 + 4 * 10


def test_a_short_prompt_takes_the_reading_of_the_weights() -> None:
    assert plan(structure(), DEVICE, context=1).prefill_seconds == pytest.approx(1.8e9 / 1e11)


def test_a_batch_reaches_more_experts_and_never_more_than_all() -> None:
    sparse = structure(experts=((64, 8, 1_000_000),))
    assert sparse.active == 900_000_000 + 8_000_000
    assert sparse.read_by(1) == pytest.approx(sparse.active)
    reached = [sparse.read_by(n) for n in (1, 2, 8, 1000)]
    assert reached == sorted(reached)
    assert reached[-1] == pytest.approx(900_000_000 + 64_000_000)


def test_fewer_bits_are_faster_and_fit_more() -> None:
    plans = [plan(structure(), DEVICE, dtype=dtype) for dtype in ("float32", "bfloat16", "int8", "int4")]
    speeds = [found.decode_tokens_per_second for found in plans]
    assert speeds == sorted(speeds)
    assert plans[0].weight_bytes > plans[-1].weight_bytes * 7


def test_what_does_not_fit_is_said() -> None:
    found = plan(structure(num_parameters=5_000_000_000), DEVICE)
    assert not found.fits
    assert found.sequences == 0


def test_prices_are_of_all_devices() -> None:
    found = plan(structure(), Device(name="d", memory=8e9, bandwidth=1e11, arithmetic=1e13, count=2, price=3.6))
    assert found.output_cost == pytest.approx(2e-3 / found.decode_tokens_per_second * 1e6)


@pytest.mark.parametrize(
    "options",
    [{"dtype": "int3"}, {"context": 0}, {"context": 100_001}, {"batch": 0}, {"kv_cache_dtype": "int4"}],
    ids=str,
)
def test_wrong_options(options: dict[str, Any]) -> None:
    with pytest.raises(YunqiError) as caught:
        plan(structure(), DEVICE, **options)
    assert caught.value.code == "option-invalid"


def test_a_file_of_devices(tmp_path: Path) -> None:
    path = tmp_path / "h.toml"
    path.write_text("[[device]]\nname='a'\nmemory_gb=80\nbandwidth_gb_s=3350\ntflops=989\ncount=8\nprice=2.5\n")
    (device,) = read_devices(path)
    assert (device.memory, device.bandwidth, device.arithmetic, device.count) == (80e9, 3350e9, 989e12, 8)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", r"no \[\[device"),
        ("device = 3", r"no \[\[device"),
        ("[[device]]\nmemory_gb=1", "lacks bandwidth_gb_s, tflops"),
        ("[[device]]\nmemory_gb='x'", "no number"),
        ("[[device]]\nmemory_gb=-1", "no number above 0"),
        ("[[device]]\nspeed=1", "no field"),
        ("[[device]]\nmemory_share=2", "above 1"),
        ("[[device]]\ncount=1.5", "whole"),
        ("[[device]]\nname=3", "no text"),
        ("[[", "cannot be used"),
    ],
)
def test_files_that_are_wrong(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "h.toml"
    path.write_text(text)
    with pytest.raises(YunqiError, match=reason) as caught:
        read_devices(path)
    assert caught.value.code == "hardware-invalid"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(YunqiError, match="No such file"):
        read_devices(tmp_path / "nowhere.toml")
