"""Hybrid families as checkpoints have them: official sizes, a text tower inside more than text, the multi-token head,
wrong configs; served by `LLM` as the reference generates."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from tests.parity.answering import check_answers_alike
from tests.parity.cases import CASES, Case, hybrid_config, random_config, reference_model
from tests.parity.test_checkpoint import logits_of
from tests.parity.test_dense import close, ours, packed
from yunqi.common.errors import YunqiError
from yunqi.engine.loader import build_model, load_model, load_mtp, save_model
from yunqi.hub.catalog import describe
from yunqi.layers.hybrid import HybridCausalLM
from yunqi.ops.context import ForwardContext

HYBRID = {case.architecture: case for case in CASES if case.draw is hybrid_config}
NEXT = HYBRID["Qwen3NextForCausalLM"]
SMALL = {"num_hidden_layers": 3, "layer_types": ["linear_attention", "full_attention", "linear_attention"]}
SPARSE = {"num_experts": 5, "num_experts_per_tok": 2, "mlp_only_layers": [], "decoder_sparse_step": 1}


def config_of(case: Case, seed: int, **changes: Any) -> dict[str, Any]:
    config = random_config(case, seed) | SMALL | (SPARSE if case.shared_expert else {})
    config.pop("full_attention_interval", None)
    return config | changes


# hidden, ffn, layers, heads, kv heads, linear key and value heads, vocabulary, experts, their ffn, experts for a token
SIZES = {
    "Qwen3-Next-80B-A3B": (2048, 5632, 48, 16, 2, 16, 32, 151936, 512, 512, 10),
    "Qwen3.5-9B": (4096, 12288, 32, 16, 4, 16, 32, 248320, 0, 0, 0),
    "Qwen3.5-27B": (5120, 17408, 64, 24, 4, 16, 48, 248320, 0, 0, 0),
    "Qwen3.5-35B-A3B": (2048, 5632, 40, 16, 2, 16, 32, 248320, 256, 512, 8),
}


@pytest.mark.parametrize("name", SIZES)
def test_names_and_shapes_of_every_size(name: str) -> None:
    check_size(name, 8)  # two rounds: all are alike


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", SIZES)
def test_names_and_shapes_of_every_layer(name: str) -> None:
    check_size(name, None)


def check_size(name: str, sparse_layers: int | None) -> None:
    """Ours are the reference's; of a mixture of experts so many layers, whose modules take long, None for all."""
    hidden, ffn, layers, heads, kv_heads, keys, values, vocab, experts, expert, active = SIZES[name]
    kind = "Qwen3NextForCausalLM" if "Next" in name else f"Qwen3_5{'Moe' if experts else ''}ForCausalLM"
    config = {
        "architectures": [kind],
        "hidden_size": hidden,
        "intermediate_size": ffn,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "linear_num_key_heads": keys,
        "linear_num_value_heads": values,
        "vocab_size": vocab,
    }
    if experts:
        config |= {"num_experts": experts, "moe_intermediate_size": expert, "num_experts_per_tok": active}
        config |= {"shared_expert_intermediate_size": expert, "num_hidden_layers": sparse_layers or layers}
    import transformers

    case = HYBRID[kind]
    with torch.device("meta"):
        loaded = getattr(transformers, case.config_class)(**config)
        wanted = case.to_ours(getattr(transformers, case.model_class)(loaded).state_dict())
    model = build_model(config, device="meta")
    assert {k: v.shape for k, v in model.state_dict().items()} == {k: v.shape for k, v in wanted.items()}
    if not experts:
        assert list(model.state_dict()) == list(wanted)
    assert model.config.layer_types == tuple(loaded.layer_types)
    assert model.config.rotary_dim == 64
    assert model.config.head_dim == 256


