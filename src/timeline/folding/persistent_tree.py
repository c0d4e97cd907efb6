"""A persistent balanced tree of accounts in chronological order, with a summary at each node.

Persistent in the sense of Okasaki: an update returns a new root and copies only the path to what
differs, so an old root still answers as it did. It is height-balanced (AVL): the heights of two
siblings differ by one at most. Accounts are indexed in the leaves, up to ``LEAF_SIZE`` in each; the
summary of a node (a sum, a transition table, a run) is computed once and shared by all roots.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import msgspec

__all__ = [
    "LEAF_SIZE",
    "MISSING",
    "Indexed",
    "Keyed",
    "Leaf",
    "Pair",
    "SortKey",
    "Tree",
    "built",
    "leaf_size",
    "leaves",
    "small_leaves",
    "updated",
]

LEAF_SIZE = 32
"""Accounts in one leaf at most: what is folded again when one of them changes."""

_leaf_size: ContextVar[int | None] = ContextVar("leaf size", default=None)


@contextmanager
def small_leaves(size: int = 2) -> Iterator[None]:
    """Hold trees that are built meanwhile to so many items a leaf: few items make many leaves."""
    token = _leaf_size.set(size)
    try:
        yield
    finally:
        _leaf_size.reset(token)


def leaf_size() -> int:
    """Return how many items a leaf has at most, here and now."""
    return _leaf_size.get() or LEAF_SIZE


MISSING: Any = object()
"""A summary that wasn't computed."""

ParentSummary = tuple[int, Any]
"""How many of a leaf's first items its parent had, and the summary of these."""


# Nothing of these three can be in a circle, so the garbage collector may pass them over: it would
# spend a third of the time of catching up with a long log on looking at them again.
class SortKey(msgspec.Struct, frozen=True, order=True, gc=False):
    """The chronological sort key of an account; infinite where a time has no bound."""

    lo: float
    hi: float
    event_id: str


class Indexed(msgspec.Struct, frozen=True, gc=False):
    """One account in the index: its sort key, and from when on it possibly and certainly counts."""

    sort_key: SortKey
    first: float
    """The earliest moment by which it may have happened."""
    last: float
    """The latest upper bound over all versions."""
    contested: bool = False
    """Whether its sources differ, or one denies it."""


class Keyed(msgspec.Struct, frozen=True, gc=False):
    """An indexed account and the key of the projection under which it is folded."""

    key: Hashable
    item: Indexed


class Leaf:
    """A run of indexed accounts with their summary, such as a sum.

    ``parent_summary`` covers its first items, where it grew out of a leaf of these.
    """

    __slots__ = (
        "contested",
        "final",
        "firsts",
        "items",
        "lasts",
        "number",
        "parent_summary",
        "start",
        "summary",
    )
    height = 0

    def __init__(
        self, items: tuple[Indexed, ...], *, parent_summary: ParentSummary | None = None
    ) -> None:
        self.items = items
        self.parent_summary = parent_summary
        self.start = items[0].sort_key
        self.final = items[-1].sort_key
        firsts = [item.first for item in items]
        lasts = [item.last for item in items]
        self.firsts = (min(firsts), max(firsts))
        self.lasts = (min(lasts), max(lasts))
        self.contested = any(item.contested for item in items)
        self.summary: Any = MISSING
        self.number: int | None = None  # under which it is stored

    @property
    def size(self) -> int:
        """The number of items."""
        return len(self.items)

    def grown(self, items: tuple[Indexed, ...]) -> Leaf:
        """Return a leaf with more items appended."""
        inherited = self.parent_summary if self.summary is MISSING else (self.size, self.summary)
        return Leaf(self.items + items, parent_summary=inherited)


class Pair:
    """An inner node: two trees whose heights differ by one at most, and the summary of both."""

    __slots__ = (
        "contested",
        "final",
        "firsts",
        "height",
        "lasts",
        "left",
        "number",
        "right",
        "size",
        "start",
        "summary",
    )

    def __init__(self, left: Tree, right: Tree) -> None:
        self.left = left
        self.right = right
        self.height: int = 1 + max(left.height, right.height)
        self.size: int = left.size + right.size
        self.start: SortKey = left.start
        self.final: SortKey = right.final
        self.firsts: tuple[float, float] = (
            min(left.firsts[0], right.firsts[0]),
            max(left.firsts[1], right.firsts[1]),
        )
        self.lasts: tuple[float, float] = (
            min(left.lasts[0], right.lasts[0]),
            max(left.lasts[1], right.lasts[1]),
        )
        self.contested: bool = left.contested or right.contested
        self.summary: Any = MISSING
        self.number: int | None = None  # under which it is stored


