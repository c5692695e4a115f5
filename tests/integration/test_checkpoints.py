"""`LLM` on checkpoint folders: with and without a tokenizer, in batches, with the errors a user can meet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.parity.cases import CASES, random_config, reference_model
from yunqi import LLM, SamplingParams
from yunqi.processing.tokenizer import Tokenizer

PARAMS = SamplingParams(temperature=0, max_tokens=12, ignore_eos=True)


def checkpoint(path: Path, seed: int = 3, **changes: Any) -> tuple[Any, Path]:
    case = CASES[1]
    model = reference_model(case, random_config(case, seed) | {"max_position_embeddings": 256} | changes, seed)
    model.save_pretrained(path)
    return model, path


def test_a_folder_without_tokenizer_serves_token_ids(tmp_path: Path) -> None:
    reference, path = checkpoint(tmp_path)
    llm = LLM(path, dtype="float32")
    prompts = [[1, 2, 3], list(range(30)), [7]]
    for output, prompt in zip(llm.generate(prompts, PARAMS), prompts, strict=True):
        ids = torch.tensor([prompt])
        wanted = reference.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False, eos_token_id=None,
            pad_token_id=0,
        )  # fmt: skip
        assert output.outputs[0].token_ids == wanted[0, len(prompt) :].tolist()


def test_log_probabilities_are_the_model_s(tmp_path: Path) -> None:
    reference, path = checkpoint(tmp_path)
    llm = LLM(path, dtype="float32", max_num_batched_tokens=16)
    prompt = [i % 40 for i in range(100)]
    output = llm.generate([prompt], SamplingParams(temperature=0, max_tokens=3, logprobs=2, prompt_logprobs=1))[0]
    whole = prompt + output.outputs[0].token_ids
    with torch.no_grad():
        wanted = reference(torch.tensor([whole])).logits[0].double().log_softmax(-1)
    found = [*(output.prompt_logprobs or []), *(output.outputs[0].logprobs or [])]
    assert len(found) == len(whole)
    for i in range(1, len(whole)):
        row = found[i]
        assert row is not None
        assert row[whole[i]].logprob == pytest.approx(float(wanted[i - 1, whole[i]]), abs=1e-4)


def test_end_tokens_come_from_the_config_where_no_tokenizer_is(tmp_path: Path) -> None:
    _, path = checkpoint(tmp_path)
    first = LLM(path).generate([[1, 2]], PARAMS)[0].outputs[0].token_ids[0]
    config = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps(config | {"eos_token_id": [first, 3]}))
    (path / "generation_config.json").unlink()
    answer = LLM(path).generate([[1, 2]], SamplingParams(temperature=0, max_tokens=5))[0].outputs[0]
    assert (answer.token_ids, answer.finish_reason) == ([first], "stop")


def test_sixteen_unequal_requests_are_as_alone(tmp_path: Path) -> None:
    _, path = checkpoint(tmp_path, seed=8)
    llm = LLM(path, max_num_batched_tokens=32)
    prompts = [[(i * 7 + j) % 45 for j in range(1 + i * 9)] for i in range(16)]
    params = [SamplingParams(temperature=0.8, top_k=9, seed=i, max_tokens=3 + i, ignore_eos=True) for i in range(16)]
    together = llm.generate(prompts, params)
    for i, (prompt, one) in enumerate(zip(prompts, params, strict=True)):
        assert llm.generate([prompt], one)[0].outputs[0].token_ids == together[i].outputs[0].token_ids
        assert len(together[i].outputs[0].token_ids) == 3 + i


def test_another_tokenizer(tmp_path: Path, tokenizer: Tokenizer) -> None:
    _, path = checkpoint(tmp_path / "model", vocab_size=tokenizer.vocab_size)
    tokenizer.save(tmp_path / "words")
    llm = LLM(path, tokenizer=tmp_path / "words")
    assert isinstance(llm.generate("The answer", SamplingParams(max_tokens=3))[0].outputs[0].text, str)


@pytest.mark.parametrize(
    "options, words",
    [
        ({"max_model_len": 10_000}, "context holds 256"),
        ({"max_num_seqs": 0}, "at least 1"),
        ({"max_num_batched_tokens": 0}, "at least 1"),
        ({"block_size": 7}, "divides 128"),
        ({"kv_cache_memory_bytes": 10}, "kv_cache_memory_bytes=10"),
        ({"dtype": "int2"}, "dtype=int2"),
        ({"device": "tpu"}, "device 'tpu'"),
    ],
)
def test_wrong_options(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    _, path = checkpoint(tmp_path)
    with pytest.raises(ValueError, match=words):
        LLM(path, **options)
