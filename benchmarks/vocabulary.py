"""Which vocabulary suits nano: what a conversation costs in tokens, and how many conversations a second train.

python benchmarks/vocabulary.py [--sizes 1024 1536 2048 3072 4096] [--steps 6] [--threads 2]

A larger vocabulary makes conversations shorter and the head dearer; what counts is conversations a second.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import time

import torch

from yunqi.engine.loader import build_model
from yunqi.processing.tokenizer import Tokenizer
from yunqi.recipes.nano import nano
from yunqi.train.config import TrainConfig
from yunqi.train.initial import initialize
from yunqi.train.loss import backward
from yunqi.train.run import stream, train_tokenizer


def measure(config: TrainConfig, tokenizer: Tokenizer, steps: int) -> tuple[int, float, float, float]:
    """Parameters, tokens a conversation, tokens a second and conversations a second of the fusion stage."""
    model = build_model({**config.model, "vocab_size": config.vocab_size})
    initialize(model, 0)
    batches = stream(config, tokenizer)
    first = config.steps // 2
    seconds, tokens, examples = [], 0, 0
    for step in range(first, first + steps):
        batch = batches.batch(step)
        start = time.perf_counter()
        backward(model, batch, config.microbatch_tokens, dtype=getattr(torch, config.dtype))
        seconds.append(time.perf_counter() - start)
        tokens += batch.num_tokens
        examples += batch.num_examples
    rate = config.tokens_per_step / statistics.median(seconds)
    each = tokens / examples
    return sum(p.numel() for p in model.parameters()), each, rate, rate / each


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1024, 1536, 2048, 3072, 4096])
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print("| vocabulary | parameters | tokens a conversation | tokens/s | conversations/s |")
    print("| --- | --- | --- | --- | --- |")
    for size in options.sizes:
        config = dataclasses.replace(nano(), vocab_size=size)
        parameters, each, rate, conversations = measure(config, train_tokenizer(config), options.steps)
        print(f"| {size:,} | {parameters:,} | {each:.1f} | {rate:,.0f} | {conversations:.1f} |", flush=True)


if __name__ == "__main__":
    main()
