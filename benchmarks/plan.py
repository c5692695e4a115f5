"""What `yunqi plan` predicts for this machine, beside what a random checkpoint of the same shape then does.

python benchmarks/plan.py [--shapes 0.6B,moe,next] [--dtypes int4,int8,bfloat16] [--contexts 32,1024] [--threads 1]
    [--folder DIR]

Bandwidth and arithmetic are measured after each run, so that prediction and measurement share their minute. Beside the
shares stands what a step took beyond its bytes over the whole bandwidth, for each layer. A shape that fits into the
processor's caches (nano) is faster than the memory that a plan counts with.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import os
import tempfile
from pathlib import Path

from shapes import SHAPES, checkpoint, config_of

from yunqi.common.machine import allowed_cores, cpu_name
from yunqi.eval.plan import plan, structure_of
from yunqi.eval.speed import measure_speed, this_machine
from yunqi.hub.checkpoint import read_config


def compare(shape: str, folder: Path, dtypes: list[str], contexts: list[int], rounds: int) -> None:
    checkpoint(config_of(shape), folder)
    structure, layers = structure_of(read_config(folder), shape), SHAPES[shape]["num_hidden_layers"]
    for dtype in dtypes:
        gc.collect()
        asked = {"quantization": dtype} if dtype.startswith("int") else {"backend": "native"}
        found = measure_speed(str(folder), contexts=contexts, batch=1, rounds=rounds, **asked)
        for row in found["contexts"]:
            here = dataclasses.replace(this_machine(), **{key: row[key] for key in ("bandwidth", "arithmetic")})
            planned = plan(structure, here, context=row["context"], dtype=dtype)
            prompt, answer = planned.prefill_tokens_per_second, planned.decode_tokens_per_second
            beyond = (1 / row["decode"] - here.memory_share / answer) / layers
            print(
                f"{shape} {dtype:8} context {row['context']:6}:"
                f" prompt {row['prefill']:7.0f} tokens/s, planned {prompt / row['prefill']:4.0%};"
                f" answer {row['decode']:7.1f} tokens/s, planned {answer / row['decode']:4.0%},"
                f" {beyond * 1e6:5.1f} us a layer beyond the bytes",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", default="0.6B")
    parser.add_argument("--dtypes", default="int4,int8,bfloat16")
    parser.add_argument("--contexts", default="32,1024")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, help="all cores without it; nano, like every small model, uses one")
    parser.add_argument("--folder", type=Path, help="where the shapes' checkpoints stay")
    options = parser.parse_args()
    if options.threads:
        os.environ["OMP_NUM_THREADS"] = str(options.threads)  # which the model and both measures heed
    contexts, dtypes = [int(n) for n in options.contexts.split(",")], options.dtypes.split(",")
    print(f"{cpu_name()}, {allowed_cores()} threads")
    for shape in options.shapes.split(","):
        assert shape in SHAPES, f"there are {', '.join(SHAPES)}"
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.folder / shape if options.folder else Path(temporary)
            compare(shape, folder, dtypes, contexts, options.rounds)


if __name__ == "__main__":
    main()
