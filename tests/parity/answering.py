"""A saved reference and an `LLM` over the same folder, asked the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from yunqi import LLM, SamplingParams
from yunqi.engine.native_runner import NativeRunner
from yunqi.ops.native.library import problem

PROMPT_LENGTH, ANSWER_LENGTH = 47, 14


def check_answers_alike(
    folder: Path, config: dict[str, Any], reference: Any, *, deterministic: Sequence[bool | None]
) -> None:
    """Torch, exact or not, and what `backend="auto"` takes, the native core where it is built, write greedily what the
    reference does, also over a cached prefix."""
    prompt = [n % config["vocab_size"] for n in range(3, 3 + PROMPT_LENGTH)]
    ids = torch.tensor([prompt])
    with torch.no_grad():
        whole = reference.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=ANSWER_LENGTH, do_sample=False,
            eos_token_id=None, pad_token_id=0,
        )  # fmt: skip
    params = SamplingParams(temperature=0, max_tokens=ANSWER_LENGTH, ignore_eos=True)
    ways: list[dict[str, Any]] = [{"backend": "torch", "deterministic": exact} for exact in deterministic]
    for options in (*ways, {}):
        llm = LLM(folder, dtype="float32", max_num_batched_tokens=16, **options)
        assert isinstance(llm.engine.runner, NativeRunner) == (not options and problem() is None)
        for _ in range(2):
            (output,) = llm.generate([prompt], params)
            assert output.outputs[0].token_ids == whole[0, len(prompt) :].tolist()
