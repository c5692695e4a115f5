"""The runner that replays: a model is recorded once, and each step is a walk over the recording in the native core.

The same buffers, memory and blocks as `TorchRunner`; keys stand transposed inside a block, which nobody else reads.
A row's bits depend on that row and its history alone, whatever the batch: exactness is free here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from yunqi.engine.batch import Batch
from yunqi.engine.packing import BLOCK_SIZE
from yunqi.engine.torch_runner import TorchRunner
from yunqi.layers.attention import AttentionCore
from yunqi.layers.decoder import CausalLM
from yunqi.layers.hybrid import MultiTokenPredictor
from yunqi.ops import table as ops
from yunqi.ops.context import ForwardContext
from yunqi.ops.native import library as native
from yunqi.ops.native.recorder import Program, Recorder


class _Stretching:
    """`frequencies` (S, R) of sequences that stretch the base of a model's one rotation, each by its own factor."""

    def __init__(self, model: CausalLM, factors: np.ndarray) -> None:
        (self._rotary,) = {m.rotary_emb for m in model.modules() if isinstance(m, AttentionCore)}
        self._factors = factors
        self.frequencies = np.zeros((len(factors), len(self._rotary.frequency)), dtype=np.float32)

    def fill(self, num_seqs: int) -> None:
        """Take the factors as they are now."""
        for i in range(num_seqs):
            self.frequencies[i] = self._rotary.stretched(float(self._factors[i]))


class NativeRunner(TorchRunner):
    """Runs one packed model (`yunqi.engine.packing`) on the CPU."""

    def __init__(self, model: CausalLM, *, team: native.Team | None = None, **limits: Any) -> None:
        super().__init__(model, backend="native", device="cpu", **limits)
        assert self.block_size == BLOCK_SIZE, "the native core's blocks hold 16 tokens"
        self.team = team or native.default_team()
        self._logit_ids = np.zeros(len(self._ids), dtype=np.int64)
        self._recorder = Recorder(len(self._ids))
        self._body, self._head, self._logits = self._record()
        self._stretching = None if self._rope_factors is None else _Stretching(model, self._rope_factors)
        self._replay = native.Step(
            ids=self._ids.ctypes.data,
            positions=self._positions.ctypes.data,
            slots=self._slots.ctypes.data,
            logit_rows=self._logit_ids.ctypes.data,
            offsets=self._offsets.ctypes.data,
            lengths=self._lengths.ctypes.data,
            tables=self._tables.ctypes.data,
            table_width=self._tables.shape[1],
            state_slots=None if self._state_slots is None else self._state_slots.ctypes.data,
            frequencies=None if self._stretching is None else self._stretching.frequencies.ctypes.data,
        )

    def run(self, batch: Batch) -> np.ndarray:
        """float32 logits (rows, V), in the order of the batch's chunks."""
        wanted = self._logit_rows(batch)
        self._logit_ids[: len(wanted)] = wanted
        step = self._replay
        step.num_tokens, step.num_seqs, step.num_logits = self._fill(batch), len(batch.chunks), len(wanted)
        if self._stretching is not None:
            self._stretching.fill(len(batch.chunks))
        self._body.run(self.team, step)
        if len(wanted):
            self._head.run(self.team, step)
        return self._logits[: len(wanted)].copy()

    @torch.inference_mode()
    def add_mtp(self, head: MultiTokenPredictor) -> None:
        super().add_mtp(head)
        recorder, ctx = self._recorder, self._recording(self._mtp_memory)
        recorder.over_logits = False
        self._mtp_input = recorder.buffer(self.model.config.hidden_size)
        next_TD = self.model.embedding(torch.from_numpy(self._ids), ctx)
        self._mtp_output = head(next_TD, self._mtp_input, torch.from_numpy(self._positions), ctx)
        self._mtp_body = recorder.program()

    @torch.inference_mode()
    def run_mtp(
        self, batch: Batch, next_ids: Sequence[int], hidden_TD: torch.Tensor, rows: Sequence[int]
    ) -> torch.Tensor:
        self._mtp_input[: len(hidden_TD)] = hidden_TD
        self._replay.num_tokens, self._replay.num_seqs = self._fill(batch, next_ids), len(batch.chunks)
        self._mtp_body.run(self.team, self._replay)
        return self._mtp_output[list(rows)]

    @torch.inference_mode()
    def logits_of(self, hidden_SD: torch.Tensor) -> np.ndarray:
        count = self._replay.num_logits = len(hidden_SD)
        self.hidden_TD[:count] = hidden_SD
        self._logit_ids[:count] = np.arange(count)
        self._head.run(self.team, self._replay)
        return self._logits[:count].copy()

    def fingerprint(self) -> str:
        return f"{native.VERSION}-{super().fingerprint()}"

    @torch.inference_mode()
    def _record(self) -> tuple[Program, Program, np.ndarray]:
        """The programs from ids to hidden states and from those to logits, and where the logits will stand."""
        recorder, ctx = self._recorder, self._recording(self.memory)
        hidden_TD = self.model(torch.from_numpy(self._ids), torch.from_numpy(self._positions), ctx)
        self.hidden_TD = hidden_TD  # which the recorder then hands to nobody else
        body = recorder.program()
        recorder.over_logits = True
        logits = self.model.compute_logits(ops.gather_rows(hidden_TD, torch.from_numpy(self._logit_ids), ctx), ctx)
        return body, recorder.program(), logits.numpy()

    def _recording(self, memory: dict[int, Any]) -> ForwardContext:
        ctx = self._context(Batch(chunks=()), len(self._ids))
        return replace(ctx, memory=memory, recorder=self._recorder)
