"""The training stream: the batch of a step is a pure function of (seed, step), so resuming needs only the step."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from yunqi.data.conversations import Conversation, Mix, sample
from yunqi.data.packing import Example, PackedBatch, fill_windows, pack
from yunqi.data.rendering import LossOn
from yunqi.data.split import Split

Encode = Callable[[Conversation, LossOn], Example]


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    """A stretch of the run that ends at the share `until` of its steps, with its own window and mix.

    The loss counts the answers, or with `loss_on` "text" every token of a conversation.
    """

    name: str
    until: float
    window: int
    mix: Mix
    loss_on: LossOn = "answer"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """Batches of `tokens_per_step` tokens. `encode` turns a conversation into ids and its loss span."""

    phases: tuple[Phase, ...]
    encode: Encode
    pad_id: int
    tokens_per_step: int
    steps: int
    seed: int
    split: Split = "train"

    def batch(self, step: int) -> PackedBatch:
        phase = self.phase(step)
        rows = fill_windows(
            self._examples(phase, step), num_windows=self.tokens_per_step // phase.window, window=phase.window
        )
        return pack(rows, window=phase.window, pad_id=self.pad_id)

    def batches(self, first: int, *, workers: int = 0) -> Iterator[PackedBatch]:
        """The batches from step `first` to the last, made by `workers` processes ahead of time, or here with 0."""
        steps = range(first, self.steps)
        if workers == 0:
            yield from map(self.batch, steps)
            return
        from torch.utils.data import DataLoader

        # Started afresh and not forked: neither CUDA nor the threads of a tokenizer live through a fork.
        yield from DataLoader(
            _Steps(self),  # pyright: ignore - a map needs no more than __getitem__
            batch_size=None,
            sampler=steps,
            collate_fn=_unchanged,  # pyright: ignore - with no batch size it takes one batch
            num_workers=min(workers, len(steps)),
            prefetch_factor=8,
            worker_init_fn=_outlive_signals,
            multiprocessing_context="spawn",
        )

    def phase(self, step: int) -> Phase:
        return next(phase for phase in self.phases if step < phase.until * self.steps)

    def _examples(self, phase: Phase, step: int) -> Iterator[Example]:
        random = Random(f"{self.seed}/{self.split}/{step}")
        while True:
            yield self.encode(sample(phase.mix, self.split, random), phase.loss_on)


@dataclass(frozen=True, slots=True)
class _Steps:
    """The stream as the map from steps to batches that torch's loader takes."""

    stream: Stream

    def __getitem__(self, step: int) -> PackedBatch:
        return self.stream.batch(step)


def _unchanged(batch: PackedBatch) -> PackedBatch:
    return batch


def _outlive_signals(_: int) -> None:
    """A signal to the whole group is for the run, which ends its step and saves; then its workers end, too."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
