"""The tree of blocks against a plain model of it: a set of prefixes and the times they were used."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from yunqi.engine.block_manager import BlockManager
from yunqi.engine.prefix_tree import Node, PrefixTree
from yunqi.engine.states import StateManager

SIZE = 2


def grow(tree: PrefixTree, key: str, ids: list[int], blocks: itertools.count) -> list[Node]:  # pyright: ignore
    """A way for all full blocks of `ids`, held and let go again."""
    path: list[Node] = []
    for start in range(0, len(ids) - SIZE + 1, SIZE):
        path.append(tree.extend(key, path, tuple(ids[start : start + SIZE]), next(blocks)))
    tree.let_go(path)
    return path


texts = st.lists(st.integers(0, 2), max_size=12)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(st.tuples(st.sampled_from("ab"), texts), st.none()), max_size=30),
    st.tuples(st.sampled_from("ab"), texts),
)
def test_against_a_plain_model(actions: list[tuple[str, list[int]] | None], last: tuple[str, list[int]]) -> None:
    tree, blocks = PrefixTree(SIZE), itertools.count(1)
    known: dict[tuple[str, tuple[int, ...]], int] = {}
    for now, action in enumerate(actions):
        if action is None and known:
            inner = {(key, ids[:-SIZE]) for key, ids in known}
            oldest = min((used, prefix) for prefix, used in known.items() if prefix not in inner)
            tree.evict()
            rivals = [p for p, used in known.items() if p not in inner and used == oldest[0]]
            assert len(rivals) == 1
            del known[oldest[1]]
        elif action is not None:
            key, ids = action
            grow(tree, key, ids, blocks)
            known |= {(key, tuple(ids[:n])): now for n in range(SIZE, len(ids) + 1, SIZE)}
        assert tree.num_nodes == tree.num_unused == len(known)
    key, ids = last
    longest = max((n for n in range(0, len(ids) + 1, SIZE) if n == 0 or (key, tuple(ids[:n])) in known), default=0)
    path = tree.walk(key, ids, len(ids))
    assert [token for node in path for token in node.ids] == ids[:longest]  # pyright: ignore


def test_what_is_held_is_not_given_up() -> None:
    blocks = BlockManager(4, SIZE)
    table: list[int] = []
    path: list[Node] = []
    assert blocks.grow(table, 4)
    for ids in ((1, 2), (3, 4)):
        blocks.share("k", table, path, ids)
    other: list[int] = []
    assert blocks.num_free == 2
    assert not blocks.grow(other, 6)
    blocks.release(table, path)
    assert blocks.num_free == 4
    assert blocks.grow(other, 6)
    assert [node.ids for node in blocks.tree.walk("k", [1, 2, 3, 4], 4)] == [(1, 2)]


def test_equal_blocks_become_one() -> None:
    blocks = BlockManager(4, SIZE)
    tables: list[list[int]] = [[], []]
    paths: list[list[Node]] = [[], []]
    for table, path in zip(tables, paths, strict=True):
        assert blocks.grow(table, 4)
        blocks.share("k", table, path, (1, 2))
    assert tables[0][0] == tables[1][0]
    assert blocks.num_free == 1
    for table, path in zip(tables, paths, strict=True):
        blocks.release(table, path)
    assert blocks.num_free == 4


def test_the_heap_stays_small() -> None:
    tree, blocks = PrefixTree(SIZE), itertools.count(1)
    for _ in range(2_000):
        grow(tree, "k", [1, 2, 3, 4], blocks)
    assert len(tree._heap) < 100


def test_the_snapshot_unused_longest_makes_room() -> None:
    copies: list[tuple[int, int]] = []
    states = StateManager(3, lambda source, target: copies.append((source, target)))
    tree = PrefixTree(SIZE, on_evict=states.drop)
    a, b, c = (grow(tree, key, [1, 2], itertools.count(1))[0] for key in "abc")
    slot = states.start(None)
    assert states.save(a, slot)
    assert states.save(b, slot)
    assert not states.save(a, slot)  # there already, and now the one used last
    assert states.save(c, slot)
    assert [node.state_slot is None for node in (a, b, c)] == [False, True, False]
    assert states.num_snapshots == 2
    second = states.start(c)
    assert a.state_slot is None
    assert copies[0] == (0, slot)
    assert copies[-1] == (c.state_slot, second)
    tree.evict()
    states.stop(slot)
    states.stop(second)
    while tree.num_nodes:
        tree.evict()
    assert (states.num_free, states.num_snapshots) == (3, 0)
