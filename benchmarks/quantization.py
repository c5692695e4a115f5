"""What int8 and int4, and a cache of int8, cost in quality: the divergence of a model's logits, and held-out problems.

python benchmarks/quantization.py [--model nano] [--conversations 64] [--n 110] [--folders DIR,DIR,...]

The divergence is KL(stored || quantised) in nats, the mean over every token that a model writes (thought and answer) in
held-out conversations that are given to it whole. `--n 0` leaves out the problems, which only nano is made for.
`--folders` are checkpoints that `yunqi quantize` made of the model: each is measured as it is.
"""

from __future__ import annotations

import argparse
from random import Random

import numpy as np

from yunqi import LLM
from yunqi.data.conversations import Mix, sample
from yunqi.data.rendering import ConversationEncoder
from yunqi.eval import run_eval
from yunqi.eval.divergence import divergences, log_probabilities
from yunqi.processing.chat.native import NativeRenderer
from yunqi.processing.chat.qwen3 import QWEN3
from yunqi.recipes.nano import SKILLS


def conversations(llm: LLM, count: int) -> list[tuple[list[int], int, int]]:
    """Token ids, and where what the model writes begins and ends."""
    tokenizer, random = llm.get_tokenizer(), Random(0)
    encode, mix = ConversationEncoder(NativeRenderer(QWEN3, tokenizer), tokenizer), Mix(skills=SKILLS)
    examples = [encode(sample(mix, "test", random)) for _ in range(count)]
    return [(list(one.ids), one.loss_start, one.loss_end) for one in examples]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="nano")
    parser.add_argument("--conversations", type=int, default=64)
    parser.add_argument("--n", type=int, default=110)
    parser.add_argument("--folders", type=lambda text: text.split(","), default=[])
    options = parser.parse_args()
    stored = LLM(options.model, backend="native")
    asked = conversations(stored, options.conversations)
    wanted = [log_probabilities(stored, *one) for one in asked]
    packings = [(options.model, kind, "auto") for kind in (None, "int8", "int4")] + [(options.model, None, "int8")]
    for model, quantization, cache in [*packings, *((folder, None, "auto") for folder in options.folders)]:
        llm = LLM(model, backend="native", quantization=quantization, kv_cache_dtype=cache)
        found = (log_probabilities(llm, *one) for one in asked)
        every = np.concatenate([divergences(p, q) for p, q in zip(wanted, found, strict=True)])
        name = quantization or ("stored" if model == options.model else model)
        name += " cache int8" if cache == "int8" else ""
        line = f"{name:7} KL mean {every.mean():.5f} largest {every.max():.3f} ({len(every)} tokens)"
        if options.n:
            report = run_eval(model, n=options.n, brief=True, copies=1, load=lambda _, ready=llm: ready)
            line += "  " + "  ".join(f"{mode} {100 * share:.1f} %" for mode, share in report["macro"].items())
        print(line, flush=True)


if __name__ == "__main__":
    main()
