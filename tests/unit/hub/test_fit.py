from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.native import require_native
from tests.parity.cases import CASES, Case, random_config
from tests.unit.hub.conftest import CONFIG, safetensors_bytes, write_checkpoint
from yunqi.common.errors import YunqiError
from yunqi.common.machine import Memory
from yunqi.engine.loader import build_model
from yunqi.engine.packing import check_native
from yunqi.hub import fit
from yunqi.hub.catalog import describe
from yunqi.hub.estimate import memory_bytes
from yunqi.hub.fit import check_fit
from yunqi.hub.released import next_smaller, released_models
from yunqi.hub.spill import spill_of_record

# Parameters as the makers state them, in billions.
STATED = {
    "Qwen/Qwen2.5-0.5B-Instruct": 0.49, "Qwen/Qwen2.5-1.5B-Instruct": 1.54, "Qwen/Qwen2.5-3B-Instruct": 3.09,
    "Qwen/Qwen2.5-7B-Instruct": 7.61, "Qwen/Qwen2.5-14B-Instruct": 14.7, "Qwen/Qwen2.5-32B-Instruct": 32.5,
    "Qwen/Qwen2.5-72B-Instruct": 72.7, "Qwen/Qwen3-0.6B": 0.6, "Qwen/Qwen3-1.7B": 1.7, "Qwen/Qwen3-4B": 4.0,
    "Qwen/Qwen3-8B": 8.2, "Qwen/Qwen3-14B": 14.8, "Qwen/Qwen3-32B": 32.8,
}  # fmt: skip


def test_the_table_has_the_stated_sizes() -> None:
    found = {model.name: (model.num_parameters or 0) / 1e9 for model in released_models()}
    assert found == {name: pytest.approx(size, rel=0.02) for name, size in STATED.items()}


@given(room=st.integers(0, 10**12), start=st.sampled_from(released_models()), native=st.booleans())
def test_the_next_smaller_is_smaller_and_the_largest_that_fits(room: int, start: object, native: bool) -> None:
    from yunqi.hub.catalog import ModelRecord

    assert isinstance(start, ModelRecord)
    costs = {m.name: memory_bytes(m, native_bfloat16=native) or 0 for m in released_models()}
    below = [m for m in released_models() if (m.num_parameters or 0) < (start.num_parameters or 0)]
    fitting = [m for m in below if costs[m.name] <= room]
    found = next_smaller(start, room=room, native_bfloat16=native)
    if found is None:
        assert not fitting
        return
    assert found in fitting
    own = [m for m in fitting if m.architecture == start.architecture]
    assert found.architecture == start.architecture or not own
    assert all((m.num_parameters or 0) <= (found.num_parameters or 0) for m in own)


def test_what_does_not_fit_is_refused_by_name(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_checkpoint(user / "big", weights=safetensors_bytes({"w": ("BF16", [1000, 1000], 2)}))
    needed = memory_bytes(describe(path), native_bfloat16=True) or 0
    monkeypatch.setattr(fit, "has_native_bfloat16", lambda: True)
    monkeypatch.setattr(fit, "memory", lambda: Memory(total=needed, available=needed))
    check_fit(path)
    with pytest.raises(YunqiError, match=r"needs about 423\.6 MB"):
        check_fit(path, float32=True)
    monkeypatch.setattr(fit, "memory", lambda: Memory(total=needed, available=needed - 1))
    with pytest.raises(YunqiError, match=r"'mine' needs about .* Close other programs\. Or so\.") as caught:
        check_fit(path, name="mine", remedy=" Or so.")
    assert caught.value.code == "memory-too-small"


def test_the_next_smaller_is_named(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = user / "eight"
    write_checkpoint(path, CONFIG | {"num_hidden_layers": 36})
    # A header may speak of 8 billion numbers in a file with a hole.
    content = safetensors_bytes({"w": ("BF16", [10, 10], 2)})
    header = content[8:-200].replace(b"[10, 10]", b"[8000, 1000000]").replace(b"[0, 200]", b"[0, 16000000000]")
    with (path / "model.safetensors").open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + 16_000_000_000)
    monkeypatch.setattr(fit, "has_native_bfloat16", lambda: True)
    monkeypatch.setattr(fit, "memory", lambda: Memory(total=10**10, available=10**10))
    with pytest.raises(
        YunqiError, match=r"'eight' needs about 16.4 GB .*-q int8 it takes about 8\.9 GB.* is Qwen/Qwen3-4B \(about 9"
    ):
        check_fit(path)
    monkeypatch.setattr(fit, "memory", lambda: Memory(total=6 * 10**9, available=6 * 10**9))
    with pytest.raises(YunqiError, match=r"-q int4 it takes about 4\.9 GB"):
        check_fit(path)
    with pytest.raises(YunqiError, match=r"^((?!-q int4).)*$"):
        check_fit(path, quantization="int8")


def test_unknown_sizes_are_left_to_loading(user: Path) -> None:
    check_fit(write_checkpoint(user / "broken", weights=b"x"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.architecture)
def test_the_native_core_runs_what_fewer_bits_are_offered_for(case: Case) -> None:
    require_native()
    check_native(build_model(random_config(case, 0), device="meta"))


def test_fewer_bits_are_offered_for_what_is_known(user: Path) -> None:
    known = describe(write_checkpoint(user / "known"))
    alien = describe(write_checkpoint(user / "alien", CONFIG | {"architectures": ["Alien"]}))
    assert "-q int8" in fit.fewer_bits(known, available=10**12)
    assert fit.fewer_bits(alien, available=10**12) == ""


def test_experts_may_stay_on_the_disk(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight experts of 2 MB as they are stored, in two layers: one layer's are what must fit beside the rest."""
    tensors: dict[str, tuple[str, list[int], int]] = {
        f"model.layers.{layer}.mlp.experts.{i}.up_proj.weight": ("BF16", [1000, 1000], 2)
        for layer in range(2)
        for i in range(4)
    }
    weights = safetensors_bytes({"w": ("BF16", [1000, 1000], 2), **tensors})
    path = write_checkpoint(user / "moe", CONFIG | {"num_experts": 4, "num_experts_per_tok": 1}, weights)
    monkeypatch.setattr(fit, "has_native_bfloat16", lambda: True)
    needed = memory_bytes(describe(path), native_bfloat16=True) or 0
    for available, starts in ((needed - 1, True), (needed - 8_000_000, True), (needed - 8_000_001, False)):
        monkeypatch.setattr(fit, "memory", lambda room=available: Memory(total=room, available=room))
        with pytest.raises(YunqiError) as caught:
            check_fit(path)
        assert caught.value.code == "memory-too-small"
        if starts:
            check_fit(path, may_spill=True)
            continue
        with pytest.raises(YunqiError, match=r"one layer, and .* choose a smaller model\. Or so\.") as caught:
            check_fit(path, may_spill=True, remedy=" Or so.")
        assert caught.value.code == "memory-too-small-layer"
    found = spill_of_record(describe(path), available=needed - 12_000_000, native_bfloat16=True)
    assert found is not None
    assert (found.expert_bytes, found.needed - found.resident, found.least - found.resident) == (16e6, 16e6, 8e6)
    assert found.read_bytes == pytest.approx(0.25 * 16e6 * 0.75)  # a quarter is chosen, a quarter of all is in memory
