"""Guessing with a smaller model of the same vocabulary, whose keys lie in blocks of its own under the same numbers.

So what is found in the prefix cache is found for both. A draft reads prompts along with the model, chunk by chunk; of
the tokens that follow it reads what it has not guessed itself, when it is asked for guesses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from yunqi.engine import sampler
from yunqi.engine.batch import Batch, Chunk
from yunqi.engine.request import Request
from yunqi.engine.torch_runner import TorchRunner
from yunqi.ops.context import PagedKV


@dataclass(kw_only=True, slots=True)
class _Read:
    """How many of a request's tokens the draft has read, and what it guessed after them; `fits` its vocabulary."""

    num_tokens: int
    num_preemptions: int
    guesses: tuple[int, ...] = ()
    num_checked: int = 0
    fits: bool = True


class DraftProposer:
    """A draft's runner beside the runner of the model, with as many blocks of the same size."""

    def __init__(self, draft: TorchRunner, runner: TorchRunner) -> None:
        assert (draft.num_blocks, draft.block_size) == (runner.num_blocks, runner.block_size)
        assert not draft.num_state_slots, "a draft whose state could not go back"
        self._draft, self._vocab_size = draft, runner.vocab_size
        stores = [store for store in draft.memory.values() if isinstance(store, PagedKV)]
        runner.share_blocks(stores, draft.fingerprint)

    def available(self, request: Request, most: int) -> int:
        return most if request.guessing.notes is not None and self._fits(request) else 0

    def follow(self, batch: Batch) -> None:
        """Read prompts."""
        chunks = []
        for chunk in batch.chunks:
            request = chunk.request
            read: _Read | None = request.guessing.notes
            if read is None or read.num_preemptions != request.metrics.num_preemptions:
                read = _Read(num_tokens=chunk.start, num_preemptions=request.metrics.num_preemptions)
                request.guessing.notes = read
            if not request.decoding and self._fits(request):
                start = min(chunk.start, self._unread(request).start)
                chunks.append(replace(chunk, start=start, logits_from=chunk.stop))
                read.num_tokens, read.guesses = chunk.stop, ()
        self._run(chunks)

    def propose(self, wanted: Mapping[Request, int]) -> dict[Request, tuple[int, ...]]:
        found: dict[Request, tuple[int, ...]] = dict.fromkeys(wanted, ())
        chunks = [self._unread(request) for request in wanted]
        while chunks:
            going_on = []
            for request, row in self._run(chunks).items():
                found[request] += (sampler.guess(row[: self._vocab_size], request, len(found[request])),)
                if len(found[request]) < wanted[request]:
                    going_on.append(request)
            chunks = [_after(request, found[request]) for request in going_on]
        for request, guesses in found.items():
            read: _Read = request.guessing.notes
            read.num_tokens, read.guesses = len(request.token_ids), guesses
        return found

    def _unread(self, request: Request) -> Chunk:
        """What the draft has not read; its guesses but the last count as read where they were right."""
        read: _Read = request.guessing.notes
        start, known = read.num_tokens, request.token_ids
        for guess in read.guesses[:-1]:
            if start >= len(known) - 1 or known[start] != guess:
                break
            start += 1
        stop = len(known)
        return Chunk(request=request, start=min(start, stop - 1), stop=stop, logits_from=stop - 1)

    def _fits(self, request: Request) -> bool:
        """Whether the draft has all of the request's tokens: families pad their vocabularies differently."""
        read: _Read = request.guessing.notes
        size = self._draft.vocab_size
        if read.fits and size < self._vocab_size:
            read.fits = all(token < size for token in request.token_ids[read.num_checked :])
            read.num_checked = len(request.token_ids)
        return read.fits

    def _run(self, chunks: Iterable[Chunk]) -> dict[Request, np.ndarray]:
        """Each request's last logits, where they are wanted."""
        found: dict[Request, np.ndarray] = {}
        for group in _grouped(chunks, self._draft.max_rows):
            logits_RV = self._draft.run(Batch(chunks=tuple(group)))
            wanting = [chunk.request for chunk in group if chunk.num_logits]
            found |= dict(zip(wanting, logits_RV, strict=True))
        return found


def _after(request: Request, guesses: tuple[int, ...]) -> Chunk:
    """The last guess as the next token of the draft."""
    stop = len(request.token_ids) + len(guesses)
    return Chunk(request=request, start=stop - 1, stop=stop, logits_from=stop - 1, proposed=guesses[-1:])


def _grouped(chunks: Iterable[Chunk], size: int) -> Iterator[list[Chunk]]:
    """Chunks in groups of at most `size` tokens; a longer one comes in parts."""
    group: list[Chunk] = []
    for part in (part for chunk in chunks for part in _parts(chunk, size)):
        if group and sum(one.num_tokens for one in group) + part.num_tokens > size:
            yield group
            group = []
        group.append(part)
    if group:
        yield group


def _parts(chunk: Chunk, size: int) -> Iterator[Chunk]:
    while chunk.num_tokens > size:
        stop = chunk.start + size
        yield replace(chunk, stop=stop, logits_from=stop)
        chunk = replace(chunk, start=stop)
    yield chunk
