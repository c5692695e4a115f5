"""Checkpoints with quantised weights: ours and others', in both backends, as good as weights quantised at loading."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.integration.test_checkpoints import checkpoint
from tests.native import require_native
from tests.quantized import Change, edited, weights_of
from tests.unit.ops.test_groups import by_the_format
from yunqi import LLM, SamplingParams
from yunqi.common.errors import YunqiError
from yunqi.data.conversations import Mix, sample
from yunqi.engine.loader import load_model, save_model
from yunqi.engine.packed_checkpoint import load_packed
from yunqi.engine.quantize import plan, write
from yunqi.eval.divergence import divergences, log_probabilities
from yunqi.hub.quantization import Scheme, quantization_config
from yunqi.hub.resolve import resolve
from yunqi.layers.linear import Packed
from yunqi.ops.groups import quantize
from yunqi.protocol.messages import Message
from yunqi.protocol.output import RequestOutput
from yunqi.recipes.nano import SKILLS


def quantized(source: Path, target: Path, *, bits: int = 4, group: int = 32, **more: Any) -> Path:
    write(plan(source, bits=bits, group=group), target, lambda done: None, **more)
    return target


def from_the_file(tensors: dict[str, torch.Tensor], module: str, bits: int) -> np.ndarray:
    """A module's weight (rows, columns) float32, by the format's own words."""
    columns = int(tensors[f"{module}.weight_shape"][1])
    scales = tensors[f"{module}.weight_scale"].float().numpy()
    group = -(-columns // scales.shape[1])
    return by_the_format(tensors[f"{module}.weight_packed"].numpy(), scales, bits, columns, group)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Qwen3 whose projections groups of 32 divide."""
    sizes = {"hidden_size": 64, "intermediate_size": 96, "head_dim": 16, "num_attention_heads": 4}
    more = {"num_key_value_heads": 2, "num_hidden_layers": 2, "layer_types": None, "tie_word_embeddings": False}
    return checkpoint(tmp_path_factory.mktemp("small"), **sizes, **more)[1]


def test_the_file_holds_what_the_format_says(small: Path, tmp_path: Path) -> None:
    """Every quantised weight comes back, rounded; all else is as it was, in one file or in shards."""
    before = weights_of(small)
    whole = weights_of(quantized(small, tmp_path / "whole"))
    parts = weights_of(quantized(small, tmp_path / "parts", shard_bytes=10_000))
    assert (tmp_path / "parts" / "model.safetensors.index.json").is_file()
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    modules = {name.removesuffix(".weight_packed") for name in whole if name.endswith("_packed")}
    assert len(modules) == 2 * 7
    for module in modules:
        weight = before.pop(f"{module}.weight")
        assert whole[f"{module}.weight_shape"].tolist() == list(weight.shape)
        found = torch.from_numpy(from_the_file(whole, module, 4))
        assert (found - weight).norm() / weight.norm() < 0.1
    assert all(torch.equal(whole[name], value) for name, value in before.items())
    assert len(whole) == len(before) + 3 * len(modules)


@pytest.mark.parametrize("bits", [4, 8])
def test_both_backends_load_the_file_s_own_numbers(small: Path, tmp_path: Path, bits: int) -> None:
    require_native()
    path = quantized(small, tmp_path / "made", bits=bits)
    tensors = weights_of(path)
    network, packed = load_model(path, dtype="float32"), load_packed(path, "float32")
    for name, module in packed.named_modules():
        if isinstance(module, Packed) and f"{name}.weight_packed" in tensors:
            wanted = torch.from_numpy(from_the_file(tensors, name, bits))
            assert module.matrix.kind == f"int{bits}"
            assert torch.equal(module.weight, wanted)
            assert torch.equal(network.get_submodule(name).weight, wanted)
        elif isinstance(module, Packed):
            assert module.matrix.kind == "float32"


@pytest.mark.parametrize("scheme", [Scheme(4, 64), Scheme(8, 64), Scheme(4, None), Scheme(8, None)])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_what_others_made_answers_alike_in_both_backends(
    small: Path, tmp_path: Path, scheme: Scheme, dtype: str
) -> None:
    """Other groups, a scale for each row, scales in float16, and a projection that was left as it is."""
    require_native()
    made: dict[str, torch.Tensor] = {}
    for name, weight in weights_of(small).items():
        module, kept = name.removesuffix(".weight"), "down_proj" in name or "layers" not in name or weight.ndim < 2
        if kept or "layers.0.self_attn.v_proj" in name:
            made[name] = weight
            continue
        group = scheme.group or weight.shape[1]
        groups = quantize(weight, bits=scheme.bits, group=group, dtype=getattr(torch, dtype))
        shape = torch.tensor(weight.shape)
        made |= {f"{module}.weight_packed": groups.packed, f"{module}.weight_scale": groups.scales}
        made |= {f"{module}.weight_shape": shape}
    config = json.loads((small / "config.json").read_text())
    config["quantization_config"] = quantization_config(scheme, ["lm_head", "re:.*down_proj"])
    (tmp_path / "config.json").write_text(json.dumps(config))
    save_file(made, tmp_path / "model.safetensors", metadata={"format": "pt"})
    params = SamplingParams(temperature=0, max_tokens=1, ignore_eos=True, prompt_logprobs=3)
    prompt = [i * 7 % 40 for i in range(40)]
    found = [LLM(tmp_path, backend=backend).generate([prompt], params)[0] for backend in ("native", "torch")]
    rows = [[one[prompt[i]].logprob for i, one in enumerate(f.prompt_logprobs or []) if one] for f in found]
    assert np.abs(np.subtract(*rows)).max() < 0.05


