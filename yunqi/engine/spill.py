"""Between the prefix tree and a store that outlives the process: nodes go out, and come back where they are wanted.

A node's name is a digest of what its memory depends on: the runner's fingerprint (weights, precision, arithmetic), the
key of its root and all ids up to its end. Nodes go out when a request ends and before they are given up; a node's block
and its snapshot are two files. What comes back joins the tree as if a request had just left it there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from hashlib import blake2b
from typing import Protocol

from yunqi.engine.block_manager import BlockManager
from yunqi.engine.prefix_store import PrefixStore
from yunqi.engine.prefix_tree import Node
from yunqi.engine.states import StateManager


class SavingRunner(Protocol):
    """A runner whose memory can be read and written. The bytes are in the precision that the memory has."""

    def fingerprint(self) -> str:
        """Names all that its memory depends on besides tokens and keys."""
        ...

    def read_block(self, block: int) -> bytes: ...

    def write_block(self, block: int, data: bytes) -> None: ...

    def read_state(self, slot: int) -> bytes: ...

    def write_state(self, slot: int, data: bytes) -> None: ...


class Spill:
    """The nodes of one runner in a store."""

    def __init__(
        self, runner: SavingRunner, store: PrefixStore, blocks: BlockManager, states: StateManager | None
    ) -> None:
        self.store = store
        self._runner, self._blocks, self._states = runner, blocks, states
        self._fingerprint = runner.fingerprint()
        self.num_restored = 0

    def save(self, path: Iterable[Node]) -> None:
        """Write the nodes that are not on the disk yet."""
        for depth, node in enumerate(path):
            name = self._digest(node)
            if not node.saved_block:
                node.saved_block = self._write(name + "-block", depth, lambda n=node: self._runner.read_block(n.block))
            if node.state_slot is not None and not node.saved_state:
                slot = node.state_slot
                node.saved_state = self._write(name + "-state", depth, lambda s=slot: self._runner.read_state(s))

    def restore(self, key: Hashable, token_ids: Sequence[int], num_tokens: int) -> None:
        """Bring back what the disk has of the first `num_tokens` ids beyond what the tree has, as far as it helps."""
        tree, size = self._blocks.tree, self._blocks.block_size
        path = tree.walk(key, token_ids, num_tokens)
        names = [self._digest(node) for node in path]
        pieces = [tuple(token_ids[i : i + size]) for i in range(0, num_tokens - size + 1, size)]
        for ids in pieces[len(path) :]:
            name = _chained(names[-1] if names else self._root(key), ids)
            if not self.store.has(name + "-block"):
                break
            names.append(name)
        end = len(names) if self._states is None else self._deepest(path, names)
        tree.hold(path)
        for i in range(len(path), end):
            if not self._bring_back(key, path, pieces[i], names[i]):
                break
        if self._states is not None:
            self._bring_state(path, names, self._states)
        self.store.touch([name + "-block" for name in names[: len(path)]])
        tree.let_go(path)

    def _deepest(self, path: list[Node], names: list[str]) -> int:
        """How many nodes lead to the deepest that has a state, in memory or on the disk."""
        for i in range(len(names), 0, -1):
            if (i <= len(path) and path[i - 1].state_slot is not None) or self.store.has(names[i - 1] + "-state"):
                return i
        return 0

    def _bring_back(self, key: Hashable, path: list[Node], ids: tuple[int, ...], name: str) -> bool:
        data = self.store.read(name + "-block")
        table: list[int] = []
        if data is None or not self._blocks.grow(table, 1):
            return False
        self._runner.write_block(table[0], data)
        node = self._blocks.tree.extend(key, path, ids, table[0])
        node.digest, node.saved_block = name, True
        path.append(node)
        self.num_restored += 1
        return True

    def _bring_state(self, path: list[Node], names: list[str], states: StateManager) -> None:
        """See that the deepest node that ever had a state has it."""
        for node, name in zip(reversed(path), reversed(names[: len(path)]), strict=True):
            if node.state_slot is not None:
                return
            data = self.store.read(name + "-state")
            slot = None if data is None else states.place(node)
            if data is not None and slot is not None:
                self._runner.write_state(slot, data)
                node.saved_state = True
                self.store.touch([name + "-state"])
                return

    def _write(self, name: str, depth: int, read: Callable[[], bytes]) -> bool:
        return self.store.has(name) or self.store.write(name, read(), depth)

    def _digest(self, node: Node) -> str:
        """A node's name; those above it are named on the way."""
        way: list[Node] = []
        while not node.digest and node.parent is not None:
            way.append(node)
            node = node.parent
        digest = node.digest or self._root(node.ids)
        for below in reversed(way):
            digest = below.digest = _chained(digest, below.ids)
        return digest

    def _root(self, key: Hashable) -> str:
        return blake2b(json.dumps([self._fingerprint, key]).encode(), digest_size=20).hexdigest()


def _chained(parent: str, ids: Hashable) -> str:
    return blake2b(json.dumps([parent, ids]).encode(), digest_size=20).hexdigest()
