"""What exact rows cost: the same decode steps with `deterministic` on and off, in turns, on nano.

python benchmarks/exactness.py [--rounds 5]

Prints the median over rounds of tokens per second, alone and 16 at once, and the ratio.
"""

from __future__ import annotations

import argparse
import statistics
import time

from yunqi import LLM, SamplingParams

TOKENS = 64


def rate(llm: LLM, batch: int) -> float:
    """Decoded tokens per second of `batch` requests."""
    prompts = [[5 + i] * 64 for i in range(batch)]
    params = SamplingParams(temperature=0, max_tokens=TOKENS, ignore_eos=True)
    start = time.perf_counter()
    llm.generate(prompts, params)
    return batch * TOKENS / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds: int = parser.parse_args().rounds
    models = {exact: LLM("nano", backend="torch", deterministic=exact) for exact in (True, False)}
    for batch in (1, 16):
        rates: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(rounds + 1):
            for exact, llm in models.items():
                rates[exact].append(rate(llm, batch))
        exact, free = (statistics.median(rates[kind][1:]) for kind in (True, False))
        print(f"batch {batch:2}: exact {exact:6.0f} tokens/s, free {free:6.0f} tokens/s, ratio {exact / free:.2f}")


if __name__ == "__main__":
    main()
