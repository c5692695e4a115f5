"""Checkpoints straight into packed form, and packed forms kept for the next start."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.native import require_native
from tests.parity.cases import CASES, Case, random_config, reference_model, save_reference
from yunqi.engine import kept as kept_weights
from yunqi.engine import packed_checkpoint
from yunqi.engine.loader import load_model
from yunqi.engine.packed_checkpoint import load_packed
from yunqi.engine.packing import pack_model
from yunqi.hub.header import read_header
from yunqi.layers.linear import Packed
from yunqi.ops.native.matrix import KINDS, Kind

SEEDS = range(3)


@pytest.fixture(autouse=True)
def small_models_are_kept_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    require_native()
    monkeypatch.setattr(packed_checkpoint, "KEPT_FROM_BYTES", 0)
    monkeypatch.setattr(packed_checkpoint, "_PART_BYTES", 4096)  # many parts of each matrix
    monkeypatch.setenv("YUNQI_HOME", str(tmp_path / "home"))


@pytest.fixture(params=SEEDS)
def checkpoint(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    case = next(case for case in CASES if case.architecture == "Qwen3ForCausalLM")
    config = random_config(case, request.param)
    save_reference(case, config, reference_model(case, config, request.param), tmp_path / "model")
    return tmp_path / "model"


SPARSE = ("Qwen2MoeForCausalLM", "Qwen3MoeForCausalLM", "Qwen3NextForCausalLM", "Qwen3_5MoeForCausalLM")


@pytest.fixture(params=SPARSE)
def sparse(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Case, Path]:
    """As the reference writes it: the experts of a layer one by one, or all in two tensors."""
    case = next(case for case in CASES if case.architecture == request.param)
    config = random_config(case, 2) | {"num_experts": 3, "num_experts_per_tok": 2}
    config |= {"mlp_only_layers": [], "decoder_sparse_step": 1}
    save_reference(case, config, reference_model(case, config, 2), tmp_path / "model")
    return case, tmp_path / "model"


def kept(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "home" / "packed").glob("*"))


def contents(model: Any) -> dict[str, bytes]:
    found = {n: m.matrix.data.tobytes() for n, m in model.named_modules() if isinstance(m, Packed)}
    return found | {n: p.detach().float().numpy().tobytes() for n, p in model.named_parameters()}


@pytest.mark.parametrize("kind", KINDS)
def test_loaded_in_parts_equals_packed_in_whole(checkpoint: Path, kind: Kind) -> None:
    whole = pack_model(load_model(checkpoint, dtype="stored"), kind)
    assert contents(load_packed(checkpoint, kind)) == contents(whole)


def fused(path: Path) -> None:
    """Write the other layout."""
    from safetensors.torch import load_file, save_file

    from tests.parity.test_moe import fused as joined

    tensors = joined(load_file(path / "model.safetensors"))
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path / "model.safetensors")


@pytest.mark.parametrize("kind", ["bfloat16", "int4"])
def test_experts_are_packed_out_of_either_layout(sparse: tuple[Case, Path], kind: Kind, tmp_path: Path) -> None:
    case, path = sparse
    wanted = contents(pack_model(load_model(path, dtype="stored"), kind))
    model = load_packed(path, kind)
    assert contents(model) == wanted
    assert kind == "bfloat16" or contents(load_packed(path, kind)) == wanted  # from what was kept
    routers = [m for n, m in model.named_modules() if n.endswith("mlp.gate")]
    assert all(isinstance(m, Packed) and m.matrix.kind == "bfloat16" for m in routers)
    if ".experts.0." in "".join(header_names(path)):
        fused(path)
        assert ".experts.0." not in "".join(header_names(path))
        assert contents(load_packed(path, kind)) == wanted
    assert case.shared_expert == any("shared_expert." in name for name in wanted)


def header_names(path: Path) -> list[str]:
    return [entry.name for entry in read_header(path / "model.safetensors")]


@pytest.mark.parametrize("kind", ["int8", "int4"])
def test_the_next_start_reads_what_was_kept(
    checkpoint: Path, kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = contents(load_packed(checkpoint, kind))
    assert len(kept(tmp_path)) == 1
    monkeypatch.setattr(packed_checkpoint, "_packed", None)  # packing again would fail
    assert contents(load_packed(checkpoint, kind)) == first


def test_wide_weights_and_small_models_are_not_kept(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_packed(checkpoint, "bfloat16")
    monkeypatch.setattr(packed_checkpoint, "KEPT_FROM_BYTES", 1 << 30)
    load_packed(checkpoint, "int8")
    assert kept(tmp_path) == []


@pytest.mark.parametrize("damage", ["bit", "cut", "empty", "header", "sums"])
def test_a_damaged_file_is_made_anew(
    checkpoint: Path, damage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = contents(load_packed(checkpoint, "int4"))
    (file,) = kept(tmp_path)
    data = bytearray(file.read_bytes())
    match damage:
        case "bit":
            data[len(data) // 2] ^= 1
        case "cut":
            del data[-100:]
        case "empty":
            data.clear()
        case "header":
            data[9] ^= 0x40
        case _:
            data[-3] ^= 1
    file.write_bytes(data)
    with caplog.at_level(logging.WARNING):
        assert contents(load_packed(checkpoint, "int4")) == first
    assert "made anew" in caplog.text
    assert file.read_bytes() != data


def test_other_weights_have_another_file(checkpoint: Path, tmp_path: Path) -> None:
    load_packed(checkpoint, "int4")
    weights = checkpoint / "model.safetensors"
    os.utime(weights, ns=(1, 1))
    load_packed(checkpoint, "int4")
    assert len(kept(tmp_path)) == 2


def test_the_oldest_files_make_room(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_packed(checkpoint, "int4")
    (first,) = kept(tmp_path)
    monkeypatch.setattr(kept_weights, "KEPT_BYTES", first.stat().st_size)
    load_packed(checkpoint, "int8")
    assert [file for file in kept(tmp_path) if file != first] == kept(tmp_path)
    assert len(kept(tmp_path)) == 1


def test_a_home_that_refuses_costs_time_alone(
    checkpoint: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "packed").write_text("in the way")
    with caplog.at_level(logging.WARNING):
        model = load_packed(checkpoint, "int4")
    assert "not kept" in caplog.text
    assert contents(model) == contents(pack_model(load_model(checkpoint, dtype="stored"), "int4"))


def test_any_change_changes_the_sum() -> None:
    random = np.random.default_rng(0)
    for size in (1, 31, 32, 33, 1000):
        data = random.integers(0, 256, size, dtype=np.uint8)
        sums = {kept_weights.sum_of(data)}
        for at in range(size):
            changed = data.copy()
            changed[at] ^= 1 << random.integers(8)
            sums.add(kept_weights.sum_of(changed))
        assert len(sums) == size + 1


def test_float16_weights_are_read(checkpoint: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = {name: value.half() for name, value in load_file(checkpoint / "model.safetensors").items()}
    save_file(weights, checkpoint / "model.safetensors", metadata={"format": "pt"})
    model = load_packed(checkpoint, "float32")
    name = "model.layers.0.mlp.up_proj"
    packed = model.get_submodule(name)
    assert isinstance(packed, Packed)
    assert torch.equal(packed.weight, weights[f"{name}.weight"].float())
