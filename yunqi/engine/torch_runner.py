"""The runner that computes with torch: batches -> fixed host buffers -> `ForwardContext` -> model -> logits.

In exact mode the packed axis is padded to whole row tiles; padding rows write to the null block and are never read.
Recurrent states live in slots beside the blocks; slot 0 stays zero.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np
import torch

from yunqi.common.errors import YunqiError
from yunqi.common.machine import memory
from yunqi.engine.batch import Batch
from yunqi.engine.torch_memory import allocate, block_bytes, bytes_of, fill_from, memory_dtype, paged, state_bytes
from yunqi.layers.decoder import CausalLM
from yunqi.layers.hybrid import MultiTokenPredictor
from yunqi.layers.linear import Packed, StoredLinear
from yunqi.ops import table as ops
from yunqi.ops.context import (
    Backend,
    ForwardContext,
    PagedKV,
    Plan,
    RecurrentState,
    RecurrentStateSpec,
)
from yunqi.ops.exact import KEY_SPLIT, ROW_TILE

log = logging.getLogger(__name__)

BLOCK_SIZE = 16
SMALL_MODEL_BYTES = 64 << 20
_SHARE_OF_MEMORY = 0.25
_MAX_SNAPSHOTS = 128
_SHARE_OF_STATES = 0.5  # of the cache, at most, that snapshots of recurrent state may take


class TorchRunner:
    """Runs one model on one device.

    Args:
        max_model_len: the longest sequence; the block tables are that wide.
        num_blocks: blocks of cache, beside the null block.
        num_state_slots: slots of recurrent state, beside slot 0; ignored where no layer is recurrent. None: one for
            each sequence.
        kv_dtype: what keys and values are kept in; None: what the model is computed in.
    """

    def __init__(
        self,
        model: CausalLM,
        *,
        backend: Backend,
        device: str,
        max_model_len: int,
        max_num_seqs: int,
        max_num_batched_tokens: int,
        num_blocks: int,
        block_size: int = BLOCK_SIZE,
        num_state_slots: int | None = None,
        kv_dtype: torch.dtype | None = None,
    ) -> None:
        self.model, self.device = model, device
        self.backend: Backend = backend
        self.vocab_size = model.config.vocab_size
        self.num_blocks, self.block_size = num_blocks, block_size
        recurrent = any(isinstance(spec, RecurrentStateSpec) for spec in model.memory_specs().values())
        self.num_state_slots = (num_state_slots or max_num_seqs) if recurrent else 0
        self.kv_dtype = kv_dtype or memory_dtype(model)
        self.memory = allocate(model, num_blocks + 1, block_size, self.num_state_slots + 1, device, kv_dtype)
        rows = -(-max_num_batched_tokens // ROW_TILE) * ROW_TILE
        self._ids = np.zeros(rows, dtype=np.int64)
        self._positions = np.zeros(rows, dtype=np.int64)
        self._slots = np.zeros(rows, dtype=np.int64)
        self._tables = np.zeros((max_num_seqs, -(-max_model_len // block_size)), dtype=np.int32)
        self._offsets = np.zeros(max_num_seqs + 1, dtype=np.int32)
        self._lengths = np.zeros(max_num_seqs, dtype=np.int32)
        self._state_slots = np.zeros(max_num_seqs, dtype=np.int32) if recurrent else None
        self._rope_factors = None if model.rope_factor(1) is None else np.ones(max_num_seqs, dtype=np.float64)
        self._beside: list[tuple[PagedKV, Callable[[], str]]] = []
        self.hidden_TD = torch.empty(0)  # of the last step, padding included

    @property
    def max_rows(self) -> int:
        """Tokens of a step at most."""
        return len(self._ids)

    @torch.inference_mode()
    def run(self, batch: Batch) -> np.ndarray:
        """float32 logits (rows, V), in the order of the batch's chunks."""
        ids, positions, ctx = self._step(batch, self._fill(batch))
        hidden_TD = self.hidden_TD = self.model(ids, positions, ctx)
        wanted = self._logit_rows(batch)
        if not len(wanted):
            return np.empty((0, self.vocab_size), dtype=np.float32)
        hidden_SD = ops.gather_rows(hidden_TD, torch.from_numpy(wanted).to(self.device), ctx)
        return self.model.compute_logits(hidden_SD, ctx).float().cpu().numpy()

    def add_mtp(self, head: MultiTokenPredictor) -> None:
        """Run the model's multi-token head, too, which keeps its keys in the same blocks."""
        self._mtp, spec = head, head.attention.memory_spec
        store = paged(self.model, spec, self.num_blocks + 1, self.block_size, self.device, self.kv_dtype)
        self._mtp_memory = {head.attention.layer_id: store}
        self.share_blocks([store], lambda: f"mtp {spec}")

    @torch.inference_mode()
    def run_mtp(
        self, batch: Batch, next_ids: Sequence[int], hidden_TD: torch.Tensor, rows: Sequence[int]
    ) -> torch.Tensor:
        """The head's hidden states (R, D) of some rows of a batch, for `logits_of`; it keeps the keys of all.

        Args:
            next_ids: the token after each of the batch's.
            hidden_TD: the model's hidden state of each, or for a guess the head's.
        """
        num_rows = self._fill(batch, next_ids)
        ids, positions, ctx = self._step(batch, num_rows)
        ctx = replace(ctx, memory=self._mtp_memory)
        hidden_TD = torch.nn.functional.pad(hidden_TD, (0, 0, 0, num_rows - len(hidden_TD)))
        return self._mtp(self.model.embedding(ids, ctx), hidden_TD, positions, ctx)[list(rows)]

    @torch.inference_mode()
    def logits_of(self, hidden_SD: torch.Tensor) -> np.ndarray:
        """float32 logits (S, V) of hidden states; those of the last step are lost."""
        ctx = self._context(Batch(chunks=()), 0)
        return self.model.compute_logits(hidden_SD, ctx).float().cpu().numpy()

    def share_blocks(self, stores: Iterable[PagedKV], fingerprint: Callable[[], str]) -> None:
        """Save and restore what another keeps in the same blocks together with the model's own."""
        self._beside += [(store, fingerprint) for store in stores]

    def cache_salt(self, prompt_len: int) -> str | None:
        return self.model.cache_salt(prompt_len)

    @torch.inference_mode()
    def copy_state(self, source: int, target: int) -> None:
        assert target != 0, "slot 0 is every sequence's beginning"
        for store in self.memory.values():
            if isinstance(store, RecurrentState):
                store.copy(source, target)

    def fingerprint(self) -> str:
        """A digest of the weights and of everything else that decides the bits of the memory."""
        machine = (torch.__version__, torch.backends.cpu.get_cpu_capability(), torch.get_num_threads(), self.device)
        specs = sorted(map(repr, self.model.memory_specs().items()))
        rest = (specs, str(self.kv_dtype), self.model.config, self.backend, self.block_size)
        digest = blake2b(repr((machine, rest)).encode(), digest_size=20)
        for prefix, module in self.model.named_modules():  # one after the other: not all may fit into memory
            own: dict[str, torch.Tensor] = {}
            module._save_to_state_dict(own, f"{prefix}." if prefix else "", keep_vars=False)
            for name, weight in own.items():
                digest.update(f"{name} {weight.dtype} {tuple(weight.shape)}".encode())
                digest.update(bytes_of([weight]))
        for name in {fingerprint: None for _, fingerprint in self._beside}:
            digest.update(name().encode())
        return digest.hexdigest()

    def read_block(self, block: int) -> bytes:
        return bytes_of(self._of_block(block))

    def write_block(self, block: int, data: bytes) -> None:
        fill_from(self._of_block(block), data)

    def read_state(self, slot: int) -> bytes:
        return bytes_of(self._of_slot(slot))

    def write_state(self, slot: int, data: bytes) -> None:
        fill_from(self._of_slot(slot), data)

    def _of_block(self, block: int) -> list[torch.Tensor]:
        stores = [store for store in self.memory.values() if isinstance(store, PagedKV)]
        stores += [store for store, _ in self._beside]
        return [tensor[block] for store in stores for tensor in (store.key, store.value)]

    def _of_slot(self, slot: int) -> list[torch.Tensor]:
        stores = [store for store in self.memory.values() if isinstance(store, RecurrentState)]
        return [tensor[slot] for store in stores for _, tensor in sorted(store.tensors.items())]

    def _step(self, batch: Batch, num_rows: int) -> tuple[torch.Tensor, torch.Tensor, ForwardContext]:
        """The ids and positions of what the buffers were filled with, and its context."""
        ids, positions = (torch.from_numpy(x[:num_rows]).to(self.device) for x in (self._ids, self._positions))
        return ids, positions, self._context(batch, num_rows)

    def _fill(self, batch: Batch, token_ids: Sequence[int] | None = None) -> int:
        """Write the batch into the buffers, with other tokens where given; returns the padded number of rows."""
        row = 0
        for i, chunk in enumerate(batch.chunks):
            request, stop = chunk.request, row + chunk.num_tokens
            positions = np.arange(chunk.start, chunk.stop)
            blocks = np.asarray(request.block_table, dtype=np.int32)
            self._ids[row:stop] = chunk.token_ids
            self._positions[row:stop] = positions
            self._slots[row:stop] = blocks[positions // self.block_size] * self.block_size + positions % self.block_size
            self._tables[i, : len(blocks)] = blocks
            self._tables[i, len(blocks) :] = 0
            self._offsets[i + 1], self._lengths[i] = stop, chunk.stop
            if self._rope_factors is not None:
                self._rope_factors[i] = self.model.rope_factor(request.prompt_len)
            if self._state_slots is not None:
                assert request.state_slot is not None, "a sequence without a slot of state"
                self._state_slots[i] = request.state_slot
            row = stop
        if token_ids is not None:
            self._ids[:row] = token_ids
        padded = -(-row // ROW_TILE) * ROW_TILE if self.backend == "exact" else row
        for buffer in (self._ids, self._positions, self._slots):
            buffer[row:padded] = 0
        return padded

    def _context(self, batch: Batch, num_rows: int) -> ForwardContext:
        seqs = len(batch.chunks)
        return ForwardContext(
            plan=Plan(backend=self.backend, num_tokens=num_rows),
            cu_seqlens=self._offsets[: seqs + 1],
            context_lens=self._lengths[:seqs],
            block_tables=self._tables[:seqs],
            slot_mapping=self._slots[:num_rows],
            rope_factors=None if self._rope_factors is None else self._rope_factors[:seqs],
            state_slots=None if self._state_slots is None else self._state_slots[:seqs],
            memory=self.memory,
            device=self.device,
        )

    @staticmethod
    def _logit_rows(batch: Batch) -> np.ndarray:
        rows: list[int] = []
        start = 0
        for chunk in batch.chunks:
            stop = start + chunk.num_tokens
            rows.extend(range(stop - chunk.num_logits, stop))
            start = stop
        return np.asarray(rows, dtype=np.int64)


def build_runner(
    model: CausalLM,
    *,
    device: str,
    deterministic: bool | None,
    max_model_len: int | None,
    max_num_seqs: int,
    max_num_batched_tokens: int,
    kv_cache_memory_bytes: int | None,
    kv_cache_dtype: str = "auto",
    block_size: int = BLOCK_SIZE,
    num_threads: int = 1,
    bytes_beside: int = 0,
) -> tuple[TorchRunner, int]:
    """A runner with as much cache as is allowed and useful, and the longest sequence it can hold.

    `bytes_beside`: what others will keep beside each block.

    A packed model runs in the native core, with `num_threads`, and is always exact. For another, `deterministic=None`
    is exact on a CPU for models up to `SMALL_MODEL_BYTES`: beyond, torch's tiles cost too much of the speed.

    Raises:
        YunqiError: `option-invalid` for limits that make no sense, or a cache that cannot hold `max_model_len`.
    """
    _check_limits(
        model,
        max_model_len=max_model_len,
        max_num_seqs=max_num_seqs,
        max_num_batched_tokens=max_num_batched_tokens,
        kv_cache_memory_bytes=kv_cache_memory_bytes,
        block_size=block_size,
    )
    if deterministic is None:
        deterministic = device == "cpu" and weight_bytes(model) <= SMALL_MODEL_BYTES
    backend: Backend = "exact" if deterministic else "torch"
    longest = max_model_len or model.config.max_context
    kv_dtype = cache_dtype(model, kv_cache_dtype)
    per_block = block_bytes(model, block_size, kv_dtype) + bytes_beside
    allowed = kv_cache_memory_bytes or int(_available(device) * _SHARE_OF_MEMORY)
    for_blocks = -(-longest // block_size) * per_block  # of one sequence as long as can be
    num_state_slots = _state_slots(model, max_num_seqs, min(int(allowed * _SHARE_OF_STATES), allowed - for_blocks))
    for_states = (num_state_slots + 1) * state_bytes(model) if num_state_slots else 0
    num_blocks = min((allowed - for_states) // max(1, per_block), max_num_seqs * -(-longest // block_size))
    if num_blocks * block_size < longest:
        if max_model_len is not None or num_blocks < 1:
            least = for_blocks + for_states
            rule = f"{longest} tokens need {least} bytes: raise kv_cache_memory_bytes or lower max_model_len."
            raise YunqiError("option-invalid", option="kv_cache_memory_bytes", value=allowed, rule=rule)
        needed = for_blocks + for_states
        longest = num_blocks * block_size
        log.warning("the context is cut to the %d tokens that the cache holds; all needs %d bytes", longest, needed)
    sizes: dict[str, Any] = {
        "max_model_len": longest,
        "max_num_seqs": max_num_seqs,
        "max_num_batched_tokens": max_num_batched_tokens,
        "num_blocks": num_blocks,
        "block_size": block_size,
        "kv_dtype": kv_dtype,
        "num_state_slots": num_state_slots,
        "num_threads": num_threads,
    }
    return runner_of(model, backend=backend, device=device, **sizes), longest


def runner_of(
    model: CausalLM,
    *,
    backend: Backend,
    device: str,
    num_threads: int,
    num_state_slots: int | None = None,
    **sizes: Any,
) -> TorchRunner:
    """The runner that a model needs: a packed one runs in the native core, with `num_threads`."""
    if isinstance(model.embedding, Packed):
        from yunqi.engine.native_runner import NativeRunner
        from yunqi.ops.native.library import Team

        return NativeRunner(model, team=Team(num_threads), num_state_slots=num_state_slots, **sizes)
    return TorchRunner(model, backend=backend, device=device, num_state_slots=num_state_slots, **sizes)


def weight_bytes(model: CausalLM) -> int:
    """Bytes of the weights as they are computed with, each counted once."""
    packed = {id(m.matrix): m.matrix.nbytes for m in model.modules() if isinstance(m, Packed)}
    stored = sum(m.nbytes for m in model.modules() if isinstance(m, StoredLinear))
    return sum(p.nbytes for p in model.parameters()) + sum(packed.values()) + stored


def _check_limits(
    model: CausalLM,
    *,
    max_model_len: int | None,
    max_num_seqs: int,
    max_num_batched_tokens: int,
    kv_cache_memory_bytes: int | None,
    block_size: int,
) -> None:
    reach = model.config.max_context
    counts = {"max_num_seqs": max_num_seqs, "max_num_batched_tokens": max_num_batched_tokens, "block_size": block_size}
    counts |= {} if max_model_len is None else {"max_model_len": max_model_len}
    counts |= {} if kv_cache_memory_bytes is None else {"kv_cache_memory_bytes": kv_cache_memory_bytes}
    for option, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise YunqiError("option-invalid", option=option, value=value, rule="It is a whole number, at least 1.")
    if max_model_len is not None and max_model_len > reach:
        rule = f"This model's context holds {reach} tokens."
        raise YunqiError("option-invalid", option="max_model_len", value=max_model_len, rule=rule)
    if KEY_SPLIT % block_size:
        raise YunqiError("option-invalid", option="block_size", value=block_size, rule=f"It divides {KEY_SPLIT}.")


def cache_dtype(model: CausalLM, name: str) -> torch.dtype | None:
    """What `kv_cache_dtype` names; None: what the model is computed in. Raises `option-invalid`."""
    if name not in ("auto", "int8"):
        raise YunqiError("option-invalid", option="kv_cache_dtype", value=name, rule="There are auto and int8.")
    if name == "int8" and not isinstance(model.embedding, Packed):
        rule = 'The native core alone keeps int8: say backend="native", or leave it at auto.'
        raise YunqiError("option-invalid", option="kv_cache_dtype", value=name, rule=rule)
    return torch.int8 if name == "int8" else None


def _state_slots(model: CausalLM, max_num_seqs: int, allowed: int) -> int:
    """Slots for all sequences, and for as many snapshots as the allowed bytes hold."""
    per_slot = state_bytes(model)
    if not per_slot:
        return 0
    spare = allowed // per_slot - max_num_seqs - 1
    return max_num_seqs + max(0, min(_MAX_SNAPSHOTS, spare))


def _available(device: str) -> int:
    return torch.cuda.mem_get_info(device)[0] if device.startswith("cuda") else memory().available
