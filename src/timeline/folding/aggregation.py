"""Folds a projection over trees of accounts, working out again only what a change has touched.

Three ways, by what the projection is able to do:

* with ``merge``: each stretch has a sum, and a change costs the merges above it;
* over few possible states: each stretch has a table from the state before to the state after,
  which is a merge that nobody had to write;
* otherwise each stretch remembers the run through it. A change is run again from there on, and as
  soon as a stretch is met in the state in which it was met before, all that follows is known.

Adding floats isn't associative, so a state that is declared to hold any is run through and not
merged: what is kept equals what is replayed, to the last bit. A projection that says by ``equal``
how close is equal has its sums merged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import inf
from sys import getsizeof
from types import NoneType
from typing import Any, Protocol

from timeline.accounts import Account
from timeline.events import Event
from timeline.folding import replay
from timeline.folding.persistent_tree import MISSING, Indexed, Leaf, Pair, SortKey, Tree
from timeline.places import Place
from timeline.projection import Projection, powers_of
from timeline.resolution import Reading
from timeline.schema import field_hints, field_type

__all__ = [
    "Aggregator",
    "Compare",
    "Seen",
    "TimeFilter",
    "aggregator_for",
    "holds_floats",
    "possible_states",
    "query",
]

Seen = Callable[[Sequence[Indexed]], Iterable[Account]]
"""Gives the accounts of some items, as a projection is to see them."""

Compare = Callable[[object, object], None]
"""Takes a state that is remembered, and the same worked out anew."""

Rows = Sequence[tuple[Any, ...]]
"""What is known of a stretch, in rows of states; what a row says is up to the way of folding."""

_STATES = 16  # a table of more would cost more than the runs that it saves
_DENSE = 512  # bytes; a state as small as this is remembered at every leaf
_SPARSE = 64  # larger ones for this many stretches of a tree


class TimeFilter:
    """Which items count for a moment asked, in microseconds of UTC; None is the end of time."""

    def __init__(self, at: int | None, reading: Reading, *, takes_query_time: bool) -> None:
        self.at = at
        self.moment = inf if at is None else at
        self._weighs = takes_query_time
        self._possible = reading == "possible" or takes_query_time

    def matches(self, item: Indexed) -> bool:
        """Whether an item counts."""
        return item.first < self.moment if self._possible else item.last <= self.moment

    def any(self, tree: Tree) -> bool:
        """Whether any item of a tree counts."""
        bound, moment = (tree.firsts if self._possible else tree.lasts)[0], self.moment
        return bound < moment if self._possible else bound <= moment

    def earliest(self, tree: Tree) -> SortKey:
        """The place of the first item that counts; some must."""
        while isinstance(tree, Pair):
            tree = tree.left if self.any(tree.left) else tree.right
        return next(item.sort_key for item in tree.items if self.matches(item))

    def all(self, tree: Tree) -> bool:
        """Whether all of a tree counts, and as it would at any later moment."""
        if self._possible and not self._weighs:
            return tree.firsts[1] < self.moment
        return tree.lasts[1] <= self.moment


class Aggregator(Protocol):
    """A way of folding one projection over trees."""

    def after(self, state: object, tree: Tree, seen: Seen) -> object:
        """Return the state after all of a tree, from any state before it."""
        ...

    def whole(self, tree: Tree, seen: Seen) -> object:
        """Return the state after all of a tree from the start: a run that is worth remembering."""
        ...

    def prepare(self, tree: Tree, seen: Seen) -> None:
        """Work out ahead what later changes will need."""
        ...

    def follow(self, leaf: Leaf, state: object, seen: Seen) -> object:
        """Fold a leaf that follows on a state, so that it is known; return the state after it.

        ``MISSING`` where no leaf is worth remembering, and for ways that need no state before.
        """
        ...

    def patience(self, tree: Tree, state: object) -> int:
        """Return how many items may be added at the end before ``prepare`` is worth its cost."""
        ...

    def rows(self, known: Any) -> Rows:
        """Return what is known of a stretch, in rows of states: so it can be stored."""
        ...

    def known(self, rows: Rows) -> object:
        """Return what is known of a stretch from such rows; ValueError for others."""
        ...

    def recheck(self, tree: Tree, seen: Seen, compare: Compare) -> None:
        """Compare each state that is remembered of a tree's stretches with what it must be."""
        ...


