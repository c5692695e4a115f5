"""What guesses are worth: the same greedy answers with them and without, in turns.

python benchmarks/speculation.py [--model nano | --shape 0.6B] [-q int4] [--draft MODEL] [--mtp] [--rounds 7]
                                 [--batch 1,8] [--backend auto]

Prompts: a run that repeats itself, random tokens, and, where the model has a tokenizer, a text that is to be repeated
after changes. For each method and number of sequences: the median over rounds of tokens a second, the median ratio to
the same round without guesses, and how many tokens a step with guesses gave. What is called "always" never switches
itself off. It ends with an error where a token differs. `--shape` is one of benchmarks/shapes.py, with random weights.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shapes import checkpoint, config_of

from yunqi import LLM, SamplingParams

TOKENS = 128
LINE = "The quick brown fox jumps over the lazy dog. "
STORY = "Tom has 3 red apples and 5 green pears. Anna takes 2 apples, eats one pear and goes home by train. "


def prompts_of(llm: LLM, count: int) -> dict[str, list[list[int]]]:
    draw, words = random.Random(0), llm.intake.tokenizer
    size = llm.engine.runner.vocab_size - 100

    def noise(length: int) -> list[int]:
        return [draw.randrange(size) for _ in range(length)]

    found = {"random": [noise(64) for _ in range(count)]}
    if words is None:
        return found | {"repeats itself": [noise(12) * 6 for _ in range(count)]}
    found["repeats itself"] = [words.encode(f"{i}. " + LINE * 6) for i in range(count)]
    copies = [f"Text {i}: {STORY}\nThe same text {i} again: {STORY[:20]}" for i in range(count)]
    return found | {"is to be repeated": [words.encode(text) for text in copies]}


def rate(llm: LLM, prompts: list[list[int]]) -> tuple[float, list[list[int]], tuple[int, int]]:
    """Tokens a second after the first; the tokens; how many steps had guesses, and how many of these were right."""
    params = SamplingParams(temperature=0, max_tokens=TOKENS, ignore_eos=True)
    outputs = llm.generate(prompts, params)
    metrics = [output.metrics for output in outputs]
    begun = max(one.first_token_time or 0.0 for one in metrics)
    seconds = max(one.finished_time or 0.0 for one in metrics) - begun
    counts = sum(one.num_verifications for one in metrics), sum(one.num_accepted_tokens for one in metrics)
    return len(outputs) * (TOKENS - 1) / seconds, [output.outputs[0].token_ids for output in outputs], counts


@contextmanager
def model_of(given: argparse.Namespace) -> Iterator[str]:
    if given.shape is None:
        yield given.model
        return
    with tempfile.TemporaryDirectory() as folder:
        checkpoint(config_of(given.shape), Path(folder))
        yield folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="nano")
    parser.add_argument("--shape")
    parser.add_argument("-q", "--quantization")
    parser.add_argument("--draft")
    parser.add_argument("--mtp", action="store_true")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batch", default="1,8")
    parser.add_argument("--backend", default="auto")
    given = parser.parse_args()
    methods: dict[str, dict[str, Any]] = {"ngram": {"method": "ngram"}}
    if given.draft:
        methods["draft"] = {"method": "draft_model", "model": given.draft}
    if given.mtp:
        methods["mtp"] = {"method": "mtp"}
    methods |= {f"{name}, always": {**fields, "adaptive": False} for name, fields in methods.items()}
    options: dict[str, Any] = {"backend": given.backend, "quantization": given.quantization, "max_model_len": 1024}
    options |= {"deterministic": True, "enable_prefix_caching": False}
    with model_of(given) as model:
        llms = {name: LLM(model, speculative=fields, **options) for name, fields in ({"none": None} | methods).items()}
        print(f"{given.shape or given.model}, {type(llms['none'].engine.runner).__name__}, {given.rounds} rounds")
        for count in map(int, given.batch.split(",")):
            for title, prompts in prompts_of(llms["none"], count).items():
                compare(llms, f"{count} x {title}", prompts, given.rounds)


def compare(llms: dict[str, LLM], title: str, prompts: list[list[int]], rounds: int) -> None:
    rates: dict[str, list[float]] = {name: [] for name in llms}
    lengths: dict[str, str] = {}
    for number in range(rounds + 1):
        wanted: list[list[int]] = []
        for name, llm in llms.items():
            found, tokens, (steps, right) = rate(llm, prompts)
            wanted = wanted or tokens
            assert tokens == wanted, f"{name} changed a token"
            lengths[name] = f"{1 + right / steps:.2f}" if steps else "-"
            if number:  # the first round warms up
                rates[name].append(found)
    for name, found in rates.items():
        ratio = statistics.median(a / b for a, b in zip(found, rates["none"], strict=True))
        middle = statistics.median(found)
        print(f"{title:22} {name:14} {middle:8.1f} tokens/s  x{ratio:.2f}  {lengths[name]} tokens a guessing step")


if __name__ == "__main__":
    main()
