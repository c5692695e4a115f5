"""Do training and serving compute the same? The log-probabilities of a model's own answers, on both roads.

The engine gives them as it decodes: in chunks, with a cache, in company. The training forward sees the finished
sequences at once, packed, without a cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from yunqi.data.problems.catalogue import SKILLS
from yunqi.data.split import problems
from yunqi.engine.sampler import describe
from yunqi.ops.context import Backend, ForwardContext
from yunqi.ops.native.library import problem
from yunqi.protocol.output import RequestOutput
from yunqi.protocol.sampling import SamplingParams

WITH_TOOLS = ("tools", "unseen_tools", "results")
# How the engine runs, and what the training forward computes with.
ROADS: tuple[tuple[str, dict[str, Any], Backend], ...] = (
    ("deterministic", {"backend": "torch", "deterministic": True}, "exact"),
    ("free", {"backend": "torch", "deterministic": False}, "torch"),
    ("native", {"backend": "native"}, "torch"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """Absolute differences of log-probabilities (nats) over the `tokens` generated."""

    tokens: int
    largest: float
    mean: float


def score(model: Any, outputs: Sequence[RequestOutput], *, backend: Backend) -> Agreement:
    """Score what the engine generated with the training forward of `model` in `backend`.

    `outputs` carry log-probabilities; `model` holds the engine's weights in its dtype. With the `exact` backend and a
    deterministic engine every difference is zero. Answers with tokens that were put in and not drawn are left out, in
    the worst case all.
    """
    drawn = [output for output in outputs if not output.outputs[0].num_inserted_tokens]
    if not drawn:
        return Agreement(tokens=0, largest=0.0, mean=0.0)
    differences = np.concatenate([_differences(model, output, backend) for output in drawn])
    return Agreement(tokens=len(differences), largest=float(differences.max()), mean=float(differences.mean()))


def _differences(model: Any, output: RequestOutput, backend: Backend) -> np.ndarray:
    answer = output.outputs[0]
    assert answer.logprobs is not None, "ask for log-probabilities"
    first = len(output.prompt_token_ids)
    logits = training_logits(model, [*output.prompt_token_ids, *answer.token_ids], backend)[first - 1 : -1]
    steps = zip(answer.logprobs, answer.token_ids, logits, strict=True)
    return np.abs([at[token].logprob - describe(row, token, 0)[token].logprob for at, token, row in steps])


@torch.no_grad()
def training_logits(model: Any, token_ids: Sequence[int], backend: Backend) -> np.ndarray:
    """(T, V) float32: what the training forward predicts after every token."""
    ctx = ForwardContext.training([0, len(token_ids)], backend=backend)
    hidden = model(torch.tensor(token_ids), torch.arange(len(token_ids)), ctx)
    return model.compute_logits(hidden, ctx).float().numpy()


def measure_agreement(model: str | Path, *, n: int = 32, seed: int = 0, max_tokens: int = 256) -> dict[str, Any]:
    """How training and serving agree on the model's own answers to `n` held-out problems, for each engine.

    `deterministic` compares exact ops on both sides, `free` torch's own; `native` the native core, where it is built,
    with torch's ops.
    """
    from yunqi.engine.llm import LLM
    from yunqi.engine.loader import load_model
    from yunqi.hub.resolve import resolve

    streams = [problems(skill, "test", seed) for skill in SKILLS if skill not in WITH_TOOLS]
    asked = [list(next(streams[i % len(streams)]).prompt) for i in range(n)]
    params = SamplingParams(temperature=0.0, max_tokens=max_tokens, logprobs=0)
    network, report = load_model(resolve(model)), {}
    for name, options, backend in ROADS:
        if name == "native" and problem() is not None:
            continue
        outputs = LLM(model, **options).chat(asked, params)
        report[name] = asdict(score(network, outputs, backend=backend))
    return report
