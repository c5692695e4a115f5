"""What a step knows besides its tokens: `ForwardContext`, its `Plan`, and the memory of layers. Imports no torch.

Every array is numpy on the host; `ctx.view(name)` is the same memory as a torch tensor on the model's device. Shapes:
T packed tokens, S sequences, B blocks a sequence may hold.

Block 0 is never given to a request: rows that only pad a step write there, so that no op needs a branch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

Backend = Literal["naive", "torch", "exact", "native"]
NULL_BLOCK = 0
INT8_SCALE_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The part of a step that a recording is keyed by.

    `backend`: which implementation of the ops runs. `num_tokens`: the bucket of T.
    `capture_layers`: layers whose output is kept.
    """

    backend: Backend = "torch"
    num_tokens: int = 0
    capture_layers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedKVSpec:
    """What an attention layer remembers: a key and a value of this shape for each token."""

    num_kv_heads: int
    head_dim: int

    def bytes_per_block(self, block_size: int, itemsize: int) -> int:
        width = self.head_dim + (INT8_SCALE_BYTES if itemsize == 1 else 0)
        return 2 * self.num_kv_heads * width * block_size * itemsize


@dataclass(slots=True, kw_only=True)
class PagedKV:
    """Keys and values of one layer: `key` and `value` are (blocks, K kv heads, block size, H head dim).

    Of int8, which the native core alone keeps, H is `INT8_SCALE_BYTES` more: a float32 scale for each token.
    """

    key: Tensor
    value: Tensor

    @property
    def block_size(self) -> int:
        return self.key.shape[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTensor:
    """One tensor of a recurrent layer's state: its shape for one sequence; `dtype` None is the model's own."""

    shape: tuple[int, ...]
    dtype: str | None = None

    def num_bytes(self, itemsize: int) -> int:
        known = {None: itemsize, "float32": 4, "bfloat16": 2, "float16": 2}
        return int(np.prod(self.shape)) * known[self.dtype]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrentStateSpec:
    """What a recurrent layer remembers of each sequence, by name."""

    tensors: Mapping[str, StateTensor]

    def bytes_per_slot(self, itemsize: int) -> int:
        return sum(tensor.num_bytes(itemsize) for tensor in self.tensors.values())


@dataclass(slots=True, kw_only=True)
class RecurrentState:
    """The states of one layer, each tensor (slots, its shape). Slot 0 belongs to no sequence and stays zero.

    A step finds the state before its tokens in each sequence's slot, and leaves the state after them there.
    """

    tensors: Mapping[str, Tensor]

    def copy(self, source: int, target: int) -> None:
        """Copy one slot to another."""
        for tensor in self.tensors.values():
            tensor[target].copy_(tensor[source])


MemorySpec = PagedKVSpec | RecurrentStateSpec
Memory = PagedKV | RecurrentState


@dataclass(slots=True, kw_only=True)
class ForwardContext:
    """One step.

    `cu_seqlens` (S+1): where each sequence's tokens of this step begin. `context_lens` (S): tokens each sequence has
    once this step is done. `block_tables` (S, B), `slot_mapping` (T): where the keys of the sequences are, and where
    this step writes its own. `rope_factors` (S) float64: what each sequence stretches its rotary base by, None where no
    sequence does. `state_slots` (S): where the recurrent states of the sequences are, None where no layer has any.
    `memory`: each remembering layer's store, empty in training. `recorder`: what takes the ops down under the backend
    "native". `routing`: where not None, every mixture of experts leaves there its router's probabilities (T, E) and the
    experts chosen (T, A).
    """

    plan: Plan
    cu_seqlens: np.ndarray
    context_lens: np.ndarray
    block_tables: np.ndarray | None = None
    slot_mapping: np.ndarray | None = None
    rope_factors: np.ndarray | None = None
    state_slots: np.ndarray | None = None
    memory: Mapping[int, Any] = field(default_factory=dict)
    device: Any = "cpu"
    recorder: Any = None
    captured: MutableMapping[int, Tensor] = field(default_factory=dict)
    routing: list[tuple[Tensor, Tensor]] | None = None
    _memo: dict[object, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def training(
        cls,
        cu_seqlens: Any,
        *,
        backend: Backend = "torch",
        device: Any = "cpu",
        rope_factors: Any = None,
    ) -> ForwardContext:
        """A step without memory: whole sequences packed one after the other.

        Args:
            cu_seqlens: (S+1,) token offsets, first 0, last T.
            rope_factors: (S,) `model.rope_factor` of each length, to score whole prompts as serving would; None, as in
                training, where no sequence is longer than the trained length: all 1.
        """
        offsets = np.asarray(cu_seqlens, dtype=np.int32)
        assert offsets[0] == 0, "cu_seqlens starts at 0"
        assert (np.diff(offsets) >= 0).all(), "cu_seqlens rises"
        plan = Plan(backend=backend, num_tokens=int(offsets[-1]))
        factors = None if rope_factors is None else np.asarray(rope_factors, dtype=np.float64)
        assert factors is None or len(factors) == len(offsets) - 1, "one rope factor for each sequence"
        lengths = np.diff(offsets)
        return cls(plan=plan, cu_seqlens=offsets, context_lens=lengths, rope_factors=factors, device=device)

    @property
    def num_seqs(self) -> int:
        return len(self.context_lens)

    def view(self, name: str) -> Tensor:
        """The array `name` as a tensor on the step's device; on a CPU it is the same memory."""
        return self.derived(("view", name), lambda: self._tensor(getattr(self, name)))

    def derived(self, key: object, make: Callable[[], Any]) -> Any:
        """A value that several layers of this step share, made at the first use."""
        if key not in self._memo:
            self._memo[key] = make()
        return self._memo[key]

    def _tensor(self, array: np.ndarray) -> Tensor:
        import torch

        return torch.from_numpy(array).to(self.device)
