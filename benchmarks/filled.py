"""A model in the native core whose cache holds random values: decoding from any length without reading a prompt."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import torch

from yunqi.common.machine import allowed_cores
from yunqi.engine.batch import Batch, Chunk
from yunqi.engine.packed_checkpoint import load_packed
from yunqi.engine.request import Drawing, Request, StopRules
from yunqi.engine.torch_runner import BLOCK_SIZE, TorchRunner, runner_of
from yunqi.ops.context import INT8_SCALE_BYTES, RecurrentState
from yunqi.protocol.output import RequestMetrics

CACHES = {"bfloat16": torch.bfloat16, "float32": torch.float32, "int8": torch.int8}
_PATTERN_BLOCKS = 256  # random ones, over and over: drawing gigabytes takes longer than measuring


class FilledModel:
    """A checkpoint, packed as `kind`, and one sequence of up to `longest` tokens that fills its cache."""

    def __init__(self, folder: Path, kind: Any, longest: int, cache: str = "bfloat16") -> None:
        blocks = -(-longest // BLOCK_SIZE)
        sizes: dict[str, Any] = {"max_model_len": longest, "max_num_seqs": 1, "max_num_batched_tokens": BLOCK_SIZE}
        self.runner: TorchRunner = runner_of(
            load_packed(folder, kind), backend="native", device="cpu", num_threads=allowed_cores(), num_blocks=blocks,
            num_state_slots=1, kv_dtype=CACHES[cache], **sizes,
        )  # fmt: skip
        fill(self.runner)
        self._request = Request(
            request_id="one", prompt_len=1, token_ids=torch.randint(self.runner.vocab_size, (longest,)).tolist(),
            drawing=Drawing(seed=0), stop=StopRules(max_tokens=longest), metrics=RequestMetrics(arrival_time=0.0),
            block_table=list(range(1, blocks + 1)), state_slot=1,
        )  # fmt: skip

    def decode(self, context: int, tokens: int) -> float:
        """Tokens a second from behind so many."""
        self._step(context)
        begun = time.perf_counter()
        for position in range(context + 1, context + tokens):
            self._step(position)
        return (tokens - 1) / (time.perf_counter() - begun)

    def _step(self, position: int) -> None:
        chunk = Chunk(request=self._request, start=position, stop=position + 1, logits_from=position)
        self._request.token_ids[position + 1] = int(self.runner.run(Batch(chunks=(chunk,)))[0].argmax())


@torch.inference_mode()
def fill(runner: TorchRunner) -> None:
    """Random keys and values in every block, and random states in every slot but 0."""
    for store in runner.memory.values():
        if isinstance(store, RecurrentState):
            for tensor in store.tensors.values():
                tensor[1:].normal_(std=0.1)
            continue
        for tensor in (store.key, store.value):
            pattern = random_blocks(tensor[:_PATTERN_BLOCKS])
            for begin in range(0, len(tensor), _PATTERN_BLOCKS):
                part = tensor[begin : begin + _PATTERN_BLOCKS]
                part.copy_(pattern[: len(part)])


def random_blocks(like: torch.Tensor) -> torch.Tensor:
    """Blocks of a cache's shape and dtype; of int8 with the scales that stand behind a block's values."""
    blocks, heads, size, width = like.shape
    if like.dtype != torch.int8:
        return torch.randn(like.shape).to(like.dtype)
    values = torch.randint(-127, 128, (blocks, heads, size * (width - INT8_SCALE_BYTES)), dtype=torch.int8)
    scales = torch.full((blocks, heads, size), 1 / 64).view(torch.int8)
    return torch.cat((values, scales), dim=-1).view(like.shape)
