"""The native kernels: equal to their formulas, to each other at every level, and to themselves in any company."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.native import require_native
from tests.parity.cases import CASES, random_config, reference_model
from tests.parity.test_dense import ours
from tests.parity.test_serving import LIMITS, Recorder, natively, request
from yunqi.common.errors import YunqiError
from yunqi.engine.core import Engine
from yunqi.engine.native_runner import NativeRunner
from yunqi.engine.scheduler import SchedulerConfig
from yunqi.engine.torch_runner import TorchRunner
from yunqi.layers.linear import Packed
from yunqi.ops.native import library as native
from yunqi.ops.native.matrix import GROUPS, KINDS, Kind, PackedMatrix

QWEN3 = next(case for case in CASES if case.architecture == "Qwen3ForCausalLM")


@pytest.fixture(autouse=True)
def best_level() -> Iterator[None]:
    require_native()
    yield
    native.set_level(native.best_level())


def random_matrix(rows: int, columns: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))


shapes = st.tuples(st.integers(1, 70), st.integers(1, 300), st.integers(1, 40), st.sampled_from(GROUPS))


@pytest.mark.parametrize("kind", KINDS)
@given(shape=shapes, seed=st.integers(0, 100), with_bias=st.booleans())
def test_a_product_is_that_of_the_unpacked_weights(
    kind: Kind, shape: tuple[int, int, int, int], seed: int, with_bias: bool
) -> None:
    """At every level the same bits, a row alone the same as in company; close to the formula."""
    rows, columns, count, group = shape
    matrix = PackedMatrix.pack(random_matrix(rows, columns, seed), kind, group, team=native.Team(1))
    x, bias = random_matrix(count, columns, seed + 1), random_matrix(1, rows, seed + 2)[0] if with_bias else None
    found = {}
    for team in (native.Team(1), native.Team(3)):
        for level in native.levels():
            native.set_level(level)
            found[level] = matrix.multiply(x, bias, team)
            assert torch.equal(found[level], found["scalar"])
            one = count // 2
            assert torch.equal(matrix.multiply(x[one : one + 1], bias, team), found["scalar"][one : one + 1])
    wanted = x @ matrix.unpack().T + (0 if bias is None else bias)
    rounding = 0.02 if kind in ("int8", "int4") else 1e-6  # activations of quantised products have eight bits
    scale = x.norm(dim=-1, keepdim=True) * matrix.unpack().norm(dim=-1) + 1e-6
    assert ((found["scalar"] - wanted).abs() / scale).max() < rounding


@pytest.mark.parametrize("kind", ["int8", "int4"])
@pytest.mark.parametrize("seed", range(10))
def test_the_integer_part_is_exact(kind: Kind, seed: int) -> None:
    """One group: integers times integers, times two scales, rounded once each."""
    weight, x = random_matrix(16, 32, seed), random_matrix(5, 32, seed + 50)
    matrix = PackedMatrix.pack(weight, kind, 32)
    scale = scales_of(matrix)
    whole = np.rint(matrix.unpack().numpy() / scale[:, None]).astype(np.int64)
    assert np.abs(whole).max() <= (128 if kind == "int8" else 8)
    largest = np.abs(x.numpy()).max(axis=1)
    values = np.rint(x.numpy() * (np.float32(127) / largest)[:, None]).astype(np.int64)
    products = (values @ whole.T).astype(np.float32)
    wanted = products * (scale[None, :] * (largest / np.float32(127))[:, None])
    assert np.array_equal(matrix.multiply(x).numpy(), wanted)


def scales_of(matrix: PackedMatrix) -> np.ndarray:
    """The scales of a matrix of one tile and one group: its last 32 bytes."""
    return matrix.data[-32:].view(np.float16).astype(np.float32)


def test_what_fits_is_packed_without_loss() -> None:
    whole = torch.randint(-127, 128, (40, 64)).float()
    whole[:, ::32] = 127  # so that the scale is one
    assert torch.equal(PackedMatrix.pack(whole, "int8").unpack(), whole)
    small = torch.randint(-8, 8, (40, 64)).float()
    small[:, ::32] = -8
    assert torch.equal(PackedMatrix.pack(small, "int4").unpack(), small)
    halves = random_matrix(33, 7).bfloat16()
    assert torch.equal(PackedMatrix.pack(halves, "bfloat16").unpack(), halves.float())
    assert torch.equal(PackedMatrix.pack(whole, "float32").unpack(3, 2), whole[3:5])


@pytest.mark.parametrize("kind, most", [("int8", 0.006), ("int4", 0.085)])
def test_packing_loses_little(kind: Kind, most: float) -> None:
    weight = random_matrix(64, 1024)
    assert (PackedMatrix.pack(weight, kind).unpack() - weight).norm() / weight.norm() < most


def test_zeros_and_tiny_and_huge_weights_pack() -> None:
    weight = torch.stack([torch.zeros(64), torch.full((64,), 1e-30), torch.full((64,), 1e30), torch.full((64,), 3e-6)])
    for kind in KINDS:
        unpacked = PackedMatrix.pack(weight, kind).unpack()
        assert torch.isfinite(unpacked).all()
        assert (unpacked[0] == 0).all()


@pytest.mark.parametrize("window", [None, 70, 700])
@pytest.mark.parametrize("heads", [(1, 1, 8), (6, 2, 18), (4, 4, 32), (8, 1, 16)])
def test_a_long_context_is_attended_to_as_the_formulas_say(window: int | None, heads: tuple[int, int, int]) -> None:
    """Past several splits of 512 keys, in chunks, with and without a window; alone and beside a short one."""
    num_heads, num_kv_heads, head_dim = heads
    changes = {
        "num_attention_heads": num_heads,
        "num_key_value_heads": num_kv_heads,
        "head_dim": head_dim,
        "max_position_embeddings": 2048,
        "use_sliding_window": window is not None,
        "sliding_window": window,
        "max_window_layers": 0,
        "layer_types": None,
    }
    config = random_config(QWEN3, 1) | {k: v for k, v in changes.items() if v is not None or k == "layer_types"}
    config.pop("layer_types", None)
    model = ours(QWEN3, config, reference_model(QWEN3, config, 1))
    limits: dict[str, Any] = LIMITS | {"max_model_len": 2048, "num_blocks": 300}
    wanted = logits_of(TorchRunner(model, backend="naive", device="cpu", **limits), config["vocab_size"])
    found = logits_of(NativeRunner(natively(model, "float32"), team=native.Team(2), **limits), config["vocab_size"])
    assert wanted.keys() == found.keys()
    for key, row in wanted.items():
        assert np.abs(found[key] - row).max() < 2e-4 * np.abs(row).max(), key
    packed = natively(model, "float32")
    rounded = logits_of(NativeRunner(packed, team=native.Team(2), kv_dtype=torch.int8, **limits), config["vocab_size"])
    for key, row in wanted.items():  # half a step of a 127th of the largest value is lost on each
        assert 0 < np.abs(rounded[key] - row).max() < 3e-2 * np.abs(row).max(), key


def logits_of(runner: TorchRunner, vocab_size: int) -> dict[tuple[str, int], np.ndarray]:
    recorder = Recorder(runner)
    engine = Engine(recorder, SchedulerConfig(max_num_batched_tokens=256, max_num_seqs=20))
    for name, length in (("long", 1300), ("short", 5)):
        made = request(name, [i * 7 % vocab_size for i in range(length)], 1)
        engine.add(made)
    while engine.has_requests:
        engine.step()
    return recorder.rows


def test_a_packed_module_stands_for_its_weight() -> None:
    config = random_config(QWEN3, 0)
    packed = natively(ours(QWEN3, config, reference_model(QWEN3, config, 0)), "int4")
    module = next(m for m in packed.modules() if isinstance(m, Packed))
    assert torch.equal(module.weight, module.matrix.unpack())
    assert torch.equal(module.packed, torch.from_numpy(module.matrix.data))


def test_structs_have_the_sizes_of_the_header() -> None:
    """What ctypes lays out is what the compiler does: pointers and int64 on eight bytes, no gaps but those."""
    assert ctypes.sizeof(native.Matrix) == 32
    assert ctypes.sizeof(native.Rows) == 32
    assert ctypes.sizeof(native.Step) == 104
    assert ctypes.sizeof(native.Op) % 8 == 0


def test_a_level_that_is_not_there_is_refused() -> None:
    with pytest.raises((YunqiError, ValueError)):
        native.set_level("amx")  # pyright: ignore


def test_a_library_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YUNQI_NATIVE", "/nowhere/libyunqi_native.so")
    native.library.cache_clear()
    assert "nowhere" in (native.problem() or "")
    monkeypatch.undo()
    native.library.cache_clear()
    assert native.problem() is None
