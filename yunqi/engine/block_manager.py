"""Blocks of cache: which are free, and which the prefix tree could give up. A request's own stand in its `block_table`.

Block 0 is the null block (`yunqi.ops.context`); ids 1 to `num_blocks` are handed out, the longest unused first. A block
is in one of three places: free, private to one request, or in the tree, where requests share it.
"""

from __future__ import annotations

from collections import deque

from yunqi.engine.prefix_tree import Node, PrefixTree


class BlockManager:
    """Hands out blocks of `block_size` tokens."""

    def __init__(self, num_blocks: int, block_size: int) -> None:
        assert num_blocks > 0
        self.num_blocks, self.block_size = num_blocks, block_size
        self.tree = PrefixTree(block_size)
        self._free = deque(range(1, num_blocks + 1))

    @property
    def num_free(self) -> int:
        """Blocks that no request uses: empty ones, and cached ones that would be given up for a request."""
        return len(self._free) + self.tree.num_unused

    def blocks_for(self, num_tokens: int) -> int:
        """Blocks that this many tokens fill, the last perhaps in part."""
        return -(-num_tokens // self.block_size)

    def grow(self, block_table: list[int], num_tokens: int) -> bool:
        """Lengthen a table until it holds `num_tokens`; all or nothing. False where too few blocks are free."""
        needed = self.blocks_for(num_tokens) - len(block_table)
        if needed > self.num_free:
            return False
        while len(self._free) < needed:
            self._free.append(self.tree.evict())
        block_table.extend(self._free.popleft() for _ in range(needed))
        return True

    def recall(self, block_table: list[int], path: list[Node], found: list[Node]) -> None:
        """Begin an empty table with cached blocks."""
        assert not block_table
        assert not path
        self.tree.hold(found)
        path.extend(found)
        block_table.extend(node.block for node in found)

    def share(self, key: object, block_table: list[int], path: list[Node], ids: tuple[int, ...]) -> None:
        """Put a table's first private block, full of `ids`, into the tree.

        Where the tree has such a block already, the table goes on with that one and its own is free.
        """
        own = block_table[len(path)]
        node = self.tree.extend(key, path, ids, own)
        if node.block != own:
            block_table[len(path)] = node.block
            self._free.append(own)
        path.append(node)

    def release(self, block_table: list[int], path: list[Node] | None = None) -> None:
        """Take a table's blocks back; the table is empty afterwards. Shared ones (`path`) stay in the tree."""
        path = path if path is not None else []
        self._free.extend(block_table[len(path) :])
        self.tree.let_go(path)
        block_table.clear()
        path.clear()
