from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.hub.conftest import CONFIG, WEIGHTS, safetensors_bytes, write_checkpoint
from yunqi.hub import places
from yunqi.hub.catalog import describe, list_models
from yunqi.hub.estimate import estimate, memory_bytes


def test_a_record_comes_from_config_and_headers(user: Path) -> None:
    record = describe(write_checkpoint(user / "small"))
    assert (record.name, record.source, record.architecture) == ("small", "folder", "Qwen3ForCausalLM")
    assert (record.supported, record.problem) == (True, None)
    assert (record.num_parameters, record.num_read_parameters, record.num_bytes) == (88, 88, 176)
    assert (record.dtype, record.context, record.cache_elements_per_token) == ("bfloat16", 512, 2 * 3 * 2 * 6)


def test_an_untied_embedding_is_not_read_whole(user: Path) -> None:
    weights = safetensors_bytes(
        {"model.embed_tokens.weight": ("F32", [10, 8], 4), "lm_head.weight": ("F32", [10, 8], 4)}
    )
    record = describe(write_checkpoint(user / "untied", weights=weights))
    assert (record.num_parameters, record.num_read_parameters, record.dtype) == (160, 80, "float32")


def test_a_token_reads_the_experts_it_chooses(user: Path) -> None:
    """Three of four experts lie idle; numbers of one byte are computed with in two."""
    weights = safetensors_bytes(
        {
            "model.layers.0.mlp.gate.weight": ("BF16", [4, 8], 2),
            **{f"model.layers.0.mlp.experts.{i}.up_proj.weight": ("F8_E4M3", [8, 10], 1) for i in range(4)},
        }
    )
    config = CONFIG | {"num_experts": 4, "num_experts_per_tok": 1}
    record = describe(write_checkpoint(user / "experts", config, weights))
    assert (record.num_parameters, record.num_read_parameters, record.dtype) == (352, 112, "f8_e4m3")
    assert memory_bytes(record, native_bfloat16=False) > memory_bytes(record, native_bfloat16=True)  # pyright: ignore