FIRST = "model.layers.0.self_attn.q_proj"


@pytest.mark.parametrize(
    "change, code, words",
    [
        (
            lambda t, c: t.update({f"{FIRST}.weight_zero_point": torch.zeros(8, 2)}),
            "unsupported",
            "'weight_zero_point' of F32",
        ),
        (lambda t, c: t.update({f"{FIRST}.weight_zero_point": torch.zeros(8, 2).int()}), "unexpected", "zero_point"),
        (lambda t, c: t.update({f"{FIRST}.weight_g_idx": torch.zeros(64)}), "unsupported", "another order"),
        (lambda t, c: c.update(quantization_config={"quant_method": "hqq"}), "unsupported", "'hqq'"),
        (lambda t, c: t.pop(f"{FIRST}.weight_scale"), "weights-missing", "weight_scale"),
        (lambda t, c: t.pop(f"{FIRST}.weight_packed"), "weights-missing", "q_proj.weight"),
        (lambda t, c: t.update({f"{FIRST}.weight_scale": torch.zeros(64, 5)}), "weights-shape", "q_proj"),
        (lambda t, c: t.update({"model.norm.weight_packed": torch.zeros(1, 1).int()}), "unexpected", "model.norm"),
        (
            lambda t, c: t.update({f"{FIRST}.weight_packed": torch.zeros(64, 8)}),
            "unsupported",
            "'weight_packed' of F32",
        ),
        (lambda t, c: c.pop("quantization_config"), "weights-missing", "q_proj.weight"),
    ],
)
def test_what_is_wrong_is_one_sentence(small: Path, tmp_path: Path, change: Change, code: str, words: str) -> None:
    path = edited(quantized(small, tmp_path / "made"), tmp_path / "wrong", change)
    for load in (load_model, lambda path: LLM(path)):
        with pytest.raises(YunqiError, match=words) as caught:
            load(path)
        assert code in caught.value.code


def test_shapes_that_were_left_out_are_those_of_the_model(small: Path, tmp_path: Path) -> None:
    def change(tensors: dict[str, torch.Tensor], config: dict[str, Any]) -> None:
        for name in [name for name in tensors if name.endswith("weight_shape")]:
            del tensors[name]

    whole = quantized(small, tmp_path / "whole")
    wanted, found = (load_model(path).state_dict() for path in (whole, edited(whole, tmp_path / "edited", change)))
    assert all(torch.equal(found[name], value) for name, value in wanted.items())


def test_a_dequantised_model_is_saved_without_a_word_of_it(small: Path, tmp_path: Path) -> None:
    model = load_model(quantized(small, tmp_path / "made", bits=8))
    save_model(model, tmp_path / "plain")
    again = load_model(tmp_path / "plain")
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))


def test_widths_that_groups_do_not_divide_stay(small: Path, tmp_path: Path) -> None:
    """64 and 96 inputs in groups of 128: nothing is left to quantise, and the config says so."""
    path = quantized(small, tmp_path / "made", group=128)
    config = json.loads((path / "config.json").read_text())["quantization_config"]
    assert len(config["ignore"]) == 2 * 7 + 1
    assert weights_of(path).keys() == weights_of(small).keys()
    load_model(path)


# nano, against weights quantised at loading


@pytest.fixture(scope="module")
def nano_int4(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quantized(resolve("nano"), tmp_path_factory.mktemp("quantized") / "nano")


def questions(count: int) -> list[list[Message]]:
    """Held-out problems of the kinds that nano is made for."""
    mix, random = Mix(skills=SKILLS, thinking_share=1, soft_switch_share=0, history_share=0), Random(0)
    drawn = (sample(mix, "test", random) for _ in range(4 * count))
    return [list(one.messages[:-1]) for one in drawn if not one.tools][:count]


def kl(wanted: np.ndarray, found: np.ndarray) -> float:
    return float(divergences(wanted, found).mean())


def answered(llm: LLM, outputs: list[RequestOutput]) -> np.ndarray:
    """The log-probabilities before each token of these answers, (tokens, V)."""
    wholes = [(len(one.prompt_token_ids), one.prompt_token_ids + one.outputs[0].token_ids) for one in outputs]
    return np.concatenate([log_probabilities(llm, ids, start, len(ids)) for start, ids in wholes])


def test_nano_is_as_good_as_when_it_is_quantised_at_loading(nano_int4: Path) -> None:
    require_native()
    stored, at_loading = LLM("nano"), LLM("nano", quantization="int4")
    ours, all_int4 = LLM(nano_int4), LLM(nano_int4, quantization="int4")
    params = SamplingParams(temperature=0, max_tokens=640)
    outputs = stored.chat(questions(16), params)
    wanted = answered(stored, outputs)
    limit = 2 * kl(wanted, answered(at_loading, outputs)) + 1e-4
    for llm in (ours, all_int4):
        found = answered(llm, outputs)
        assert kl(wanted, found) < limit
        assert (wanted.argmax(-1) == found.argmax(-1)).mean() > 0.97


def test_torch_and_the_core_agree_on_nano(nano_int4: Path) -> None:
    require_native()
    native, torch_ = LLM(nano_int4), LLM(nano_int4, backend="torch", dtype="float32")
    outputs = native.chat(questions(3), SamplingParams(temperature=0, max_tokens=640))
    assert kl(answered(torch_, outputs), answered(native, outputs)) < 1e-3
