"""How long a step of the recipes takes: both in turns, on the same machine at the same time.

python benchmarks/training.py [--rounds 7] [--threads 2] [--device cuda --windows 12]

Batches of `--windows` times 4,224 tokens of each recipe, the same two for every round; medians and least of forward and
backward, and of the update. A process that shares its cores measures their load: look at the ratio, and at seconds of
CPU time.
"""

from __future__ import annotations

import argparse
import time
from statistics import median
from typing import Any

import torch

from yunqi.common.machine import allowed_cores
from yunqi.engine.loader import build_model
from yunqi.hub.resolve import resolve
from yunqi.processing.tokenizer import Tokenizer
from yunqi.recipes.run import RECIPES
from yunqi.train.config import TrainConfig
from yunqi.train.initial import initialize
from yunqi.train.loss import Objective, backward_parts
from yunqi.train.optimizer import RunOptimizer
from yunqi.train.run import stream

PLACES = (0.5, 0.95)  # of a run: single conversations, and long ones


class Run:
    """A model of a recipe at the beginning of its training."""

    def __init__(self, config: TrainConfig, tokenizer: Tokenizer, device: str) -> None:
        self.device: str = device
        self.dtype = getattr(torch, config.dtype)
        self.objective = Objective(balance_weight=config.balance_weight, mtp_weight=config.mtp_weight)
        self.model: Any = build_model(config.model)
        if config.mtp_weight:
            self.model.mtp = self.model.make_mtp()
        initialize(self.model, 0)
        self.model.to(device)
        self.optimizer = RunOptimizer(self.model, config.optimizer, self.dtype)
        batches = stream(config, tokenizer)
        self.batches = [batches.batch(int(place * config.steps)) for place in PLACES]
        self.seconds: list[tuple[float, float, float]] = []

    def step(self, number: int) -> None:
        batch = self.batches[number % len(self.batches)]
        start, cpu = time.perf_counter(), time.process_time()
        backward_parts(self.model, batch, batch.num_tokens, self.device, self.dtype, self.objective)
        self.wait()
        middle = time.perf_counter()
        self.optimizer.step(0.1)
        self.wait()
        end = time.perf_counter()
        self.seconds.append((middle - start, end - middle, time.process_time() - cpu))

    def wait(self) -> None:
        """For a GPU, which takes its work ahead of time."""
        if self.device != "cpu":
            torch.cuda.synchronize()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=allowed_cores())
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--windows", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    tokenizer = Tokenizer.from_directory(resolve("nano"))
    runs = {name: Run(recipe(windows=options.windows), tokenizer, options.device) for name, recipe in RECIPES.items()}
    for number in range(-2, options.rounds):
        for run in runs.values():
            run.step(number % len(PLACES))
    print("| recipe | parameters | forward and backward | update | whole step, least | CPU time |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, run in runs.items():
        kept = run.seconds[2:]
        gradients, update, cpu = (median(row[i] for row in kept) for i in range(3))
        least = min(row[0] + row[1] for row in kept)
        size = sum(p.numel() for p in run.model.parameters())
        print(f"| {name} | {size:,} | {gradients:.3f} s | {update:.3f} s | {least:.3f} s | {cpu:.3f} s |")


if __name__ == "__main__":
    main()
