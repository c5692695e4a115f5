"""The memory of a model's layers as torch tensors: how much it takes, and its bits as plain bytes."""

from __future__ import annotations

import math
from typing import Any

import torch

from yunqi.layers.decoder import CausalLM
from yunqi.layers.linear import Packed
from yunqi.ops.context import (
    INT8_SCALE_BYTES,
    Memory,
    PagedKV,
    PagedKVSpec,
    RecurrentState,
    RecurrentStateSpec,
    StateTensor,
)
from yunqi.ops.native import pages


def allocate(
    model: CausalLM, num_blocks: int, block_size: int, num_slots: int, device: Any, kv_dtype: torch.dtype | None = None
) -> dict[int, Memory]:
    """Each layer's memory, zeros; the null block and slot 0 are counted in. `kv_dtype` None is `memory_dtype`."""
    made: dict[int, Memory] = {}
    for layer_id, spec in model.memory_specs().items():
        if isinstance(spec, RecurrentStateSpec):
            made[layer_id] = _states(spec, num_slots, model, device)
            continue
        made[layer_id] = paged(model, spec, num_blocks, block_size, device, kv_dtype)
    return made


def paged(
    model: CausalLM,
    spec: PagedKVSpec,
    num_blocks: int,
    block_size: int,
    device: Any,
    kv_dtype: torch.dtype | None = None,
) -> PagedKV:
    """Zeros for the keys and values of one layer of a model."""
    dtype = memory_dtype(model) if kv_dtype is None else kv_dtype
    width = spec.head_dim + (INT8_SCALE_BYTES if dtype == torch.int8 else 0)
    shape = (num_blocks, spec.num_kv_heads, block_size, width)
    zeros = _native_zeros if isinstance(model.embedding, Packed) else torch.zeros
    key, value = (zeros(shape, dtype=dtype, device=device) for _ in range(2))
    return PagedKV(key=key, value=value)


def _native_zeros(shape: tuple[int, int, int, int], *, dtype: torch.dtype, device: Any) -> torch.Tensor:
    """(blocks, heads, block size, head dim) as the native core reads it fastest: the blocks of a head side by side, so
    that the processor fetches the next one while one is read, and in large pages but for each head's first: a short
    sequence would take one of every head and layer, a gigabyte of Qwen3-4B."""
    assert device == "cpu", "the native core is on the CPU"
    blocks, heads, *block = shape
    memory = pages.zeros(math.prod(shape) * dtype.itemsize, heads, small_first=True)
    return torch.from_numpy(memory).view(dtype).view(heads, blocks, *block).transpose(0, 1)


def _large_pages(shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    return torch.from_numpy(pages.zeros(math.prod(shape) * dtype.itemsize)).view(dtype).view(shape)


def state_dtype(model: CausalLM) -> torch.dtype:
    """What states without a dtype of their own are kept in: what the model computes in, float32 where it is packed."""
    return torch.float32 if isinstance(model.embedding, Packed) else memory_dtype(model)


def _states(spec: RecurrentStateSpec, num_slots: int, model: CausalLM, device: Any) -> RecurrentState:
    def zeros(tensor: StateTensor) -> torch.Tensor:
        shape = (num_slots, *tensor.shape)
        dtype = state_dtype(model) if tensor.dtype is None else getattr(torch, tensor.dtype)
        if isinstance(model.embedding, Packed):
            return _large_pages(shape, dtype)
        return torch.zeros(shape, dtype=dtype, device=device)

    return RecurrentState(tensors={name: zeros(tensor) for name, tensor in spec.tensors.items()})


def memory_dtype(model: CausalLM) -> torch.dtype:
    """What keys and values are kept in: the dtype of the embeddings, bfloat16 where those are packed tighter."""
    embedding = model.embedding
    if isinstance(embedding, Packed):
        return torch.float32 if embedding.matrix.kind == "float32" else torch.bfloat16
    return embedding.weight.dtype


def block_bytes(model: CausalLM, block_size: int, kv_dtype: torch.dtype | None = None) -> int:
    """Bytes of one block of keys and values, all layers together."""
    itemsize = (kv_dtype or memory_dtype(model)).itemsize
    specs = model.memory_specs().values()
    return sum(spec.bytes_per_block(block_size, itemsize) for spec in specs if isinstance(spec, PagedKVSpec))


def state_bytes(model: CausalLM) -> int:
    """Bytes of one slot of recurrent state, all layers together."""
    itemsize = state_dtype(model).itemsize
    specs = model.memory_specs().values()
    return sum(spec.bytes_per_slot(itemsize) for spec in specs if isinstance(spec, RecurrentStateSpec))


def bytes_of(tensors: list[torch.Tensor]) -> bytes:
    """The tensors' bits, one after the other."""
    flat = (tensor.detach().reshape(-1).view(torch.uint8).cpu() for tensor in tensors)
    return b"".join(part.numpy().tobytes() for part in flat)


@torch.inference_mode()
def fill_from(tensors: list[torch.Tensor], data: bytes) -> None:
    """The reverse of `bytes_of`."""
    assert len(data) == sum(tensor.nbytes for tensor in tensors), "memory of another shape"
    source = torch.frombuffer(bytearray(data), dtype=torch.uint8)
    for tensor, part in zip(tensors, source.split([tensor.nbytes for tensor in tensors]), strict=True):
        tensor.copy_(part.clone().view(tensor.dtype).view(tensor.shape))
