"""What a kept projection answered at two positions, worked out for the keys alone that differ.

What was said between two positions is about few events. Only under the keys of these do the trees
of the two differ, and each is the present tree with the accounts of those events as they were
known then. So the two are compared at the cost of what was said since, not of the log.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from timeline.accounts import Account
from timeline.claims import Claim, Said
from timeline.folding.aggregation import TimeFilter
from timeline.folding.bearing import KeptBearing, bearing_on
from timeline.folding.incremental import IncrementalView, placements
from timeline.folding.part_answers import MISSING, PartAnswers
from timeline.folding.part_folds import Settled
from timeline.folding.persistent_tree import Indexed, SortKey, Tree, updated
from timeline.links import is_link_id

__all__ = ["KeptBetween"]

_Places = dict[Hashable, dict[SortKey, Indexed | None]]


class KeptBetween:
    """The answers of a kept projection as known at two positions, the first before the second."""

    def __init__(self, fold: IncrementalView, first: int, last: int) -> None:
        self._fold = fold
        self._positions = first, last
        self.bearing = KeptBearing(fold)
        events = self._events(first)
        self._then = [fold.accounts(events, position) for position in self._positions]
        now: _Places = {}
        for name in events:
            for placed in fold.keyed_by_event.get(name, ()):
                now.setdefault(placed.key, {})[placed.item.sort_key] = None
        self._trees = [self._trees_with(now, accounts) for accounts in self._then]

    def _events(self, after: int) -> set[str]:
        """The events whose accounts may have changed after a position."""
        fold = self._fold
        said = self.bearing.read(range(after + 1, fold.position + 1))
        subjects: set[str] = set()
        for one in said.values():
            subjects |= fold.dependencies.dirty(one, self.bearing.find)
        reached = fold.links.reached(subjects) if fold.links else subjects
        return {name for name in reached if not is_link_id(name)}

    def _trees_with(
        self, now: _Places, accounts: Mapping[str, Account]
    ) -> dict[Hashable, Tree | None]:
        """The trees of the keys that differ from those of the present, with other accounts."""
        places = {key: dict(there) for key, there in now.items()}
        for account in accounts.values():
            for placed in placements(self._fold.projection, account):
                places.setdefault(placed.key, {})[placed.item.sort_key] = placed.item
        return {key: updated(self._fold.trees.get(key), there) for key, there in places.items()}

    def differing(self) -> Iterator[Hashable]:
        """Return the keys whose answers may differ."""
        yield from dict.fromkeys((*self._trees[0], *self._trees[1]))

    def answers(self, question: PartAnswers) -> tuple[Any, Any]:
        """Return the answers of a question's key at the two positions, ``MISSING`` for none."""
        was, now = (self._answer(question, which) for which in (0, 1))
        return was, now

    def _tree(self, key: Hashable, which: int) -> Tree | None:
        trees = self._trees[which]
        return trees[key] if key in trees else self._fold.trees.get(key)

    def _answer(self, question: PartAnswers, which: int) -> Any:
        fold, tree = self._fold, self._tree(question.key, which)
        weighs = fold.projection.takes_query_time
        time_filter = TimeFilter(question.at, question.reading, takes_query_time=weighs)
        if tree is None or not time_filter.any(tree):
            return MISSING
        return fold.answer(question.key, tree, self._positions[which], time_filter)

    def said_of(self, key: Hashable) -> dict[int, Said]:
        """Return what bears on a key up to the second position, by position."""
        return self.bearing.on(key, self._positions[1])

    def settled(self, question: PartAnswers) -> tuple[dict[int, Said], Settled] | None:
        """Return what bears on the events that differ, and the tree of the first position.

        None where links may bear on more, or where there was no tree.
        """
        fold, key = self._fold, question.key
        tree = self._tree(key, 0)
        if fold.links or tree is None:
            return None
        events = {
            one.event.id
            for accounts in self._then
            for one in accounts.values()
            if any(placed.key == key for placed in placements(fold.projection, one))
        }
        said = bearing_on(self.bearing, events, self._positions[1])
        claims = {one.subject for one in said.values() if isinstance(one, Claim)}
        if claims - events:
            return None  # what replaces something under another event bears on it too
        return said, Settled(tree, fold.seen_under(key, question.at, self._positions[0]))