def possible_states(hint: object) -> tuple[object, ...]:
    """Return all states that a type declares, where they are few; none where they aren't."""
    if hint is bool:
        return (False, True)
    if hint in (None, NoneType):
        return (None,)
    kind = field_type(hint)
    if kind.shape == "literal":
        return kind.arguments
    if kind.shape == "union":
        parts = [possible_states(part) for part in kind.arguments]
        return tuple(one for part in parts for one in part) if all(parts) else ()
    return tuple(kind.hint) if kind.shape == "enum" else ()


def holds_floats(hint: object, *above: object) -> bool:
    """Return whether a value of a type may hold a sum of floats.

    Accounts, events and places hold coordinates, which nobody adds up.
    """
    parts = list(field_type(hint).nested)
    records = [part.hint for part in parts if part.shape == "record" and part.hint not in above]
    return any(part.hint is float for part in parts) or any(
        holds_floats(inner, record, *above)
        for record in records
        if not issubclass(record, Account | Event | Place)
        for inner in field_hints(record).values()
    )


def aggregator_for(projection: Projection[Any], hint: object) -> Aggregator:
    """Return the way that fits a projection; ``hint`` is its state's type, None if undeclared."""
    powers = powers_of(projection)
    if powers.merge is not None and (powers.equal is not None or not holds_floats(hint)):
        return _Merging(projection, powers.merge)
    states = possible_states(hint) if hint is not None else ()
    if 0 < len(states) <= _STATES:
        return _Tables(projection, states)
    return _Running(projection)


def query(
    way: Aggregator,
    projection: Projection[Any],
    tree: Tree | None,
    seen: Seen,
    time_filter: TimeFilter,
) -> Any:
    """Return the state of a tree's items that count, from the projection's start."""
    # What was settled holds while nothing that its sources contest comes after it.
    raw = tree is not None and tree.contested and powers_of(projection).compact is not None

    def through(state: object, part: Tree) -> object:
        if not time_filter.any(part):
            return state
        if not raw and time_filter.all(part):
            return way.after(state, part, seen)
        if isinstance(part, Pair):
            return through(through(state, part.left), part.right)
        return replay.fold(
            projection, seen([i for i in part.items if time_filter.matches(i)]), state
        )

    return projection.start if tree is None else through(projection.start, tree)


class _Merging:
    """Sums of stretches, joined by the projection's own ``merge``."""

    def __init__(self, projection: Projection[Any], merge: Callable[[Any, Any], Any]) -> None:
        self._projection = projection
        self._merge = merge
        self._settle = powers_of(projection).compact or (lambda state: state)

    def after(self, state: object, tree: Tree, seen: Seen) -> object:
        """See ``Aggregator.after``."""
        return self._merge(state, self._sum(tree, seen))

    def whole(self, tree: Tree, seen: Seen) -> object:
        """See ``Aggregator.whole``."""
        return self.after(self._projection.start, tree, seen)

    def prepare(self, tree: Tree, seen: Seen) -> None:
        """See ``Aggregator.prepare``."""
        # What lies left of the last leaf won't change by what comes later.
        while isinstance(tree, Pair):
            self._sum(tree.left, seen)
            tree = tree.right
        self._sum(tree, seen)

    def follow(self, leaf: Leaf, state: object, seen: Seen) -> object:  # noqa: ARG002 - it stands by itself
        """See ``Aggregator.follow``."""
        self.prepare(leaf, seen)
        return MISSING

    def patience(self, tree: Tree, state: object) -> int:  # noqa: ARG002 - a leaf goes on from its stem
        """See ``Aggregator.patience``."""
        return 1

    def rows(self, known: Any) -> Rows:
        """See ``Aggregator.rows``: one, of the sum."""
        return [(known,)]

    def known(self, rows: Rows) -> object:
        """See ``Aggregator.summary``."""
        [(known,)] = rows
        return known

    def recheck(self, tree: Tree, seen: Seen, compare: Compare) -> None:
        """See ``Aggregator.recheck``."""
        self._anew(tree, seen, compare)

    def _anew(self, tree: Tree, seen: Seen, compare: Compare) -> object:
        """The sum of a tree, worked out without what is remembered."""
        if isinstance(tree, Pair):
            left = self._anew(tree.left, seen, compare)
            state = self._merge(left, self._anew(tree.right, seen, compare))
        else:
            state = replay.fold(self._projection, seen(tree.items), self._projection.start)
        state = self._settle(state)
        if tree.summary is not MISSING:
            compare(tree.summary, state)
        return state

    def _sum(self, tree: Tree, seen: Seen) -> object:
        if tree.summary is MISSING:
            if isinstance(tree, Pair):
                left, right = self._sum(tree.left, seen), self._sum(tree.right, seen)
                tree.summary = self._settle(self._merge(left, right))
            else:
                count, state = tree.parent_summary or (0, self._projection.start)
                rest = seen(tree.items[count:])
                tree.summary = self._settle(replay.fold(self._projection, rest, state))
                tree.parent_summary = None
        return tree.summary


