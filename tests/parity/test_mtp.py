"""The multi-token head in the native core: the formulas' hidden states and logits, and loaded as its model is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from tests.integration.arrangements import NATIVE, with_head
from tests.integration.hybrid_model import random_weights
from tests.integration.test_packed_checkpoint import contents
from tests.native import require_native
from tests.parity.test_hybrid import HYBRID, Case, config_of
from tests.parity.test_moe import E4M3, by_hand, in_fp8
from tests.quantized import LAYOUTS, rounded
from tests.quantized import config_of as quantization_config_of
from tests.unit.engine.test_scheduling import request
from yunqi.common.errors import YunqiError
from yunqi.engine import packed_checkpoint
from yunqi.engine.batch import Batch, Chunk
from yunqi.engine.loader import build_model, load_model, load_mtp
from yunqi.engine.native_runner import NativeRunner
from yunqi.engine.packed_checkpoint import load_packed, load_packed_mtp
from yunqi.engine.packing import check_native, pack_model
from yunqi.engine.request import Request
from yunqi.layers.hybrid import HybridCausalLM
from yunqi.layers.linear import Packed
from yunqi.ops.context import ForwardContext
from yunqi.ops.native.library import Team
from yunqi.ops.native.matrix import KINDS, Kind

LENGTHS = (37, 6)
TOLERANCE: dict[Kind, float] = {"float32": 1e-5, "bfloat16": 5e-3, "int8": 0.05, "int4": 0.05}  # of the whole norm


@pytest.fixture(autouse=True)
def built() -> None:
    require_native()


def asked(lengths: tuple[int, ...], vocab_size: int) -> list[Request]:
    """Requests with blocks and slots, one token more than is fed."""
    found, first_block = [], 1
    for i, length in enumerate(lengths):
        made = request(f"r{i}", [(7 * i + 5 * j) % vocab_size for j in range(length + 1)], 1)
        made.block_table = list(range(first_block, first_block + -(-length // 16)))
        made.state_slot, first_block = i + 1, first_block + len(made.block_table)
        found.append(made)
    return found


def whole(requests: list[Request], cuts: Callable[[int], tuple[int, int]]) -> Batch:
    parts = [(one, *cuts(one.prompt_len - 1)) for one in requests]
    return Batch(chunks=tuple(Chunk(request=r, start=a, stop=b, logits_from=b) for r, a, b in parts if b > a))


def off(found: Tensor, wanted: Tensor) -> float:
    return float((found - wanted).norm() / wanted.norm())


def unpack_into(plain: nn.Module, packed: nn.Module) -> None:
    """Give a module what another's packed weights stand for."""
    for name, module in packed.named_modules():
        if isinstance(module, Packed):
            plain.get_submodule(name).weight.data = module.weight


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("case", HYBRID.values(), ids=lambda c: c.architecture)
@torch.inference_mode()
def test_what_is_replayed_is_what_the_formulas_say(case: Case, seed: int, kind: Kind) -> None:
    """Two sequences in two uneven chunks each: the model's hidden states, the head's over them, and the logits."""
    config = config_of(case, seed, architectures=[case.architecture])
    plain = cast(HybridCausalLM, random_weights(build_model(config), seed))
    try:
        check_native(plain)
    except YunqiError as error:
        pytest.skip(error.sentence)
    packed = cast(HybridCausalLM, random_weights(build_model(config), seed))
    heads = [random_weights(plain.make_mtp(), seed + 50) for _ in range(2)]
    pack_model(packed, kind, team=Team(2))
    pack_model(heads[1], kind, team=Team(2))
    for ours, theirs in ((plain, packed), (heads[0], heads[1])):
        unpack_into(ours, theirs)
    limits: dict[str, Any] = {"max_model_len": 64, "max_num_seqs": 2, "max_num_batched_tokens": 64, "num_blocks": 8}
    runner = NativeRunner(packed, team=Team(2), **limits)
    runner.add_mtp(heads[1])
    requests = asked(LENGTHS, config["vocab_size"])

    found: dict[str, list[Tensor]] = {name: [] for name in ["r0", "r1", "m0", "m1"]}
    for cuts in (lambda n: (0, n // 2 + 1), lambda n: (n // 2 + 1, n)):
        batch = whole(requests, cuts)
        runner.run(batch)
        hidden_TD = runner.hidden_TD[: batch.num_tokens].clone()
        next_ids = [token for c in batch.chunks for token in c.request.token_ids[c.start + 1 : c.stop + 1]]
        further_TD = runner.run_mtp(batch, next_ids, hidden_TD, range(batch.num_tokens))
        logits_TV = torch.from_numpy(runner.logits_of(further_TD))
        assert off(logits_TV, further_TD @ plain.lm_head.weight.T) < TOLERANCE[kind]
        sizes = [c.num_tokens for c in batch.chunks]
        for c, own, further in zip(batch.chunks, hidden_TD.split(sizes), further_TD.split(sizes), strict=True):
            found[c.request.request_id].append(own)
            found[c.request.request_id.replace("r", "m")].append(further)

    for i, one in enumerate(requests):
        count = one.prompt_len - 1
        ids, positions = torch.tensor(one.token_ids), torch.arange(count)
        ctx = ForwardContext.training([0, count], backend="naive")
        own_TD = torch.cat(found[f"r{i}"])
        if kind in ("float32", "bfloat16"):  # in integers a whole model strays further, where it has experts
            assert off(own_TD, plain(ids[:-1], positions, ctx)) < 2 * TOLERANCE[kind]
        further_TD = heads[0](plain.embedding(ids[1:], ctx), own_TD, positions, ctx)  # so that only the head differs
        assert off(torch.cat(found[f"m{i}"]), further_TD) < TOLERANCE[kind]


def heads_of(path: Path, kind: Kind) -> tuple[nn.Module, nn.Module]:
    """Loaded packed, and packed after loading."""
    model = load_packed(path, kind)
    loaded = load_model(path, dtype="stored")
    plain = load_mtp(path, cast(HybridCausalLM, loaded))
    return load_packed_mtp(path, cast(HybridCausalLM, model)), pack_model(plain, kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [name for name in NATIVE.values() if name != "dense"])
def test_it_is_packed_and_kept_as_its_model(
    name: str, kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_checkpoint, "KEPT_FROM_BYTES", 0)
    monkeypatch.setenv("YUNQI_HOME", str(tmp_path / "home"))
    path = with_head(tmp_path / "model", name, torch.bfloat16)
    found, wanted = heads_of(path, kind)
    assert contents(found) == contents(wanted)
    files = sorted(file.name for file in (tmp_path / "home" / "packed").glob("*"))
    assert len(files) == (2 if kind in ("int8", "int4") else 0)
    if files:
        assert [name.endswith("-mtp.safetensors") for name in files].count(True) == 1
        monkeypatch.setattr(packed_checkpoint, "_packed", None)  # packing again would fail
        again = load_packed_mtp(path, cast(HybridCausalLM, load_packed(path, kind)))
        assert contents(again) == contents(wanted)


def quantised(path: Path, made: Callable[[str, Tensor], dict[str, Tensor]], config: dict[str, Any]) -> None:
    """Write the head's projections anew, and say so in the config."""
    tensors: dict[str, Tensor] = {}
    for name, value in load_file(path / "model.safetensors").items():
        own = name.startswith("mtp.") and value.ndim == 2 and ".gate." not in name and "_gate." not in name
        tensors |= made(name, value) if own else {name: value}
    save_file(tensors, path / "model.safetensors", metadata={"format": "pt"})
    written = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps(written | {"quantization_config": config}))


@pytest.mark.parametrize("layout", ["pack-quantized", "gptq", "awq"])
def test_integers_in_groups_are_kept_as_they_are(layout: str, tmp_path: Path) -> None:
    path, weights = with_head(tmp_path / "model", "next"), {}

    def made(name: str, value: Tensor) -> dict[str, Tensor]:
        matrix = rounded(value.float(), 4, 32)
        weights[name.removeprefix("mtp.")] = matrix.weight
        return {name.removesuffix(".weight") + part: t for part, t in LAYOUTS[layout](matrix).items()}

    quantised(path, made, quantization_config_of(layout, 4, 32))
    loaded = load_mtp(path, cast(HybridCausalLM, load_model(path, dtype="float32")))
    packed = load_packed_mtp(path, cast(HybridCausalLM, load_packed(path, "float32")))
    assert "fc.weight" in weights
    for name, weight in weights.items():
        module = packed.get_submodule(name.removesuffix(".weight"))
        assert isinstance(module, Packed)
        assert module.matrix.kind == "int4"
        assert torch.equal(module.weight, weight)
        assert torch.equal(loaded.state_dict()[name], weight)


def test_blocks_of_fp8(tmp_path: Path) -> None:
    path, scales = with_head(tmp_path / "model", "3.5", torch.bfloat16), dict[str, Tensor]()
    quantised(path, lambda n, v: {n: in_fp8(v.float(), (128, 128), scales, n)}, {"quant_method": "fp8"})
    file = path / "model.safetensors"
    save_file({**load_file(file), **scales}, file, metadata={"format": "pt"})
    assert load_file(file)["mtp.fc.weight"].dtype == E4M3
    found, wanted = heads_of(path, "float32")
    assert contents(found) == contents(wanted)
    scale = scales["mtp.fc.weight_scale_inv"]
    weight = by_hand(load_file(file)["mtp.fc.weight"], scale, (128, 128)).bfloat16().float()
    assert torch.equal(cast(Packed, found.get_submodule("fc")).weight, weight)
