"""llama.cpp behind lines of JSON: it writes the checkpoint as GGUF, loads it, and times what it is asked to.

Runs in an environment of its own, with `llama-cpp-python`, `gguf` and `numpy`:

    python llama_cpp_worker.py CHECKPOINT q4_0|q8_0|bf16|f32 THREADS CONTEXT

Each line `{"prompt": [...], "count": N}` is answered by `{"prefill": tokens a second, "decode": tokens a second}`; with
`"keep": true` a prompt that is the last one's stays in the cache, and its prefill is null. `{"score": [...], "alone":
N}` is answered by `{"logits": [[...], ...]}` after each token, of which the last N are read one by one. The cache is
float16, as is its default; with f32 it is float32, and attention is not fused, which is less precise. The GGUF stays
in the checkpoint's folder.
"""

from __future__ import annotations

import ctypes
import json
import sys
import time
from pathlib import Path
from typing import Any

import llama_cpp
from gguf_file import write_gguf

_BATCH = 512
_GGML_F32 = 0  # of ggml's types


class Worker:
    def __init__(self, path: Path, kind: str, threads: int, context: int) -> None:
        llama_cpp.llama_backend_init()
        silent = llama_cpp.llama_log_callback(lambda level, text, data: None)
        self._silent = silent  # kept: llama.cpp holds a pointer to it
        llama_cpp.llama_log_set(silent, ctypes.c_void_p())
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), llama_cpp.llama_model_default_params())
        assert self._model, f"llama.cpp cannot load {path}"
        params = llama_cpp.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = context, _BATCH, _BATCH
        params.n_threads = params.n_threads_batch = threads
        if kind == "f32":
            params.type_k = params.type_v = _GGML_F32
            params.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self._context = llama_cpp.llama_init_from_model(self._model, params)
        assert self._context, "llama.cpp makes no context for the model"
        self._vocab_size = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self._model))
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._kept: list[int] = []

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        if "score" in asked:
            return {"logits": self.score(asked["score"], asked["alone"])}
        return self.time(asked["prompt"], asked["count"], keep=asked.get("keep", False))

    def time(self, prompt: list[int], count: int, *, keep: bool) -> dict[str, float | None]:
        prefill = None if keep and self._go_back(prompt) else self._read(prompt)
        token, begun = prompt[-1], time.perf_counter()
        for _ in range(count - 1):  # any token: choosing one costs its engine nothing here
            self._decode([token])
        return {"prefill": prefill, "decode": (count - 1) / (time.perf_counter() - begun)}

    def score(self, ids: list[int], alone: int) -> list[list[float]]:
        llama_cpp.llama_memory_clear(self._memory, True)
        self._kept, together = [], len(ids) - alone
        parts = [(0, ids[:together]), *((i, ids[i : i + 1]) for i in range(together, len(ids)))]
        return [row for at, part in parts for row in self._logits(at, part)]

    def _logits(self, start: int, ids: list[int]) -> list[list[float]]:
        batch = llama_cpp.llama_batch_init(len(ids), 0, 1)
        batch.n_tokens = len(ids)
        for i, token in enumerate(ids):
            batch.token[i], batch.pos[i], batch.logits[i] = token, start + i, 1
            batch.n_seq_id[i], batch.seq_id[i][0] = 1, 0
        failed = llama_cpp.llama_decode(self._context, batch)
        assert failed == 0, f"llama_decode gave {failed}"
        rows = [llama_cpp.llama_get_logits_ith(self._context, i)[: self._vocab_size] for i in range(len(ids))]
        llama_cpp.llama_batch_free(batch)
        return rows

    def _read(self, prompt: list[int]) -> float:
        llama_cpp.llama_memory_clear(self._memory, True)
        begun = time.perf_counter()
        for at in range(0, len(prompt), _BATCH):
            self._decode(prompt[at : at + _BATCH])
        self._kept = prompt
        return len(prompt) / (time.perf_counter() - begun)

    def _go_back(self, prompt: list[int]) -> bool:
        """Forget what came after the prompt, where it was read last and the memory can forget: a state cannot."""
        return prompt == self._kept and llama_cpp.llama_memory_seq_rm(self._memory, 0, len(prompt), -1)

    def _decode(self, ids: list[int]) -> None:
        tokens = (llama_cpp.llama_token * len(ids))(*ids)
        failed = llama_cpp.llama_decode(self._context, llama_cpp.llama_batch_get_one(tokens, len(ids)))
        assert failed == 0, f"llama_decode gave {failed}"


def main() -> None:
    checkpoint, kind, threads, context = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    path = checkpoint / f"{kind}.gguf"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        write_gguf(checkpoint, kind, unfinished)
        unfinished.rename(path)
    worker = Worker(path, kind, threads, context)
    print(json.dumps({"ready": llama_cpp.__version__}), flush=True)
    for line in sys.stdin:
        print(json.dumps(worker.answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
