"""The exactness matrix as a table: how many arrangements of each model gave the bits of the plain one.

    python -m tests.integration.matrix [MODEL ...]

With `--write FOLDER` and `--read FOLDER` it is the two lives of one engine: the first process computes the question and
leaves its memory on the disk, the second goes on from it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from tests.integration.arrangements import (
    AXES,
    NUM_OUTPUTS,
    answer,
    build,
    engine_of,
    every,
    made,
    name_of,
    question,
    serve,
    warm,
)  # fmt: skip
from yunqi.engine.prefix_store import PrefixStore
from yunqi.engine.request import Request

PLAIN = {"cache": "off", "chunk": 512, "company": 0, "preempted": False}
HOW = tuple(name for name in AXES if name not in ("model", "dtype"))


def rows_of(models: Sequence[str]) -> Iterator[tuple[str, str, int, int]]:
    """Model, dtype, how many arrangements, and how many of them had the same tokens and log-probabilities."""
    for model in models:
        for dtype in AXES["dtype"]:
            network = build(model, dtype)
            plain = answer(network, **PLAIN)[:2]
            count = alike = 0
            for row in every():
                if (row["model"], row["dtype"]) == (model, dtype):
                    same = answer(network, truth=plain[0], **{name: row[name] for name in HOW})[:2] == plain
                    count, alike = count + 1, alike + same
                    if not same:
                        print(f"differs: {name_of(row)}", file=sys.stderr)
            yield model, str(dtype).removeprefix("torch."), count, alike


def first_life(model: str, dtype: torch.dtype, folder: str) -> None:
    """Compute the question and leave what is remembered in `folder`."""
    store = PrefixStore(folder, 1 << 30)
    warm(engine_of(build(model, dtype), chunk=64, caching=True, store=store), question())
    store.close()


def second_life(model: str, dtype: torch.dtype, folder: str) -> dict[str, Any]:
    """The question's answer over what a process before left there."""
    store = PrefixStore(folder, 1 << 30)
    engine = engine_of(build(model, dtype), chunk=64, caching=True, store=store)
    asked = serve(engine, made("asked", question(), NUM_OUTPUTS), [], preempted=False)
    store.close()
    return said_of(asked)


def said_of(asked: Request) -> dict[str, Any]:
    """Tokens and log-probabilities to the bit, and how many tokens of the prompt were found."""
    logprobs = [{str(token): one.logprob.hex() for token, one in sorted(row.items())} for row in asked.output_logprobs]
    return {"tokens": list(asked.output_ids), "logprobs": logprobs, "num_cached": asked.num_cached}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--write")
    parser.add_argument("--read")
    options = parser.parse_args()
    models = options.models or list(AXES["model"])
    dtype = getattr(torch, options.dtype)
    if options.write:
        first_life(models[0], dtype, options.write)
    elif options.read:
        print(json.dumps(second_life(models[0], dtype, options.read)))
    else:
        print("| model | dtype | arrangements | of the same bits |\n| --- | --- | --- | --- |")
        for model, name, count, alike in rows_of(models):
            print(f"| {model} | {name} | {count} | {alike} |", flush=True)


if __name__ == "__main__":
    main()
