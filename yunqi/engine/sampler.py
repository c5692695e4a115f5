"""Logits -> the next token, one row at a time, in numpy: the same row gives the same token in any batch.

Order: bias, banned and allowed tokens, penalties, temperature, min-p, top-k, top-p, draw. Log-probabilities are those
of the model itself, before all of it. The random number of output token i is the first draw of a Philox generator keyed
by the request's seed at counter (i, answer) (Salmon et al. 2011), so it depends on nothing else.
"""

from __future__ import annotations

import numpy as np

from yunqi.engine.request import Drawing, Request
from yunqi.protocol.output import Logprob

_PIECE = 64  # of a row, whose maximum stands for it until it is known which pieces matter


def draw(logits_V: np.ndarray, request: Request) -> int:
    """The next token of a request from its row of float32 logits."""
    drawing = request.drawing
    row = _adjust(logits_V, request)
    if np.isnan(row.max()):
        raise FloatingPointError("the model's logits are not numbers")
    if drawing.temperature == 0:
        return int(row.argmax())
    ids, probabilities = _candidates(row, drawing)
    return int(ids[_pick(probabilities, uniform(drawing.seed, request.num_outputs, drawing.answer))])


def guess(logits_V: np.ndarray, request: Request, ahead: int) -> int:
    """A draft's guess of the token `ahead` of the next: what it draws with that token's own random number.

    So a draft of nearly the same probabilities draws nearly always the same. Penalties and masks are left out.
    """
    drawing = request.drawing
    if drawing.temperature == 0 or not np.isfinite(logits_V.max()):
        return int(logits_V.argmax())
    ids, probabilities = _candidates(logits_V, drawing)
    return int(ids[_pick(probabilities, uniform(drawing.seed, request.num_outputs + ahead, drawing.answer))])


def uniform(seed: int, index: int, answer: int = 0) -> float:
    """A number in [0, 1) that is a function of its arguments."""
    generator = np.random.Philox(key=seed % 2**64, counter=[0, index, answer, 0])
    return float(np.random.Generator(generator).random())


def describe(logits_V: np.ndarray, token: int, count: int) -> dict[int, Logprob]:
    """Log-probabilities of `token` and of the `count` likeliest tokens."""
    wide = logits_V.astype(np.float64)
    shift = wide.max()
    log_total = shift + np.log(np.exp(wide - shift).sum())
    chosen = [token, *(int(i) for i in _highest(wide, count))]
    return {i: Logprob(logprob=float(wide[i] - log_total), rank=1 + int((wide > wide[i]).sum())) for i in chosen}


def _adjust(logits_V: np.ndarray, request: Request) -> np.ndarray:
    drawing, banned, allowed = request.drawing, request.banned_ids(), request.allowed_ids()
    if not (drawing.logit_bias or banned or drawing.penalised or allowed is not None):
        return logits_V
    row = logits_V.copy()
    for token, bias in drawing.logit_bias:
        row[token] += bias
    row[[i for i in banned if i < len(row)]] = -np.inf
    if allowed is not None:
        row = _only(row, allowed)
    if drawing.penalised:
        _penalise(row, request)
    return row


def _only(row: np.ndarray, allowed: frozenset[int] | np.ndarray) -> np.ndarray:
    """The row with nothing but allowed tokens: their ids, or a mask that may be shorter or longer than the row."""
    kept = np.flatnonzero(allowed[: len(row)]) if isinstance(allowed, np.ndarray) else sorted(allowed)
    only = np.full_like(row, -np.inf)
    only[kept] = row[kept]
    if only.max(initial=-np.inf) == -np.inf:
        raise FloatingPointError("none of the tokens that may follow can be drawn")
    return only


def _penalise(row: np.ndarray, request: Request) -> None:
    """Repetition (Keskar et al. 2019) over prompt and output, frequency and presence over the output alone."""
    drawing = request.drawing
    if request.counts is None:
        request.counts = TokenCounts(len(row))
    counts: TokenCounts = request.counts
    counts.follow(request)
    seen = counts.seen
    row[seen] = np.where(row[seen] > 0, row[seen] / drawing.repetition_penalty, row[seen] * drawing.repetition_penalty)
    row -= drawing.frequency_penalty * counts.output + drawing.presence_penalty * (counts.output > 0)


class TokenCounts:
    """Which tokens a request holds and how often its output has each; follows the request as it grows."""

    def __init__(self, vocab_size: int) -> None:
        self.seen = np.zeros(vocab_size, dtype=bool)
        self.output = np.zeros(vocab_size, dtype=np.float32)
        self._known = 0

    def follow(self, request: Request) -> None:
        """Take in the tokens that came since the last call."""
        for position in range(self._known, len(request.token_ids)):
            token = request.token_ids[position]
            self.seen[token] = True
            self.output[token] += position >= request.prompt_len
        self._known = len(request.token_ids)


def _candidates(row: np.ndarray, drawing: Drawing) -> tuple[np.ndarray, np.ndarray]:
    """Tokens that may be drawn and their weights, likeliest first where any limit needs that order."""
    top_k = drawing.top_k if 0 < drawing.top_k < len(row) else 0
    ids = _highest(row, top_k) if top_k else np.arange(len(row))
    scaled = row[ids].astype(np.float64) / max(drawing.temperature, 1e-6)
    weights = np.exp(scaled - scaled.max())
    if drawing.min_p > 0:
        kept = weights >= drawing.min_p
        ids, weights = ids[kept], weights[kept]
    if drawing.top_p < 1:
        ids, weights = _nucleus(row, ids, weights, drawing.top_p, ordered=bool(top_k))
    return ids, weights


def _nucleus(
    row: np.ndarray, ids: np.ndarray, weights: np.ndarray, top_p: float, *, ordered: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest tokens, each while the mass before it is below `top_p` of all; the first always stays."""
    limit = top_p * weights.sum()
    count = len(ids) if ordered else 128  # a whole vocabulary is rarely worth sorting
    while True:
        top = np.arange(len(ids)) if ordered else _highest(row[ids], count)
        mass = np.cumsum(weights[top])
        if count >= len(ids) or mass[-1] >= limit:
            kept = top[mass - weights[top] < limit]
            return ids[kept], weights[kept]
        count *= 8


def _highest(row: np.ndarray, count: int) -> np.ndarray:
    """Ids of the `count` highest values, highest first, the lower id first among equals."""
    if count <= 0:
        return np.empty(0, dtype=np.int64)
    count = min(count, len(row))
    if count * _PIECE < len(row):
        ids = _not_below(row, _count_th(_maxima(row), count))
        ids = ids[_not_below(row[ids], _count_th(row[ids], count))]
    else:
        ids = _not_below(row, _count_th(row, count))
    return ids[np.lexsort((ids, -row[ids]))][:count]


def _maxima(row: np.ndarray) -> np.ndarray:
    """The maximum of each piece: as many elements of the row as there are maxima above a bound are above it, too."""
    whole = len(row) // _PIECE * _PIECE
    return row[:whole].reshape(-1, _PIECE).max(axis=1)


def _count_th(values: np.ndarray, count: int) -> float:
    """The value that `count` of them are not below."""
    return np.partition(values, len(values) - count)[len(values) - count]


def _not_below(values: np.ndarray, bound: float) -> np.ndarray:
    return np.flatnonzero(values >= bound)


def _pick(weights: np.ndarray, number: float) -> int:
    total = np.cumsum(weights)
    return min(int(np.searchsorted(total, number * total[-1], side="right")), len(weights) - 1)
