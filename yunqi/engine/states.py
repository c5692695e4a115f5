"""Slots of recurrent state: one for each running request, the rest for snapshots that hang on tree nodes. Torch-free.

Slot 0 is never handed out and stays as it was made, all zeros: the state before a sequence's first token. A runner
copies slots at once, in the order it is told, so a slot may be given away as soon as it has been copied. Where no slot
is free, the snapshot that has been out of use longest makes room.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable

from yunqi.engine.prefix_tree import Node

EMPTY_SLOT = 0


class StateManager:
    """Hands out slots 1 to `num_slots`.

    Args:
        copy: copies the state of all recurrent layers from one slot to another.
    """

    def __init__(self, num_slots: int, copy: Callable[[int, int], None]) -> None:
        self.num_slots = num_slots
        self._copy = copy
        self._free = deque(range(1, num_slots + 1))
        self._snapshots: OrderedDict[Node, None] = OrderedDict()  # the longest unused first

    @property
    def num_free(self) -> int:
        """Slots that no request uses."""
        return len(self._free) + len(self._snapshots)

    @property
    def num_snapshots(self) -> int:
        return len(self._snapshots)

    def start(self, node: Node | None) -> int:
        """A slot for a request that goes on from `node`, or from nothing."""
        source = EMPTY_SLOT
        if node is not None:
            assert node.state_slot is not None, "a hit without its state"
            source = node.state_slot
            self._snapshots.move_to_end(node)
        slot = self._take()
        assert slot is not None, "more sequences than slots"
        self._copy(source, slot)
        return slot

    def stop(self, slot: int) -> None:
        """Take a request's slot back."""
        self._free.append(slot)

    def save(self, node: Node, slot: int) -> bool:
        """Keep the state in `slot` at a node. False where one is there already, or requests use all slots."""
        if node.state_slot is not None:
            self._snapshots.move_to_end(node)
            return False
        target = self.place(node)
        if target is None:
            return False
        self._copy(slot, target)
        return True

    def keep(self, slot: int) -> int | None:
        """A copy of a request's state in a slot of its own, which `stop` takes back; None where none can be had."""
        target = self._take()
        if target is not None:
            self._copy(slot, target)
        return target

    def place(self, node: Node) -> int | None:
        """A slot for a node's snapshot, which the caller fills at once; None where requests use all slots."""
        assert node.state_slot is None
        slot = self._take()
        if slot is not None:
            node.state_slot = slot
            node.saved_state = False
            self._snapshots[node] = None
        return slot

    def drop(self, node: Node) -> None:
        """Give up a node's snapshot, if it has one."""
        if node.state_slot is not None:
            self._free.append(node.state_slot)
            del self._snapshots[node]
            node.state_slot = None

    def _take(self) -> int | None:
        if not self._free and self._snapshots:
            self.drop(next(iter(self._snapshots)))
        return self._free.popleft() if self._free else None
