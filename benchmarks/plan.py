"""What `yunqi plan` predicts for this machine, beside what a random checkpoint of the same shape then does.

python benchmarks/plan.py [--shapes 0.6B,1.7B] [--dtypes int4,int8,bfloat16] [--contexts 32,1024]

Bandwidth and arithmetic are measured after each run, so that prediction and measurement share their minute.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import tempfile
from pathlib import Path

from decode import SHAPES, checkpoint

from yunqi.common.machine import cpu_name
from yunqi.eval.plan import plan, structure_of
from yunqi.eval.speed import measure_speed, this_machine
from yunqi.hub.checkpoint import read_config


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", default="0.6B")
    parser.add_argument("--dtypes", default="int4,int8,bfloat16")
    parser.add_argument("--contexts", default="32,1024")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    contexts = [int(n) for n in options.contexts.split(",")]
    print(cpu_name())
    for shape in options.shapes.split(","):
        assert shape in SHAPES, f"there are {', '.join(SHAPES)}"
        with tempfile.TemporaryDirectory() as folder:
            checkpoint(shape, Path(folder))
            structure = structure_of(read_config(Path(folder)), shape)
            for dtype in options.dtypes.split(","):
                gc.collect()
                asked = {"quantization": dtype} if dtype.startswith("int") else {"backend": "native"}
                found = measure_speed(folder, contexts=contexts, batch=1, rounds=options.rounds, **asked)
                for row in found["contexts"]:
                    here = dataclasses.replace(this_machine(), **{key: row[key] for key in ("bandwidth", "arithmetic")})
                    planned = plan(structure, here, context=row["context"], dtype=dtype)
                    prompt, answer = planned.prefill_tokens_per_second, planned.decode_tokens_per_second
                    print(
                        f"{shape} {dtype:8} context {row['context']:6}:"
                        f" prompt {row['prefill']:7.0f} tokens/s, planned {prompt / row['prefill']:4.0%};"
                        f" answer {row['decode']:7.1f} tokens/s, planned {answer / row['decode']:4.0%}",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
