"""llama.cpp behind lines of JSON: it writes the checkpoint as GGUF, loads it, and times what it is asked to.

Runs in an environment of its own, with `llama-cpp-python`, `gguf` and `numpy`:

    python llama_cpp_worker.py CHECKPOINT q4_0|q8_0|bf16 THREADS CONTEXT

Each line `{"prompt": [...], "count": N}` is answered by `{"prefill": tokens a second, "decode": tokens a second}`.
Every matrix has the same type, the head's too; norms are float32. The cache is float16, as is its default.
"""

from __future__ import annotations

import ctypes
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import llama_cpp
import numpy as np

TYPES = {"q4_0": gguf.GGMLQuantizationType.Q4_0, "q8_0": gguf.GGMLQuantizationType.Q8_0,
         "bf16": gguf.GGMLQuantizationType.BF16}  # fmt: skip
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


def write_gguf(checkpoint: Path, kind: str, target: Path) -> None:
    """A Qwen3 without a vocabulary: it is asked by token ids."""
    config: dict[str, Any] = json.loads((checkpoint / "config.json").read_text())
    writer = gguf.GGUFWriter(str(target), "qwen3")
    writer.add_vocab_size(config["vocab_size"])
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


class Worker:
    def __init__(self, path: Path, threads: int, context: int) -> None:
        llama_cpp.llama_backend_init()
        silent = llama_cpp.llama_log_callback(lambda level, text, data: None)
        self._silent = silent  # kept: llama.cpp holds a pointer to it
        llama_cpp.llama_log_set(silent, ctypes.c_void_p())
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), llama_cpp.llama_model_default_params())
        params = llama_cpp.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = context, 512, 512
        params.n_threads = params.n_threads_batch = threads
        self._context = llama_cpp.llama_init_from_model(self._model, params)

    def time(self, prompt: list[int], count: int) -> dict[str, float]:
        memory = llama_cpp.llama_get_memory(self._context)
        llama_cpp.llama_memory_clear(memory, True)
        begun = time.perf_counter()
        for at in range(0, len(prompt), 512):
            self._decode(prompt[at : at + 512])
        read = time.perf_counter()
        token = prompt[-1]
        for _ in range(count - 1):  # any token: choosing one costs its engine nothing here
            self._decode([token])
        ended = time.perf_counter()
        return {"prefill": len(prompt) / (read - begun), "decode": (count - 1) / (ended - read)}

    def _decode(self, ids: list[int]) -> None:
        tokens = (llama_cpp.llama_token * len(ids))(*ids)
        failed = llama_cpp.llama_decode(self._context, llama_cpp.llama_batch_get_one(tokens, len(ids)))
        assert failed == 0, f"llama_decode gave {failed}"


def main() -> None:
    checkpoint, kind, threads, context = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.gguf"
        write_gguf(checkpoint, kind, path)
        worker = Worker(path, threads, context)
        print(json.dumps({"ready": llama_cpp.__version__}), flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            print(json.dumps(worker.time(asked["prompt"], asked["count"])), flush=True)


if __name__ == "__main__":
    main()
