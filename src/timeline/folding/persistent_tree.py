"""Keeps accounts in chronological order in balanced trees that share what didn't change.

A tree is never changed: an update gives a new one and copies only the path to what differs, so an
old root still answers as it did. Items live in the leaves, some at a time; what was worked out
about a stretch of them is remembered with it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

__all__ = [
    "FEW",
    "MISSING",
    "Item",
    "Leaf",
    "Pair",
    "Place",
    "Placed",
    "Tree",
    "built",
    "leaves",
    "updated",
]

FEW = 32
"""Items in one leaf at most: what is folded again when one of them changes."""

MISSING: Any = object()
"""Stands for what wasn't worked out."""

Stem = tuple[int, Any]
"""How many of a leaf's first items were there before, and what was known of them."""


# Nothing of these three can be in a circle, so the garbage collector may pass them over: it would
# spend a third of the time of catching up with a long log on looking at them again.
class Place(msgspec.Struct, frozen=True, order=True, gc=False):
    """Where an account stands in chronological order; infinite where a time has no bound."""

    lo: float
    hi: float
    event_id: str


class Item(msgspec.Struct, frozen=True, gc=False):
    """One account under one key: its place, and when it begins and ends to count."""

    place: Place
    first: float
    """The earliest moment by which it may have happened."""
    last: float
    """The moment by which it has happened whichever version holds."""
    contested: bool = False
    """Whether its sources differ, or one denies it."""


class Placed(msgspec.Struct, frozen=True, gc=False):
    """One account under one key."""

    key: Hashable
    item: Item


class Leaf:
    """Some items in a row; ``known`` is what somebody worked out about them, such as a sum.

    ``stem`` is what was known of its first items, where it grew out of a leaf of these.
    """

    __slots__ = (
        "contested",
        "final",
        "firsts",
        "items",
        "known",
        "lasts",
        "number",
        "start",
        "stem",
    )
    height = 0

    def __init__(self, items: tuple[Item, ...], *, stem: Stem | None = None) -> None:
        self.items = items
        self.stem = stem
        self.start = items[0].place
        self.final = items[-1].place
        firsts = [item.first for item in items]
        lasts = [item.last for item in items]
        self.firsts = (min(firsts), max(firsts))
        self.lasts = (min(lasts), max(lasts))
        self.contested = any(item.contested for item in items)
        self.known: Any = MISSING
        self.number: int | None = None  # under which it is stored

    @property
    def size(self) -> int:
        """How many items it holds."""
        return len(self.items)

    def grown(self, items: tuple[Item, ...]) -> Leaf:
        """Gives a leaf with more items after those that are there."""
        stem = self.stem if self.known is MISSING else (self.size, self.known)
        return Leaf(self.items + items, stem=stem)


class Pair:
    """Two trees in a row, whose heights differ by one at most; ``known`` as in a leaf."""

    __slots__ = (
        "contested",
        "final",
        "firsts",
        "height",
        "known",
        "lasts",
        "left",
        "number",
        "right",
        "size",
        "start",
    )

    def __init__(self, left: Tree, right: Tree) -> None:
        self.left = left
        self.right = right
        self.height: int = 1 + max(left.height, right.height)
        self.size: int = left.size + right.size
        self.start: Place = left.start
        self.final: Place = right.final
        self.firsts: tuple[float, float] = (
            min(left.firsts[0], right.firsts[0]),
            max(left.firsts[1], right.firsts[1]),
        )
        self.lasts: tuple[float, float] = (
            min(left.lasts[0], right.lasts[0]),
            max(left.lasts[1], right.lasts[1]),
        )
        self.contested: bool = left.contested or right.contested
        self.known: Any = MISSING
        self.number: int | None = None  # under which it is stored


Tree = Leaf | Pair


def leaves(tree: Tree | None) -> Iterator[Leaf]:
    """Gives the leaves in order."""
    left = [tree] if tree is not None else []
    while left:
        top = left.pop()
        if isinstance(top, Leaf):
            yield top
        else:
            left += (top.right, top.left)


def built(rows: Sequence[Leaf]) -> Tree | None:
    """Gives a balanced tree of leaves that are in order."""
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
    """Gives both in a row, as high as their sizes need."""
    if left.height > right.height + 1:
        assert isinstance(left, Pair)  # noqa: S101 - it is higher than something
        return _balanced(left.left, _joined(left.right, right))
    if right.height > left.height + 1:
        assert isinstance(right, Pair)  # noqa: S101 - as above
        return _balanced(_joined(left, right.left), right.right)
    return Pair(left, right)


def _balanced(left: Tree, right: Tree) -> Tree:
    """Pairs two trees whose heights differ by two at most, turning the higher one."""
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


def updated(tree: Tree | None, changes: Mapping[Place, Item | None]) -> Tree | None:
    """Gives a tree with some items put in or taken out (None), whichever was at their place.

    An item that is put in again is new: what it stands for may have changed, so no sum of a leaf
    that holds it is carried over.
    """
    if not changes:
        return tree
    return _updated(tree, sorted(changes.items()))


def _updated(tree: Tree | None, changes: Sequence[tuple[Place, Item | None]]) -> Tree | None:
    if not changes:
        return tree
    if tree is None:
        return built(_cut([item for _, item in changes if item is not None]))
    if isinstance(tree, Leaf):
        if changes[0][0] > tree.final:
            return _appended(tree, [item for _, item in changes if item is not None])
        items = {item.place: item for item in tree.items}
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


def _appended(leaf: Leaf, items: Sequence[Item]) -> Tree | None:
    """Gives a leaf with later items after it: what it holds already stays as it is."""
    room = FEW - len(leaf.items)
    first = leaf.grown(tuple(items[:room])) if room > 0 and items else leaf
    return built([first, *_cut(items[room:])])


def _cut(items: Sequence[Item]) -> list[Leaf]:
    """Cuts items into leaves of about the same size."""
    count = -(-len(items) // FEW)
    return [
        Leaf(tuple(items[len(items) * i // count : len(items) * (i + 1) // count]))
        for i in range(count)
    ]
