"""Who is served next: priorities that waiting raises, fair shares between clients among equals. Torch-free.

The clock counts tokens computed for anybody, so that an order depends on the work alone and can be replayed.

Fair sharing is deficit round robin (Shreedhar and Varghese 1995) with costs measured afterwards: a client's account is
charged the tokens computed for it. Where all accounts are spent, everyone who waits is given the same quantum, as often
as it takes. A client that does not wait keeps its debt, which rounds pay off, and no credit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping

from yunqi.engine.request import Request


class FairShares:
    """Accounts of clients, in tokens."""

    def __init__(self, quantum: int) -> None:
        self.quantum = quantum
        self._account: dict[str, int] = {}
        self._turn: dict[str, int] = {}
        self._turns = 0

    def charge(self, key: str, num_tokens: int) -> None:
        self._account[key] = self._account.get(key, 0) - num_tokens

    def pick(self, keys: Collection[str], owed: Mapping[str, int]) -> str:
        """Whose turn it is among these clients; `owed` is work begun for them that is yet to be charged."""

        def left(key: str) -> int:
            return self._account.get(key, 0) - owed.get(key, 0)

        rounds = max(0, min(-(left(key) // self.quantum) for key in keys))
        if rounds > 0:
            self._pay(keys, rounds * self.quantum)
        rich = [key for key in keys if left(key) >= 0]
        return min(rich, key=lambda key: (self._turn.get(key, 0), key))

    def served(self, key: str) -> None:
        """The client's request has been taken: others with the same right come first now."""
        self._turns += 1
        self._turn[key] = self._turns

    def forget(self, active: Collection[str]) -> None:
        """Let clients go that neither wait nor run nor owe anything; no credit is kept for who does not wait."""
        for key in [key for key in self._turn if key not in active and self._account.get(key, 0) >= 0]:
            del self._turn[key]
        for key in [key for key, left in self._account.items() if key not in active and left >= 0]:
            del self._account[key]

    def _pay(self, keys: Collection[str], amount: int) -> None:
        for key in keys:
            self._account[key] = self._account.get(key, 0) + amount
        for key in self._account.keys() - set(keys):
            self._account[key] = min(self._account[key] + amount, max(self._account[key], 0))


class WaitingQueue:
    """Requests without memory. Those that were preempted come before all others, the earliest first.

    Args:
        ageing_tokens: how many tokens computed for anybody raise a waiting request's priority by one.
    """

    def __init__(self, *, quantum: int, ageing_tokens: int) -> None:
        self.shares = FairShares(quantum)
        self.clock = 0
        self._ageing_tokens = ageing_tokens
        self._preempted: list[Request] = []
        self._lines: dict[tuple[str, int], deque[Request]] = {}  # of a client and a priority, in order of arrival

    def __len__(self) -> int:
        return len(self._preempted) + sum(map(len, self._lines.values()))

    def __iter__(self) -> Iterator[Request]:
        yield from self._preempted
        for line in self._lines.values():
            yield from line

    @property
    def keys(self) -> set[str]:
        """The clients that wait."""
        return {request.key for request in self._preempted} | {key for key, _ in self._lines}

    def add(self, request: Request) -> None:
        request.queued_at = self.clock
        self._lines.setdefault((request.key, request.priority), deque()).append(request)

    def put_back(self, request: Request) -> None:
        """Take in a request that was preempted."""
        self._preempted.append(request)
        self._preempted.sort(key=lambda r: (-r.priority, r.arrival))

    def remove(self, request: Request) -> None:
        """Take a request out; one that is not here is no error."""
        if request in self._preempted:
            self._preempted.remove(request)
            return
        place = (request.key, request.priority)
        line = self._lines.get(place, deque())
        if request in line:
            line.remove(request)
        if not line:
            self._lines.pop(place, None)

    def charge(self, key: str, num_tokens: int) -> None:
        """Note work that was done for a client."""
        self.clock += num_tokens
        self.shares.charge(key, num_tokens)

    def next(self, passed: Collection[Request], owed: Mapping[str, int]) -> Request | None:
        """Who comes next, those passed over left out."""
        first = next((request for request in self._preempted if request not in passed), None)
        if first is not None:
            return first
        heads = [head for line in self._lines.values() if (head := _first(line, passed))]
        if not heads:
            return None
        level = max(map(self._level, heads))
        best: dict[str, Request] = {}
        for head in sorted(heads, key=lambda r: r.arrival):
            if self._level(head) == level:
                best.setdefault(head.key, head)
        return best[self.shares.pick(best.keys(), owed)]

    def _level(self, request: Request) -> int:
        return request.priority + (self.clock - request.queued_at) // self._ageing_tokens


def _first(line: deque[Request], passed: Collection[Request]) -> Request | None:
    return next((request for request in line if request not in passed), None)
