"""First weights, and that every family learns from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.unit.train import micro
from yunqi.engine.loader import build_model
from yunqi.train import loop
from yunqi.train.initial import initialize

EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 24, "norm_topk_prob": True}
LINEAR = {
    "linear_num_key_heads": 1,
    "linear_num_value_heads": 2,
    "linear_key_head_dim": 16,
    "linear_value_head_dim": 16,
    "full_attention_interval": 2,
}
FAMILIES: dict[str, dict[str, Any]] = {
    "Qwen3ForCausalLM": {},
    "Qwen3MoeForCausalLM": EXPERTS,
    "Qwen3NextForCausalLM": EXPERTS | LINEAR | {"shared_expert_intermediate_size": 24},
    "Qwen3_5ForCausalLM": LINEAR,
}


def shape(architecture: str) -> dict[str, Any]:
    return micro.MODEL | {"architectures": [architecture], "vocab_size": 290} | FAMILIES[architecture]


@pytest.mark.parametrize("architecture", FAMILIES)
def test_the_loss_of_every_family_falls(architecture: str, tmp_path: Path) -> None:
    config = micro.config(model=shape(architecture), steps=10)
    loop.train(config, build_model(shape(architecture)), micro.batches(config), tmp_path, silent=True)
    losses = [json.loads(line)["loss"] for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert losses[-1] < losses[0] - 0.3


def test_a_hybrid_starts_as_its_authors_have_it() -> None:
    model = build_model(shape("Qwen3NextForCausalLM"))
    initialize(model, 0)
    found = dict(model.named_parameters())
    assert not found["model.layers.0.input_layernorm.weight"].any()  # 1 + w
    assert not found["model.layers.1.self_attn.q_norm.weight"].any()
    assert found["model.layers.0.linear_attn.norm.weight"].eq(1).all()
    steps = torch.nn.functional.softplus(found["model.layers.0.linear_attn.dt_bias"])
    assert ((steps > 0.0009) & (steps < 0.11)).all()
    assert not found["model.layers.0.linear_attn.out_proj.weight"].any()
    decays = found["model.layers.0.linear_attn.A_log"].exp()
    assert ((decays >= 0.01) & (decays <= 16)).all()
    again = build_model(shape("Qwen3NextForCausalLM"))
    initialize(again, 0)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
