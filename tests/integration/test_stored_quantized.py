"""Checkpoints that gptq, awq and others quantised: in both backends they are the model of the dequantised weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.native import require_native
from tests.parity.cases import CASES, random_config, reference_model, save_reference
from tests.quantized import LAYOUTS, Change, config_of, edited, rounded
from yunqi import LLM, SamplingParams
from yunqi.common.errors import YunqiError
from yunqi.engine.loader import load_model
from yunqi.engine.packed_checkpoint import load_packed
from yunqi.hub.catalog import describe
from yunqi.hub.estimate import memory_bytes
from yunqi.layers.linear import Packed

SIZES = {"hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 4, "num_key_value_heads": 2}
DENSE = ("Qwen2ForCausalLM", "Qwen3ForCausalLM")


def quantized(
    folder: Path,
    architecture: str,
    layout: str,
    *,
    bits: int = 4,
    group: int = 32,
    symmetric: bool = False,
    whole: bool = True,
    **sizes: Any,
) -> tuple[Any, Path]:
    """A reference with the dequantised weights, and the checkpoint of its integers.

    `whole`: every projection of the layers is quantised, but for routers; else all but one, as the config says.
    """
    case = next(case for case in CASES if case.architecture == architecture)
    config = random_config(case, 5) | SIZES | {"num_hidden_layers": 2, "tie_word_embeddings": False} | sizes
    config |= {"head_dim": 16} if case.explicit_head_dim else {}
    config = {name: value for name, value in config.items() if name not in ("layer_types", "rope_scaling")}
    reference = reference_model(case, config, 5).half().float()
    save_reference(case, config, reference.half(), folder)
    reference.float()
    tensors: dict[str, torch.Tensor] = {}
    for name, value in load_file(folder / "model.safetensors").items():
        module, kept = name.removesuffix(".weight"), ".layers." not in name or value.ndim < 2
        if kept or name.endswith((".gate.weight", "shared_expert_gate.weight")) or (not whole and "0.mlp.up" in name):
            tensors[name] = value
            continue
        size = value.shape[1] if group == -1 else group
        matrix = rounded(value, bits, size, symmetric=symmetric)
        tensors |= {module + part: tensor for part, tensor in LAYOUTS[layout](matrix).items()}
        place(reference, module, matrix.weight)
        if layout.startswith("gptq"):  # a bias for everyone, as in the official checkpoints
            tensors.setdefault(f"{module}.bias", torch.zeros(len(value)).half())
    tensors |= {name: value for name, value in load_file(folder / "model.safetensors").items() if name.endswith("bias")}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    written = json.loads((folder / "config.json").read_text())
    more = {} if whole or layout != "awq" else {"modules_to_not_convert": ["layers.0.mlp.up_proj"]}
    written["quantization_config"] = config_of(layout, bits, group, **more)
    (folder / "config.json").write_text(json.dumps(written))
    return reference, folder


def place(reference: Any, module: str, weight: torch.Tensor) -> None:
    """Give a reference, whose experts are fused, the weight of a module."""
    experts, found, rest = module.partition(".experts.")
    if not found:
        reference.get_submodule(module).weight.data.copy_(weight)
        return
    number, kind = rest.split(".")
    fused = reference.get_submodule(experts + ".experts")
    if kind == "down_proj":
        fused.down_proj.data[int(number)] = weight
    else:
        fused.gate_up_proj.data[int(number)].chunk(2)[kind == "up_proj"].copy_(weight)


def log_probabilities(path: Path, prompt: list[int], **options: Any) -> np.ndarray:
    params = SamplingParams(temperature=0, max_tokens=1, ignore_eos=True, prompt_logprobs=1)
    output = LLM(path, **options).generate([prompt], params)[0]
    return np.array([one[prompt[i]].logprob for i, one in enumerate(output.prompt_logprobs or []) if one])


def wanted(reference: Any, prompt: list[int]) -> np.ndarray:
    with torch.no_grad():
        rows = reference(torch.tensor([prompt])).logits[0].double().log_softmax(-1)
    return np.array([float(rows[i - 1, prompt[i]]) for i in range(1, len(prompt))])


HOW = [
    ("pack-quantized", 4, 32, False),
    ("pack-quantized", 8, 64, False),
    ("gptq", 4, 32, True),
    ("gptq", 4, 64, False),
    ("gptq", 8, 32, True),
    ("gptq", 8, -1, False),
    ("gptq_v2", 4, 32, False),
    ("awq", 4, 32, False),
    ("awq", 4, -1, False),
]


@pytest.mark.parametrize("architecture", DENSE)
@pytest.mark.parametrize("layout, bits, group, symmetric", HOW)
def test_both_backends_are_the_model_of_the_dequantised_weights(
    architecture: str, layout: str, bits: int, group: int, symmetric: bool, tmp_path: Path
) -> None:
    """Equal weights, biases and norms; answers as close as arithmetic allows, and activations of eight bits."""
    require_native()
    how = {"bits": bits, "group": group, "symmetric": symmetric}
    reference, path = quantized(tmp_path / "made", architecture, layout, whole=layout != "awq", **how)
    network, packed = load_model(path, dtype="float32"), load_packed(path, "float32")
    weights = reference.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in network.state_dict().items())
    kinds: dict[str, bool] = {}
    for name, module in packed.named_modules():
        if isinstance(module, Packed):
            assert torch.equal(module.weight, weights[f"{name}.weight"])
            kinds[name] = module.matrix.zeros
            stored = f"int{bits}" if ".layers." in name else "float32"
            assert module.matrix.kind == ("float32" if layout == "awq" and "0.mlp.up" in name else stored)
    assert any(kinds.values()) != symmetric
    prompt = [i * 7 % 50 for i in range(33)]
    aim = wanted(reference, prompt)
    assert np.abs(log_probabilities(path, prompt, backend="torch", dtype="float32") - aim).max() < 1e-4
    assert np.abs(log_probabilities(path, prompt, backend="native") - aim).max() < 0.1


@pytest.mark.parametrize("architecture", ["Qwen2MoeForCausalLM", "Qwen3MoeForCausalLM"])
@pytest.mark.parametrize("layout", ["gptq", "awq"])
def test_experts_are_stored_one_by_one(architecture: str, layout: str, tmp_path: Path) -> None:
    require_native()
    sizes = {"moe_intermediate_size": 32, "num_experts": 3, "num_experts_per_tok": 2, "mlp_only_layers": []}
    sizes |= {"decoder_sparse_step": 1, "shared_expert_intermediate_size": 64}
    case = next(case for case in CASES if case.architecture == architecture)
    assert case.own_reference, "its tensors have the checkpoint's names"
    reference, path = quantized(tmp_path / "made", architecture, layout, **sizes)
    prompt = [i * 5 % 50 for i in range(21)]
    aim = wanted(reference, prompt)
    assert np.abs(log_probabilities(path, prompt, backend="torch", dtype="float32") - aim).max() < 1e-4
    assert np.abs(log_probabilities(path, prompt, backend="native") - aim).max() < 0.1


def test_an_expert_that_is_not_there_is_named(tmp_path: Path) -> None:
    sizes: dict[str, Any] = {"moe_intermediate_size": 32, "num_experts": 3, "num_experts_per_tok": 2}
    _, path = quantized(tmp_path / "made", "Qwen3MoeForCausalLM", "gptq", mlp_only_layers=[], **sizes)
    for expert, words in ((1, "lacks expert 1"), (2, "holds 2 experts")):

        def drop(tensors: dict[str, torch.Tensor], config: dict[str, Any], expert: int = expert) -> None:
            for name in [name for name in tensors if f"layers.1.mlp.experts.{expert}." in name]:
                del tensors[name]

        with pytest.raises(YunqiError, match=words):
            load_model(edited(path, tmp_path / str(expert), drop))


@pytest.fixture(scope="module")
def awq(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quantized(tmp_path_factory.mktemp("awq") / "made", "Qwen3ForCausalLM", "awq")[1]


def test_the_embedding_and_the_head_take_the_bits_that_are_asked_for(awq: Path) -> None:
    require_native()
    matrices = {name: m.matrix for name, m in load_packed(awq, "int8").named_modules() if isinstance(m, Packed)}
    kinds = {name: (matrix.kind, matrix.zeros) for name, matrix in matrices.items()}
    assert kinds.pop("model.embed_tokens") == kinds.pop("lm_head") == ("int8", False)
    assert set(kinds.values()) == {("int4", True)}


def test_a_row_is_itself_whatever_its_company(awq: Path) -> None:
    require_native()
    llm = LLM(awq, backend="native")
    prompts = [[(i * 7 + j) % 45 for j in range(1 + i * 5)] for i in range(9)]
    params = SamplingParams(temperature=0, max_tokens=5, ignore_eos=True, logprobs=1)
    together = llm.generate(prompts, params)
    for prompt, one in zip(prompts, together, strict=True):
        assert llm.generate([prompt], params)[0].outputs[0].logprobs == one.outputs[0].logprobs


def test_what_is_listed_counts_weights(awq: Path) -> None:
    record = describe(awq)
    model = load_model(awq)
    assert record.num_parameters is not None
    assert (record.supported, record.dtype, record.plain_dtype) == (True, "int4", "float16")
    assert record.num_parameters == sum(value.numel() for value in model.parameters())
    assert record.num_bytes == sum(value.nbytes for value in load_file(awq / "model.safetensors").values())
    layers = 2 * (64 * (64 + 32 + 32) + 64 * 64 + 3 * 64 * 96)
    assert record.num_quantized_parameters == layers
    kept = record.num_parameters - layers  # in float32, as no core computes in float16
    cost = memory_bytes(record, native_bfloat16=True)
    assert cost is not None
    packed = sum(m.matrix.nbytes for m in load_packed(awq, "float32").modules() if isinstance(m, Packed))
    assert record.context is not None
    cache = record.context * 2 * 2 * 2 * 16 * 2  # two layers of two heads, bfloat16
    assert abs(cost - (400 << 20) - cache - packed) < 0.08 * packed  # of tiles that are not full
    quarter = memory_bytes(record, native_bfloat16=True, quantization="int8")
    assert quarter is not None
    assert cost - quarter == pytest.approx(kept * (4 - 1 - 2 / 32), abs=1)


FIRST = "model.layers.0.self_attn.q_proj"


def without(part: str) -> Change:
    return lambda t, c: t.update({FIRST + part: t.pop(FIRST + part)[:-1].clone()})


@pytest.mark.parametrize(
    "change, code, words",
    [
        (without(".qweight"), "weights-shape", r"\[63, 8\] with scales \[2, 64\] and qzeros \[2, 8\]"),
        (without(".qzeros"), "weights-shape", r"qzeros \[1, 8\]"),
        (without(".scales"), "weights-shape", r"scales \[1, 64\]"),
        (lambda t, c: t.pop(f"{FIRST}.qzeros"), "weights-missing", "q_proj.qzeros"),
        (lambda t, c: t.pop(f"{FIRST}.scales"), "weights-missing", "q_proj.scales"),
        (lambda t, c: t.pop(f"{FIRST}.qweight"), "weights-missing", "q_proj.weight"),
        (lambda t, c: t.update({f"{FIRST}.qweight": t[f"{FIRST}.qweight"].float()}), "unsupported", "'qweight' of F32"),
        (lambda t, c: t.update({"model.norm.qweight": torch.zeros(1, 1).int()}), "unexpected", "model.norm.qweight"),
        (lambda t, c: t.update({f"{FIRST}.bias": torch.ones(64).half()}), "unexpected", "q_proj.bias"),
        (lambda t, c: c["quantization_config"].update(version="gemv"), "unsupported", "awq with the version 'gemv'"),
        (lambda t, c: c["quantization_config"].update(group_size=64), "weights-shape", r"\[96, 8\] with scales"),
    ],
)
def test_what_is_wrong_is_one_sentence(awq: Path, tmp_path: Path, change: Change, code: str, words: str) -> None:
    path = edited(awq, tmp_path / "wrong", change)
    for load in (load_model, lambda path: load_packed(path, "float32")):
        with pytest.raises(YunqiError, match=words) as caught:
            load(path)
        assert code in caught.value.code
