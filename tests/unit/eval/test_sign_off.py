"""`verify` on tiny random checkpoints, with transformers as it is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.parity.cases import CASES, Case, random_config, reference_model
from yunqi.cli import main
from yunqi.common.errors import YunqiError
from yunqi.eval.comparison import check_greedy, check_logits, fixed_prompts
from yunqi.eval.reference import Continuation
from yunqi.eval.sign_off import Verification, verify
from yunqi.hub.record import RECORD_FILE, standing
from yunqi.processing.build import train_bpe

TEMPLATE = (
    "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)


def checkpoint(path: Path, case: Case = CASES[1], seed: int = 3, *, template: str | None = TEMPLATE) -> Path:
    config = random_config(case, seed) | {"max_position_embeddings": 256, "vocab_size": 400}
    reference_model(case, config, seed).save_pretrained(path)
    train_bpe(["what is the weather in the city"] * 5, 380).save(path)
    if template:
        (path / "chat_template.jinja").write_text(template)
    return path


def perturb(path: Path, amount: float = 0.05) -> None:
    weights = load_file(path / "model.safetensors")
    weights["model.layers.0.mlp.up_proj.weight"][0, 0] += amount
    save_file(weights, path / "model.safetensors", metadata={"format": "pt"})


def results(done: Verification) -> dict[str, bool | None]:
    return {check.name: check.passed for check in done.checks}


ALL_PASSED = dict.fromkeys(("files", "logits", "greedy tokens", "tokenizer", "template"), True)


@pytest.mark.parametrize("seed", [1, 3])
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.architecture)
def test_a_random_checkpoint_passes_and_is_signed_off(case: Case, seed: int, tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "mine", case, seed)
    done = verify(path)
    assert results(done) == ALL_PASSED, done.checks
    assert done.record == path / RECORD_FILE
    kept = json.loads(done.record.read_text())
    assert kept["versions"].keys() == {"yunqi", "transformers", "torch", "python"}
    assert kept["tolerances"]["logits"] == 1e-4
    assert len(kept["files"]["model.safetensors"]["sha256"]) == 64
    assert standing(path) == "verified"


def test_a_perturbed_weight_fails(tmp_path: Path) -> None:
    original = checkpoint(tmp_path / "original")
    assert verify(original).passed
    copy = Path(shutil.copytree(original, tmp_path / "copy"))
    assert verify(copy).passed
    perturb(copy)
    assert standing(copy) == "stale"
    done = verify(copy)
    assert (done.passed, done.record) == (False, None)
    assert results(done) == ALL_PASSED | {"files": False}
    assert "model.safetensors differs" in done.checks[0].detail
    assert standing(copy) == "stale"
    # Against the original its numbers are wrong too.
    (copy / RECORD_FILE).unlink()
    done = verify(copy, reference=original)
    assert (done.passed, done.record) == (False, None)
    assert results(done)["logits"] is False
    assert verify(original, reference=original).record is None
    # Who means the change can sign it off.
    assert verify(copy, renew=True).record == copy / RECORD_FILE
    assert standing(copy) == "verified"


def test_our_side_alone_perturbed_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from yunqi.eval import comparison

    def wrong(path: Path, **options: object) -> object:
        network = load_model(path, dtype="float32")
        with torch.no_grad():
            network.model.norm.weight.mul_(1.001)
        return network

    load_model = comparison.load_model
    monkeypatch.setattr(comparison, "load_model", wrong)
    done = verify(checkpoint(tmp_path / "mine"))
    assert results(done)["logits"] is False
    assert done.record is None


def test_a_blob_of_the_cache_must_be_what_its_name_says(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "mine")
    blob = tmp_path / ("0" * 64)
    (path / "model.safetensors").rename(blob)
    (path / "model.safetensors").symlink_to(blob)
    done = verify(path)
    assert results(done)["files"] is False
    assert "fetch it again" in done.checks[0].detail


@pytest.mark.parametrize("broken", [True, False])
def test_what_is_not_there_is_not_checked(tmp_path: Path, broken: bool) -> None:
    path = checkpoint(tmp_path / "mine", template=None)
    if broken:
        for file in path.glob("tokenizer*"):
            file.unlink()
    done = verify(path)
    assert done.passed
    assert results(done)["template"] is None
    assert results(done)["tokenizer"] is (None if broken else True)


def test_a_short_context_has_shorter_prompts(tmp_path: Path) -> None:
    config = random_config(CASES[1], 3) | {"max_position_embeddings": 16, "rope_scaling": None}
    reference_model(CASES[1], config, 3).save_pretrained(tmp_path / "short")
    done = verify(tmp_path / "short")
    assert done.passed, done.checks
    assert "9 of 9" in done.checks[2].detail


@pytest.mark.parametrize("vocab_size, context", [(1, 1), (5, 2), (400, 40), (151_936, 10**6)])
def test_prompts_are_odd_and_within_bounds(vocab_size: int, context: int) -> None:
    prompts = fixed_prompts(vocab_size, context)
    assert prompts
    assert all(
        len(p) % 2 == 1 and len(p) <= max(1, context - 1) and 0 <= min(p) <= max(p) < vocab_size for p in prompts
    )


def test_a_tie_is_no_failure_but_a_choice_is() -> None:
    rows = tuple(torch.tensor([1.0, 1.0 - gap, 0.0]) for gap in (0.5, 1e-5, 0.5))
    theirs = Continuation(token_ids=(0, 0, 0), logits=rows)
    assert check_greedy([0, 0, 0], theirs).passed
    assert check_greedy([0, 1, 2], theirs).passed
    assert not check_greedy([1, 0, 0], theirs).passed
    assert not check_greedy([0, 0], theirs).passed
    assert not check_greedy([0, 2, 0], theirs).passed


def test_logits_that_are_no_numbers_fail() -> None:
    good = torch.ones(2, 3)
    bad = good.clone()
    bad[0, 0] = float("nan")
    assert check_logits([(1, 2)], [good], [good]).passed
    assert not check_logits([(1, 2)], [bad], [good]).passed
    assert not check_logits([(1, 2)], [good], [torch.ones(2, 4)]).passed


def test_the_command_says_it_in_words_and_codes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = checkpoint(tmp_path / "mine")
    assert main.run(["verify", str(path)]) == 0
    out = capsys.readouterr().out
    assert "Verified; the result is kept in" in out
    assert out.count("passed ") == 5
    perturb(path)
    assert main.run(["verify", str(path), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["passed"], document["record"]) == (False, None)
    assert document["checks"][0]["passed"] is False


def _without_transformers(monkeypatch: pytest.MonkeyPatch) -> str:
    import sys

    monkeypatch.setitem(sys.modules, "transformers", None)
    return "extra-missing"


def _without_memory(monkeypatch: pytest.MonkeyPatch) -> str:
    from yunqi.common.machine import Memory
    from yunqi.hub import fit

    monkeypatch.setattr(fit, "memory", lambda: Memory(total=10**9, available=10**8))
    return "memory-too-small"


@pytest.mark.parametrize("lack", [_without_transformers, _without_memory])
def test_what_is_lacking_is_said_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lack: Callable[[pytest.MonkeyPatch], str]
) -> None:
    path = checkpoint(tmp_path / "mine")
    code = lack(monkeypatch)
    with pytest.raises(YunqiError) as caught:
        verify(path)
    assert caught.value.code == code