def test_shards_are_those_of_the_index(user: Path) -> None:
    path = write_checkpoint(user / "sharded")
    (path / "model.safetensors").rename(path / "model-00001-of-00001.safetensors")
    (path / "stray.safetensors").write_bytes(WEIGHTS)
    index = {"weight_map": {"model.norm.weight": "model-00001-of-00001.safetensors"}}
    (path / "model.safetensors.index.json").write_text(json.dumps(index))
    assert describe(path).num_parameters == 88
    for name in ("gone.safetensors", "../small/model.safetensors"):
        (path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": name}}))
        assert "lacks the shard" in (describe(path).problem or "")
    (path / "model.safetensors.index.json").write_text("[]")
    assert "weight_map" in (describe(path).problem or "")


@pytest.mark.parametrize(
    "config, weights, words",
    [
        (CONFIG, WEIGHTS[:30], "not a readable safetensors file"),
        ([], WEIGHTS, "not valid JSON"),
        (CONFIG | {"architectures": ["LlamaForCausalLM"]}, WEIGHTS, "'LlamaForCausalLM'"),
        (CONFIG | {"architectures": None}, WEIGHTS, "'None'"),
        (CONFIG | {"num_key_value_heads": 3}, WEIGHTS, "contradicts itself"),
    ],
)
def test_what_cannot_run_says_why(user: Path, config: object, weights: bytes, words: str) -> None:
    record = describe(write_checkpoint(user / "bad", config, weights))
    assert not record.supported
    assert words in (record.problem or "")


@pytest.mark.parametrize(
    "files, damaged",
    [
        ({"tokenizer.json": '{"model": {"vocab": {"a": 0}}}'}, None),
        ({"tokenizer.json": "version https://git-lfs.github.com/spec/v1\n"}, "tokenizer.json"),
        ({"tokenizer.json": ""}, "tokenizer.json"),
        ({"tokenizer.json": "[]"}, "tokenizer.json"),
        ({"tokenizer.json": '{"model": {}}'}, "tokenizer.json"),
        ({"tokenizer_config.json": "{", "tokenizer.json": '{"model": {"vocab": {"a": 0}}}'}, "tokenizer_config.json"),
        ({"generation_config.json": "<html>"}, "generation_config.json"),
        ({"vocab.json": '{"a": 0}', "merges.txt": "#version: 0.2\na b\n\n"}, None),
        ({"vocab.json": "{}", "merges.txt": "a b\n"}, "vocab.json"),
        ({"vocab.json": '{"a": 0}', "merges.txt": "a b\nc"}, "merges.txt"),
        ({"vocab.json": "{"}, None),  # nobody reads it without merges
        ({"qwen.tiktoken": "IQ== 0\nIg== 1\n"}, None),
        ({"qwen.tiktoken": "IQ== 0\nIg"}, "qwen.tiktoken"),
        ({"qwen.tiktoken": ""}, "qwen.tiktoken"),
    ],
)
def test_damaged_files_of_a_tokenizer_are_named(user: Path, files: dict[str, str], damaged: str | None) -> None:
    path = write_checkpoint(user / "small")
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")
    record = describe(path)
    assert record.supported is (damaged is None)
    assert record.problem == (damaged and f"Its {damaged} is damaged. Fetch that file again.")
    assert record.num_parameters == 88


def test_bytes_that_are_no_text_are_damage(user: Path) -> None:
    path = write_checkpoint(user / "small")
    for name in ("qwen.tiktoken", "tokenizer.json"):
        (path / name).write_bytes(b"\xff\xfe\x00 1\n")
        assert name in (describe(path).problem or "")


def test_decoder_numbers_of_a_model_with_more_than_text(user: Path) -> None:
    config = {"architectures": ["Other"], "text_config": {key: CONFIG[key] for key in CONFIG if key != "head_dim"}}
    record = describe(write_checkpoint(user / "vision", config))
    assert (record.context, record.cache_elements_per_token) == (512, 2 * 3 * 2 * (8 // 4))


def test_the_list_holds_each_folder_once_and_no_half_ones(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "bundled_root", lambda: user / "package")
    write_checkpoint(user / "package" / "nano")
    hub = user / ".cache/huggingface/hub"
    write_checkpoint(hub / "models--Qwen--Qwen3-4B" / "snapshots" / "c0")
    (hub / "models--Qwen--Half" / "snapshots" / "c0").mkdir(parents=True)
    (hub / "models--Qwen--Quarter" / "snapshots" / "c0").mkdir(parents=True)
    (hub / "models--Qwen--Quarter" / "snapshots" / "c0" / "pytorch_model.bin").write_bytes(b"")
    scope = user / ".cache/modelscope/hub/models/Qwen"
    write_checkpoint(scope / "Qwen3-1___7B")
    (scope / "Qwen3-1.7B").symlink_to(scope / "Qwen3-1___7B")
    (user / "yunqi").mkdir()
    (user / "yunqi" / "config.toml").write_text(f'model_dirs = ["{(user / "package").as_posix()}"]')
    assert [(r.name, r.source) for r in list_models()] == [
        ("nano", "bundled"),
        ("Qwen/Qwen3-4B", "huggingface"),
        ("Qwen/Qwen3-1.7B", "modelscope"),
    ]


def test_estimates_grow_with_the_model_and_the_memory(user: Path) -> None:
    big_weights = safetensors_bytes({"w": ("BF16", [1000, 1000], 2)})
    small = describe(write_checkpoint(user / "small"))
    big = describe(write_checkpoint(user / "big", weights=big_weights))
    first = estimate(small, bandwidth=1e9, native_bfloat16=True)
    second = estimate(big, bandwidth=1e9, native_bfloat16=True)
    third = estimate(big, bandwidth=1e9, native_bfloat16=False)
    core = estimate(big, bandwidth=1e9, native_bfloat16=True, core=True)
    assert first is not None
    assert second is not None
    assert third is not None
    assert core is not None
    assert core.tokens_per_second > 2 * second.tokens_per_second, "the calls of a layer are what holds it back"
    assert third.memory_bytes - second.memory_bytes == 2 * (1_000_000 + 512 * 72)
    assert first.tokens_per_second > second.tokens_per_second > third.tokens_per_second
    # two megabytes at a gigabyte a second, and something for the layers
    assert 1 / second.tokens_per_second > 0.002
    assert estimate(describe(user / "missing"), bandwidth=1e9, native_bfloat16=True) is None
