"""Proposers for tests: they know what a scripted model says, and say it right or wrong as they like."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from yunqi.engine.batch import Batch
from yunqi.engine.request import Request
from yunqi.engine.scripted import Policy, Tokens


class Guesser:
    """Proposes what `policy` will say; each guess is another token with a probability of `wrong`, and ends there."""

    def __init__(self, policy: Policy, vocab_size: int, wrong: float, seed: int = 0) -> None:
        self._policy, self._vocab_size, self._wrong, self._random = policy, vocab_size, wrong, Random(seed)
        self.seen: list[Batch] = []

    def available(self, request: Request, most: int) -> int:
        return self._random.randint(0, most)

    def propose(self, wanted: Mapping[Request, int]) -> dict[Request, tuple[int, ...]]:
        return {request: self._guess(request, self._random.randint(0, count)) for request, count in wanted.items()}

    def follow(self, batch: Batch) -> None:
        self.seen.append(batch)

    def _guess(self, request: Request, count: int) -> tuple[int, ...]:
        tokens = Tokens(request.token_ids)
        tokens.prompt_len = request.prompt_len
        for _ in range(count):
            token = self._policy(tokens)
            assert isinstance(token, int)
            tokens.append((token + (self._random.random() < self._wrong)) % self._vocab_size)
        return tuple(tokens[len(request.token_ids) :])
