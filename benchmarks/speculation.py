"""What guesses are worth: the same answers with them and without, in turns.

python benchmarks/speculation.py [--model nano | --shape 0.6B] [-q int4] [--methods ngram,mtp] [--draft MODEL]
    [--guesses 1,2,4] [--questions] [--temperature 0] [--rounds 7] [--batch 1,8] [--backend auto]

Prompts: a run that repeats itself, random tokens, and, where the model has a tokenizer, a text that is to be repeated
after changes; with `--questions` instead held-out questions of the recipes, which nano and nano-next are made for,
answered to their end. For each method, number of guesses (the usual one where none is given) and number of sequences:
the median over rounds of tokens a second, the median ratio to the same round without guesses, and how many tokens a
step with guesses gave. What is called "always" never switches itself off. It ends with an error where a token differs.
`mtp` needs a checkpoint with the multi-token head. `--shape` is one of benchmarks/shapes.py, with random weights.
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
from yunqi.data.conversations import Mix, sample
from yunqi.data.rendering import ConversationEncoder
from yunqi.processing.chat.native import NativeRenderer
from yunqi.processing.chat.qwen3 import QWEN3
from yunqi.recipes.nano import SKILLS

TOKENS = 128
QUESTIONS = "questions"
LINE = "The quick brown fox jumps over the lazy dog. "
STORY = "Tom has 3 red apples and 5 green pears. Anna takes 2 apples, eats one pear and goes home by train. "


def questions(llm: LLM, count: int) -> dict[str, list[list[int]]]:
    tokenizer, draw = llm.get_tokenizer(), random.Random(0)
    encode, mix = ConversationEncoder(NativeRenderer(QWEN3, tokenizer), tokenizer), Mix(skills=SKILLS)
    examples = [encode(sample(mix, "test", draw)) for _ in range(count)]
    return {QUESTIONS: [list(one.ids[: one.loss_start]) for one in examples]}


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


def rate(llm: LLM, prompts: list[list[int]], params: SamplingParams) -> tuple[float, list[list[int]], tuple[int, int]]:
    """Tokens a second after the first; the tokens; how many steps had guesses, and how many of these were right."""
    outputs = llm.generate(prompts, params)
    metrics, tokens = [output.metrics for output in outputs], [output.outputs[0].token_ids for output in outputs]
    begun = max(one.first_token_time or 0.0 for one in metrics)
    seconds = max(one.finished_time or 0.0 for one in metrics) - begun
    counts = sum(one.num_verifications for one in metrics), sum(one.num_accepted_tokens for one in metrics)
    return sum(len(one) - 1 for one in tokens) / seconds, tokens, counts


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
    parser.add_argument("--methods", default="ngram")
    parser.add_argument("--guesses", default="")
    parser.add_argument("--questions", action="store_true")
    parser.add_argument("--temperature", type=float, default=0.0)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batch", default="1,8")
    parser.add_argument("--backend", default="auto")
    given = parser.parse_args()
    methods: dict[str, dict[str, Any]] = {name: {"method": name} for name in given.methods.split(",")}
    if given.draft:
        methods["draft"] = {"method": "draft_model", "model": given.draft}
    if given.guesses:
        counts = [int(text) for text in given.guesses.split(",")]
        methods = {f"{k} {n}": {**v, "num_speculative_tokens": n} for k, v in methods.items() for n in counts}
    methods |= {f"{name}, always": {**fields, "adaptive": False} for name, fields in methods.items()}
    options: dict[str, Any] = {"backend": given.backend, "quantization": given.quantization, "max_model_len": 1024}
    options |= {"deterministic": True, "enable_prefix_caching": False}
    with model_of(given) as model:
        llms = {name: LLM(model, speculative=fields, **options) for name, fields in ({"none": None} | methods).items()}
        print(f"{given.shape or given.model}, {type(llms['none'].engine.runner).__name__}, {given.rounds} rounds")
        for count in map(int, given.batch.split(",")):
            for title, prompts in (questions if given.questions else prompts_of)(llms["none"], count).items():
                end, most = title == QUESTIONS, TOKENS * (4 if title == QUESTIONS else 1)
                params = SamplingParams(temperature=given.temperature, seed=1, max_tokens=most, ignore_eos=not end)
                compare(llms, f"{count} x {title}", prompts, params, given.rounds)


def compare(llms: dict[str, LLM], title: str, prompts: list[list[int]], params: SamplingParams, rounds: int) -> None:
    rates: dict[str, list[float]] = {name: [] for name in llms}
    lengths: dict[str, str] = {}
    for number in range(rounds + 1):
        wanted: list[list[int]] = []
        for name, llm in llms.items():
            found, tokens, (steps, right) = rate(llm, prompts, params)
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
