"""OpenVINO GenAI behind lines of JSON: it exports the checkpoint in 8 or 4 bits, and times what it is asked to.

Runs in an environment of its own, with `torch`, `optimum-intel`, `nncf` and `openvino-genai`:

    python openvino_worker.py CHECKPOINT int4|int8 THREADS CONTEXT [keep]

Each line `{"prompt": [...], "count": N}` is answered by `{"prefill": tokens a second, "decode": tokens a second}`, as
its own metrics have them; with `keep` it keeps prompts in its cache, and the prefill of one that was the last is null.
Every matrix has the same type, the head's too; int4 in groups of 32. The cache has the type that it chooses (8 bits on
a CPU). What it exports stays in the checkpoint's folder.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import openvino
import openvino_genai
from optimum.intel import OVModelForCausalLM, OVWeightQuantizationConfig


def export(checkpoint: Path, kind: str) -> Path:
    """The folder of the exported model, made if it is not there."""
    target = checkpoint / f"openvino-{kind}"
    if not target.exists():
        grouped = {"group_size": 32, "ratio": 1.0, "all_layers": True} if kind == "int4" else {}
        config = OVWeightQuantizationConfig(bits=4 if kind == "int4" else 8, sym=True, **grouped)
        model = OVModelForCausalLM.from_pretrained(checkpoint, export=True, compile=False, quantization_config=config)
        unfinished = target.with_suffix(".part")
        model.save_pretrained(unfinished)
        unfinished.rename(target)
    return target


class Worker:
    def __init__(self, folder: Path, threads: int, *, keep: bool) -> None:
        scheduling = openvino_genai.SchedulerConfig()
        scheduling.enable_prefix_caching = keep
        scheduling.max_num_batched_tokens = sys.maxsize  # whole prompts at once, as its pipeline does by itself
        self._pipeline = openvino_genai.LLMPipeline(
            str(folder), "CPU", scheduler_config=scheduling, INFERENCE_NUM_THREADS=threads
        )
        self._last = json.loads((folder / "config.json").read_text())["vocab_size"] - 1
        self._keep, self._kept = keep, []

    def time(self, prompt: list[int], count: int) -> dict[str, float | None]:
        config = openvino_genai.GenerationConfig()
        config.max_new_tokens, config.ignore_eos = count, True
        config.do_sample, config.eos_token_id = False, self._last
        ids = openvino.Tensor(np.array([prompt], dtype=np.int64))
        metrics = self._pipeline.generate(ids, config).perf_metrics
        known, self._kept = self._keep and prompt == self._kept, prompt
        return {
            "prefill": None if known else len(prompt) / metrics.get_ttft().mean * 1000,
            "decode": 1000 / metrics.get_tpot().mean,
        }


def main() -> None:
    checkpoint, kind, threads = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # exporting prints: only answers go where they are waited for
    worker = Worker(export(checkpoint, kind), threads, keep="keep" in sys.argv[5:])
    print(json.dumps({"ready": openvino_genai.__version__}), file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(worker.time(asked["prompt"], asked["count"])), file=answers, flush=True)


if __name__ == "__main__":
    main()
