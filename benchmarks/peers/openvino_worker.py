"""OpenVINO GenAI behind lines of JSON: it reads the checkpoint as GGUF and times what it is asked to.

Runs in an environment of its own, with `openvino-genai`, `gguf` and `numpy`:

    python openvino_worker.py CHECKPOINT q4_0|q8_0 THREADS CONTEXT

Each line `{"prompt": [...], "count": N}` is answered by `{"prefill": tokens a second, "decode": tokens a second}`, as
its own metrics have them. The cache has the type that it chooses (8 bits on a CPU).
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import openvino
import openvino_genai
from gguf_file import write_gguf


def time(pipeline: openvino_genai.LLMPipeline, prompt: list[int], count: int) -> dict[str, float]:
    config = openvino_genai.GenerationConfig()
    config.max_new_tokens, config.ignore_eos, config.do_sample = count, True, False
    ids = openvino.Tensor(np.array([prompt], dtype=np.int64))
    metrics = pipeline.generate(ids, config).perf_metrics
    return {
        "prefill": len(prompt) / metrics.get_ttft().mean * 1000,
        "decode": 1000 / metrics.get_tpot().mean,
    }


def main() -> None:
    checkpoint, kind, threads = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.gguf"
        write_gguf(checkpoint, kind, path, words=True)
        pipeline = openvino_genai.LLMPipeline(str(path), "CPU", INFERENCE_NUM_THREADS=threads)
        print(json.dumps({"ready": openvino_genai.__version__}), flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            print(json.dumps(time(pipeline, asked["prompt"], asked["count"])), flush=True)


if __name__ == "__main__":
    main()
