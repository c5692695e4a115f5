"""A checkpoint of random weights as GGUF, for the peers that read it.

Every matrix has the same type, the head's too; norms are float32.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np

TYPES = {"q4_0": gguf.GGMLQuantizationType.Q4_0, "q8_0": gguf.GGMLQuantizationType.Q8_0,
         "bf16": gguf.GGMLQuantizationType.BF16}  # fmt: skip
FILE_TYPES = {"q4_0": gguf.LlamaFileType.MOSTLY_Q4_0, "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
              "bf16": gguf.LlamaFileType.MOSTLY_BF16}  # fmt: skip
NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def gguf_name(name: str) -> str:
    whole = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
             "lm_head.weight": "output.weight"}  # fmt: skip
    if name in whole:
        return whole[name]
    layer, rest = name.removeprefix("model.layers.").split(".", 1)
    return f"blk.{layer}.{NAMES[rest.removesuffix('.weight')]}.weight"


def write_gguf(checkpoint: Path, kind: str, target: Path, *, words: bool = False) -> None:
    """A Qwen3 that is asked by token ids: without a vocabulary, or with meaningless `words` where one is wanted."""
    config: dict[str, Any] = json.loads((checkpoint / "config.json").read_text())
    writer = gguf.GGUFWriter(str(target), "qwen3")
    writer.add_file_type(FILE_TYPES[kind])
    writer.add_vocab_size(config["vocab_size"])
    if words:
        add_words(writer, config["vocab_size"])
    else:
        writer.add_tokenizer_model("none")
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
    for file in sorted(checkpoint.glob("*.safetensors")):
        for name, data in tensors_of(file):
            if data.ndim == 1:
                writer.add_tensor(gguf_name(name), data)
            else:
                packed = gguf.quants.quantize(data, TYPES[kind])
                writer.add_tensor(gguf_name(name), packed, raw_dtype=TYPES[kind])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


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


def tensors_of(file: Path) -> Iterator[tuple[str, np.ndarray]]:
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
