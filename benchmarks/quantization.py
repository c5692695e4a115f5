"""What int8 and int4 cost in quality: the divergence of a model's logits, and held-out problems.

python benchmarks/quantization.py [--model nano] [--conversations 64] [--n 110] [--folders DIR,DIR,...]

The divergence is KL(stored || quantised) in nats, the mean over every token that a model writes (thought and answer) in
held-out conversations that are given to it whole. `--n 0` leaves out the problems, which only nano is made for.
`--folders` are checkpoints that `yunqi quantize` made of the model: each is measured as it is.
"""

from __future__ import annotations

import argparse
from random import Random
from typing import Any

import numpy as np

from yunqi import LLM
from yunqi.data.conversations import Mix, sample
from yunqi.data.rendering import ConversationEncoder
from yunqi.engine.batch import Batch, Chunk
from yunqi.engine.request import Drawing, Request, StopRules
from yunqi.eval import run_eval
from yunqi.processing.chat.native import NativeRenderer
from yunqi.processing.chat.qwen3 import QWEN3
from yunqi.protocol.output import RequestMetrics
from yunqi.recipes.nano import SKILLS

ROWS = 512


def conversations(llm: LLM, count: int) -> list[tuple[list[int], int, int]]:
    """Token ids, and where what the model writes begins and ends."""
    tokenizer, random = llm.get_tokenizer(), Random(0)
    encode, mix = ConversationEncoder(NativeRenderer(QWEN3, tokenizer), tokenizer), Mix(skills=SKILLS)
    examples = [encode(sample(mix, "test", random)) for _ in range(count)]
    return [(list(one.ids), one.loss_start, one.loss_end) for one in examples]


def log_probabilities(llm: LLM, ids: list[int], first: int, last: int) -> np.ndarray:
    """(last - first, V) float64: before each token of [first, last)."""
    runner: Any = llm.engine.runner
    request = Request(
        request_id="all",
        prompt_len=len(ids),
        token_ids=ids,
        drawing=Drawing(seed=0),
        stop=StopRules(max_tokens=1),
        metrics=RequestMetrics(arrival_time=0.0),
        block_table=list(range(1, 2 + len(ids) // runner.block_size)),
    )
    rows = []
    for start in range(0, last - 1, ROWS):
        stop = min(start + ROWS, last - 1)
        chunk = Chunk(request=request, start=start, stop=stop, logits_from=min(max(start, first - 1), stop))
        rows.append(runner.run(Batch(chunks=(chunk,))))
    wide = np.concatenate(rows).astype(np.float64)
    wide -= wide.max(-1, keepdims=True)
    return wide - np.log(np.exp(wide).sum(-1, keepdims=True))


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
    packings = [(options.model, quantization) for quantization in (None, "int8", "int4")]
    for model, quantization in [*packings, *((folder, None) for folder in options.folders)]:
        llm = LLM(model, backend="native", quantization=quantization)
        kl = [
            (np.exp(p) * (p - q)).sum(-1)
            for p, q in zip(wanted, (log_probabilities(llm, *one) for one in asked), strict=True)
        ]
        every = np.concatenate(kl)
        name = quantization or ("stored" if model == options.model else model)
        line = f"{name:7} KL mean {every.mean():.5f} largest {every.max():.3f} ({len(every)} tokens)"
        if options.n:
            report = run_eval(model, n=options.n, brief=True, copies=1, load=lambda _, ready=llm: ready)
            line += "  " + "  ".join(f"{mode} {100 * share:.1f} %" for mode, share in report["macro"].items())
        print(line, flush=True)


if __name__ == "__main__":
    main()
