"""Folds a projection over trees of accounts, working out again only what a change has touched.

Three ways, by what the projection is able to do:

* with ``merge``: each stretch has a sum, and a change costs the merges above it;
* over few possible states: each stretch has a table from the state before to the state after,
  which is a merge that nobody had to write;
* otherwise each stretch remembers the run through it. A change is run again from there on, and as
  soon as a stretch is met in the state in which it was met before, all that follows is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from sys import getsizeof
from types import NoneType, UnionType
from typing import Any, Literal, Protocol, Union, get_args, get_origin

from timeline.accounts import Account
from timeline.folding import replay
from timeline.folding.trees import MISSING, Item, Leaf, Pair, Place, Tree
from timeline.projection import Projection
from timeline.standing import Reading

__all__ = ["Counted", "Folder", "Seen", "Tables", "asked", "folder", "possible_states"]

Seen = Callable[[Sequence[Item]], Iterable[Account]]
"""Gives the accounts of some items, as a projection is to see them."""

_STATES = 16  # a table of more would cost more than the runs that it saves
_DENSE = 512  # bytes; a state as small as this is remembered at every leaf
_SPARSE = 64  # larger ones for this many stretches of a tree


class Counted:
    """Which items count for a moment asked, in microseconds of UTC; None is the end of time."""

    def __init__(self, at: int | None, reading: Reading, *, weighs_time: bool) -> None:
        self.at = at
        self.moment = float("inf") if at is None else at
        self._weighs = weighs_time
        self._possible = reading == "possible" or weighs_time

    def one(self, item: Item) -> bool:
        """Whether an item counts."""
        return item.first < self.moment if self._possible else item.last <= self.moment

    def some(self, tree: Tree) -> bool:
        """Whether any item of a tree counts."""
        bound, moment = (tree.firsts if self._possible else tree.lasts)[0], self.moment
        return bound < moment if self._possible else bound <= moment

    def earliest(self, tree: Tree) -> Place:
        """The place of the first item that counts; some must."""
        while isinstance(tree, Pair):
            tree = tree.left if self.some(tree.left) else tree.right
        return next(item.place for item in tree.items if self.one(item))

    def all(self, tree: Tree) -> bool:
        """Whether all of a tree counts, and as it would at any later moment."""
        if self._possible and not self._weighs:
            return tree.firsts[1] < self.moment
        return tree.lasts[1] <= self.moment


class Folder(Protocol):
    """A way of folding one projection over trees."""

    def after(self, state: Any, tree: Tree, seen: Seen, *, main: bool = False) -> Any:
        """Gives the state after all of a tree; ``main`` is the run that is worth remembering."""
        ...

    def prepare(self, tree: Tree, seen: Seen) -> None:
        """Works out ahead what later changes will need."""
        ...

    def patience(self, tree: Tree, state: Any) -> int:
        """Gives how many items may be added at the end before ``prepare`` is worth its cost."""
        ...


def possible_states(hint: Any) -> tuple[Any, ...]:
    """Gives all states that a type declares, where they are few; none where they aren't."""
    if hint is bool:
        return (False, True)
    if hint in (None, NoneType):
        return (None,)
    if get_origin(hint) is Literal:
        return get_args(hint)
    if get_origin(hint) in (Union, UnionType):
        parts = [possible_states(part) for part in get_args(hint)]
        return tuple(one for part in parts for one in part) if all(parts) else ()
    if isinstance(hint, type) and issubclass(hint, Enum):
        return tuple(hint)
    return ()


def folder(projection: Projection[Any], hint: Any) -> Folder:
    """Gives the way that fits a projection; ``hint`` is its state's type, None if undeclared."""
    if hasattr(projection, "merge"):
        return _Merging(projection)
    states = possible_states(hint) if hint is not None else ()
    if 0 < len(states) <= _STATES:
        return Tables(projection, states)
    return _Running(projection)


def asked(way: Folder, projection: Any, tree: Tree | None, seen: Seen, counted: Counted) -> Any:
    """Gives the state of a tree's items that count, from the projection's start."""
    # What was settled holds while nothing that its sources contest comes after it.
    raw = hasattr(projection, "settle") and tree is not None and tree.contested

    def through(state: Any, part: Tree) -> Any:
        if not counted.some(part):
            return state
        if not raw and counted.all(part):
            return way.after(state, part, seen)
        if isinstance(part, Pair):
            return through(through(state, part.left), part.right)
        return replay.fold(projection, seen([i for i in part.items if counted.one(i)]), state)

    return projection.start if tree is None else through(projection.start, tree)


