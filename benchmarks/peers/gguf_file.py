"""A checkpoint of random weights as GGUF, for the peers that read it: Qwen3, Qwen3-MoE and Qwen3-Next.

Every matrix has the same type, the head's too; vectors, routers and convolutions are float32, as llama.cpp's own files
have them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np

TYPES = {"q4_0": gguf.GGMLQuantizationType.Q4_0, "q8_0": gguf.GGMLQuantizationType.Q8_0,
         "bf16": gguf.GGMLQuantizationType.BF16, "f32": gguf.GGMLQuantizationType.F32}  # fmt: skip
FILE_TYPES = {"q4_0": gguf.LlamaFileType.MOSTLY_Q4_0, "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
              "bf16": gguf.LlamaFileType.MOSTLY_BF16, "f32": gguf.LlamaFileType.ALL_F32}  # fmt: skip
ARCHITECTURES = {"qwen3": "qwen3", "qwen3_moe": "qwen3moe", "qwen3_next": "qwen3next"}
WHOLE = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
         "lm_head.weight": "output.weight"}  # fmt: skip
NAMES = {
    "self_attn.q_proj.weight": "attn_q.weight",
    "self_attn.k_proj.weight": "attn_k.weight",
    "self_attn.v_proj.weight": "attn_v.weight",
    "self_attn.o_proj.weight": "attn_output.weight",
    "self_attn.q_norm.weight": "attn_q_norm.weight",
    "self_attn.k_norm.weight": "attn_k_norm.weight",
    "input_layernorm.weight": "attn_norm.weight",
    "post_attention_layernorm.weight": "ffn_norm.weight",
    "mlp.gate_proj.weight": "ffn_gate.weight",
    "mlp.up_proj.weight": "ffn_up.weight",
    "mlp.down_proj.weight": "ffn_down.weight",
    "mlp.gate.weight": "ffn_gate_inp.weight",
    "mlp.shared_expert_gate.weight": "ffn_gate_inp_shexp.weight",
    "mlp.shared_expert.gate_proj.weight": "ffn_gate_shexp.weight",
    "mlp.shared_expert.up_proj.weight": "ffn_up_shexp.weight",
    "mlp.shared_expert.down_proj.weight": "ffn_down_shexp.weight",
    "linear_attn.in_proj_ba.weight": "ssm_ba.weight",
    "linear_attn.out_proj.weight": "ssm_out.weight",
    "linear_attn.norm.weight": "ssm_norm.weight",
    "linear_attn.conv1d.weight": "ssm_conv1d.weight",
    "linear_attn.dt_bias": "ssm_dt.bias",
    "linear_attn.A_log": "ssm_a",
}
OF_NEXT = NAMES | {"post_attention_layernorm.weight": "post_attention_norm.weight"}
IN_FLOAT32 = ("ffn_gate_inp.weight", "ffn_gate_inp_shexp.weight", "ssm_conv1d.weight")

Config = Mapping[str, Any]
Named = Iterator[tuple[str, np.ndarray]]


def write_gguf(checkpoint: Path, kind: str, target: Path, *, words: bool = False) -> None:
    """A model that is asked by token ids: without a vocabulary, or with meaningless `words` where one is wanted."""
    config: Config = json.loads((checkpoint / "config.json").read_text())
    writer = gguf.GGUFWriter(str(target), ARCHITECTURES[config["model_type"]])
    writer.add_file_type(FILE_TYPES[kind])
    writer.add_vocab_size(config["vocab_size"])
    if words:
        add_words(writer, config["vocab_size"])
    else:
        writer.add_tokenizer_model("none")
    add_sizes(writer, config)
    experts: dict[str, dict[int, np.ndarray]] = {}
    for file in sorted(checkpoint.glob("*.safetensors")):
        for stored, data in tensors_of(file):
            for name, values in renamed(stored, data, config):
                vector = values.ndim == 1 or name.endswith(IN_FLOAT32)
                packed = values if vector else gguf.quants.quantize(values, TYPES[kind])
                if ".mlp.experts." in name:
                    name, packed = stacked(name, packed, experts, config["num_experts"])
                if packed is not None:
                    writer.add_tensor(name, packed, raw_dtype=None if vector else TYPES[kind])
    assert not experts, f"some experts are missing: {sorted(experts)}"
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_sizes(writer: gguf.GGUFWriter, config: Config) -> None:
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_theta"])
    if "num_experts" in config:
        assert config["norm_topk_prob"], "llama.cpp's experts of a token have weights that add up to 1"
        writer.add_expert_count(config["num_experts"])
        writer.add_expert_used_count(config["num_experts_per_tok"])
        writer.add_expert_feed_forward_length(config["moe_intermediate_size"])
    if config["model_type"] == "qwen3_next":
        assert config["linear_key_head_dim"] == config["linear_value_head_dim"], "llama.cpp knows one size of both"
        writer.add_expert_shared_feed_forward_length(config["shared_expert_intermediate_size"])
        writer.add_ssm_conv_kernel(config["linear_conv_kernel_dim"])
        writer.add_ssm_state_size(config["linear_key_head_dim"])
        writer.add_ssm_group_count(config["linear_num_key_heads"])
        writer.add_ssm_time_step_rank(config["linear_num_value_heads"])
        writer.add_ssm_inner_size(config["linear_num_value_heads"] * config["linear_value_head_dim"])
        writer.add_full_attention_interval(config["full_attention_interval"])
        writer.add_rope_dimension_count(int(config["head_dim"] * config["partial_rotary_factor"]))


def renamed(stored: str, data: np.ndarray, config: Config) -> Named:
    """A tensor under llama.cpp's name, as it wants it; one expert's keeps its own until all are there."""
    if stored in WHOLE:
        yield WHOLE[stored], data + 1 if stored == "model.norm.weight" and is_next(config) else data
        return
    layer, name = stored.removeprefix("model.layers.").split(".", 1)
    block = f"blk.{layer}."
    if name.startswith("mlp.experts."):
        yield f"{block}{name}", data
    elif name == "linear_attn.in_proj_qkvz.weight":
        qkv, z = by_kind(data, config)
        yield f"{block}attn_qkv.weight", qkv
        yield f"{block}attn_gate.weight", z
    else:
        yield block + (OF_NEXT if is_next(config) else NAMES)[name], converted(name, data, config)


def is_next(config: Config) -> bool:
    return config["model_type"] == "qwen3_next"


def converted(name: str, data: np.ndarray, config: Config) -> np.ndarray:
    """Decays as they are multiplied, zero-centred norms as they are used, no axes of length 1."""
    if name.endswith("A_log"):
        return -np.exp(data)
    if is_next(config) and name.endswith("norm.weight") and not name.startswith("linear_attn."):
        return data + 1
    return data.squeeze() if name.endswith(("conv1d.weight", "shared_expert_gate.weight")) else data


def by_kind(data: np.ndarray, config: Config) -> tuple[np.ndarray, np.ndarray]:
    """Rows that lie head by head, each with its q, k, values and gates, as (all q, all k, all values), (all gates)."""
    heads, size = config["linear_num_key_heads"], config["linear_key_head_dim"]
    values = config["linear_num_value_heads"] // heads * config["linear_value_head_dim"]
    parts = np.split(data.reshape(heads, -1, data.shape[1]), [size, 2 * size, 2 * size + values], axis=1)
    q, k, v, z = (part.reshape(-1, data.shape[1]) for part in parts)
    return np.concatenate((q, k, v)), z


def stacked(
    name: str, packed: np.ndarray, experts: dict[str, dict[int, np.ndarray]], count: int
) -> tuple[str, np.ndarray | None]:
    """All experts' matrices of a kind as one, with the last of them; None before."""
    block, _, rest = name.partition(".mlp.experts.")
    expert, _, kind = rest.partition(".")
    whole = f"{block}.ffn_{kind.removesuffix('_proj.weight')}_exps.weight"
    experts.setdefault(whole, {})[int(expert)] = packed
    if len(experts[whole]) < count:
        return whole, None
    found = experts.pop(whole)
    return whole, np.stack([found[i] for i in range(count)])


def add_words(writer: gguf.GGUFWriter, count: int) -> None:
    """A byte-level vocabulary whose tokens never merge."""
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list([*(chr(0x21 + i) for i in range(94)), *(f"token{i}" for i in range(94, count))])
    writer.add_token_types([gguf.TokenType.NORMAL] * count)
    writer.add_token_merges(["! !"])
    writer.add_eos_token_id(count - 1)
    writer.add_pad_token_id(count - 1)
    writer.add_chat_template("{{ messages[0].content }}")


def tensors_of(file: Path) -> Named:
    """The bfloat16 tensors of a safetensors file as float32."""
    with file.open("rb") as source:
        length = int.from_bytes(source.read(8), "little")
        header = json.loads(source.read(length))
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            assert entry["dtype"] == "BF16", "the benchmark's checkpoints are bfloat16"
            begin, end = entry["data_offsets"]
            source.seek(8 + length + begin)
            words = np.frombuffer(source.read(end - begin), dtype=np.uint16)
            yield name, (words.astype(np.uint32) << 16).view(np.float32).reshape(entry["shape"])
