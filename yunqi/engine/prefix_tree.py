"""Full blocks that outlive their requests, in a radix tree keyed by token ids. Torch-free.

A node is one full block, and the way to it from a root spells a prefix. Every step of a walk compares all ids of a
block, so a hit is never a guess. There is one root for each key (salts, adapters, media): nothing is shared across.

A request holds every node of its way, so a node that is held has only held ancestors, and nodes that nobody holds can
all be given up, leaves first, the longest unused first. A node may hold a snapshot of the recurrent state after its
last token (`yunqi.engine.states`).
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Hashable, Iterable, Sequence


class Node:
    """One full block of tokens. `state_slot` is where the state after them is kept, None where it is not.

    `digest`, `saved_block` and `saved_state` are those of `yunqi.engine.spill`.
    """

    __slots__ = (
        *("block", "children", "digest", "holders", "ids", "last_used", "parent"),
        *("saved_block", "saved_state", "state_slot"),
    )

    def __init__(self, parent: Node | None, ids: Hashable, block: int) -> None:
        self.parent, self.ids, self.block = parent, ids, block
        self.children: dict[tuple[int, ...], Node] = {}
        self.holders = 0
        self.last_used = 0
        self.state_slot: int | None = None
        self.digest = ""
        self.saved_block = self.saved_state = False


class PrefixTree:
    """The nodes of all keys.

    Args:
        on_evict: told of every node before it is given up.
    """

    def __init__(self, block_size: int, on_evict: Callable[[Node], None] = lambda node: None) -> None:
        assert block_size > 0
        self.block_size = block_size
        self.on_evict = on_evict
        self.num_nodes = self.num_unused = self.num_evictions = 0
        self._roots: dict[Hashable, Node] = {}
        self._clock = itertools.count(1)
        self._heap: list[tuple[int, int, Node]] = []  # leaves that nobody holds; entries may be out of date

    def walk(self, key: Hashable, token_ids: Sequence[int], num_tokens: int) -> list[Node]:
        """The nodes that spell the longest known prefix among the first `num_tokens` ids."""
        node, path = self._roots.get(key), []
        for start in range(0, num_tokens - self.block_size + 1, self.block_size):
            node = node and node.children.get(tuple(token_ids[start : start + self.block_size]))
            if node is None:
                break
            path.append(node)
        return path

    def extend(self, key: Hashable, path: Sequence[Node], ids: tuple[int, ...], block: int) -> Node:
        """The node after `path`, held once more: the one that is there, or a new one that owns `block` from now on."""
        assert len(ids) == self.block_size, ids
        parent = path[-1] if path else self._roots.setdefault(key, Node(None, key, 0))
        node = parent.children.get(ids)
        if node is None:
            node = parent.children[ids] = Node(parent, ids, block)
            self.num_nodes += 1
            self.num_unused += 1
        self.hold([node])
        return node

    def hold(self, path: Iterable[Node]) -> None:
        for node in path:
            self.num_unused -= node.holders == 0
            node.holders += 1

    def let_go(self, path: Sequence[Node]) -> None:
        """Undo one `hold`; the nodes count as used just now."""
        now = next(self._clock)
        for node in path:
            assert node.holders > 0, "a node was let go twice"
            node.holders -= 1
            node.last_used = now
            self.num_unused += node.holders == 0
        if path:
            self._offer(path[-1])

    def evict(self) -> int:
        """Give up the leaf that has been out of use longest; its block is free afterwards."""
        while True:
            last_used, _, node = heapq.heappop(self._heap)
            if _is_leaf(node) and node.last_used == last_used:
                return self._remove(node)

    def _offer(self, node: Node) -> None:
        if not _is_leaf(node):
            return
        if len(self._heap) > 2 * self.num_nodes + 64:
            self._heap = [entry for entry in self._heap if _is_leaf(entry[2]) and entry[0] == entry[2].last_used]
            heapq.heapify(self._heap)
        heapq.heappush(self._heap, (node.last_used, next(self._clock), node))

    def _remove(self, node: Node) -> int:
        self.on_evict(node)
        parent = node.parent
        assert parent is not None
        del parent.children[node.ids]  # pyright: ignore[reportArgumentType]
        node.parent = None
        self.num_nodes -= 1
        self.num_unused -= 1
        self.num_evictions += 1
        if parent.parent is not None:
            self._offer(parent)
        elif not parent.children:
            del self._roots[parent.ids]
        return node.block


def _is_leaf(node: Node) -> bool:
    """Whether a node may be given up: in the tree, held by nobody, the end of every way through it."""
    return node.holders == 0 and not node.children and node.parent is not None