class _Merging:
    """Sums of stretches, joined by the projection's own ``merge``."""

    def __init__(self, projection: Any) -> None:
        self._projection = projection
        self._settle = getattr(projection, "settle", lambda state: state)

    def after(self, state: Any, tree: Tree, seen: Seen, *, main: bool = False) -> Any:  # noqa: ARG002 - every sum is worth it
        """See ``Folder.after``."""
        return self._projection.merge(state, self._sum(tree, seen))

    def prepare(self, tree: Tree, seen: Seen) -> None:
        """See ``Folder.prepare``."""
        # What lies left of the last leaf won't change by what comes later.
        while isinstance(tree, Pair):
            self._sum(tree.left, seen)
            tree = tree.right
        self._sum(tree, seen)

    def patience(self, tree: Tree, state: Any) -> int:  # noqa: ARG002 - a leaf goes on from its stem
        """See ``Folder.patience``."""
        return 1

    def _sum(self, tree: Tree, seen: Seen) -> Any:
        if tree.summed is MISSING:
            if isinstance(tree, Pair):
                left, right = self._sum(tree.left, seen), self._sum(tree.right, seen)
                tree.summed = self._settle(self._projection.merge(left, right))
            else:
                count, state = _stem(tree, self._projection.start)
                rest = seen(tree.items[count:])
                tree.summed = self._settle(replay.fold(self._projection, rest, state))
                tree.stem = None
        return tree.summed


class Tables:
    """Tables from the state before a stretch to the state after it."""

    def __init__(self, projection: Any, states: tuple[Any, ...]) -> None:
        self._projection = projection
        self._states = states

    def after(self, state: Any, tree: Tree, seen: Seen, *, main: bool = False) -> Any:  # noqa: ARG002 - every table is worth it
        """See ``Folder.after``."""
        table = self._table(tree, seen)
        if state in table:
            return table[state]
        # It isn't of the type declared, or the handler raises: as it would in a plain fold.
        if isinstance(tree, Pair):
            return self.after(self.after(state, tree.left, seen), tree.right, seen)
        return replay.fold(self._projection, seen(tree.items), state)

    def prepare(self, tree: Tree, seen: Seen) -> None:
        """See ``Folder.prepare``."""
        self._table(tree, seen)

    def patience(self, tree: Tree, state: Any) -> int:  # noqa: ARG002 - a leaf goes on from its stem
        """See ``Folder.patience``."""
        return 1

    def _table(self, tree: Tree, seen: Seen) -> dict[Any, Any]:
        if tree.summed is MISSING:
            if isinstance(tree, Pair):
                left, right = self._table(tree.left, seen), self._table(tree.right, seen)
                tree.summed = {
                    before: right[between] for before, between in left.items() if between in right
                }
            else:
                count, known = _stem(tree, {state: state for state in self._states})
                rest = list(seen(tree.items[count:]))
                tree.summed = {}
                for before, between in known.items():
                    try:
                        after = replay.fold(self._projection, rest, between)
                    except Exception:  # noqa: BLE001, S112 - from a state that may never be met
                        continue
                    if after in self._states:
                        tree.summed[before] = after
                tree.stem = None
        found: dict[Any, Any] = tree.summed
        return found


class _Running:
    """Runs through stretches, remembered by the state before and the state after."""

    def __init__(self, projection: Any) -> None:
        self._projection = projection

    def after(self, state: Any, tree: Tree, seen: Seen, *, main: bool = False) -> Any:
        """See ``Folder.after``."""
        return self._run(state, tree, seen, max(tree.size // _SPARSE, 1), main=main)

    def prepare(self, tree: Tree, seen: Seen) -> None:
        """See ``Folder.prepare``."""
        self.after(self._projection.start, tree, seen, main=True)

    def patience(self, tree: Tree, state: Any) -> int:
        """See ``Folder.patience``."""
        return 1 if _small(state) else max(tree.size // _SPARSE, 1)

    def _run(self, state: Any, tree: Tree, seen: Seen, sparse: int, *, main: bool) -> Any:
        if tree.ran is not None and _same(tree.ran[0], state):
            return tree.ran[1]
        if isinstance(tree, Pair):
            between = self._run(state, tree.left, seen, sparse, main=main)
            after = self._run(between, tree.right, seen, sparse, main=main)
        else:
            stem = tree.stem
            if stem is not None and stem[2] is not None and _same(stem[2][0], state):
                rest = seen(tree.items[stem[0] :])
                after = replay.fold(self._projection, rest, stem[2][1])
            else:
                after = replay.fold(self._projection, seen(tree.items), state)
        if main and (tree.size >= sparse or (_small(state) and _small(after))):
            tree.ran = (state, after)
            if isinstance(tree, Leaf):
                tree.stem = None
        return after


def _stem(leaf: Leaf, start: Any) -> tuple[int, Any]:
    """How many of a leaf's items are in a sum already, and that sum."""
    if leaf.stem is None or leaf.stem[1] is MISSING:
        return 0, start
    return leaf.stem[0], leaf.stem[1]


def _same(one: Any, other: Any) -> bool:
    if one is other or type(one) is not type(other):
        return one is other
    try:
        return bool(one == other)
    except Exception:  # noqa: BLE001 - such as of an array, which is neither true nor false
        return False


def _small(state: Any) -> bool:
    """Whether a state is small, as far as can be told without looking all through it."""
    inner = state if isinstance(state, tuple) and len(state) < _STATES else ()
    return getsizeof(state) <= _DENSE and all(getsizeof(part) <= _DENSE for part in inner)