@pytest.mark.parametrize("kind", ["Qwen3_5ForCausalLM", "Qwen3_5MoeForCausalLM"])
def test_the_text_of_more_than_text(kind: str, tmp_path: Path) -> None:
    """An official folder: the decoder's config inside, names with a prefix, experts fused, a vision tower beside it."""
    case = HYBRID[kind]
    config = config_of(case, 3, tie_word_embeddings=False)
    reference = reference_model(case, config, 3)
    tensors = {name.replace("model.", "model.language_model.", 1): x for name, x in reference.state_dict().items()}
    tensors |= {"model.visual.pos_embed.weight": torch.ones(3, 4), "mtp.fc.weight": torch.ones(2, 4)}
    save_file({name: x.contiguous() for name, x in tensors.items()}, tmp_path / "model.safetensors")
    whole = kind.replace("ForCausalLM", "ForConditionalGeneration")
    text = {k: v for k, v in config.items() if k not in ("architectures", "tie_word_embeddings")}
    outer = {"architectures": [whole], "text_config": text, "vision_config": {}, "tie_word_embeddings": False}
    (tmp_path / "config.json").write_text(json.dumps(outer))
    record = describe(tmp_path)
    assert record.problem is None
    assert record.cache_elements_per_token == 2 * config["num_key_value_heads"] * config["head_dim"]  # of one layer

    model, ids = load_model(tmp_path, dtype="float32"), torch.arange(21) % config["vocab_size"]
    with torch.no_grad():
        wanted = reference(ids[None]).logits[0]
    assert close(logits_of(model, ids), wanted)
    save_model(model, tmp_path / "text")
    assert json.loads((tmp_path / "text" / "config.json").read_text())["architectures"] == [kind]
    again = type(reference).from_pretrained(tmp_path / "text", attn_implementation="eager").float().eval()
    again.config._experts_implementation = "eager"
    with torch.no_grad():
        assert close(again(ids[None]).logits[0], wanted)


@pytest.mark.parametrize("case", HYBRID.values(), ids=lambda c: c.architecture)
@pytest.mark.parametrize("seed", [21, 22])
def test_packed_is_the_reference_left_padded(case: Case, seed: int) -> None:
    """Sequences of odd lengths, packed here and padded on the left there: logits, and gradients of every parameter."""
    config = config_of(case, seed, max_position_embeddings=256)
    reference = reference_model(case, config, seed)
    model, lengths = ours(case, config, reference), [5, 1, 19, 11]
    ids, positions, offsets = packed(config, lengths, seed)
    longest = max(lengths) + 2
    rows, mask = torch.zeros(len(lengths), longest, dtype=torch.long), torch.zeros(len(lengths), longest)
    for i, (start, stop) in enumerate(itertools.pairwise(offsets)):
        rows[i, longest - lengths[i] :], mask[i, longest - lengths[i] :] = ids[start:stop], 1
    places = (mask.cumsum(-1) - 1).clamp_min(0).long()
    padded = reference(rows, attention_mask=mask.long(), position_ids=places, use_cache=False).logits
    wanted = padded[mask.bool()]
    ctx = ForwardContext.training(offsets)
    found = model.compute_logits(model(ids, positions, ctx), ctx)
    assert close(found, wanted)
    weights = torch.randn(found.shape, generator=torch.Generator().manual_seed(seed))
    (found * weights).sum().backward()
    (wanted * weights).sum().backward()
    gradients = case.to_ours({name: p.grad for name, p in reference.named_parameters()})
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert close(parameter.grad, gradients[name], tolerance=case.gradient_tolerance, least=1e-2), name


