"""What the server costs: output tokens a second of the same requests by `LLM` and through `yunqi serve`, in turns.

python benchmarks/server_overhead.py [--shape 0.6B] [--requests 16] [--tokens 32] [--rounds 3]

The checkpoint is random, with nano's tokenizer; every answer has the same length, whatever it says.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from yunqi import LLM, SamplingParams
from yunqi.engine.loader import build_model, save_model
from yunqi.eval.serving import Arrivals, run_load, summarize
from yunqi.eval.serving.prompts import made_prompts
from yunqi.hub.resolve import resolve

SHAPES = {"tiny": (256, 4, 4, 2, 64, 768), "0.6B": (1024, 28, 16, 8, 128, 3072)}
NAMES = (
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "intermediate_size",
)
PORT = 8571
WORDS = 20


def make_checkpoint(folder: Path, shape: str) -> None:
    config = {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "vocab_size": 1024,
        "max_position_embeddings": 4096,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1e6,
        "tie_word_embeddings": True,
        "hidden_act": "silu",
    } | dict(zip(NAMES, SHAPES[shape], strict=True))
    torch.manual_seed(0)
    model = build_model(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(1.0 if parameter.dim() == 1 else 0.0, 0.02)
    save_model(model, folder, dtype="bfloat16")
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copy(resolve("nano") / name, folder / name)


def offline(llm: LLM, prompts: list[str], tokens: int) -> float:
    start = time.perf_counter()
    params = SamplingParams(temperature=0, max_tokens=tokens, ignore_eos=True)
    outputs = llm.chat([[{"role": "user", "content": p}] for p in prompts], params, enable_thinking=False)
    return sum(len(o.outputs[0].token_ids) for o in outputs) / (time.perf_counter() - start)


@contextmanager
def server(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "yunqi", "serve", str(folder), "--port", str(PORT)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health")
                break
            except OSError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{PORT}"
    finally:
        process.terminate()
        process.wait(60)


def served(url: str, prompts: list[str], tokens: int) -> float:
    options = {"max_tokens": tokens, "temperature": 0, "ignore_eos": True, "enable_thinking": False}
    records, seconds = asyncio.run(run_load(url, prompts, Arrivals(concurrency=len(prompts)), options=options))
    report = summarize(records, seconds)
    assert not report["failed"], report["errors"]
    return report["output_tokens_per_second"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, default="0.6B")
    parser.add_argument("--requests", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Elsewhere: torch's threads, once awake, would compete with the native core's in this process alone.
        maker = multiprocessing.get_context("spawn").Process(target=make_checkpoint, args=(folder, options.shape))
        maker.start()
        maker.join()
        llm = LLM(folder)
        with server(folder) as url:
            for number in range(-1, options.rounds):  # the first warms both up
                prompts = made_prompts(options.requests, words=WORDS, seed=number)
                pair = (offline(llm, prompts, options.tokens), served(url, prompts, options.tokens))
                if number >= 0:
                    ratios.append(pair[1] / pair[0])
                    print(f"offline {pair[0]:.1f} tokens/s, served {pair[1]:.1f}: {ratios[-1]:.3f}", flush=True)
    print(f"median {statistics.median(ratios):.3f}, {options.requests} at a time, shape {options.shape}")


if __name__ == "__main__":
    main()
