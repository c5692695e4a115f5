"""Reading prompts and decoding with the native core, against others on the same random checkpoint, in turns.

python benchmarks/decode.py [--shape 0.6B] [--contexts 32,1024] [--peers native-int4,llama-q4_0,openvino-int4]
    [--llama-python FILE] [--openvino-python FILE] [--threads 1] [--keep | --fill] [--folder DIR [--prepare]]

Every peer reads the same checkpoint of random weights (`shapes.py`) and decodes from the same random prompt; a round
asks each in turn, and the medians of the rounds are printed, with the share of the memory bandwidth measured in the
same minute that the weights a token is multiplied by, the cache and the recurrent states account for.

A long prompt takes longer to read than to be answered from: with `--keep` a peer reads it in the first round and keeps
it in its cache for the others (all but transformers, and llama.cpp where a model has states); with `--fill` nobody
reads it: the native core's cache is filled with random values, which the others cannot. `--folder` keeps the checkpoint
and what the peers made of it; `--prepare` makes these and measures nothing.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from filled import FilledModel
from shapes import SHAPES, checkpoint, config_of

from yunqi import LLM, SamplingParams
from yunqi.common.machine import allowed_cores, cpu_name, memory_bandwidth
from yunqi.eval.plan import Structure, structure_of
from yunqi.hub.checkpoint import read_config

BITS = {
    "llama-q4_0": 4.5,
    "llama-q8_0": 8.5,
    "llama-bf16": 16.0,
    "native-int4": 4.5,
    "native-int8": 8.5,
    "native-bf16": 16.0,
    "native-int4-kv8": 4.5,
    "native-int8-kv8": 8.5,
    "openvino-int4": 4.5,
    "openvino-int8": 8.5,
    "torch": 16.0,
    "transformers": 16.0,
}
CACHE_BITS = {"native-int4-kv8": 8.25, "native-int8-kv8": 8.25, "openvino-int4": 8.25, "openvino-int8": 8.25}
Speeds = tuple[float | None, float]  # tokens a second: of the prompt (None: it was kept), of the answer
Decode = Callable[[list[int], int], Speeds]
Ask = Callable[[dict[str, Any]], dict[str, Any]]


def ours(folder: Path, room: int, keep: bool, **options: Any) -> Decode:
    llm = LLM(folder, max_num_seqs=1, max_model_len=room, enable_prefix_caching=keep, **options)
    kept: list[int] = []

    def decode(prompt: list[int], count: int) -> Speeds:
        nonlocal kept
        params = SamplingParams(temperature=0, max_tokens=count, ignore_eos=True)
        metrics = llm.generate([prompt], params)[0].metrics
        assert metrics.first_token_time is not None
        assert metrics.finished_time is not None
        known, kept = keep and prompt == kept, prompt
        read = None if known else len(prompt) / (metrics.first_token_time - metrics.arrival_time)
        return read, (count - 1) / (metrics.finished_time - metrics.first_token_time)

    return decode


def filled(
    folder: Path, room: int, quantization: str = "bfloat16", kv_cache_dtype: str = "bfloat16", **_: Any
) -> Decode:
    model = FilledModel(folder, quantization, room, kv_cache_dtype)
    return lambda prompt, count: (None, model.decode(len(prompt), count))


def theirs(folder: Path) -> Decode:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).eval()
    torch.set_num_threads(allowed_cores())

    @torch.inference_mode()
    def decode(prompt: list[int], count: int) -> Speeds:
        asked = time.perf_counter()
        out = model(torch.tensor([prompt]), use_cache=True, logits_to_keep=1)
        token, cache = out.logits[:, -1:].argmax(-1), out.past_key_values
        begun = time.perf_counter()
        for _ in range(count - 1):
            out = model(token, past_key_values=cache, use_cache=True)
            token, cache = out.logits[:, -1:].argmax(-1), out.past_key_values
        return len(prompt) / (begun - asked), (count - 1) / (time.perf_counter() - begun)

    return decode


def worker(script: str, folder: Path, room: int, kind: str, python: str, *, keep: bool = False) -> Ask:
    """A peer in a process of its own, in the environment of `python` (see benchmarks/peers), and how to ask it."""
    file = Path(__file__).parent / "peers" / script
    command = [python, str(file), str(folder), kind, str(allowed_cores()), str(room), *(["keep"] if keep else [])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None
    assert stdout is not None
    atexit.register(process.kill)

    def answer() -> dict[str, Any]:
        line = stdout.readline()
        assert line, f"{script} {kind} has ended: its error stands above"
        return json.loads(line)

    def ask(question: dict[str, Any]) -> dict[str, Any]:
        stdin.write(json.dumps(question) + "\n")
        stdin.flush()
        return answer()

    print(f"{script.removesuffix('_worker.py')} {answer()['ready']}, {kind}", flush=True)
    return ask


def others(ask: Ask, keep: bool) -> Decode:
    def decode(prompt: list[int], count: int) -> Speeds:
        found = ask({"prompt": prompt, "count": count, "keep": keep})
        return found["prefill"], found["decode"]

    return decode


OURS: dict[str, dict[str, Any]] = {
    "native-int4": {"quantization": "int4"},
    "native-int8": {"quantization": "int8"},
    "native-bf16": {"backend": "native"},
    "native-int4-kv8": {"quantization": "int4", "kv_cache_dtype": "int8"},
    "native-int8-kv8": {"quantization": "int8", "kv_cache_dtype": "int8"},
    "torch": {"backend": "torch", "deterministic": False},
}


WORKERS = {"llama": "llama_cpp_worker.py", "openvino": "openvino_worker.py"}


def peer(name: str, folder: Path, room: int, options: argparse.Namespace) -> Decode:
    pythons, keep = {"llama": options.llama_python, "openvino": options.openvino_python}, options.keep
    if options.fill:
        assert name.startswith("native-"), f"{name} has no cache that can be filled"
        return filled(folder, room, **OURS[name])
    if name in OURS:
        return ours(folder, room, keep, **OURS[name])
    if name == "transformers":
        return theirs(folder)
    maker, _, kind = name.partition("-")
    python = pythons[maker]
    assert python, f"{name} needs --{maker}-python"
    return others(worker(WORKERS[maker], folder, room, kind, python, keep=keep), keep)


def bytes_a_token(model: Structure, name: str, context: int) -> float:
    """The weights that a token is multiplied by, the cache, and the states, which are read and written."""
    cache = CACHE_BITS.get(name, 16) / 8 * model.cache_elements * context
    return model.read_by(1) * BITS[name] / 8 + cache + 2 * 4 * model.state_elements


def measure(options: argparse.Namespace, folder: Path) -> None:
    names, contexts = options.peers.split(","), [int(n) for n in options.contexts.split(",")]
    checkpoint(config_of(options.shape), folder)
    structure = structure_of(read_config(folder))
    room = -(-(max(contexts) + options.tokens + 1) // 256) * 256  # of a sequence
    peers = {name: peer(name, folder, room, options) for name in names}
    if options.prepare:
        return
    print(f"{cpu_name()}, {allowed_cores()} threads, torch {torch.__version__}, shape {options.shape}", flush=True)
    for context in contexts:
        found: dict[str, list[Speeds]] = {name: [] for name in names}
        shares: dict[str, list[float]] = {name: [] for name in names}
        prompt = torch.randint(SHAPES[options.shape]["vocab_size"], (context,)).tolist()
        for _ in range(options.rounds):
            for name, decode in peers.items():
                speeds, limit = decode(prompt, options.tokens), memory_bandwidth(measure=True)
                found[name].append(speeds)
                shares[name].append(speeds[1] * bytes_a_token(structure, name, context) / limit)
        for name in names:
            read = [speed for speed, _ in found[name] if speed is not None]
            decoded = statistics.median(speed for _, speed in found[name])
            print(
                f"context {context:6}  {name:15} {decoded:8.1f} tokens/s"
                f"  {statistics.median(shares[name]):5.0%} of the bandwidth"
                + (f"  {statistics.median(read):8.1f} tokens/s of the prompt" if read else ""),
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", default="0.6B", choices=SHAPES)
    parser.add_argument("--contexts", default="32,1024")
    parser.add_argument("--peers", default="native-int4,native-int8,native-bf16,transformers")
    parser.add_argument("--llama-python", help="the python of an environment with llama-cpp-python and gguf")
    parser.add_argument("--openvino-python", help="the python of an environment with optimum-intel and openvino-genai")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--threads", type=int, help="of every peer; all cores without it")
    parser.add_argument("--keep", action="store_true", help="read a prompt in the first round alone")
    parser.add_argument("--fill", action="store_true", help="read no prompt: random values in the native core's cache")
    parser.add_argument("--folder", type=Path, help="where the shapes' checkpoints stay")
    parser.add_argument("--prepare", action="store_true", help="write checkpoints, load every peer, and end")
    options = parser.parse_args()
    if options.threads:
        os.environ["OMP_NUM_THREADS"] = str(options.threads)  # which every peer and the bandwidth's measure heed
        torch.set_num_threads(options.threads)
    if options.folder:
        measure(options, options.folder / options.shape)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(options, Path(folder))


if __name__ == "__main__":
    main()
