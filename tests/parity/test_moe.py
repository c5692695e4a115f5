"""Mixtures of experts as checkpoints have them: fused, in FP8, incomplete; every official size; served by `LLM`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.integration.arrangements import VOCAB, answer
from tests.parity.answering import check_answers_alike
from tests.parity.cases import CASES, Case, hybrid_config, moe_config, random_config, reference_model, unfused
from tests.parity.test_checkpoint import logits_of
from tests.parity.test_dense import close, ours
from yunqi.common.errors import YunqiError
from yunqi.engine.loader import build_model, load_model, save_model, stored_dtype
from yunqi.engine.weights import dequantized

MOE = [case for case in CASES if case.draw is moe_config]
QWEN3_MOE = next(case for case in MOE if case.architecture == "Qwen3MoeForCausalLM")
SPARSE = {"mlp_only_layers": [], "decoder_sparse_step": 1, "num_hidden_layers": 2}
HYBRID_LAYERS = ["linear_attention", "full_attention"]
E4M3 = torch.float8_e4m3fn
LAYER = "model.layers.1.mlp."


def written(folder: Path, case: Case, *, experts: int = 3, **changes: Any) -> tuple[dict[str, Any], Any]:
    """A checkpoint that the reference saved, in one file or in shards."""
    shard = changes.pop("shard", "5GB")
    config = random_config(case, 7) | SPARSE | {"num_experts": experts, "num_experts_per_tok": 2} | changes
    reference = reference_model(case, config, 7)
    reference.save_pretrained(folder, max_shard_size=shard)
    return config, reference


def rewrite(folder: Path, change: Callable[[dict[str, Tensor]], dict[str, Tensor] | None]) -> None:
    file = folder / "model.safetensors"
    tensors = load_file(file)
    changed = change(tensors) or tensors
    save_file({name: tensor.contiguous() for name, tensor in changed.items()}, file, metadata={"format": "pt"})


def fused(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Per-expert tensors as the two of each layer."""
    found = {name: tensor for name, tensor in tensors.items() if ".experts." not in name}
    for prefix in {name.split(".experts.")[0] + ".experts" for name in tensors if ".experts." in name}:
        count = sum(name.startswith(prefix) and name.endswith("up_proj.weight") for name in tensors)
        gate, up, down = (
            torch.stack([tensors[f"{prefix}.{i}.{kind}_proj.weight"] for i in range(count)])
            for kind in ("gate", "up", "down")
        )
        found |= {f"{prefix}.gate_up_proj": torch.cat((gate, up), 1), f"{prefix}.down_proj": down}
    return found


@pytest.mark.parametrize("case", MOE, ids=lambda c: c.architecture)
def test_fused_experts_are_those_of_the_other_layout(case: Case, tmp_path: Path) -> None:
    written(tmp_path, case)
    apart = load_model(tmp_path, dtype="float32").state_dict()
    rewrite(tmp_path, fused)
    assert len(load_file(tmp_path / "model.safetensors")) < len(apart)
    model = load_model(tmp_path, dtype="float32")
    found = model.state_dict()
    assert found.keys() == apart.keys()
    assert all(found[name].equal(apart[name]) for name in apart)
    save_model(model, tmp_path)
    assert f"{LAYER}experts.2.up_proj.weight" in load_file(tmp_path / "model.safetensors")


