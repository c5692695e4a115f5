"""Recipes: their sizes and shares, and one call that trains, exports and evaluates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.unit.train import micro
from yunqi.common.errors import YunqiError
from yunqi.common.files import read_json, sha256_of
from yunqi.data.problems.catalogue import SKILLS
from yunqi.engine.loader import build_model
from yunqi.eval import format_table, skill_table
from yunqi.recipes import run, run_recipe
from yunqi.recipes.nano import nano
from yunqi.recipes.nano_next import nano_next
from yunqi.train.config import TrainConfig


def test_nano_is_small_and_covers_every_skill() -> None:
    config = nano()
    model = build_model(config.model, device="meta")
    assert sum(p.numel() for p in model.parameters()) <= 6_000_000
    assert config.model["vocab_size"] == config.vocab_size
    assert config.model["max_position_embeddings"] == 4096
    for phase in config.phases:
        assert set(phase.mix.skills) == set(SKILLS) - {"unseen_tools"}  # held back for the evaluation
        others = sum(weight for language, weight in phase.mix.languages.items() if language != "en")
        assert 0 < others <= 0.2 * sum(phase.mix.languages.values())
        assert config.tokens_per_step % phase.window == 0
    assert config.phases[-1].until == 1.0


def test_the_quick_form_is_the_same_model_and_far_less_work() -> None:
    quick, full = nano(quick=True), nano()
    assert quick.model == full.model
    assert quick.steps * quick.tokens_per_step < full.steps * full.tokens_per_step / 20
    assert quick.name != full.name


def test_nano_next_is_nanos_recipe_for_a_sparse_hybrid() -> None:
    config, plain = nano_next(), nano()
    with torch.device("meta"):
        model: Any = build_model(config.model, device="meta")
        head = model.make_mtp()
    total = sum(p.numel() for p in (*model.parameters(), *head.parameters()))
    experts = sum(p.numel() for name, p in model.named_parameters() if ".experts." in name)
    active = sum(p.numel() for p in model.parameters()) - experts * 3 // 4  # two experts of eight
    assert total <= 12_000_000
    assert active <= 1.1 * sum(p.numel() for p in build_model(plain.model, device="meta").parameters())
    assert model.config.layer_types == (*["linear_attention"] * 3, "full_attention") * 2
    assert (config.tokens_per_step, config.microbatch_tokens) == (plain.tokens_per_step, plain.tokens_per_step)
    for phase, other in zip(config.phases, plain.phases, strict=True):
        skills = dict(phase.mix.skills)
        assert 0 < skills.pop("recall") < 0.1 * sum(skills.values())
        assert skills == other.mix.skills
        assert (phase.until, phase.window, phase.loss_on) == (other.until, other.window, other.loss_on)
    assert config.balance_weight > 0
    assert config.mtp_weight > 0
    assert nano_next(quick=True).steps < config.steps / 20
    assert nano_next(start="1" * 64).name == "nano-next-further"


def test_losses_that_a_recipe_does_not_have_leave_its_fingerprint_alone() -> None:
    assert "mtp_weight" in nano().to_json()
    assert nano().fingerprint == replace(nano(), balance_weight=0.0, mtp_weight=0.0).fingerprint
    assert nano_next().fingerprint != replace(nano_next(), mtp_weight=0.0).fingerprint


def test_an_unknown_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(YunqiError, match="nano"):
        run_recipe("giant", out=tmp_path)


def test_a_recipe_ends_in_an_evaluated_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "RECIPES", {"micro": lambda quick: micro.config(eval_problems=1)})
    monkeypatch.setattr(skill_table, "KNOWN_PROBLEMS", 40)
    folder = run_recipe("micro", out=tmp_path, threads=1, quick=True, silent=True)
    report = read_json(folder / "report.json")
    assert report["held_out"]["split"] == "test"
    assert set(report["held_out"]["skills"]) == set(SKILLS)
    assert set(report["held_out"]["macro"]) == {"thinking", "non-thinking"}
    assert report["steps"] == 4
    assert (folder / "report.png").read_bytes().startswith(b"\x89PNG")
    text = (folder / "report.md").read_text(encoding="utf-8")
    assert format_table(report["held_out"]) in text
    assert report["data_hash"] in text
    assert report["agreement"]["deterministic"]["tokens"] > 0
    assert report["agreement"]["deterministic"]["largest"] == 0
    monkeypatch.setattr(run, "add_evaluation", lambda model, *_, **__: None)
    again = run_recipe("micro", out=tmp_path, threads=1, quick=True, silent=True)
    assert read_json(again / "report.json")["data_hash"] == report["data_hash"]


def test_a_run_goes_on_from_earlier_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def recipe(quick: bool, start: str = "") -> TrainConfig:
        return micro.config(eval_problems=1, start=start, seed=int(bool(start)))

    monkeypatch.setattr(run, "RECIPES", {"micro": recipe})
    monkeypatch.setattr(run, "add_evaluation", lambda model, *_, **__: None)
    first = run_recipe("micro", out=tmp_path / "first", threads=1, silent=True)
    second = run_recipe("micro", out=tmp_path / "second", start=first, threads=1, silent=True)
    assert (first / "tokenizer.json").read_bytes() == (second / "tokenizer.json").read_bytes()
    assert (first / "model.safetensors").read_bytes() != (second / "model.safetensors").read_bytes()
    report = read_json(second / "report.json")
    assert report["config"]["start"] == sha256_of(first / "model.safetensors")
    assert [row["steps"] for row in report["earlier"]] == [4]
    with pytest.raises(YunqiError, match="--from"):
        run_recipe("micro", out=tmp_path / "third", start=tmp_path, threads=1, silent=True)


def test_a_further_run_skips_what_is_learnt_and_goes_gently() -> None:
    first, further = nano(), nano(start="1" * 64)
    assert [phase.name for phase in further.phases] == ["fusion", "long"]
    assert further.optimizer.muon_lr < first.optimizer.muon_lr
    assert (further.model, further.vocab_size) == (first.model, first.vocab_size)
    assert further.seed != first.seed
