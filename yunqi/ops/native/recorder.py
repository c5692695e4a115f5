"""A step recorded as a flat list of ops on fixed buffers, and its replay without Python.

While a model runs under a recorder nothing is computed: each op takes the addresses of its operands, is given a buffer
for its result, and joins the list. A buffer whose last tensor has died is used again. The number of tokens is not part
of a recording: a replay takes it, and everything else that changes, from the step.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from ctypes import addressof, byref, c_void_p
from typing import Any

import numpy as np
import torch
from torch import Tensor

from yunqi.ops.context import PagedKV
from yunqi.ops.native import library as native
from yunqi.ops.native.matrix import KINDS, PackedMatrix

EMBED, ROPE, ADD_NORM, LINEAR, HEADS, ATTENTION, SWIGLU, GATHER = range(8)
MOE, CONV, DELTA, GATED_NORM, SIGMOID_MUL = range(8, 13)
_PAD = 16


class Program:
    """A recording, ready to be replayed. It keeps alive whatever its ops point to."""

    def __init__(self, ops: Sequence[native.Op], max_tokens: int, kept: list[Any]) -> None:
        self._library, self._kept = native.library(), kept
        self.num_ops = len(ops)
        array = (native.Op * len(ops))(*ops)
        self._handle = c_void_p(self._library.yq_program_new(array, len(ops), max_tokens))

    def run(self, team: native.Team, step: native.Step) -> None:
        self._library.yq_program_run(self._handle, team.handle, byref(step))

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            self._library.yq_program_free(self._handle)


class Recorder:
    """Collects the ops of one model for steps of at most `max_tokens` tokens."""

    def __init__(self, max_tokens: int) -> None:
        self.over_logits = False  # whether the ops that follow work on the rows that need logits
        self._max_tokens = max_tokens
        self._ops: list[native.Op] = []
        self._kept: list[Any] = []
        self._buffers: set[int] = set()  # where they begin
        self._free: dict[int, list[np.ndarray]] = {}
        self._rotations: dict[int, tuple[Tensor, Tensor]] = {}

    def program(self) -> Program:
        """What was recorded since the last call."""
        ops, self._ops = self._ops, []
        return Program(ops, self._max_tokens, self._kept)

    def buffer(self, width: int) -> Tensor:
        """(max_tokens, width) float32 that nobody else holds."""
        free = self._free.setdefault(width, [])
        base = free.pop() if free else np.zeros((self._max_tokens, width + -width % _PAD), dtype=np.float32)
        self._kept.append(base)
        self._buffers.add(base.ctypes.data)
        view = base[:, :width]
        weakref.finalize(view, free.append, base)
        return torch.from_numpy(view)

    def embed(self, matrix: PackedMatrix) -> Tensor:
        op, out = self._op(EMBED, matrix.columns), self.buffer(matrix.columns)
        self._outputs(op, out)
        self._matrices(op, (matrix,))
        return out

    def linear(self, x: Tensor, matrices: Sequence[PackedMatrix], biases: Sequence[Any]) -> tuple[Tensor, ...]:
        """One input through up to `MAX_GROUP` matrices of one kind."""
        op = self._op(LINEAR, matrices[0].columns)
        self._inputs(op, x)
        outs = tuple(self.buffer(matrix.rows) for matrix in matrices)
        self._outputs(op, *outs)
        self._matrices(op, matrices)
        for i, bias in enumerate(biases):
            op.bias[i] = None if bias is None else self._constant(bias)
        return outs

    def add_norm(
        self, x: Tensor, residual: Tensor | None, norm: Any, out: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The norm, in `out` where that is given, and the sum."""
        width = x.shape[-1]
        op, total = self._op(ADD_NORM, width), self.buffer(width)
        out = self.buffer(width) if out is None else out
        self._inputs(op, *((x,) if residual is None else (x, residual)))
        self._outputs(op, out, total)
        op.weight[0], op.eps = self._norm(norm), norm.eps
        return out, total

    def heads(self, q: Tensor, k: Tensor, v: Tensor, attn: Any, memory: PagedKV) -> Tensor:
        """Norms, rotation and cache write, in place; q, whose heads may lie apart, comes back as (T, N * H)."""
        cosine, sine = self._rotation(attn.rotary_emb)
        op = self._op(HEADS, cosine.shape[-1])
        apart = _runs(q) != (q[0].numel(), q[0].numel())
        self._inputs(op, cosine, sine, *((q,) if apart else ()))
        q = self.buffer(q[0].numel()) if apart else q.flatten(1)
        self._outputs(op, q, k, v)
        self._attention(op, attn, memory)
        op.log_length = attn.logn_length or 0
        for i, norm in enumerate((attn.q_norm, attn.k_norm)):
            if norm is not None:
                op.weight[i], op.eps = self._norm(norm), norm.eps
        return q

    def attention(self, q: Tensor, attn: Any, memory: PagedKV) -> Tensor:
        op, out = self._op(ATTENTION, 0), self.buffer(attn.num_heads * attn.head_dim)
        self._inputs(op, q)
        self._outputs(op, out)
        self._attention(op, attn, memory)
        op.scale = attn.head_dim**-0.5
        return out

    def swiglu(self, gate: Tensor, up: Tensor) -> Tensor:
        width = gate.shape[-1]
        op, out = self._op(SWIGLU, width), self.buffer(width)
        self._inputs(op, gate, up)
        self._outputs(op, out)
        return out

    def moe(
        self,
        x: Tensor,
        logits: Sequence[Tensor],
        experts: Sequence[Sequence[PackedMatrix]],
        apart: Tensor | None,
        module: Any,
    ) -> Tensor:
        """A router's choice of experts.

        Args:
            logits: the router's, and those of a shared expert's gate where there is one.
            experts: gate, up and down of each; the shared one may be the last.
            apart: what the shared expert gave, where it is not among them.
        """
        width = x.shape[-1]
        op, out = self._op(MOE, width), self.buffer(width)
        self._inputs(op, x, *logits, *(() if apart is None else (apart,)))
        self._outputs(op, out)
        matrices = [matrix for expert in experts for matrix in expert]
        array = (native.Matrix * len(matrices))(*(matrix.struct for matrix in matrices))
        self._kept += [array, *matrices]
        op.experts, op.num_experts = addressof(array), len(module.experts)
        op.has_shared, op.normalise = len(experts) > len(module.experts), module.norm_topk_prob
        op.num_chosen = module.num_experts_per_tok
        return out

    def conv(self, parts: Sequence[Tensor], layer: Any, tail: Tensor) -> Tensor:
        """All parts side by side, (T, C)."""
        weight_CW = layer.conv1d.weight[:, 0]
        channels, width = weight_CW.shape
        op, out = self._op(CONV, channels), self.buffer(channels)
        self._inputs(op, *parts)
        self._outputs(op, out)
        op.count, op.window, op.weight[0] = len(parts), width, self._constant(weight_CW.T)
        self._state(op, tail)
        return out

    def delta(self, inputs: Sequence[Tensor], layer: Any, state: Tensor) -> Tensor:
        """q, k, v, b, a -> (T, N * P)."""
        _, num_heads, key_dim, value_dim = state.shape
        op, out = self._op(DELTA, value_dim), self.buffer(num_heads * value_dim)
        self._inputs(op, *inputs)
        self._outputs(op, out)
        op.num_heads, op.num_kv_heads, op.head_dim = num_heads, inputs[1].shape[1], key_dim
        op.weight[0], op.weight[1] = self._constant(layer.A_log), self._constant(layer.dt_bias)
        self._state(op, state)
        return out

    def gated_norm(self, x: Tensor, gate: Tensor, norm: Any) -> Tensor:
        op, out = self._op(GATED_NORM, x.shape[-1]), self.buffer(x[0].numel())
        self._inputs(op, x, gate)
        self._outputs(op, out)
        op.weight[0], op.eps = self._norm(norm), norm.eps
        return out

    def sigmoid_mul(self, gate: Tensor, x: Tensor) -> Tensor:
        op, out = self._op(SIGMOID_MUL, x.shape[-1]), self.buffer(x.shape[-1])
        self._inputs(op, gate, x)
        self._outputs(op, out)
        return out

    def gather(self, x: Tensor) -> Tensor:
        width = x.shape[-1]
        op, out = self._op(GATHER, width), self.buffer(width)
        self._inputs(op, x)
        self._outputs(op, out)
        return out

    def _rotation(self, rotary: Any) -> tuple[Tensor, Tensor]:
        """Cosines and sines of the step's positions, made once a step."""
        if id(rotary) not in self._rotations:
            pairs = len(rotary.frequency)
            op, made = self._op(ROPE, pairs), (self.buffer(pairs), self.buffer(pairs))
            self._outputs(op, *made)
            op.weight[0], op.scale = self._constant(rotary.frequency), rotary.scale
            self._kept.append(rotary)
            self._rotations[id(rotary)] = made
        return self._rotations[id(rotary)]

    def _op(self, code: int, width: int) -> native.Op:
        op = native.Op(code=code, width=width, scale=1.0, over_logits=self.over_logits)
        self._ops.append(op)
        return op

    def _inputs(self, op: native.Op, *tensors: Tensor) -> None:
        for i, tensor in enumerate(tensors):
            run, gap = _runs(tensor)
            address, stride = self._row(tensor)
            op.input[i] = native.Rows(address, stride, gap, tensor[0].numel(), run)

    def _outputs(self, op: native.Op, *tensors: Tensor) -> None:
        for i, tensor in enumerate(tensors):
            assert tensor[0].is_contiguous(), "a result with gaps in its rows"
            op.out[i], op.out_stride[i] = self._row(tensor)

    def _row(self, tensor: Tensor) -> tuple[int, int]:
        """Address and stride of a tensor whose rows are the step's."""
        assert tensor.dtype == torch.float32, "activations are float32"
        assert len(tensor) == self._max_tokens, "a tensor that is not of this recording"
        assert tensor.untyped_storage().data_ptr() in self._buffers, "a tensor that was computed outside an op"
        return tensor.data_ptr(), tensor.stride(0)

    def _state(self, op: native.Op, state: Tensor) -> None:
        assert state.dtype == torch.float32, "states are kept as they are computed"
        assert state.is_contiguous(), "a state with gaps"
        op.state, op.slot_stride = state.data_ptr(), state.stride(0)
        self._kept.append(state)

    def _norm(self, norm: Any) -> int:
        return self._constant(1 + norm.weight.detach().float() if norm.zero_centred else norm.weight)

    def _matrices(self, op: native.Op, matrices: Sequence[PackedMatrix]) -> None:
        op.count = len(matrices)
        for i, matrix in enumerate(matrices):
            op.matrix[i] = matrix.struct
            self._kept.append(matrix)

    def _attention(self, op: native.Op, attn: Any, memory: PagedKV) -> None:
        op.num_heads, op.num_kv_heads, op.head_dim = attn.num_heads, attn.num_kv_heads, attn.head_dim
        op.window = attn.sliding_window or 0
        op.key, op.value = memory.key.data_ptr(), memory.value.data_ptr()
        op.block_stride, op.head_stride = memory.key.stride()[:2]
        assert memory.key.stride() == memory.value.stride(), "one layout for both"
        assert memory.key[0, 0].is_contiguous(), "a block with gaps"
        op.cache_kind = KINDS.index(str(memory.key.dtype).removeprefix("torch."))
        self._kept.append(memory)

    def _constant(self, tensor: Tensor) -> int:
        kept = tensor.detach().float().contiguous()
        self._kept.append(kept)
        return kept.data_ptr()


def _runs(tensor: Tensor) -> tuple[int, int]:
    """(run, gap): a row's elements lie in runs of that many, which begin so far apart.

    A row of shape (A, B), or of one that can be viewed so, has its last axis contiguous.
    """
    row = tensor[0]
    if row.is_contiguous():
        return row.numel(), row.numel()
    assert row.dim() == 2, "a row in runs of runs"
    assert row.stride(1) == 1 or row.shape[1] == 1, "a run with gaps"
    return row.shape[1], row.stride(0)
