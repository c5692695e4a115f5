"""Whether llama.cpp computes what we do: the logits of a random checkpoint, each token's, in float32.

python benchmarks/llama_parity.py --llama-python FILE [--shapes tiny,tiny-moe,tiny-next] [--kind f32]

All parameters are random, the prompt's length is odd, and its last tokens are read one by one, as in decoding. What is
printed for each shape is the largest difference of a logit, beside their standard deviation, and how many of the
likeliest tokens agree; in f32 all must, and no logit may differ by more than a thousandth of the deviation.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch
from decode import WORKERS, worker
from shapes import SHAPES, checkpoint, config_of

from yunqi.engine.loader import load_model
from yunqi.ops.context import ForwardContext

_LENGTH, _ALONE = 139, 9  # tokens; of the last, which are read one by one
_TOLERANCE = 1e-3  # of the logits' standard deviation


@torch.inference_mode()
def our_logits(folder: Path, ids: list[int]) -> np.ndarray:
    """(T, V) by torch in float32, all tokens at once."""
    model, ctx = load_model(folder, dtype="float32"), ForwardContext.training([0, len(ids)])
    hidden_TD = model(torch.tensor(ids), torch.arange(len(ids)), ctx)
    return model.compute_logits(hidden_TD, ctx).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llama-python", required=True)
    parser.add_argument("--shapes", default="tiny,tiny-moe,tiny-next")
    parser.add_argument("--kind", default="f32", choices=("f32", "bf16", "q8_0", "q4_0"))
    options = parser.parse_args()
    for shape in options.shapes.split(","):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            checkpoint(config_of(shape), folder, spread=0.3)
            random = torch.Generator().manual_seed(1)
            ids = torch.randint(SHAPES[shape]["vocab_size"], (_LENGTH,), generator=random).tolist()
            ours = our_logits(folder, ids)
            ask = worker(WORKERS["llama"], folder, 256, options.kind, options.llama_python)
            theirs = np.array(ask({"score": ids, "alone": _ALONE})["logits"], dtype=np.float32)
        difference, deviation = np.abs(ours - theirs), float(ours.std())
        agreed = int((ours.argmax(-1) == theirs.argmax(-1)).sum())
        print(
            f"{shape}, {options.kind}: logits differ by at most {difference.max():.2e}"
            f" ({difference[-_ALONE:].max():.2e} where one is read at a time), their deviation is {deviation:.2f};"
            f" {agreed} of {_LENGTH} likeliest tokens agree",
            flush=True,
        )
        if options.kind == "f32":
            assert difference.max() <= _TOLERANCE * deviation, "llama.cpp computes something else"
            assert agreed == _LENGTH, "llama.cpp chooses other tokens"


if __name__ == "__main__":
    main()