class _Tables:
    """Tables from the state before a stretch to the state after it."""

    def __init__(self, projection: Projection[Any], states: tuple[object, ...]) -> None:
        self._projection = projection
        self._states = states

    def after(self, state: object, tree: Tree, seen: Seen) -> object:
        """See ``Aggregator.after``."""
        table = self._table(tree, seen)
        if state in table:
            return table[state]
        # It isn't of the type declared, or the handler raises: as it would in a plain fold.
        if isinstance(tree, Pair):
            return self.after(self.after(state, tree.left, seen), tree.right, seen)
        return replay.fold(self._projection, seen(tree.items), state)

    def whole(self, tree: Tree, seen: Seen) -> object:
        """See ``Aggregator.whole``."""
        return self.after(self._projection.start, tree, seen)

    def prepare(self, tree: Tree, seen: Seen) -> None:
        """See ``Aggregator.prepare``."""
        self._table(tree, seen)

    def follow(self, leaf: Leaf, state: object, seen: Seen) -> object:  # noqa: ARG002 - it stands by itself
        """See ``Aggregator.follow``."""
        self.prepare(leaf, seen)
        return MISSING

    def patience(self, tree: Tree, state: object) -> int:  # noqa: ARG002 - a leaf goes on from its stem
        """See ``Aggregator.patience``."""
        return 1

    def rows(self, known: Any) -> Rows:
        """See ``Aggregator.rows``: one for each state before, with the state after it."""
        return list(known.items())

    def known(self, rows: Rows) -> object:
        """See ``Aggregator.summary``."""
        return dict(rows)

    def recheck(self, tree: Tree, seen: Seen, compare: Compare) -> None:
        """See ``Aggregator.recheck``."""
        bare = _bare(tree)
        self._table(bare, seen)
        for known, anew in zip(_stretches(tree), _stretches(bare), strict=True):
            if known.summary is not MISSING:
                for before, after in known.summary.items():
                    compare(after, anew.summary.get(before, MISSING))

    def _table(self, tree: Tree, seen: Seen) -> dict[Any, Any]:
        if tree.summary is MISSING:
            if isinstance(tree, Pair):
                left, right = self._table(tree.left, seen), self._table(tree.right, seen)
                tree.summary = {
                    before: right[between] for before, between in left.items() if between in right
                }
            else:
                count, table = tree.parent_summary or (0, {state: state for state in self._states})
                rest = list(seen(tree.items[count:]))
                tree.summary = {}
                for before, between in table.items():
                    try:
                        after = replay.fold(self._projection, rest, between)
                    except Exception:  # noqa: BLE001, S112 - from a state that may never be met
                        continue
                    if after in self._states:
                        tree.summary[before] = after
                tree.parent_summary = None
        found: dict[Any, Any] = tree.summary
        return found


