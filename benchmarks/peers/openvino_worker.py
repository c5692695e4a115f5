"""OpenVINO GenAI behind lines of JSON: it exports the checkpoint in 8 or 4 bits, and times what it is asked to.

Runs in an environment of its own, with `torch`, `optimum-intel`, `nncf` and `openvino-genai`:

    python openvino_worker.py CHECKPOINT int4|int8 THREADS CONTEXT

Each line `{"prompt": [...], "count": N}` is answered by `{"prefill": tokens a second, "decode": tokens a second}`, as
its own metrics have them. Every matrix has the same type, the head's too; int4 in groups of 32. The cache has the type
that it chooses (8 bits on a CPU).
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import openvino
import openvino_genai
from optimum.intel import OVModelForCausalLM, OVWeightQuantizationConfig


def export(checkpoint: Path, kind: str, target: Path) -> int:
    """Write the model; returns the size of its vocabulary."""
    grouped = {"group_size": 32, "ratio": 1.0, "all_layers": True} if kind == "int4" else {}
    config = OVWeightQuantizationConfig(bits=4 if kind == "int4" else 8, sym=True, **grouped)
    model = OVModelForCausalLM.from_pretrained(checkpoint, export=True, compile=False, quantization_config=config)
    model.save_pretrained(target)
    return model.config.vocab_size


def time(pipeline: openvino_genai.LLMPipeline, prompt: list[int], count: int, last: int) -> dict[str, float]:
    config = openvino_genai.GenerationConfig()
    config.max_new_tokens, config.ignore_eos, config.do_sample, config.eos_token_id = count, True, False, last
    ids = openvino.Tensor(np.array([prompt], dtype=np.int64))
    metrics = pipeline.generate(ids, config).perf_metrics
    return {
        "prefill": len(prompt) / metrics.get_ttft().mean * 1000,
        "decode": 1000 / metrics.get_tpot().mean,
    }


def main() -> None:
    checkpoint, kind, threads = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # exporting prints: only answers go where they are waited for
    with tempfile.TemporaryDirectory() as folder:
        last = export(checkpoint, kind, Path(folder)) - 1
        pipeline = openvino_genai.LLMPipeline(folder, "CPU", INFERENCE_NUM_THREADS=threads)
        print(json.dumps({"ready": openvino_genai.__version__}), file=answers, flush=True)
        for line in sys.stdin:
            asked = json.loads(line)
            print(json.dumps(time(pipeline, asked["prompt"], asked["count"], last)), file=answers, flush=True)


if __name__ == "__main__":
    main()
