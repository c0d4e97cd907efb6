"""What bears on a key: the entries that an answer of that key may depend on, and no others.

They are all claims about an event of which some version has the key, whether or not they stand,
what bears on those events, and the links that name them, their places or their actors, with what
bears on these. The rest of a log needn't be read to say why an answer is what it is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Protocol

from timeline.claims import Claim, Said, Void
from timeline.folding import replay
from timeline.folding.aggregation import TimeFilter, query
from timeline.folding.incremental import IncrementalView
from timeline.folding.part_answers import PartAnswers
from timeline.folding.part_folds import Settled
from timeline.linking import Names, named_in
from timeline.links import Link, SameActor, SamePlace
from timeline.projection import powers_of
from timeline.resolution import Trust
from timeline.supersession import DependencyIndex

__all__ = ["MANY", "KeptBearing", "SaidAbout", "bearing_on", "joined_names"]

MANY = 1_000
"""Accounts of one key that are too many to read them all."""


class SaidAbout(Protocol):
    """What was said, found by subject and by the names that links join."""

    @property
    def dependencies(self) -> DependencyIndex:
        """The positions of what is about each subject, and of what names each entry."""
        ...

    def read(self, positions: Iterable[int]) -> Mapping[int, Said]:
        """Return what the entries at some positions say; nothing of what was redacted."""
        ...

    def find(self, said_id: str) -> tuple[int, Said] | None:
        """Return the position of an entry by its id, and what it says."""
        ...

    def links_naming(self, name: str) -> Iterable[str]:
        """Return the ids of the links that name an event, a place or an actor."""
        ...

    def link(self, link_id: str) -> Link | None:
        """Return a link by its id."""
        ...


def joined_names(said: SaidAbout, key: Any) -> set[Any]:
    """Return a key, and the names that some source joins with it, through others too."""
    found, fresh = {key}, [key]
    while fresh:
        name = fresh.pop()
        for link in said.links_naming(name) if isinstance(name, str) else ():
            of = said.link(link)
            if isinstance(of, SamePlace | SameActor):
                new = set(named_in(of)) - found
                found |= new
                fresh += new
    return found


def bearing_on(said: SaidAbout, events: Iterable[str], upto: int) -> dict[int, Said]:
    """Return what bears on some events, by position, of the entries up to a position."""
    subjects = _subjects(said, events)
    found: dict[int, Said] = {}
    for closure in said.dependencies.closures(subjects, said.read, upto).values():
        found |= closure
    return dict(sorted(found.items()))


def _subjects(said: SaidAbout, events: Iterable[str]) -> set[str]:
    """Return events and links that bear on some events, through others too."""
    found: set[str] = set()
    fresh = set(events)
    while fresh:
        found |= fresh
        names = set(fresh)
        more: set[str] = set()
        for subject in fresh:
            link = said.link(subject)
            if link is not None:
                more.update(link.events)
                names.update(named_in(link))
        for one in said.read(said.dependencies.positions(fresh)).values():
            if isinstance(one, Claim):
                names.update(named_in(one.event))
                for replaced in map(said.find, one.replaces):
                    if replaced is not None and not isinstance(replaced[1], Void):
                        more.add(replaced[1].subject)
        more.update(link for name in names for link in said.links_naming(name))
        fresh = more - found
    return found


class KeptBearing:
    """Finds what bears on a key from what a kept projection knows, reading that alone."""

    def __init__(self, fold: IncrementalView) -> None:
        self._fold = fold

    @property
    def position(self) -> int:
        """How far it has read."""
        return self._fold.position

    @property
    def dependencies(self) -> DependencyIndex:
        """See ``SaidAbout``."""
        return self._fold.dependencies

    def read(self, positions: Iterable[int]) -> Mapping[int, Said]:
        """See ``SaidAbout``."""
        found = self._fold.entries.read(positions)
        return {position: one for position, one in found.items() if isinstance(one, Said)}

    def find(self, said_id: str) -> tuple[int, Said] | None:
        """See ``SaidAbout``."""
        found = self._fold.entries.find(said_id)
        return found if found is not None and isinstance(found[1], Said) else None

    def links_naming(self, name: str) -> Iterable[str]:
        """See ``SaidAbout``."""
        return self._fold.links.naming(name)

    def link(self, link_id: str) -> Link | None:
        """See ``SaidAbout``."""
        return self._fold.links.link(link_id)

    def names(self, position: int, published: int | None, trust: Trust) -> Names:
        """Return by which keys places and actors go in a cut."""
        return self._fold.links.names_in(position, published, trust)

    def on(self, key: Hashable, upto: int) -> dict[int, Said]:
        """Return what bears on a key, by position, of the entries up to a position."""
        with self._fold.lock:
            events = {
                event for name in joined_names(self, key) for event in self._fold.ever_under(name)
            }
            return bearing_on(self, events, upto)

    def settled(self, question: PartAnswers, upto: int) -> tuple[dict[int, Said], Settled] | None:
        """Return what an answer of the present may rest on, and the tree that it is folded from.

        Of a key with many accounts, where the projection says which of them bear on its answers
        once the others are over; None where it doesn't, or where all of them may.
        """
        fold, projection, key = self._fold, question.projection, question.key
        has = powers_of(projection).accounts
        tree = fold.trees.get(key)
        cut = upto != fold.position or question.published is not None or question.trust
        if has is None or tree is None or tree.contested or tree.size < MANY or cut or fold.links:
            return None
        with fold.lock:
            weighs = projection.takes_query_time
            time_filter = TimeFilter(question.at, question.reading, takes_query_time=weighs)
            seen = fold.seen_under(key, question.at)
            state = query(fold.way, projection, tree, seen, time_filter)
            events = {account.event.id for account in has(state)} | fold.moved_under(key)
            said = bearing_on(self, events, upto)
            answer = replay.result(projection, state, question.at)
            if not question.same(question.from_part(said.values()), answer):
                return None  # what the projection says of its accounts doesn't hold
            return said, Settled(tree, seen)