class _Running:
    """Runs through stretches, remembered by the state before and the state after."""

    def __init__(self, projection: Projection[Any]) -> None:
        self._projection = projection

    def after(self, state: object, tree: Tree, seen: Seen) -> object:
        """See ``Aggregator.after``."""
        return self._run(state, tree, seen, None)

    def whole(self, tree: Tree, seen: Seen) -> object:
        """See ``Aggregator.whole``."""
        return self._run(self._projection.start, tree, seen, max(tree.size // _SPARSE, 1))

    def prepare(self, tree: Tree, seen: Seen) -> None:
        """See ``Aggregator.prepare``."""
        self.whole(tree, seen)

    def follow(self, leaf: Leaf, state: object, seen: Seen) -> object:
        """See ``Aggregator.follow``."""
        if state is MISSING:
            return MISSING
        after = self._run(state, leaf, seen, leaf.size + 1)
        return MISSING if leaf.summary is MISSING else after

    def patience(self, tree: Tree, state: object) -> int:
        """See ``Aggregator.patience``."""
        return 1 if _small(state) else max(tree.size // _SPARSE, 1)

    def rows(self, known: Any) -> Rows:
        """See ``Aggregator.rows``: one, of the states before and after."""
        return [known]

    def known(self, rows: Rows) -> object:
        """See ``Aggregator.summary``."""
        [(before, after)] = rows
        return before, after

    def recheck(self, tree: Tree, seen: Seen, compare: Compare) -> None:
        """See ``Aggregator.recheck``."""
        self._anew(self._projection.start, tree, seen, compare)

    def _anew(self, state: object, tree: Tree, seen: Seen, compare: Compare) -> object:
        """The state after a tree, worked out without what is remembered."""
        if isinstance(tree, Pair):
            between = self._anew(state, tree.left, seen, compare)
            after = self._anew(between, tree.right, seen, compare)
        else:
            after = replay.fold(self._projection, seen(tree.items), state)
        if tree.summary is not MISSING:
            before, known = tree.summary
            # From another state before: what comes first was changed since.
            same = _same(before, state)
            compare(known, after if same else self._run(before, _bare(tree), seen, None))
        return after

    def _run(self, state: object, tree: Tree, seen: Seen, sparse: int | None) -> object:
        """The state after a tree; remembers where it stood by as many items, None for nowhere."""
        if tree.summary is not MISSING and _same(tree.summary[0], state):
            return tree.summary[1]
        if isinstance(tree, Pair):
            between = self._run(state, tree.left, seen, sparse)
            after = self._run(between, tree.right, seen, sparse)
        else:
            count, (before, between) = tree.parent_summary or (0, (state, state))
            if not _same(before, state):
                count, between = 0, state
            after = replay.fold(self._projection, seen(tree.items[count:]), between)
        if sparse is not None and (tree.size >= sparse or (_small(state) and _small(after))):
            tree.summary = (state, after)
            if isinstance(tree, Leaf):
                tree.parent_summary = None
        return after


def _bare(tree: Tree) -> Tree:
    """The same tree, of which nothing is remembered."""
    if isinstance(tree, Pair):
        return Pair(_bare(tree.left), _bare(tree.right))
    return Leaf(tree.items)


def _stretches(tree: Tree) -> Iterator[Tree]:
    """All nodes of a tree."""
    yield tree
    if isinstance(tree, Pair):
        yield from _stretches(tree.left)
        yield from _stretches(tree.right)


def _same(one: object, other: object) -> bool:
    if one is other or type(one) is not type(other):
        return one is other
    try:
        return bool(one == other)
    except Exception:  # noqa: BLE001 - such as of an array, which is neither true nor false
        return False


def _small(state: object) -> bool:
    """Whether a state is small, as far as can be told without looking all through it."""
    inner = state if isinstance(state, tuple) and len(state) < _STATES else ()
    return getsizeof(state) <= _DENSE and all(getsizeof(part) <= _DENSE for part in inner)
