"""How fast a model runs on this machine, and how near that is to what the machine can do.

Decoding reads every weight and the cache once a token, so its limit is the memory's bandwidth; a prompt multiplies each
weight once a token, so its limit is the arithmetic. Both limits are measured beside each figure: on a shared machine
they change within minutes.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Any

from yunqi.common.errors import YunqiError
from yunqi.common.machine import allowed_cores, cpu_name, memory, memory_bandwidth
from yunqi.common.sizes import size_text
from yunqi.eval.plan import Device, Structure, structure_of
from yunqi.hub.checkpoint import read_config
from yunqi.hub.estimate import QUANTIZED_BYTES
from yunqi.hub.resolve import resolve

if TYPE_CHECKING:
    from yunqi.engine.llm import LLM

OnDone = Callable[[int, int], None]
_PRODUCT = 1024  # rows and columns of the matrices that measure the arithmetic


def measure_speed(
    model: str,
    *,
    contexts: Sequence[int] = (32, 1024),
    batch: int = 16,
    tokens: int = 48,
    rounds: int = 3,
    seed: int = 0,
    on_done: OnDone = lambda done, total: None,
    **options: Any,
) -> dict[str, Any]:
    """Load a model and time it on random tokens; figures are medians of `rounds`.

    Args:
        contexts: lengths of the prompts that one sequence is read and continued from.
        batch: sequences that are continued together, each from a prompt of the shortest length; 1: none.
        tokens: how many each answer has.
        on_done: told after each measurement how many are done, of how many.
        options: of `LLM`.

    Raises:
        YunqiError: `option-invalid` for numbers below 1 or contexts beyond the model's, and what `LLM` raises.
    """
    from yunqi.engine.llm import LLM

    for option, value in {"batch": batch, "rounds": rounds, "contexts": min(contexts, default=0)}.items():
        if value < 1:
            raise YunqiError("option-invalid", option=option, value=value, rule="It is at least 1.")
    if tokens < 2:
        raise YunqiError("option-invalid", option="tokens", value=tokens, rule="It is at least 2.")
    structure = structure_of(read_config(resolve(model)))
    room = max(contexts) + tokens + 1
    if room > structure.context:
        rule = f"With {tokens} tokens of answer this model's context holds {structure.context - tokens - 1}."
        raise YunqiError("option-invalid", option="contexts", value=max(contexts), rule=rule)
    begun = time.monotonic()
    llm = LLM(model, max_num_seqs=batch, max_model_len=room, enable_prefix_caching=False, **options)
    loaded = time.monotonic() - begun
    bench = _Bench(llm, structure, tokens, Random(seed))
    done, total = 0, rounds * (len(contexts) + (batch > 1))

    def counted(rows: Iterator[dict[str, float]]) -> list[dict[str, float]]:
        nonlocal done
        found = []
        for row in rows:
            found.append(row)
            done += 1
            on_done(done, total)
        return found

    alone = {n: counted(bench.alone(n) for _ in range(rounds)) for n in contexts}
    together = counted(bench.together(batch, min(contexts)) for _ in range(rounds)) if batch > 1 else []
    return {
        "model": str(model),
        "options": {key: _text_of(value) for key, value in options.items() if value is not None},
        "backend": llm.engine.runner.__class__.__name__,
        "machine": {"processor": cpu_name(), "threads": allowed_cores()},
        "rounds": rounds,
        "tokens": tokens,
        "load_seconds": loaded,
        "weight_bytes": bench.weight_bytes,
        "cache_bytes": bench.cache_bytes,
        "peak_memory_bytes": _peak_memory(),
        "contexts": [{"context": n, **_medians(rows)} for n, rows in alone.items()],
        "batch": {"sequences": batch, "context": min(contexts), **_medians(together)} if together else None,
    }


class _Bench:
    """One loaded model, its sizes and its prompts."""

    def __init__(self, llm: LLM, structure: Structure, tokens: int, random: Random) -> None:
        from yunqi.engine.torch_memory import block_bytes
        from yunqi.engine.torch_runner import TorchRunner, weight_bytes
        from yunqi.layers.linear import Packed

        runner = llm.engine.runner
        assert isinstance(runner, TorchRunner), "a runner of a model"
        self._llm, self._structure, self._tokens, self._random = llm, structure, tokens, random
        self._vocab = runner.model.config.vocab_size
        per_block = block_bytes(runner.model, runner.block_size, runner.kv_dtype)
        self.weight_bytes = weight_bytes(runner.model)
        self.cache_bytes = per_block * (runner.num_blocks + 1)
        self._bytes_per_key = per_block / runner.block_size
        self._bytes_per_element = self.weight_bytes / structure.elements
        embedding = runner.model.embedding
        self._quantized = isinstance(embedding, Packed) and embedding.matrix.kind in QUANTIZED_BYTES

    def alone(self, context: int) -> dict[str, float]:
        """One sequence from a prompt of `context` tokens."""
        (times,) = self._run(1, context)
        prefill = context / (times.first_token_time - times.arrival_time)
        decode = (self._tokens - 1) / (times.finished_time - times.first_token_time)
        bandwidth, arithmetic = memory_bandwidth(measure=True), measure_arithmetic(quantized=self._quantized)
        return _acceptance([times]) | {
            "prefill": prefill,
            "prefill_share": prefill * 2 * (self._structure.active - self._structure.head) / arithmetic,
            "decode": decode,
            "decode_share": decode * self._bytes_per_step(1, context) / bandwidth,
            "bandwidth": bandwidth,
            "arithmetic": arithmetic,
        }

    def together(self, count: int, context: int) -> dict[str, float]:
        """`count` sequences, from where the last of them has its first token."""
        rows = self._run(count, context)
        begun, ended = max(row.first_token_time for row in rows), max(row.finished_time for row in rows)
        # Steps are alike: of a sequence's tokens, as many come after `begun` as of its time.
        shares = ((row.finished_time - begun) / (row.finished_time - row.first_token_time) for row in rows)
        decode = sum(shares) * (self._tokens - 1) / (ended - begun)
        bandwidth = memory_bandwidth(measure=True)
        share = decode / count * self._bytes_per_step(count, context) / bandwidth
        return _acceptance(rows) | {"decode": decode, "decode_share": share, "bandwidth": bandwidth}

    def _bytes_per_step(self, count: int, context: int) -> float:
        """Weights and keys that a step of so many sequences reads, and states that it reads and writes."""
        remembered = context * self._bytes_per_key + 2 * 4 * self._structure.state_elements
        return self._structure.read_by(count) * self._bytes_per_element + count * remembered

    def _run(self, count: int, context: int) -> list[Any]:
        from yunqi.protocol.sampling import SamplingParams

        prompts = [[self._random.randrange(self._vocab) for _ in range(context)] for _ in range(count)]
        params = SamplingParams(temperature=0, max_tokens=self._tokens, ignore_eos=True)
        return [output.metrics for output in self._llm.generate(prompts, params)]


def _text_of(value: Any) -> str:
    return " ".join(map(str, value.values())) if isinstance(value, Mapping) else str(value)


def _acceptance(rows: Sequence[Any]) -> dict[str, float]:
    """Tokens that a step with guesses gave on average; nothing where there were none."""
    steps = sum(row.num_verifications for row in rows)
    return {"acceptance_length": 1 + sum(row.num_accepted_tokens for row in rows) / steps} if steps else {}


def measure_arithmetic(*, quantized: bool = False) -> float:
    """Operations a second in products of float32 or bfloat16, whichever is faster here, by torch on all cores.

    `quantized`: of int8, too, in which quantised weights are multiplied.
    """
    import torch

    def product(dtype: torch.dtype) -> Callable[[], Any]:
        a, b = (torch.ones(_PRODUCT, _PRODUCT, dtype=dtype) for _ in range(2))
        return lambda: torch.ops.aten._int_mm(a, b) if dtype == torch.int8 else torch.mm(a, b)

    best, before = 0.0, torch.get_num_threads()
    torch.set_num_threads(allowed_cores())
    try:
        for dtype in (torch.float32, torch.bfloat16, *((torch.int8,) if quantized else ())):
            multiply = product(dtype)
            for _ in range(4):
                begun = time.perf_counter()
                multiply()
                best = max(best, 2 * _PRODUCT**3 / (time.perf_counter() - begun))
    finally:
        torch.set_num_threads(before)
    return best


def this_machine(*, quantized: bool = False) -> Device:
    """The processor here as hardware to plan for, memory and arithmetic (`measure_arithmetic`) measured now."""
    return Device(
        name=cpu_name(),
        memory=memory().available,
        bandwidth=memory_bandwidth(measure=True),
        arithmetic=measure_arithmetic(quantized=quantized),
    )


def _peak_memory() -> int:
    """The most bytes this process has held."""
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _medians(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {key: median(row[key] for row in rows if key in row) for key in {k: None for row in rows for k in row}}


def _accepted(row: dict[str, Any]) -> str:
    return f", {row['acceptance_length']:.2f} tokens a step with guesses" if "acceptance_length" in row else ""


def format_speed(report: dict[str, Any]) -> str:
    """The report as lines for people."""
    machine, options = report["machine"], ", ".join(report["options"].values())
    lines = [
        f"{report['model']}{f' ({options})' if options else ''}, {report['backend']}",
        f"{machine['processor']}, {machine['threads']} threads; medians of {report['rounds']}",
        f"loaded in {report['load_seconds']:.1f} s; weights {size_text(report['weight_bytes'])}, "
        f"cache {size_text(report['cache_bytes'])}, peak memory {size_text(report['peak_memory_bytes'])}",
    ]
    for row in report["contexts"]:
        lines.append(
            f"context {row['context']:>6,}: prompt {row['prefill']:8,.0f} tokens/s ({row['prefill_share']:4.0%} of "
            f"{row['arithmetic'] / 1e9:,.0f} GFLOP/s), answer {row['decode']:8,.1f} tokens/s "
            f"({row['decode_share']:4.0%} of {row['bandwidth'] / 1e9:.0f} GB/s){_accepted(row)}"
        )
    if row := report["batch"]:
        lines.append(
            f"{row['sequences']} sequences: answers {row['decode']:8,.1f} tokens/s "
            f"({row['decode_share']:4.0%} of {row['bandwidth'] / 1e9:.0f} GB/s){_accepted(row)}"
        )
    return "\n".join(lines)
