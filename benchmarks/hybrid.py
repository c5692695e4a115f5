"""What a hybrid buys: three gated DeltaNets to one gated attention, against the same architecture with attention alone.

python benchmarks/hybrid.py --out STEM [--contexts 1024,4096,16384,32768,65536] [--kv bfloat16] [--folder DIR]

Both models have random weights in int4 and the shape `next` of `shapes.py`; the shared experts of the one with
attention alone are as wide as makes their parameters and their active parameters alike, within a percent. Caches and
states are filled with random values, then a sequence of each length is continued by both in turns, in the native core.
What a token and a state take is read off the memory that was allocated and must be what `yunqi plan` says. STEM.json
and STEM.png hold the result. `--shape tiny-next --contexts 64,256` tries it in a moment.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import torch
from filled import CACHES, FilledModel
from shapes import SHAPES, checkpoint, config_of

from yunqi.common.files import atomic_path, write_json
from yunqi.common.machine import allowed_cores, cpu_name, memory_bandwidth
from yunqi.engine.torch_runner import BLOCK_SIZE
from yunqi.eval.charts import COLOURS
from yunqi.eval.plan import WIDTHS, Device, Structure, plan, structure_of
from yunqi.ops.context import PagedKV, RecurrentState

_REACH = 131_072  # tokens
_NOWHERE = Device(name="", memory=1, bandwidth=1, arithmetic=1)  # a plan's bytes are the same everywhere


def configs(shape: str) -> dict[str, dict[str, Any]]:
    """The hybrid, and the model of attention alone that has as many parameters."""
    hybrid = config_of(shape) | {"max_position_embeddings": _REACH}
    full = hybrid | {"full_attention_interval": 1}
    wanted, width = structure_of(hybrid).num_parameters, hybrid["shared_expert_intermediate_size"]
    missing = wanted - structure_of(full).num_parameters
    wider = missing / hybrid["num_hidden_layers"] / (3 * hybrid["hidden_size"])
    group = 32  # columns share a scale
    return {"hybrid": hybrid, "full": full | {"shared_expert_intermediate_size": width + group * round(wider / group)}}


class Model(FilledModel):
    """One of the two, and what it takes."""

    def __init__(self, config: Mapping[str, Any], folder: Path, longest: int, kind: str) -> None:
        checkpoint(config, folder)
        super().__init__(folder, "int4", longest, kind)
        self.structure: Structure = structure_of(config)
        self.kind = kind

    def allocated(self) -> dict[str, float]:
        """Bytes of a token and of a state, of the memory there is."""
        stores = list(self.runner.memory.values())
        cached = sum(x.nbytes for store in stores if isinstance(store, PagedKV) for x in (store.key, store.value))
        states = sum(x.nbytes for store in stores if isinstance(store, RecurrentState) for x in store.tensors.values())
        num_tokens = (self.runner.num_blocks + 1) * BLOCK_SIZE
        return {"cache": cached / num_tokens, "state": states / (self.runner.num_state_slots + 1)}

    def planned(self) -> dict[str, float]:
        kinds = {"dtype": "float32"} if self.kind == "float32" else {"dtype": "int4"}
        found = plan(self.structure, _NOWHERE, kv_cache_dtype="int8" if self.kind == "int8" else "auto", **kinds)
        return {"cache": found.cache_bytes_per_token, "state": found.state_bytes_per_sequence}

    def read(self, context: int) -> float:
        """Bytes of a step: weights, cache, and states, which are read and written."""
        kept = self.planned()
        return self.structure.active * WIDTHS["int4"] + kept["cache"] * context + 2 * kept["state"]


def measure(models: Mapping[str, Model], contexts: Sequence[int], rounds: int, tokens: int) -> list[dict[str, Any]]:
    rows = []
    for context in contexts:
        speeds: dict[str, list[float]] = {name: [] for name in models}
        shares: dict[str, list[float]] = {name: [] for name in models}
        for _ in range(rounds):
            for name, model in models.items():
                speeds[name].append(model.decode(context, tokens))
                limit = memory_bandwidth(measure=True)
                shares[name].append(speeds[name][-1] * model.read(context) / limit)
        ratio = median(a / b for a, b in zip(speeds["hybrid"], speeds["full"], strict=True))
        row = {"context": context, "ratio": ratio}
        row |= {"bytes_ratio": models["full"].read(context) / models["hybrid"].read(context)}
        row |= {name: median(found) for name, found in speeds.items()}
        row |= {f"{name}_share": median(found) for name, found in shares.items()}
        rows.append(row)
        print(
            f"context {context:6}  hybrid {row['hybrid']:7.1f} tokens/s ({row['hybrid_share']:4.0%} of the bandwidth)"
            f"  full {row['full']:7.1f} ({row['full_share']:4.0%})  ratio {ratio:5.2f},"
            f" of the bytes of a step {row['bytes_ratio']:5.2f}",
            flush=True,
        )
    return rows


def draw(rows: Sequence[Mapping[str, Any]], path: Path, kind: str) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 4.6), layout="constrained")
    axes, contexts = figure.subplots(), [row["context"] for row in rows]
    colours = dict(zip(("hybrid", "full"), COLOURS.values(), strict=True))
    labels = {"hybrid": "three gated DeltaNets to one attention", "full": "attention alone"}
    for name, colour in colours.items():
        axes.plot(contexts, [row[name] for row in rows], color=colour, marker="o", label=labels[name])
    for row in rows:
        place = (row["context"], row["hybrid"])
        axes.annotate(f"{row['ratio']:.2f}x", place, xytext=(0, 7), textcoords="offset points", ha="center", fontsize=9)
    axes.set_xscale("log", base=2)
    axes.set_xticks(contexts, [f"{n // 1024}K" if n >= 1024 else str(n) for n in contexts])
    axes.set(
        xlabel="tokens of context",
        ylabel="tokens a second",
        ylim=(0, 1.15 * max(max(r["hybrid"], r["full"]) for r in rows)),
    )
    axes.set_title(f"Equal parameters, int4, cache in {kind}: decoding one sequence")
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    FigureCanvasAgg(figure)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110, metadata={"Software": None})


def compare(options: argparse.Namespace, folder: Path) -> None:
    contexts = [int(n) for n in options.contexts.split(",")]
    longest, wanted = max(contexts) + options.tokens + 1, configs(options.shape)
    assert longest <= _REACH, f"a context holds at most {_REACH - options.tokens - 1} tokens"
    models = {
        name: Model(config, folder / f"{options.shape}-{name}", longest, options.kv) for name, config in wanted.items()
    }
    print(f"{cpu_name()}, {allowed_cores()} threads, torch {torch.__version__}, cache in {options.kv}")
    sizes = {}
    for name, model in models.items():
        found, counted = model.allocated(), model.structure
        assert found == model.planned(), f"{name}: {found} bytes are allocated, {model.planned()} planned"
        sizes[name] = found | {"parameters": counted.num_parameters, "active": counted.active}
        print(
            f"{name:6}: {counted.num_parameters:,} parameters, {counted.active:,} active;"
            f" cache {found['cache']:,.0f} bytes a token, state {found['state']:,.0f} bytes a sequence, as planned"
        )
    for key in ("parameters", "active"):
        counts = [size[key] for size in sizes.values()]
        assert max(counts) <= 1.01 * min(counts), f"{key} differ by more than a percent: {counts}"
    rows = measure(models, contexts, options.rounds, options.tokens)
    machine = {"processor": cpu_name(), "threads": allowed_cores(), "torch": torch.__version__}
    report = {"machine": machine, "weights": "int4", "cache": options.kv, "models": sizes, "contexts": rows}
    report |= {"shapes": wanted, "rounds": options.rounds, "tokens": options.tokens}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_json(options.out.with_suffix(".json"), report)
    draw(rows, options.out.with_suffix(".png"), options.kv)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="STEM", help="STEM.json and STEM.png are written")
    parser.add_argument("--shape", default="next", choices=[name for name in SHAPES if name.endswith("next")])
    parser.add_argument("--contexts", default="1024,4096,16384,32768,65536")
    parser.add_argument("--kv", default="bfloat16", choices=CACHES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=24)
    parser.add_argument("--threads", type=int, help="all cores without it")
    parser.add_argument("--folder", type=Path, help="where the checkpoints stay")
    options = parser.parse_args()
    if options.threads:
        os.environ["OMP_NUM_THREADS"] = str(options.threads)
    if options.folder:
        compare(options, options.folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(options, Path(folder))


if __name__ == "__main__":
    main()
