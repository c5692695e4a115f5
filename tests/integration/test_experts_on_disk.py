"""Models larger than memory: their experts stay in the files, and compute what the loaded model's compute."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.native import require_native
from tests.parity.cases import CASES, Case, hybrid_config
from tests.parity.test_checkpoint import logits_of
from tests.parity.test_moe import WITH_EXPERTS, fused, in_fp8, rewrite, written
from yunqi import LLM, SamplingParams
from yunqi.common.errors import YunqiError
from yunqi.common.machine import Memory
from yunqi.engine.loader import build_model, load_model, save_model
from yunqi.engine.torch_runner import TorchRunner, weight_bytes
from yunqi.hub import spill
from yunqi.hub.catalog import describe
from yunqi.hub.estimate import memory_bytes
from yunqi.layers.linear import StoredLinear

QWEN3_MOE = next(case for case in CASES if case.architecture == "Qwen3MoeForCausalLM")
LAYOUTS: dict[str, Callable[[dict[str, Tensor]], dict[str, Tensor]]] = {"apart": dict, "fused": fused}


def checkpoint(folder: Path, case: Case, layout: str, *, fp8: bool, **changes: Any) -> dict[str, Any]:
    """Official layouts in bfloat16, or their projections in FP8."""
    if case.draw is hybrid_config:
        changes["layer_types"] = ["linear_attention", "full_attention"]
    config, _ = written(folder, case, experts=5, attention_bias=False, **changes)
    rewrite(folder, LAYOUTS[layout])
    scales: dict[str, Tensor] = {}

    def stored(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        found = {name: tensor.bfloat16() for name, tensor in tensors.items()}
        for name, tensor in tensors.items() if fp8 else ():
            if "_proj" in name and tensor.dim() > 1:
                found[name] = in_fp8(tensor, (128, 128), scales, name)
        return found | scales

    rewrite(folder, stored)
    return config


@pytest.mark.parametrize("fp8", [False, True], ids=["bf16", "fp8"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("case", WITH_EXPERTS, ids=lambda c: c.architecture)
def test_the_results_are_those_of_the_loaded_model(case: Case, layout: str, fp8: bool, tmp_path: Path) -> None:
    config = checkpoint(tmp_path, case, layout, fp8=fp8)
    ids = torch.arange(37) % config["vocab_size"]
    for dtype in ("bfloat16", "float32"):
        loaded, on_disk = (load_model(tmp_path, dtype=dtype, experts_on_disk=left) for left in (False, True))
        assert sum(isinstance(module, StoredLinear) for module in on_disk.modules()) == 3 * 5 * 2
        assert not any(".experts." in name for name, _ in on_disk.named_parameters())
        assert logits_of(on_disk, ids).equal(logits_of(loaded, ids))
        assert weight_bytes(on_disk) == weight_bytes(loaded)
        wanted = loaded.state_dict()
        found = on_disk.state_dict()
        assert list(found) == list(wanted)
        assert all(found[name].equal(wanted[name]) for name in wanted)
    save_model(on_disk, tmp_path / "again")
    assert load_model(tmp_path / "again", dtype="float32").state_dict().keys() == wanted.keys()


def in_memory_of(available: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "memory", lambda: Memory(total=available, available=available))


def bytes_of(folder: Path) -> tuple[int, int]:
    """What loading takes, and what starting takes."""
    record = describe(folder)
    needed = memory_bytes(record, native_bfloat16=False)
    found = spill.spill_of_record(record, available=0, native_bfloat16=False)
    assert needed is not None
    assert found is not None
    assert found.resident < found.least < needed
    return needed, found.least


def test_a_model_larger_than_memory_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(spill, "has_native_bfloat16", lambda: False)
    checkpoint(tmp_path, QWEN3_MOE, "apart", fp8=False, max_position_embeddings=128)
    needed, least = bytes_of(tmp_path)
    params = SamplingParams(temperature=0, max_tokens=8, ignore_eos=True, logprobs=2)
    limits: dict[str, Any] = {"dtype": "float32", "kv_cache_memory_bytes": 1 << 20}

    def answer(**options: Any) -> Any:
        llm = LLM(tmp_path, **limits, **options)
        assert type(llm.engine.runner) is TorchRunner
        found = llm.generate([[1, 2, 3, 4, 5]], params)[0].outputs[0]
        return found.token_ids, found.logprobs

    in_memory_of(needed, monkeypatch)
    loaded = answer(backend="torch")
    assert not caplog.records
    in_memory_of(needed - 1, monkeypatch)
    assert answer() == loaded
    (said,) = (record.getMessage() for record in caplog.records)
    assert re.search(r"needs about .* are available: its experts \(.*\) stay on the disk .* tokens a second\.", said)
    assert answer(experts="disk") == answer(experts="memory", backend="torch") == loaded
    in_memory_of(least, monkeypatch)
    assert answer() == loaded


def test_memory_that_cannot_hold_one_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "has_native_bfloat16", lambda: False)
    checkpoint(tmp_path, QWEN3_MOE, "fused", fp8=False)
    in_memory_of(bytes_of(tmp_path)[1] - 1, monkeypatch)
    with pytest.raises(YunqiError, match="for what every token uses and the experts of one layer, and") as caught:
        LLM(tmp_path)
    assert caught.value.code == "memory-too-small-layer"
    assert "\n" not in str(caught.value)
    with pytest.raises(YunqiError, match="Use auto, memory, disk"):
        LLM(tmp_path, experts="nowhere")
    others: tuple[dict[str, Any], ...] = ({"quantization": "int8"}, {"backend": "native"})
    for other in others:
        require_native()
        with pytest.raises(YunqiError, match="experts='disk'") as caught:
            LLM(tmp_path, experts="disk", **other)
        assert caught.value.code == "options-contradict"


def test_the_estimate() -> None:
    """Half of the experts are in memory, so that half of what a token chooses is read from the disk."""
    experts = spill.Spill(
        name="m", needed=1100, available=600, least=120, resident=100, expert_bytes=1000, read_bytes=50.0
    )
    assert experts.starts
    assert experts.tokens_per_second(loaded=10.0, disk=500.0) == pytest.approx(5.0)


CHILD = """
import json, resource, sys, torch
from yunqi.engine.loader import load_model
from yunqi.ops.context import ForwardContext
folder, left = sys.argv[1], sys.argv[2] == "disk"
torch.set_num_threads(1)
with torch.inference_mode():
    torch.ones(64, 64) @ torch.ones(64, 64)
    used = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmData")) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (used + (48 << 20),) * 2)
    try:
        model = load_model(folder, dtype="float32", experts_on_disk=left)
        ctx = ForwardContext.training([0, 7])
        logits = model.compute_logits(model(torch.arange(7), torch.arange(7), ctx), ctx)
    except (MemoryError, RuntimeError) as error:
        print(json.dumps(type(error).__name__))
    else:
        print(json.dumps(logits.double().sum().item().hex()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_under_a_real_limit(tmp_path: Path) -> None:
    """48 MB, for experts that take 96 MB: loading fails there, and the model starts with them on the disk."""
    config = {"architectures": ["Qwen3MoeForCausalLM"], "vocab_size": 64, "hidden_size": 128, "num_experts": 32}
    config |= {"num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 64}
    config |= {"moe_intermediate_size": 1024, "num_experts_per_tok": 2, "head_dim": 64, "rope_theta": 1e4}
    model = build_model(config)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.1)
    save_model(model, tmp_path, dtype="bfloat16")

    def child(where: str) -> str:
        command = [sys.executable, "-c", CHILD, str(tmp_path), where]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert child("memory") in ("MemoryError", "RuntimeError")
    ids = torch.arange(7)
    wanted = logits_of(load_model(tmp_path, dtype="float32"), ids)
    assert float.fromhex(child("disk")) == pytest.approx(wanted.double().sum().item(), rel=1e-6)
