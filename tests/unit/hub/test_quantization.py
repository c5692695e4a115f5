"""What a config says of quantisation: read, or refused by its name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.hub.conftest import CONFIG, safetensors_bytes, write_checkpoint
from yunqi.common.errors import YunqiError
from yunqi.hub.catalog import describe
from yunqi.hub.estimate import memory_bytes
from yunqi.hub.quantization import Scheme, find_scheme, packed_modules, quantization_config, schemes_of

WEIGHTS = {"num_bits": 4, "type": "int", "symmetric": True, "strategy": "group", "group_size": 128, "dynamic": False}


def config(weights: dict[str, Any] | None = None, group: dict[str, Any] | None = None, **top: Any) -> dict[str, Any]:
    made = {"targets": ["Linear"], "weights": WEIGHTS | (weights or {}), "input_activations": None} | (group or {})
    data = {"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {"group_0": made}} | top
    return CONFIG | {"quantization_config": data}


def other(method: str, **changes: Any) -> dict[str, Any]:
    return CONFIG | {"quantization_config": {"quant_method": method, "bits": 4, "group_size": 128} | changes}


@pytest.mark.parametrize("scheme", [Scheme(4, 32), Scheme(4, 128), Scheme(8, 64), Scheme(8, None)])
def test_what_we_write_is_what_we_read(scheme: Scheme) -> None:
    written = json.loads(json.dumps(quantization_config(scheme, ["lm_head"])))
    assert schemes_of({"quantization_config": written}) == (scheme,)
    assert written["ignore"] == ["lm_head"]


def test_the_spellings_of_others_are_read() -> None:
    assert schemes_of(CONFIG) == schemes_of(CONFIG | {"quantization_config": None}) == ()
    assert schemes_of(config({"strategy": None, "group_size": -1})) == (Scheme(4, None),)
    assert schemes_of(config({"strategy": None, "actorder": "weight"})) == (Scheme(4, 128),)
    assert schemes_of({"compression_config": config()["quantization_config"]}) == (Scheme(4, 128),)
    mixed = config(group={"format": "pack-quantized"}, format="mixed-precision")
    assert schemes_of(mixed) == (Scheme(4, 128),)
    assert schemes_of(config({"symmetric": False})) == (Scheme(4, 128, zeros=True),)
    gptq, awq = Scheme(4, 128, "gptq", zeros=True), Scheme(4, 128, "awq", zeros=True)
    assert schemes_of(other("gptq", desc_act=False, sym=True, dynamic={"-:.*gate": {}})) == (gptq,)
    assert schemes_of(other("gptq", desc_act=True, group_size=-1)) == (Scheme(4, None, "gptq", zeros=True),)
    assert schemes_of(other("gptq", bits=8, checkpoint_format="gptq_v2")) == (Scheme(8, 128, "gptq_v2", zeros=True),)
    assert schemes_of(other("awq", version="GEMM")) == schemes_of(other("awq")) == (awq,)
    old = {"quant_method": "awq", "w_bit": 4, "q_group_size": 128, "zero_point": True}
    assert schemes_of({"quantization_config": old}) == (awq,)


@pytest.mark.parametrize(
    "given, named",
    [
        ({"quantization_config": {"quant_method": "auto-round", "bits": 4}}, "'auto-round'"),
        (other("gptq", bits=3), "gptq with 3 bits"),
        (other("gptq", bits=True), "gptq with True bits"),
        (other("gptq", group_size=16), "groups of 16"),
        (other("gptq", desc_act=True), "desc_act"),
        (other("gptq", is_marlin_format=True), "'marlin'"),
        (other("gptq", checkpoint_format="bitblas"), "'bitblas'"),
        (other("gptq", dynamic={"+:.*down": {"bits": 8}}), "dynamic"),
        (other("awq", bits=8), "awq with 8 bits"),
        (other("awq", version="gemv_fast"), "'gemv_fast'"),
        (other("awq", group_size=None), "groups of None"),
        ({"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True}}, "'bitsandbytes'"),
        ({"quantization_config": {}}, "'None'"),
        (config(format="float-quantized"), "'float-quantized'"),
        (config(group={"format": "nvfp4-pack-quantized"}), "'nvfp4-pack-quantized'"),
        (config({"type": "float"}), "type 'float'"),
        (config({"num_bits": 3}), "3 bits"),
        (config({"strategy": "tensor", "group_size": None}), "'tensor'"),
        (config({"group_size": 16}), "groups of 16"),
        (config({"actorder": "group"}), "actorder"),
        (config(group={"input_activations": {"num_bits": 8}}), "activations"),
        (config(kv_cache_scheme={"num_bits": 8}), "cache"),
        (config(transform_config={"config_groups": {"u": {}}}), "transformed"),
    ],
)
def test_what_is_not_read_is_named(given: dict[str, Any], named: str, user: Path) -> None:
    with pytest.raises(YunqiError) as caught:
        schemes_of(CONFIG | given)
    assert caught.value.code == "quantization-unsupported"
    assert named in caught.value.sentence
    record = describe(write_checkpoint(user / "model", CONFIG | given))
    assert not record.supported
    assert named in (record.problem or "")


@pytest.mark.parametrize("data", ["int4", {"quant_method": "compressed-tensors"}, {"config_groups": [1]}])
def test_what_is_no_config_is_a_contradiction(data: Any) -> None:
    data = {"quant_method": "compressed-tensors"} | data if isinstance(data, dict) else data
    with pytest.raises(YunqiError) as caught:
        schemes_of({"quantization_config": data})
    assert caught.value.code == "config-contradiction"


def found(packed: tuple[int, ...], scale: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    return {".weight_packed": packed, ".weight_scale": scale}


def test_shapes_tell_the_scheme_and_tensors_what_is_not_read() -> None:
    schemes = (Scheme(4, 32), Scheme(8, 32), Scheme(8, None))
    assert find_scheme(schemes, "q", (6, 64), found((6, 8), (6, 2))) == Scheme(4, 32)
    assert find_scheme(schemes, "q", (6, 64), found((6, 16), (6, 1))) == Scheme(8, None)
    with pytest.raises(YunqiError, match="Tensor 'q"):
        find_scheme(schemes, "q", (6, 64), found((6, 9), (6, 2)))
    zeros = Scheme(4, 32, zeros=True)
    both = found((6, 8), (6, 2)) | {".weight_zero_point": (1, 2)}
    assert find_scheme((Scheme(4, 32), zeros), "q", (6, 64), both) == zeros
    with pytest.raises(YunqiError, match="weight_zero_point"):
        find_scheme((zeros,), "q", (6, 64), found((6, 8), (6, 2)))
    assert list(packed_modules(["a.weight_packed", "a.weight_scale", "b.weight", "c.qweight"])) == ["a", "c"]
    with pytest.raises(YunqiError, match="quantised by"):
        list(packed_modules(["a.weight_packed", "a.weight_g_idx"]))


def test_a_record_counts_weights_not_words(user: Path) -> None:
    weights = safetensors_bytes(
        {
            "model.embed_tokens.weight": ("BF16", [10, 8], 2),
            "q.weight_packed": ("I32", [16, 4], 4),
            "q.weight_scale": ("BF16", [16, 1], 2),
            "q.weight_shape": ("I64", [2], 8),
        }
    )
    record = describe(write_checkpoint(user / "small", config({"group_size": 32}), weights))
    assert (record.supported, record.num_parameters, record.dtype) == (True, 80 + 16 * 32, "int4")
    assert record.num_bytes == 160 + 256 + 32 + 16
    wide = describe(write_checkpoint(user / "wide"))
    small, large = (memory_bytes(one, native_bfloat16=False) for one in (record, wide))
    assert small is not None
    assert large is not None
    assert small - record.num_bytes < large - 88 * 4  # the cache is bfloat16's


def test_blocks_of_fp8_are_found_by_their_tensors_and_not_here() -> None:
    assert schemes_of(CONFIG | {"quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]}}) == ()
