"""Reading prompts and decoding with the native core, against others on the same random checkpoint, in turns.

python benchmarks/decode.py [--shape 0.6B] [--contexts 32,1024] [--peers native-int4,llama-q4_0,openvino-int4]
    [--llama-python FILE] [--openvino-python FILE]

Every peer reads the same checkpoint of random weights and decodes from the same random prompt; a round asks each in
turn, and the medians of the rounds are printed, with the share of the memory bandwidth measured in the same minute that
the weights a token is multiplied by, the cache and the recurrent states account for.

Beside the dense shapes of Qwen3 there are `moe`, half of Qwen3-30B-A3B in every direction, and `next`, half of
Qwen3-Next-80B-A3B; both with 16 layers and 64 experts, 8 of them for a token.
"""

from __future__ import annotations

import argparse
import atexit
import gc
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from yunqi import LLM, SamplingParams
from yunqi.common.machine import allowed_cores, cpu_name, memory_bandwidth
from yunqi.engine.loader import build_model, save_model
from yunqi.eval.plan import Structure, structure_of
from yunqi.hub.checkpoint import read_config

SHAPES = {
    "nano": {"hidden_size": 256, "intermediate_size": 640, "num_hidden_layers": 6, "num_attention_heads": 8,
             "num_key_value_heads": 4, "head_dim": 32, "vocab_size": 1024},
    "0.6B": {"hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 28, "num_attention_heads": 16,
             "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151_936},
    "1.7B": {"hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 28, "num_attention_heads": 16,
             "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151_936},
    "4B": {"hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36, "num_attention_heads": 32,
           "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151_936},
    "moe": {"architectures": ["Qwen3MoeForCausalLM"], "model_type": "qwen3_moe", "hidden_size": 1024,
            "intermediate_size": 3072, "num_hidden_layers": 16, "num_attention_heads": 16, "num_key_value_heads": 2,
            "head_dim": 128, "vocab_size": 151_936, "num_experts": 64, "num_experts_per_tok": 8,
            "moe_intermediate_size": 384, "norm_topk_prob": True},
    "next": {"architectures": ["Qwen3NextForCausalLM"], "model_type": "qwen3_next", "hidden_size": 1024,
             "intermediate_size": 2560, "num_hidden_layers": 16, "num_attention_heads": 8, "num_key_value_heads": 2,
             "head_dim": 256, "vocab_size": 151_936, "num_experts": 64, "num_experts_per_tok": 8,
             "moe_intermediate_size": 256, "shared_expert_intermediate_size": 256, "norm_topk_prob": True,
             "linear_num_key_heads": 8, "linear_num_value_heads": 16, "linear_key_head_dim": 128,
             "linear_value_head_dim": 128, "linear_conv_kernel_dim": 4, "full_attention_interval": 4,
             "partial_rotary_factor": 0.25},
}  # fmt: skip
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
Speeds = tuple[float, float]  # tokens a second: of the prompt, of the answer
Decode = Callable[[list[int], int], Speeds]


def checkpoint(shape: str, folder: Path) -> None:
    """A model of random weights in bfloat16."""
    config = {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "max_position_embeddings": 40_960,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1_000_000.0,
        "tie_word_embeddings": True,
        "attention_bias": False,
        "hidden_act": "silu",
        "torch_dtype": "bfloat16",
        **SHAPES[shape],
    }
    model = build_model(config, device="meta").to(torch.bfloat16).to_empty(device="cpu")
    model.tie_weights()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.02 if parameter.ndim > 1 else 1.0, generator=generator)
    save_model(model, folder)


def ours(folder: Path, room: int, **options: Any) -> Decode:
    llm = LLM(folder, max_num_seqs=1, max_model_len=room, enable_prefix_caching=False, **options)

    def decode(prompt: list[int], count: int) -> Speeds:
        params = SamplingParams(temperature=0, max_tokens=count, ignore_eos=True)
        metrics = llm.generate([prompt], params)[0].metrics
        assert metrics.first_token_time is not None
        assert metrics.finished_time is not None
        read = metrics.first_token_time - metrics.arrival_time
        return len(prompt) / read, (count - 1) / (metrics.finished_time - metrics.first_token_time)

    return decode


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


def worker(script: str, folder: Path, room: int, kind: str, python: str) -> Decode:
    """A peer in a process of its own, in the environment of `python` (see benchmarks/peers)."""
    file = Path(__file__).parent / "peers" / script
    command = [python, str(file), str(folder), kind, str(allowed_cores()), str(room)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stdin, stdout = process.stdin, process.stdout
    assert stdin is not None
    assert stdout is not None
    atexit.register(process.kill)
    print(f"{script.removesuffix('_worker.py')} {json.loads(stdout.readline())['ready']}, {kind}")

    def decode(prompt: list[int], count: int) -> Speeds:
        stdin.write(json.dumps({"prompt": prompt, "count": count}) + "\n")
        stdin.flush()
        found = json.loads(stdout.readline())
        return found["prefill"], found["decode"]

    return decode


PEERS: dict[str, Callable[[Path, int], Decode]] = {
    "native-int4": lambda folder, room: ours(folder, room, quantization="int4"),
    "native-int8": lambda folder, room: ours(folder, room, quantization="int8"),
    "native-bf16": lambda folder, room: ours(folder, room, backend="native"),
    "native-int4-kv8": lambda folder, room: ours(folder, room, quantization="int4", kv_cache_dtype="int8"),
    "native-int8-kv8": lambda folder, room: ours(folder, room, quantization="int8", kv_cache_dtype="int8"),
    "torch": lambda folder, room: ours(folder, room, backend="torch", deterministic=False),
    "transformers": lambda folder, _: theirs(folder),
}


WORKERS = {"llama": "llama_cpp_worker.py", "openvino": "openvino_worker.py"}


def peer(name: str, folder: Path, room: int, pythons: dict[str, str | None]) -> Decode:
    maker, _, kind = name.partition("-")
    if maker not in WORKERS:
        return PEERS[name](folder, room)
    python = pythons[maker]
    assert python, f"{name} needs --{maker}-python"
    return worker(WORKERS[maker], folder, room, kind, python)


def bytes_a_token(model: Structure, name: str, context: int) -> float:
    """The weights that a token is multiplied by, the cache, and the states, which are read and written."""
    cache = CACHE_BITS.get(name, 16) / 8 * model.cache_elements * context
    return model.read_by(1) * BITS[name] / 8 + cache + 2 * 4 * model.state_elements


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", default="0.6B", choices=SHAPES)
    parser.add_argument("--contexts", default="32,1024")
    parser.add_argument("--peers", default="native-int4,native-int8,native-bf16,transformers")
    parser.add_argument("--llama-python", help="the python of an environment with llama-cpp-python and gguf")
    parser.add_argument("--openvino-python", help="the python of an environment with optimum-intel and openvino-genai")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=48)
    options = parser.parse_args()
    names, contexts = options.peers.split(","), [int(n) for n in options.contexts.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        checkpoint(options.shape, Path(folder))
        structure = structure_of(read_config(Path(folder)))
        gc.collect()
        pythons = {"llama": options.llama_python, "openvino": options.openvino_python}
        room = -(-(max(contexts) + options.tokens + 1) // 256) * 256  # of a sequence
        peers = {name: peer(name, Path(folder), room, pythons) for name in names}
        print(f"{cpu_name()}, {allowed_cores()} threads, torch {torch.__version__}, shape {options.shape}")
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
                read, decoded = (statistics.median(speeds) for speeds in zip(*found[name], strict=True))
                print(
                    f"context {context:6}  {name:14} {decoded:8.1f} tokens/s"
                    f"  {statistics.median(shares[name]):5.0%} of the bandwidth  {read:8.1f} tokens/s of the prompt"
                )


if __name__ == "__main__":
    main()
