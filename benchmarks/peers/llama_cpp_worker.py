"""llama.cpp behind lines of JSON: it writes the checkpoint as GGUF, loads it, and times what it is asked to.

Runs in an environment of its own, with `llama-cpp-python`, `gguf` and `numpy`:

    python llama_cpp_worker.py CHECKPOINT q4_0|q8_0|bf16 THREADS CONTEXT

Each line `{"prompt": [...], "count": N}` is answered by `{"prefill": tokens a second, "decode": tokens a second}`.
The cache is float16, as is its default.
"""

from __future__ import annotations

import ctypes
import json
import sys
import tempfile
import time
from pathlib import Path

import llama_cpp
from gguf_file import write_gguf


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
