"""Guessing with a checkpoint's own head for multi-token prediction (`yunqi.layers.hybrid.MultiTokenPredictor`).

From the model's hidden state of a token and the token after it, the head predicts the one after that; for more guesses
it goes on from its own hidden state. Its one layer keeps its keys in blocks beside the model's, so that they are found,
shared and saved together with them. A key of the last token in a shared block may be of another continuation, and a
request that ends leaves its last few keys out: that costs a good guess now and then, and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate

import torch
from torch import Tensor

from yunqi.engine import sampler
from yunqi.engine.batch import Batch, Chunk
from yunqi.engine.request import Request
from yunqi.engine.torch_runner import TorchRunner
from yunqi.layers.hybrid import MultiTokenPredictor

_MOST_KEPT = 64  # hidden states of a request that waits for its next guess


@dataclass(kw_only=True, slots=True)
class _Feed:
    """Consecutive tokens for the head: the model's hidden state of each from `start` on, and the token after each."""

    request: Request
    start: int
    hidden_TD: Tensor
    next_ids: list[int]
    guess: tuple[int, ...] = ()  # the token at `start` where that is a guess itself

    @property
    def chunk(self) -> Chunk:
        stop = self.start + len(self.next_ids)
        return Chunk(request=self.request, start=self.start, stop=stop, logits_from=stop, proposed=self.guess)

    def parts(self, size: int) -> Iterator[_Feed]:
        for i in range(0, len(self.next_ids), size):
            hidden_TD, next_ids = self.hidden_TD[i : i + size], self.next_ids[i : i + size]
            yield replace(self, start=self.start + i, hidden_TD=hidden_TD, next_ids=next_ids)


@dataclass(kw_only=True, slots=True)
class _Kept:
    """Hidden states, from the token at `start` on, that the head has not seen: the token after the last is unknown."""

    start: int
    hidden_TD: Tensor

    def known(self, request: Request) -> _Feed | None:
        """Those whose next token is known by now; None where there is no gap-free run up to the last."""
        count = len(request.token_ids) - 1 - self.start
        if not 0 < count <= len(self.hidden_TD):
            return None
        next_ids = request.token_ids[self.start + 1 :]
        return _Feed(request=request, start=self.start, hidden_TD=self.hidden_TD[:count], next_ids=next_ids)


class MtpProposer:
    """A head beside the runner of its model."""

    def __init__(self, runner: TorchRunner, head: MultiTokenPredictor) -> None:
        self._runner = runner
        runner.add_mtp(head)

    def available(self, request: Request, most: int) -> int:
        kept: _Kept | None = request.guessing.notes
        return most if kept is not None and kept.known(request) is not None else 0

    @torch.inference_mode()
    def follow(self, batch: Batch) -> None:
        """Keep the hidden states of tokens that decode; show those of a prompt to the head at once."""
        feeds, row = [], 0
        for chunk in batch.chunks:
            request, hidden_TD = chunk.request, self._runner.hidden_TD[row : row + chunk.num_tokens]
            row += chunk.num_tokens
            kept: _Kept | None = request.guessing.notes
            if not request.decoding:
                count = min(chunk.num_tokens, len(request.token_ids) - 1 - chunk.start)
                next_ids = request.token_ids[chunk.start + 1 : chunk.start + 1 + count]
                feeds.append(_Feed(request=request, start=chunk.start, hidden_TD=hidden_TD[:count], next_ids=next_ids))
                kept = _Kept(start=chunk.start + count, hidden_TD=hidden_TD[count:].clone())
            elif kept is None or not 0 <= chunk.start - kept.start <= len(kept.hidden_TD):
                kept = _Kept(start=chunk.start, hidden_TD=hidden_TD.clone())
            else:
                if chunk.start - kept.start >= _MOST_KEPT and (feed := kept.known(request)):
                    feeds.append(feed)
                    kept = _Kept(start=chunk.start, hidden_TD=kept.hidden_TD[:0])
                before_TD = kept.hidden_TD[: chunk.start - kept.start]
                kept = replace(kept, hidden_TD=torch.cat((before_TD, hidden_TD)))
            request.guessing.notes = kept
        self._show(feeds)

    @torch.inference_mode()
    def propose(self, wanted: Mapping[Request, int]) -> dict[Request, tuple[int, ...]]:
        feeds = [feed for request in wanted if (feed := request.guessing.notes.known(request)) is not None]
        hidden = self._show(feeds)
        for request in hidden:
            request.guessing.notes = _Kept(start=len(request.token_ids) - 1, hidden_TD=hidden[request][None][:0])
        found: dict[Request, tuple[int, ...]] = dict.fromkeys(hidden, ())
        while hidden:
            for request, token in self._tokens(hidden, found).items():
                found[request] += (token,)
            going_on = [request for request in hidden if len(found[request]) < wanted[request]]
            hidden = self._show([self._next(request, hidden[request], found[request]) for request in going_on])
        return found

    def _next(self, request: Request, hidden_D: Tensor, guesses: tuple[int, ...]) -> _Feed:
        start = len(request.token_ids) - 2 + len(guesses)
        guess, next_ids = guesses[-2:-1], [guesses[-1]]
        return _Feed(request=request, start=start, hidden_TD=hidden_D[None], next_ids=next_ids, guess=guess)

    def _tokens(self, hidden: Mapping[Request, Tensor], found: Mapping[Request, tuple[int, ...]]) -> dict[Request, int]:
        """The next guess from each hidden state."""
        logits_RV = self._runner.logits_of(torch.stack(list(hidden.values())))
        rows = zip(hidden, logits_RV, strict=True)
        return {request: sampler.guess(row, request, len(found[request])) for request, row in rows}

    def _show(self, feeds: Iterable[_Feed]) -> dict[Request, Tensor]:
        """Run the head, and keep its keys; each request's last hidden state."""
        found: dict[Request, Tensor] = {}
        for group in _grouped(feeds, self._runner.max_rows):
            found |= self._run(group)
        return found

    def _run(self, feeds: list[_Feed]) -> dict[Request, Tensor]:
        batch = Batch(chunks=tuple(feed.chunk for feed in feeds))
        next_ids = [token for feed in feeds for token in feed.next_ids]
        last = [stop - 1 for stop in accumulate(len(feed.next_ids) for feed in feeds)]
        out_RD = self._runner.run_mtp(batch, next_ids, torch.cat([feed.hidden_TD for feed in feeds]), last)
        return {feed.request: out_D for feed, out_D in zip(feeds, out_RD, strict=True)}


def _grouped(feeds: Iterable[_Feed], size: int) -> Iterator[list[_Feed]]:
    """Feeds in groups of at most `size` tokens and one part of each request."""
    group: list[_Feed] = []
    for part in (part for feed in feeds for part in feed.parts(size)):
        if group and sum(len(one.next_ids) for one in group) + len(part.next_ids) > size:
            yield group
            group = []
        group.append(part)
    if group:
        yield group
