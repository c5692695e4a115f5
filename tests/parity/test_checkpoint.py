"""Checkpoints: what the reference saves we load, what we save it loads, and every official size has the right names."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.parity.cases import CASES, Case, random_config, reference_model, save_reference
from tests.parity.test_dense import close
from yunqi.common.errors import YunqiError
from yunqi.engine.loader import build_model, load_model, save_model
from yunqi.ops.context import ForwardContext


def logits_of(model: Any, ids: torch.Tensor) -> torch.Tensor:
    ctx = ForwardContext.training([0, len(ids)])
    with torch.no_grad():
        return model.compute_logits(model(ids, torch.arange(len(ids)), ctx), ctx)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("case", [c for c in CASES if c.own_reference], ids=lambda c: c.architecture)
def test_reference_to_ours_and_back(case: Case, seed: int, tmp_path: Path) -> None:
    config = random_config(case, seed)
    reference = reference_model(case, config, seed)
    shard = "8KB" if seed % 2 else "5GB"
    reference.save_pretrained(tmp_path / "theirs", max_shard_size=shard)
    model = load_model(tmp_path / "theirs", dtype="float32")
    ids = torch.randint(0, config["vocab_size"], (13,), generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        wanted = reference(ids[None]).logits[0]
    assert close(logits_of(model, ids), wanted)

    save_model(model, tmp_path / "ours", shard_bytes=8_000 if seed % 2 else 10**9)
    again = type(reference).from_pretrained(tmp_path / "ours", attn_implementation="eager").float().eval()
    again.config._experts_implementation = "eager"
    with torch.no_grad():
        assert close(again(ids[None]).logits[0], wanted)
    assert (tmp_path / "ours" / "model.safetensors.index.json").exists() == bool(seed % 2)
    assert again.config.tie_word_embeddings == config["tie_word_embeddings"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("case", [c for c in CASES if not c.own_reference], ids=lambda c: c.architecture)
def test_a_mapped_reference_to_ours_and_back(case: Case, seed: int, tmp_path: Path) -> None:
    config = random_config(case, seed)
    reference = reference_model(case, config, seed)
    save_reference(case, config, reference, tmp_path / "theirs")
    model = load_model(tmp_path / "theirs", dtype="float32")
    ids = torch.randint(0, config["vocab_size"], (13,), generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        assert close(logits_of(model, ids), reference(ids[None]).logits[0])

    save_model(model, tmp_path / "ours", shard_bytes=8_000 if seed % 2 else 10**9)
    found: dict[str, torch.Tensor] = {}
    for file in (tmp_path / "ours").glob("*.safetensors"):
        found |= load_file(file)
    wanted = load_file(tmp_path / "theirs" / "model.safetensors")
    assert found.keys() == wanted.keys()
    assert all(found[name].equal(wanted[name]) for name in wanted)
    assert json.loads((tmp_path / "ours" / "config.json").read_text()) == config | {"torch_dtype": "float32"}


QWEN25 = {  # hidden, ffn, layers, heads, kv heads, vocabulary, tied
    "Qwen2.5-0.5B": (896, 4864, 24, 14, 2, 151936, True),
    "Qwen2.5-1.5B": (1536, 8960, 28, 12, 2, 151936, True),
    "Qwen2.5-3B": (2048, 11008, 36, 16, 2, 151936, True),
    "Qwen2.5-7B": (3584, 18944, 28, 28, 4, 152064, False),
    "Qwen2.5-14B": (5120, 13824, 48, 40, 8, 152064, False),
    "Qwen2.5-32B": (5120, 27648, 64, 40, 8, 152064, False),
    "Qwen2.5-72B": (8192, 29568, 80, 64, 8, 152064, False),
    "QwQ-32B": (5120, 27648, 64, 40, 8, 152064, False),
}
QWEN3 = {
    "Qwen3-0.6B": (1024, 3072, 28, 16, 8, 151936, True),
    "Qwen3-1.7B": (2048, 6144, 28, 16, 8, 151936, True),
    "Qwen3-4B": (2560, 9728, 36, 32, 8, 151936, True),
    "Qwen3-8B": (4096, 12288, 36, 32, 8, 151936, False),
    "Qwen3-14B": (5120, 17408, 40, 40, 8, 151936, False),
    "Qwen3-32B": (5120, 25600, 64, 64, 8, 151936, False),
}


@pytest.mark.parametrize("name", [*QWEN25, *QWEN3])
def test_names_and_shapes_of_every_size(name: str) -> None:
    case = CASES[0] if name in QWEN25 else CASES[1]
    hidden, ffn, layers, heads, kv_heads, vocab, tied = (QWEN25 | QWEN3)[name]
    config = {
        "architectures": [case.architecture],
        "hidden_size": hidden,
        "intermediate_size": ffn,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "vocab_size": vocab,
        "tie_word_embeddings": tied,
        "rope_theta": 1_000_000.0,
        "max_position_embeddings": 40_960,
    }
    if case.explicit_head_dim:
        config["head_dim"] = 128
    import transformers

    with torch.device("meta"):
        loaded = getattr(transformers, case.config_class)(**config)
        wanted = getattr(transformers, case.model_class)(loaded).state_dict()
    found = build_model(config, device="meta").state_dict()
    assert {k: v.shape for k, v in found.items()} == {k: v.shape for k, v in wanted.items()}
    assert list(found) == list(wanted)


def checkpoint(tmp_path: Path, **changes: Any) -> Path:
    case = CASES[1]
    config = random_config(case, 1) | {"tie_word_embeddings": False}
    reference_model(case, config, 1).save_pretrained(tmp_path)
    saved = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(saved | changes))
    return tmp_path


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"architectures": ["LlamaForCausalLM"]}, "architecture-unknown"),
        ({"architectures": []}, "config-contradiction"),
        ({"hidden_size": 33}, "weights-shape"),
        ({"hidden_size": -1}, "config-contradiction"),
        ({"hidden_size": "big"}, "config-contradiction"),
        ({"num_key_value_heads": 1000}, "config-contradiction"),
        ({"num_hidden_layers": 9, "layer_types": None}, "weights-missing"),
        ({"hidden_act": "gelu"}, "config-unsupported"),
        ({"rope_parameters": {"rope_type": "longrope", "rope_theta": 1e4}}, "config-unsupported"),
        ({"layer_types": ["linear_attention"]}, "config-contradiction"),
        ({"layer_types": 5}, "config-contradiction"),
        ({"max_window_layers": "x", "layer_types": None}, "config-contradiction"),
        ({"use_sliding_window": True, "sliding_window": -4}, "config-contradiction"),
        ({"rope_scaling": "yarn"}, "config-contradiction"),
        ({"rope_scaling": {"type": "yarn", "factor": -2.0}}, "config-contradiction"),
        ({"rope_scaling": {"type": "yarn", "factor": 2.0, "beta_fast": "x"}}, "config-contradiction"),
        ({"rope_parameters": {"rope_theta": 1}}, "config-contradiction"),
        ({"tie_word_embeddings": "no"}, "config-contradiction"),
        ({"num_hidden_layers": 10**6}, "config-contradiction"),
    ],
)
def test_wrong_configs(changes: dict[str, Any], code: str, tmp_path: Path) -> None:
    with pytest.raises(YunqiError) as caught:
        load_model(checkpoint(tmp_path, **changes))
    assert caught.value.code == code


def test_extra_tensors_are_refused(tmp_path: Path) -> None:
    path = checkpoint(tmp_path)
    config = json.loads((path / "config.json").read_text())
    config |= {"num_hidden_layers": 1, "layer_types": ["full_attention"]}
    (path / "config.json").write_text(json.dumps(config))
    with pytest.raises(YunqiError, match="no place for"):
        load_model(path)


def test_damaged_weights(tmp_path: Path) -> None:
    path = checkpoint(tmp_path)
    file = path / "model.safetensors"
    whole = file.read_bytes()
    for damaged in (whole[: len(whole) // 2], whole[:5], struct.pack("<Q", 2**60) + whole[8:], b"\0" * 64):
        file.write_bytes(damaged)
        with pytest.raises(YunqiError) as caught:
            load_model(path)
        assert caught.value.code == "weights-corrupt"


def test_missing_shard(tmp_path: Path) -> None:
    case = CASES[0]
    reference_model(case, random_config(case, 2), 2).save_pretrained(tmp_path, max_shard_size="8KB")
    shard = sorted(tmp_path.glob("model-*.safetensors"))[1]
    shard.unlink()
    with pytest.raises(YunqiError, match=shard.name):
        load_model(tmp_path)


def test_dtype_is_kept_or_chosen(tmp_path: Path) -> None:
    case = CASES[1]
    reference_model(case, random_config(case, 5), 5).to(torch.bfloat16).save_pretrained(tmp_path)
    assert load_model(tmp_path, dtype="bfloat16").model.norm.weight.dtype == torch.bfloat16
    assert load_model(tmp_path, dtype="float32").model.norm.weight.dtype == torch.float32
    with pytest.raises(YunqiError, match="dtype=int3"):
        load_model(tmp_path, dtype="int3")


def test_a_save_replaces_an_earlier_one_of_another_kind(tmp_path: Path) -> None:
    case = CASES[1]
    config = random_config(case, 6) | {"tie_word_embeddings": False}
    reference_model(case, config, 6).save_pretrained(tmp_path)
    model = load_model(tmp_path)
    for shard_bytes in (6_000, 10**9, 9_000):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.mul_(0.5)
        save_model(model, tmp_path, shard_bytes=shard_bytes)
        again = load_model(tmp_path)
        assert again.lm_head.weight.equal(model.lm_head.weight), shard_bytes
        sharded = (tmp_path / "model.safetensors.index.json").exists()
        assert sharded == (shard_bytes < 10**9)
        assert (tmp_path / "model.safetensors").exists() != sharded


def test_yarn_extends_the_context() -> None:
    case = CASES[1]
    config = random_config(case, 1) | {"max_position_embeddings": 64}
    scaled = config | {"rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}}
    assert build_model(config | {"rope_scaling": None}, device="meta").config.max_context == 64
    assert build_model(scaled, device="meta").config.max_context == 256
    both = scaled | {"rope_parameters": {"rope_type": "default", "rope_theta": 5e5}, "rope_theta": None}
    rope = build_model(both, device="meta").config.rope
    assert (rope.rope_type, rope.factor, rope.rope_theta) == ("yarn", 4.0, 5e5)
