"""How far two ways of computing a model are apart, token by token, by the runners that serve it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from yunqi.engine.batch import Batch, Chunk
from yunqi.engine.request import Drawing, Request, StopRules
from yunqi.protocol.output import RequestMetrics

if TYPE_CHECKING:
    from yunqi.engine.llm import LLM


def log_probabilities(llm: LLM, ids: list[int], first: int, last: int) -> np.ndarray:
    """(last - first, V) float64: of the tokens that might stand at [first, last), each given those before it.

    The LLM must be idle: the blocks of its cache are written over.
    """
    runner: Any = llm.engine.runner
    request = Request(
        request_id="all",
        prompt_len=len(ids),
        token_ids=ids,
        drawing=Drawing(seed=0),
        stop=StopRules(max_tokens=1),
        metrics=RequestMetrics(arrival_time=0.0),
        block_table=list(range(1, 2 + len(ids) // runner.block_size)),
    )
    rows, size = [], llm.engine.scheduler.config.max_num_batched_tokens
    for start in range(0, last - 1, size):
        stop = min(start + size, last - 1)
        chunk = Chunk(request=request, start=start, stop=stop, logits_from=min(max(start, first - 1), stop))
        rows.append(runner.run(Batch(chunks=(chunk,))))
    wide = np.concatenate(rows).astype(np.float64)
    wide -= wide.max(-1, keepdims=True)
    return wide - np.log(np.exp(wide).sum(-1, keepdims=True))


def divergences(wanted: np.ndarray, found: np.ndarray) -> np.ndarray:
    """KL(wanted || found) in nats of each row, from log-probabilities (rows, V)."""
    return (np.exp(wanted) * (wanted - found)).sum(-1)