def rms(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    return x / (x.pow(2).mean(-1, keepdim=True) + eps).sqrt() * (1 + weight)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("case", HYBRID.values(), ids=lambda c: c.architecture)
def test_the_multi_token_head(case: Case, seed: int, tmp_path: Path) -> None:
    """Written out around the reference's own decoder layer, whose weights the checkpoint keeps under `mtp.layers.0`."""
    config = config_of(case, seed)
    reference = reference_model(case, config, seed)
    reference.save_pretrained(tmp_path)
    spare = reference_model(case, config | {"num_hidden_layers": 1, "layer_types": ["full_attention"]}, seed + 100)
    generator = torch.Generator().manual_seed(seed)
    hidden, eps = config["hidden_size"], config["rms_norm_eps"]
    fc = torch.randn(hidden, 2 * hidden, generator=generator) * hidden**-0.5
    norms = {name: torch.randn(hidden, generator=generator) * 0.5 for name in ("embedding", "hidden", "final")}
    layer = {
        k.replace("model.", "mtp.", 1): v for k, v in case.to_ours(spare.state_dict()).items() if ".layers.0." in k
    }
    file = tmp_path / "model.safetensors"
    head = {
        "mtp.fc.weight": fc,
        "mtp.norm.weight": norms["final"],
        "mtp.pre_fc_norm_embedding.weight": norms["embedding"],
        "mtp.pre_fc_norm_hidden.weight": norms["hidden"],
    }
    save_file({**load_file(file), **layer, **head}, file, metadata={"format": "pt"})

    ids = torch.randint(0, config["vocab_size"], (23,), generator=generator)
    with torch.no_grad():
        base = reference.model
        seen = base(ids[None, :-1]).last_hidden_state
        embedded = base.embed_tokens(ids[None, 1:])
        mixed = torch.cat((rms(embedded, norms["embedding"], eps), rms(seen, norms["hidden"], eps)), -1) @ fc.T
        place = torch.arange(22)[None]
        mask = torch.full((22, 22), float("-inf")).triu(1)[None, None]
        mixed = spare.model.layers[0](mixed, base.rotary_emb(mixed, place), attention_mask=mask, position_ids=place)
        wanted = reference.lm_head(rms(mixed, norms["final"], eps))[0]

    model = load_model(tmp_path, dtype="float32")
    mtp = load_mtp(tmp_path, cast(HybridCausalLM, model))
    assert {f"mtp.{name}" for name in mtp.state_dict()} == {*layer, *head}
    ctx, positions = ForwardContext.training([0, 22]), torch.arange(22)
    with torch.no_grad():
        found = mtp(model.embedding(ids[1:], ctx), model(ids[:-1], positions, ctx), positions, ctx)
        assert close(model.compute_logits(found, ctx), wanted)


def test_a_checkpoint_without_the_head(tmp_path: Path) -> None:
    reference_model(NEXT, config_of(NEXT, 1), 1).save_pretrained(tmp_path)
    with pytest.raises(YunqiError) as caught:
        load_mtp(tmp_path, cast(HybridCausalLM, load_model(tmp_path)))
    assert caught.value.code == "weights-missing"


@pytest.mark.parametrize("case", HYBRID.values(), ids=lambda c: c.architecture)
@pytest.mark.parametrize(
    "changes, code, words",
    [
        ({"layer_types": ["linear_attention"]}, "config-contradiction", "1 layer types for 3 layers"),
        ({"layer_types": ["linear_attention", "mamba", "full_attention"]}, "config-unsupported", "layer type 'mamba'"),
        ({"layer_types": ["sliding_attention"] * 3}, "config-unsupported", "layer type 'sliding_attention'"),
        ({"layer_types": "linear_attention"}, "config-contradiction", "no list of names"),
        ({"layer_types": None, "full_attention_interval": 0}, "config-contradiction", "full_attention_interval=0"),
        ({"layer_types": None, "full_attention_interval": "4"}, "config-contradiction", "full_attention_interval"),
        ({"linear_num_value_heads": 5, "linear_num_key_heads": 2}, "config-contradiction", "cannot share 2 key heads"),
        ({"linear_key_head_dim": 0}, "config-contradiction", "linear_key_head_dim=0"),
        ({"linear_conv_kernel_dim": 2.5}, "config-contradiction", "linear_conv_kernel_dim=2.5"),
        ({"text_config": 3}, "config-contradiction", "text_config"),
    ],
)
def test_wrong_configs(case: Case, changes: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(YunqiError, match=words) as caught:
        build_model(config_of(case, 1, **changes), device="meta")
    assert caught.value.code == code


def test_layers_of_another_kind_are_refused_in_the_weights(tmp_path: Path) -> None:
    """A list of the right length that is not the checkpoint's own."""
    config = config_of(NEXT, 1)
    reference_model(NEXT, config, 1).save_pretrained(tmp_path)
    saved = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(saved | {"layer_types": ["full_attention"] * 3}))
    with pytest.raises(YunqiError, match="self_attn") as caught:
        load_model(tmp_path)
    assert caught.value.code == "weights-missing"


@pytest.mark.parametrize("case", HYBRID.values(), ids=lambda c: c.architecture)
def test_both_backends_serve_them(case: Case, tmp_path: Path) -> None:
    config = config_of(case, 5, max_position_embeddings=128)
    reference = reference_model(case, config, 5)
    reference.save_pretrained(tmp_path)
    check_answers_alike(tmp_path, config, reference, deterministic=(True, False))


def test_gated_attention_alone_is_served_too(tmp_path: Path) -> None:
    case = HYBRID["Qwen3_5ForCausalLM"]
    config = config_of(case, 5, layer_types=["full_attention"] * 3, max_position_embeddings=128)
    reference = reference_model(case, config, 5)
    reference.save_pretrained(tmp_path)
    check_answers_alike(tmp_path, config, reference, deterministic=(True,))