Tree = Leaf | Pair


def leaves(tree: Tree | None) -> Iterator[Leaf]:
    """Return the leaves in order."""
    left = [tree] if tree is not None else []
    while left:
        top = left.pop()
        if isinstance(top, Leaf):
            yield top
        else:
            left += (top.right, top.left)


def built(rows: Sequence[Leaf]) -> Tree | None:
    """Return a balanced tree of leaves that are in order."""
    if not rows:
        return None
    level: list[Tree] = list(rows)
    while len(level) > 1:
        paired: list[Tree] = [Pair(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            # The odd one joins its neighbour, so that heights never part by more than one.
            paired[-1] = _joined(paired[-1], level[-1])
        level = paired
    return level[0]


def _joined(left: Tree, right: Tree) -> Tree:
    """Concatenate two trees and rebalance."""
    if left.height > right.height + 1:
        assert isinstance(left, Pair)  # noqa: S101 - it is higher than something
        return _balanced(left.left, _joined(left.right, right))
    if right.height > left.height + 1:
        assert isinstance(right, Pair)  # noqa: S101 - as above
        return _balanced(_joined(left, right.left), right.right)
    return Pair(left, right)


def _balanced(left: Tree, right: Tree) -> Tree:
    """Join two trees whose heights differ by two at most, with a rotation where needed."""
    if left.height > right.height + 1:
        assert isinstance(left, Pair)  # noqa: S101 - it is higher than something
        if left.left.height >= left.right.height:
            return Pair(left.left, Pair(left.right, right))
        inner = left.right
        assert isinstance(inner, Pair)  # noqa: S101 - it is higher than its sister
        return Pair(Pair(left.left, inner.left), Pair(inner.right, right))
    if right.height > left.height + 1:
        assert isinstance(right, Pair)  # noqa: S101 - as above
        if right.right.height >= right.left.height:
            return Pair(Pair(left, right.left), right.right)
        inner = right.left
        assert isinstance(inner, Pair)  # noqa: S101 - as above
        return Pair(Pair(left, inner.left), Pair(inner.right, right.right))
    return Pair(left, right)


def updated(tree: Tree | None, changes: Mapping[SortKey, Indexed | None]) -> Tree | None:
    """Return a tree with items inserted, replaced or deleted (None) by sort key.

    An item that is inserted again is new: its account may have changed, so no summary of a leaf
    with it is carried over.
    """
    if not changes:
        return tree
    return _updated(tree, sorted(changes.items()))


def _updated(tree: Tree | None, changes: Sequence[tuple[SortKey, Indexed | None]]) -> Tree | None:
    if not changes:
        return tree
    if tree is None:
        return built(_cut([item for _, item in changes if item is not None]))
    if isinstance(tree, Leaf):
        if changes[0][0] > tree.final:
            return _appended(tree, [item for _, item in changes if item is not None])
        items = {item.sort_key: item for item in tree.items}
        for place, item in changes:
            if item is None:
                items.pop(place, None)
            else:
                items[place] = item
        return built(_cut([items[place] for place in sorted(items)]))
    turn = bisect_left(changes, tree.right.start, key=lambda change: change[0])
    left = _updated(tree.left, changes[:turn])
    right = _updated(tree.right, changes[turn:])
    if left is tree.left and right is tree.right:
        return tree
    if left is None or right is None:
        return right if left is None else left
    return _joined(left, right)


def _appended(leaf: Leaf, items: Sequence[Indexed]) -> Tree | None:
    """Append later items to a leaf, whose own summary stays valid."""
    room = leaf_size() - len(leaf.items)
    first = leaf.grown(tuple(items[:room])) if room > 0 and items else leaf
    return built([first, *_cut(items[room:])])


def _cut(items: Sequence[Indexed]) -> list[Leaf]:
    """Split items into leaves of about the same size."""
    count = -(-len(items) // leaf_size())
    return [
        Leaf(tuple(items[len(items) * i // count : len(items) * (i + 1) // count]))
        for i in range(count)
    ]
