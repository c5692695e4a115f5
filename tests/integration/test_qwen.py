"""`LLM` on a folder of the first generation: qwen.tiktoken, ChatML, two end tokens, prompts beyond training."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.parity.test_qwen import SHORT, random_model
from yunqi import LLM, SamplingParams
from yunqi.common.errors import YunqiError
from yunqi.engine.loader import save_model

ASK = [{"role": "user", "content": "What is 40 + 2?"}]
NUM_RANKS = 256 + 11
ENDOFTEXT, IM_START, IM_END = NUM_RANKS, NUM_RANKS + 1, NUM_RANKS + 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkpoint folder of tiny random weights, with the files a Qwen-7B-Chat has."""
    tokens = [bytes([byte]) for byte in range(256)]
    tokens += [b"at", b"is", b" is", b"an", b"ant", b"er", b"us", b"user", b"ist", b"as", b"sy"]
    lines = [base64.b64encode(token) + b" %d" % rank for rank, token in enumerate(tokens)]
    config = SHORT | {"model_type": "qwen", "vocab_size": 512, "seq_length": 64}
    save_model(random_model(config, 4), tmp_path)
    (tmp_path / "qwen.tiktoken").write_bytes(b"\n".join(lines) + b"\n")
    settings = {"model_max_length": 8192, "tokenizer_class": "QWenTokenizer"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings))
    generation = {"chat_format": "chatml", "do_sample": True, "eos_token_id": ENDOFTEXT, "top_k": 0, "top_p": 0.8}
    (tmp_path / "generation_config.json").write_text(json.dumps(generation))
    return tmp_path


def test_a_chat_is_its_chatml(folder: Path) -> None:
    llm = LLM(folder)
    output = llm.chat(ASK, SamplingParams(temperature=0, max_tokens=8, ignore_eos=True))[0]
    assert output.prompt == (
        "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
        "<|im_start|>user\nWhat is 40 + 2?<|im_end|>\n<|im_start|>assistant\n"
    )
    assert output.prompt_token_ids[0] == IM_START
    assert output.prompt_token_ids.count(IM_END) == 2
    assert len(output.outputs[0].token_ids) == 8
    assert output.outputs[0].reasoning is None


@pytest.mark.parametrize("end", [ENDOFTEXT, IM_END])
def test_both_ends_stop_a_chat(folder: Path, end: int) -> None:
    llm = LLM(folder)
    assert llm.get_tokenizer().eos_ids == {ENDOFTEXT, IM_END}
    answer = llm.chat(ASK, SamplingParams(max_tokens=8, logit_bias={end: 100.0}))[0].outputs[0]
    assert (answer.token_ids, answer.finish_reason, answer.text) == ([end], "stop", "")


def test_official_sampling(folder: Path) -> None:
    job = LLM(folder).intake.conversation(ASK, SamplingParams())
    drawing = job.requests[0].drawing
    assert (drawing.temperature, drawing.top_p, drawing.top_k) == (1.0, 0.8, 0)


def test_prompts_beyond_the_trained_length_answer_alike_in_company(folder: Path) -> None:
    llm = LLM(folder, max_num_batched_tokens=48)
    questions: list[Any] = [[{"role": "user", "content": "What is it? " * n}] for n in (1, 4, 9, 16)]
    params = [SamplingParams(temperature=1.0, seed=i, max_tokens=24, ignore_eos=True, n=2) for i in range(4)]
    together = llm.chat(questions, params)
    salts = {llm.engine.runner.model.cache_salt(len(o.prompt_token_ids)) for o in together}  # pyright: ignore
    assert len(salts) >= 3
    for question, one, output in zip(questions, params, together, strict=True):
        again = LLM(folder).chat(question, one)[0]
        assert [a.token_ids for a in again.outputs] == [a.token_ids for a in output.outputs]


def test_it_does_not_think(folder: Path) -> None:
    llm = LLM(folder)
    with pytest.raises(YunqiError, match="no thinking mode"):
        llm.chat(ASK, SamplingParams(thinking_budget=10))
    assert llm.chat(ASK, SamplingParams(max_tokens=2), enable_thinking=False)[0].outputs[0].token_ids
