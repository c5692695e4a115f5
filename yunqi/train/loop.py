"""The loop of a run: batch, gradients, update, metrics, checkpoint; resumes to the bit from its last checkpoint.

A run interrupted by Ctrl-C or a termination signal finishes its step, saves and raises `KeyboardInterrupt`; the same
call continues it. `RunState` holds everything that a checkpoint must hold.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import Tensor

from yunqi.common.files import write_json
from yunqi.common.progress import Progress, progress
from yunqi.data.packing import PackedBatch
from yunqi.data.stream import Stream
from yunqi.train.checkpoint import Counters, MetricsLog, load_state, save_state
from yunqi.train.config import TrainConfig
from yunqi.train.initial import fill, initialize
from yunqi.train.loss import Objective, backward_parts
from yunqi.train.optimizer import RunOptimizer, learning_rate_share


class RunState:
    """Model, optimiser and counters of a run."""

    def __init__(self, config: TrainConfig, model: Any) -> None:
        self.model = model
        self.optimizer = RunOptimizer(model, config.optimizer, getattr(torch, config.dtype))
        self.counters = Counters(fingerprint=config.fingerprint)

    def tensors(self) -> dict[str, Tensor]:
        found = {f"model.{name}": value for name, value in self.model.named_parameters()}
        return found | self.optimizer.tensors() | {"torch_rng": torch.get_rng_state()}

    @torch.no_grad()
    def load(self, tensors: dict[str, Tensor], counters: Counters) -> None:
        fill(self.model, {name: tensors[f"model.{name}"] for name, _ in self.model.named_parameters()})
        self.optimizer.load(tensors)
        torch.set_rng_state(tensors["torch_rng"])
        self.counters = counters


def train(
    config: TrainConfig,
    model: Any,
    stream: Stream,
    folder: Path,
    *,
    start: Mapping[str, Tensor] | None = None,
    device: str = "cpu",
    workers: int = 0,
    resume: bool = True,
    silent: bool = False,
) -> Counters:
    """Run to the end, or from the folder's checkpoint to the end. The model holds the final weights afterwards.

    Args:
        model: obeys the seam of every model; its parameters are filled here.
        start: parameters to begin with; None: random ones.
        device: "cpu" or "cuda"; the model is moved there. On a GPU the sums of attention's gradients have no fixed
            order, so two runs are equal in all but rounding.
        workers: processes that make batches ahead of the steps; 0: each is made when its step begins.
        folder: gets `state.safetensors`, `metrics.jsonl` and `run.json`, its settings.

    Raises:
        KeyboardInterrupt: after a signal, once everything is saved.
        YunqiError: `disk-full` (the last checkpoint stays whole), `run-mismatch` (the folder holds other settings).
    """
    torch.manual_seed(config.seed)
    if start is None:
        initialize(model, config.seed)
    else:
        fill(model, start)
    state = RunState(config, model.to(device))
    found = load_state(folder, config.fingerprint) if resume else None
    if found is not None:
        state.load(*found)
    write_json(folder / "run.json", config.to_json() | {"fingerprint": config.fingerprint})
    metrics = MetricsLog(folder / "metrics.jsonl", state.counters.step)
    batches = stream.batches(state.counters.step, workers=workers)
    with _stop_flag() as stop, progress(f"Training {config.name}", total=config.steps, silent=silent) as bar:
        _steps(config, state, batches, folder, device, stop, _Log(metrics, bar))
    if state.counters.step < config.steps:
        raise KeyboardInterrupt
    return state.counters


def _steps(
    config: TrainConfig,
    state: RunState,
    batches: Iterator[PackedBatch],
    folder: Path,
    device: str,
    stop: threading.Event,
    log: _Log,
) -> None:
    counters = state.counters

    def save() -> None:
        log.flush()
        save_state(folder, state.tensors(), counters)

    if counters.step == 0:  # a disk without room is better found now than after the first hour
        save()
    clock, cpu_clock, saved = time.monotonic(), time.process_time(), time.monotonic()
    while counters.step < config.steps and not stop.is_set():
        row = _one_step(config, state, next(batches), device)
        now, cpu_now = time.monotonic(), time.process_time()
        row["speed"] = row["tokens"] / (now - clock)
        counters.seconds += now - clock
        counters.cpu_seconds += cpu_now - cpu_clock
        clock, cpu_clock = now, cpu_now
        log.add(row | {"seconds": round(counters.seconds, 3)}, counters.tokens)
        if now - saved > config.checkpoint_seconds and counters.step < config.steps:
            save()
            saved = now
    save()


def _one_step(config: TrainConfig, state: RunState, batch: PackedBatch, device: str) -> dict[str, Any]:
    counters = state.counters
    share = learning_rate_share(counters.step, config.steps, config.optimizer)
    objective = Objective(balance_weight=config.balance_weight, mtp_weight=config.mtp_weight)
    dtype = getattr(torch, config.dtype)
    losses = backward_parts(state.model, batch, config.microbatch_tokens, device, dtype, objective)
    norm = state.optimizer.step(share)
    row = {"step": counters.step, **losses, "gradient_norm": norm, "rate": share, "tokens": batch.num_tokens}
    counters.step += 1
    counters.tokens += batch.num_tokens
    counters.loss_tokens += batch.num_loss_tokens
    counters.examples += batch.num_examples
    counters.longest_example = max(counters.longest_example, batch.longest)
    counters.pairs += batch.num_pairs
    digest = blake2b(counters.data_hash.encode() + batch.ids.tobytes(), digest_size=16)
    counters.data_hash = digest.hexdigest()
    return row


class _Log:
    """Metrics and progress of the steps, each written one step late: reading a loss waits for the GPU, and by then it
    has the next step to work on."""

    def __init__(self, metrics: MetricsLog, bar: Progress) -> None:
        self._metrics, self._bar = metrics, bar
        self._last: tuple[dict[str, Any], int] | None = None

    def add(self, row: dict[str, Any], total_tokens: int) -> None:
        self.flush()
        self._last = row, total_tokens

    def flush(self) -> None:
        if self._last is None:
            return
        row, tokens = self._last
        self._last = None
        speed = row.pop("speed")
        row |= {key: value.item() for key, value in row.items() if isinstance(value, Tensor)}
        self._metrics.write(row)
        further = f"  further {row['mtp_loss']:.4f}" if "mtp_loss" in row else ""
        load = f"  busiest expert {row['busiest']:.1f}x" if "busiest" in row else ""
        note = f"loss {row['loss']:.4f}{further}{load}  {tokens / 1e6:.2f} M tokens  {speed:,.0f}/s"
        self._bar.update(row["step"] + 1, note=note)


@contextmanager
def _stop_flag() -> Iterator[threading.Event]:
    """An event that Ctrl-C and termination set, where signals can be had; a second Ctrl-C ends at once."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def on_signal(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
