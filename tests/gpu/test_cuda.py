"""The same model on a CUDA device, in plain torch."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.parity.cases import CASES, Case, random_config, reference_model, save_reference
from yunqi import LLM, SamplingParams

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


@pytest.mark.parametrize("deterministic", [False, True])
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.architecture)
def test_cuda_gives_the_tokens_of_the_cpu(case: Case, deterministic: bool, tmp_path: Path) -> None:
    config = random_config(case, 3)
    save_reference(case, config, reference_model(case, config, 3), tmp_path)
    prompts = [[1, 2, 3], list(range(40))]
    params = SamplingParams(temperature=0, max_tokens=16, ignore_eos=True)
    tokens = [
        [
            output.outputs[0].token_ids
            for output in LLM(tmp_path, device=device, dtype="float32", deterministic=deterministic).generate(
                prompts, params
            )
        ]
        for device in ("cpu", "cuda")
    ]
    assert tokens[0] == tokens[1]
