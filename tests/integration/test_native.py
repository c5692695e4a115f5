"""The native core behind `LLM`: when it is chosen, what it refuses, and what int8 and int4 answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_checkpoints import checkpoint
from tests.native import require_native
from yunqi import LLM, SamplingParams
from yunqi.common.errors import YunqiError
from yunqi.engine.native_runner import NativeRunner
from yunqi.engine.torch_memory import block_bytes
from yunqi.engine.torch_runner import TorchRunner
from yunqi.ops.native import library as native

PARAMS = SamplingParams(temperature=0, max_tokens=20, ignore_eos=True, logprobs=2)
PROMPTS = [[1, 2, 3], [5] * 40, list(range(30))]


@pytest.fixture(autouse=True)
def built() -> None:
    require_native()


@pytest.fixture
def without_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("YUNQI_NATIVE", "/nowhere/libyunqi_native.so")
    native.library.cache_clear()
    yield
    monkeypatch.undo()
    native.library.cache_clear()


def test_it_computes_unless_torch_is_asked_for() -> None:
    assert isinstance(LLM("nano").engine.runner, NativeRunner)
    assert not isinstance(LLM("nano", backend="torch").engine.runner, NativeRunner)
    assert not isinstance(LLM("nano", dtype="float16").engine.runner, NativeRunner)
    assert not isinstance(LLM("nano", block_size=32).engine.runner, NativeRunner)


@pytest.mark.parametrize("quantization", [None, "int8", "int4"])
def test_nano_answers_in_any_packing(quantization: str | None) -> None:
    llm = LLM("nano", quantization=quantization)
    (output,) = llm.chat([{"role": "user", "content": "What is 40 + 2?"}], SamplingParams(temperature=0))
    assert "42" in output.outputs[0].text


@pytest.mark.parametrize("cache", ["auto", "int8"])
@pytest.mark.parametrize("quantization", [None, "int8", "int4"])
def test_company_changes_nothing(tmp_path: Path, quantization: str | None, cache: str) -> None:
    _, path = checkpoint(tmp_path)
    together = LLM(path, quantization=quantization, kv_cache_dtype=cache).generate(PROMPTS, PARAMS)
    alone = LLM(path, quantization=quantization, kv_cache_dtype=cache, max_num_batched_tokens=7)
    for prompt, output in zip(PROMPTS, together, strict=True):
        (again,) = alone.generate([prompt], PARAMS)
        assert again.outputs[0].token_ids == output.outputs[0].token_ids
        assert again.outputs[0].logprobs == output.outputs[0].logprobs


def test_a_cache_of_int8_takes_half_the_memory_and_answers_alike() -> None:
    whole, half = (LLM("nano", kv_cache_dtype=kind, kv_cache_memory_bytes=64 << 20) for kind in ("auto", "int8"))
    size_of = [block_bytes(llm.engine.runner.model, 16, llm.engine.runner.kv_dtype) for llm in (whole, half)]
    assert size_of[1] / size_of[0] == (32 + 4) / (32 * 2)
    assert len(half.engine.runner.read_block(1)) == size_of[1]
    params = SamplingParams(temperature=0, max_tokens=200)
    asked = [[{"role": "user", "content": f"What is {n} + 956?"}] for n in (4837, 12, 305)]
    for ours, theirs in zip(half.chat(asked, params), whole.chat(asked, params), strict=True):
        assert ours.outputs[0].text == theirs.outputs[0].text


def test_a_cache_kept_on_disk_belongs_to_its_kind() -> None:
    prints = {LLM("nano", kv_cache_dtype=kind).engine.runner.fingerprint() for kind in ("auto", "int8")}
    assert len(prints) == 2


@pytest.mark.parametrize(
    "options, code",
    [
        ({"kv_cache_dtype": "int4"}, "option-invalid"),
        ({"kv_cache_dtype": "int8", "backend": "torch"}, "option-invalid"),
        ({"backend": "cuda"}, "option-invalid"),
        ({"quantization": "int3"}, "option-invalid"),
        ({"quantization": "int4", "backend": "torch"}, "options-contradict"),
        ({"quantization": "int4", "block_size": 32}, "native-unsupported"),
        ({"backend": "native", "dtype": "float16"}, "native-unsupported"),
    ],
)
def test_what_cannot_be_is_one_sentence(options: dict[str, Any], code: str) -> None:
    with pytest.raises(YunqiError) as caught:
        LLM("nano", **options)
    assert caught.value.code == code


@pytest.mark.usefixtures("without_library")
def test_without_it_torch_computes_and_quantisation_is_refused() -> None:
    llm = LLM("nano")
    assert type(llm.engine.runner) is TorchRunner
    for options in ({"backend": "native"}, {"quantization": "int8"}):
        with pytest.raises(YunqiError, match="compiler"):
            LLM("nano", **options)
