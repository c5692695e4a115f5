"""Blocks of cache: which are free, and nothing else. A request's blocks stand in its `block_table`.

Block 0 is the null block (`yunqi.ops.context`); ids 1 to `num_blocks` are handed out, the longest unused first.
"""

from __future__ import annotations

from collections import deque


class BlockManager:
    """Hands out blocks of `block_size` tokens."""

    def __init__(self, num_blocks: int, block_size: int) -> None:
        assert num_blocks > 0
        assert block_size > 0
        self.num_blocks, self.block_size = num_blocks, block_size
        self._free = deque(range(1, num_blocks + 1))

    @property
    def num_free(self) -> int:
        return len(self._free)

    def blocks_for(self, num_tokens: int) -> int:
        """Blocks that this many tokens fill, the last perhaps in part."""
        return -(-num_tokens // self.block_size)

    def grow(self, block_table: list[int], num_tokens: int) -> bool:
        """Lengthen a table until it holds `num_tokens`; all or nothing. False where too few blocks are free."""
        needed = self.blocks_for(num_tokens) - len(block_table)
        if needed > len(self._free):
            return False
        block_table.extend(self._free.popleft() for _ in range(needed))
        return True

    def release(self, block_table: list[int]) -> None:
        """Take a table's blocks back; the table is empty afterwards."""
        self._free.extend(block_table)
        block_table.clear()