def in_fp8(weight: Tensor, block: tuple[int, int], scales: dict[str, Tensor], name: str) -> Tensor:
    """Numbers for FP8, and the scales of their blocks put down beside them."""
    shape = (*weight.shape[:-2], -(-weight.shape[-2] // block[0]), -(-weight.shape[-1] // block[1]))
    generator = torch.Generator().manual_seed(len(name))
    scales[f"{name}_scale_inv"] = torch.rand(shape, generator=generator) * 0.3 + 0.01
    return (weight * 100).to(E4M3)


def by_hand(weight: Tensor, scale: Tensor, block: tuple[int, int]) -> Tensor:
    """Block by block, in float64, which holds such a product without rounding."""
    found = weight.double()
    for row in range(scale.shape[0]):
        for column in range(scale.shape[1]):
            part = (slice(row * block[0], (row + 1) * block[0]), slice(column * block[1], (column + 1) * block[1]))
            found[part] *= scale[row, column].double()
    return found.float()


def test_fp8_is_dequantised_exactly() -> None:
    generator = torch.Generator().manual_seed(0)
    weight = (torch.randn(300, 200, generator=generator) * 30).to(E4M3)
    scale = torch.rand(3, 2, generator=generator)
    assert dequantized(weight, scale, (128, 128)).equal(by_hand(weight, scale, (128, 128)))
    assert dequantized(weight[150:], scale, (128, 128), first_row=150).equal(by_hand(weight, scale, (128, 128))[150:])


FP8_CASES = [
    (case, layout, block)
    for case in CASES
    if case.own_reference
    for layout in ((dict, fused) if "Moe" in case.architecture or case.shared_expert else (dict,))
    for block in ([(128, 128), (8, 12)] if case is QWEN3_MOE else [(128, 128)])
]


@pytest.mark.parametrize(
    "case, layout, block", FP8_CASES, ids=lambda x: getattr(x, "architecture", getattr(x, "__name__", str(x)))
)
def test_a_checkpoint_in_fp8(case: Case, layout: Any, block: tuple[int, int], tmp_path: Path) -> None:
    """Every projection of every family, in blocks that reach over the matrices' ends."""
    sizes: dict[str, Any] = {"hidden_size": 136, "moe_intermediate_size": 72, "attention_bias": False}
    sizes |= {"num_attention_heads": 17, "num_key_value_heads": 17, "head_dim": 8}
    sizes |= {"layer_types": HYBRID_LAYERS} if case.draw is hybrid_config else {}
    config, _ = written(tmp_path, case, **sizes)
    rewrite(tmp_path, layout)
    scales: dict[str, Tensor] = {}

    def quantize(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        chosen = {name for name, tensor in tensors.items() if "_proj" in name and tensor.dim() > 1}
        halves = {name: in_fp8(tensors[name], block, scales, name) for name in chosen}
        return {name: tensor.bfloat16() for name, tensor in tensors.items()} | halves | scales

    rewrite(tmp_path, quantize)
    stored = load_file(tmp_path / "model.safetensors")
    saved = json.loads((tmp_path / "config.json").read_text())
    if block != (128, 128):
        saved["quantization_config"] = {"quant_method": "fp8", "weight_block_size": list(block)}
        (tmp_path / "config.json").write_text(json.dumps(saved))
    assert stored_dtype(tmp_path) is torch.bfloat16
    wanted = {name: tensor.float() for name, tensor in stored.items() if "scale_inv" not in name}
    for name in scales:
        weight, scale = stored[name.removesuffix("_scale_inv")], scales[name]
        parts = [by_hand(w, s, block) for w, s in zip(weight, scale, strict=True)] if weight.dim() == 3 else None
        wanted[name.removesuffix("_scale_inv")] = by_hand(weight, scale, block) if parts is None else torch.stack(parts)
    wanted = unfused(wanted)
    model = load_model(tmp_path, dtype="float32")
    found = model.state_dict()
    assert all(found[name].equal(wanted[name]) for name in wanted)
    halved = load_model(tmp_path, dtype="bfloat16").state_dict()
    assert all(halved[name].equal(wanted[name].bfloat16()) for name in wanted)
    save_model(model, tmp_path / "plain")
    assert "quantization_config" not in json.loads((tmp_path / "plain" / "config.json").read_text())
    ids = torch.arange(9) % config["vocab_size"]
    plain = load_model(tmp_path / "plain")
    assert all(tensor.equal(found[name]) for name, tensor in plain.state_dict().items())
    assert close(logits_of(plain, ids), logits_of(model, ids))


def without(*parts: str) -> Callable[[dict[str, Tensor]], dict[str, Tensor]]:
    return lambda tensors: {name: t for name, t in tensors.items() if not any(part in name for part in parts)}


def with_one_more(tensors: dict[str, Tensor]) -> None:
    for kind in ("gate", "up", "down"):
        tensors[f"{LAYER}experts.3.{kind}_proj.weight"] = tensors[f"{LAYER}experts.2.{kind}_proj.weight"].clone()


def smaller_router(tensors: dict[str, Tensor]) -> None:
    tensors[f"{LAYER}gate.weight"] = tensors[f"{LAYER}gate.weight"][:2]


def fused_and(cut: Callable[[Tensor], Tensor], kind: str) -> Callable[[dict[str, Tensor]], dict[str, Tensor]]:
    def change(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        found = fused(tensors)
        return found | {f"{LAYER}experts.{kind}": cut(found[f"{LAYER}experts.{kind}"])}

    return change


def one_in_fp8(*, scale: Tensor | None, dtype: torch.dtype = E4M3) -> Callable[[dict[str, Tensor]], None]:
    def change(tensors: dict[str, Tensor]) -> None:
        name = f"{LAYER}experts.1.up_proj.weight"
        tensors[name] = tensors[name].to(dtype)
        if scale is not None:
            tensors[f"{name}_scale_inv"] = scale

    return change


@pytest.mark.parametrize(
    "change, code, words",
    [
        (without(f"{LAYER}experts.1."), "weights-missing-expert", "lacks expert 1 of 'model.layers.1.mlp.experts'"),
        (without(f"{LAYER}experts.2.up"), "weights-missing-expert", "experts.2.up_proj.weight"),
        (without(f"{LAYER}experts.2."), "weights-experts", "holds 2 experts .* among 3"),
        (without(f"{LAYER}experts."), "weights-experts", "holds 0 experts"),
        (with_one_more, "weights-experts", "holds 4 experts .* among 3"),
        (smaller_router, "weights-shape", "model.layers.1.mlp.gate.weight"),
        (without("layers.1."), "weights-missing", "lacks tensors"),
        (fused_and(lambda x: x[:2], "gate_up_proj"), "weights-experts", "holds 2 experts"),
        (fused_and(lambda x: x[:2], "down_proj"), "weights-shape", "experts.down_proj"),
        (fused_and(lambda x: x[:, :-1], "gate_up_proj"), "weights-shape", "experts.gate_up_proj"),
        (lambda x: without(f"{LAYER}experts.down_proj")(fused(x)), "weights-missing-expert", "lacks expert 0"),
        (one_in_fp8(scale=None), "weights-missing", "experts.1.up_proj.weight_scale_inv"),
        (one_in_fp8(scale=torch.ones(2, 1)), "weights-shape", "experts.1.up_proj.weight_scale_inv"),
        (one_in_fp8(scale=torch.ones(1, 1, dtype=torch.int32)), "config-unsupported", "scales in I32"),
        (one_in_fp8(scale=None, dtype=torch.float8_e5m2), "config-unsupported", "F8_E5M2"),
        (one_in_fp8(scale=torch.ones(1, 1), dtype=torch.bfloat16), "weights-unexpected", "no place for"),
    ],
)
def test_incomplete_or_foreign_experts(change: Any, code: str, words: str, tmp_path: Path) -> None:
    written(tmp_path, QWEN3_MOE)
    rewrite(tmp_path, change)
    with pytest.raises(YunqiError, match=words) as caught:
        load_model(tmp_path)
    assert caught.value.code == code


WITH_EXPERTS = [case for case in CASES if case.shared_expert or case.draw is moe_config]


@pytest.mark.parametrize("case", WITH_EXPERTS, ids=lambda c: c.architecture)
def test_experts_that_are_not_the_routers(case: Case, tmp_path: Path) -> None:
    written(tmp_path, case)
    rewrite(tmp_path, with_one_more)
    with pytest.raises(YunqiError, match=r"holds 4 experts .* among 3") as caught:
        load_model(tmp_path)
    assert caught.value.code == "weights-experts"
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("case", WITH_EXPERTS, ids=lambda c: c.architecture)
def test_a_missing_shard(case: Case, tmp_path: Path) -> None:
    written(tmp_path, case, shard="8KB")
    shard = sorted(tmp_path.glob("model-*.safetensors"))[2]
    shard.unlink()
    with pytest.raises(YunqiError, match=shard.name) as caught:
        load_model(tmp_path)
    assert caught.value.code == "weights-missing-shard"


# hidden, ffn, experts', layers, heads, kv heads, vocabulary, experts, experts for a token, shared expert's
SIZES = {
    "Qwen1.5-MoE-A2.7B": (2048, 5632, 1408, 24, 16, 16, 151936, 60, 4, 5632),
    "Qwen2-57B-A14B": (3584, 18944, 2560, 28, 28, 4, 151936, 64, 8, 20480),
    "Qwen3-30B-A3B": (2048, 6144, 768, 48, 32, 4, 151936, 128, 8, None),
    "Qwen3-235B-A22B": (4096, 12288, 1536, 94, 64, 4, 151936, 128, 8, None),
    "Qwen3-Coder-480B-A35B": (6144, 8192, 2560, 62, 96, 8, 151936, 160, 8, None),
}


@pytest.mark.parametrize("name", SIZES)
def test_names_and_shapes_of_every_size(name: str) -> None:
    check_size(name, 10)  # the others are like these, and tens of thousands of modules take long


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", SIZES)
def test_names_and_shapes_of_every_layer(name: str) -> None:
    check_size(name, 1_000)


def check_size(name: str, most_layers: int) -> None:
    hidden, ffn, expert, layers, heads, kv_heads, vocab, experts, active, shared = SIZES[name]
    case = QWEN3_MOE if shared is None else MOE[0]
    config = {
        "architectures": [case.architecture],
        "hidden_size": hidden,
        "intermediate_size": ffn,
        "moe_intermediate_size": expert,
        "num_hidden_layers": min(layers, most_layers),
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "vocab_size": vocab,
        "num_experts": experts,
        "num_experts_per_tok": active,
        "rope_theta": 1_000_000.0,
    }
    config |= {"head_dim": 128} if shared is None else {"shared_expert_intermediate_size": shared}
    import transformers

    with torch.device("meta"):
        loaded = getattr(transformers, case.config_class)(**config)
        wanted = case.to_ours(getattr(transformers, case.model_class)(loaded).state_dict())
    found = build_model(config, device="meta").state_dict()
    assert {k: v.shape for k, v in found.items()} == {k: v.shape for k, v in wanted.items()}


@pytest.mark.parametrize("case", MOE, ids=lambda c: c.architecture)
@pytest.mark.parametrize(
    "changes",
    [
        {"num_experts": None},
        {"num_experts": 0},
        {"num_experts": 3, "num_local_experts": 4},
        {"num_experts_per_tok": 30},
        {"num_experts_per_tok": None},
        {"moe_intermediate_size": "x"},
        {"norm_topk_prob": "no"},
        {"decoder_sparse_step": 0},
        {"mlp_only_layers": 3},
        {"mlp_only_layers": ["0"]},
    ],
)
def test_wrong_configs(case: Case, changes: dict[str, Any]) -> None:
    with pytest.raises(YunqiError) as caught:
        build_model(random_config(case, 1) | changes, device="meta")
    assert caught.value.code == "config-contradiction"


def test_what_only_the_shared_expert_needs() -> None:
    for changes in ({"shared_expert_intermediate_size": None}, {"qkv_bias": 1}):
        with pytest.raises(YunqiError, match=next(iter(changes))):
            build_model(random_config(MOE[0], 1) | changes, device="meta")
    ignored = random_config(QWEN3_MOE, 1) | SPARSE | {"shared_expert_intermediate_size": 8}
    assert not any("shared" in name for name in build_model(ignored, device="meta").state_dict())


def test_the_later_name_of_the_number_of_experts() -> None:
    config = random_config(QWEN3_MOE, 1)
    renamed = {k: v for k, v in config.items() if k != "num_experts"} | {"num_local_experts": config["num_experts"]}
    assert build_model(renamed, device="meta").config.num_experts == config["num_experts"]


@pytest.mark.parametrize("case", MOE, ids=lambda c: c.architecture)
def test_both_backends_serve_them(case: Case, tmp_path: Path) -> None:
    config, reference = written(tmp_path, case, experts=5, max_position_embeddings=128)
    check_answers_alike(tmp_path, config, reference, deterministic=(True, False, None))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("case", MOE, ids=lambda c: c.architecture)
def test_arrangements_agree(case: Case, dtype: torch.dtype) -> None:
    """Cached, restored, in chunks, in company, preempted: the same tokens and log-probabilities, bit for bit."""
    config = random_config(case, 11) | SPARSE | {"vocab_size": VOCAB, "max_position_embeddings": 512}
    config |= {"num_experts": 8, "num_experts_per_tok": 3}
    model = ours(case, config, reference_model(case, config, 11)).to(dtype)
    plain = answer(model, cache="off", chunk=512, company=0, preempted=False)
    for cache, chunk, company, preempted in (
        ("on", 16, 31, False),
        ("warm", 64, 0, True),
        ("restored", 512, 31, False),
        ("off", 64, 31, True),
    ):
        found = answer(model, cache=cache, chunk=chunk, company=company, preempted=preempted)
        assert found[:2] == plain[:2], (cache, chunk)
        assert (found[2] > 0) == (cache != "off")


@pytest.mark.parametrize("case", MOE, ids=lambda c: c.architecture)
def test_bfloat16_is_near_the_reference(case: Case) -> None:
    """The dtype of official weights, on one layer: more would let a near tie send a token to other experts."""
    config = random_config(case, 13) | SPARSE | {"num_hidden_layers": 1, "num_experts": 8, "num_experts_per_tok": 8}
    reference = reference_model(case, config, 13)
    model = ours(case, config, reference).bfloat16()
    ids = torch.arange(33) % config["vocab_size"]
    with torch.no_grad():
        wanted = reference.bfloat16()(ids[None]).logits[0].float()
    found = logits_of(model, ids).float()
    assert not close(found, wanted * 1.05)
    assert (found - wanted).abs().max() <= 0.03 * wanted.abs().max()
