"""Knows which entries are about which event, so that one event can be weighed without the others.

What stands about an event depends on few entries: its claims and retractions, the claims that
replace one of those, and the voids that reach any of them. Weighing just these gives the account
that weighing the whole log gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from timeline.accounts import Account
from timeline.claims import Claim, Retraction, Said, Void
from timeline.resolution import resolve_one

__all__ = ["DependencyIndex", "Dirty", "Find", "Positions", "Read", "weighed"]

Positions = int | tuple[int, ...]
"""One position or several: most events have one claim, and a tuple for each would cost more."""

Read = Callable[[Iterable[int]], Mapping[int, Said]]
"""Gives what the entries at some positions say."""

Find = Callable[[str], tuple[int, Said] | None]
"""Gives the position of an entry by its id, and what it says; None where it isn't there."""

Dirty = dict[str, Claim | None]
"""The events that were touched, by id, each with the claim that is all that was said about it."""


def _with(there: Positions | None, position: int) -> Positions:
    if there is None:
        return position
    return (there, position) if isinstance(there, int) else (*there, position)


def _several(positions: Positions | None) -> tuple[int, ...]:
    if positions is None:
        return ()
    return (positions,) if isinstance(positions, int) else positions


class DependencyIndex:
    """The positions of what is said, by the event that it is about; grows with the log.

    ``about`` holds them by event id, ``naming`` the positions of the claims that replace an entry
    and of the voids that void it, by that entry's id.
    """

    def __init__(
        self,
        about: dict[str, Positions] | None = None,
        naming: dict[str, Positions] | None = None,
    ) -> None:
        self.about = about or {}
        self.naming = naming or {}
        self.named: set[str] = set()
        """The ids in ``naming`` that were met since somebody cleared this."""

    def learn(self, position: int, said: Said, find: Find) -> Dirty:
        """Takes in one entry; gives the events whose accounts it may change.

        An entry may name one that comes later: nothing changes until it does.
        """
        if isinstance(said, Claim):
            return self._learn_claim(position, said, find)
        if isinstance(said, Retraction):
            self.about[said.event_id] = _with(self.about.get(said.event_id), position)
            return {said.event_id: None}
        if isinstance(said, Void):
            self._name(said.target, position)
            return dict.fromkeys(self._reached(said, find))
        return {}  # what was redacted, and that it was, is about nothing

    def _learn_claim(self, position: int, claim: Claim, find: Find) -> Dirty:
        event_id = claim.event.id
        there = self.about.get(event_id)
        self.about[event_id] = _with(there, position)
        for target in claim.replaces:
            self._name(target, position)
        if claim.replaces:
            return dict.fromkeys((event_id, *self._reached(claim, find)))
        only = there is None and claim.id not in self.naming
        return {event_id: claim if only else None}

    def _name(self, target: str, position: int) -> None:
        self.naming[target] = _with(self.naming.get(target), position)
        self.named.add(target)

    def _reached(self, said: Said, find: Find) -> set[str]:
        """The events that an entry's force reaches, through whatever it voids, and replaces."""
        one: Said | None = said
        while isinstance(one, Void):
            found = find(one.target)
            one = None if found is None else found[1]
        if isinstance(one, Retraction):
            return {one.event_id}
        if not isinstance(one, Claim):
            return set()
        # What a replaced claim replaces itself stays fallen, whatever becomes of that claim.
        replaced = [found[1] for found in map(find, one.replaces) if found is not None]
        return {one.subject} | {
            said.subject for said in replaced if isinstance(said, Claim | Retraction)
        }

    def closure(self, event_ids: Iterable[str], read: Read, upto: int) -> dict[str, list[Said]]:
        """Gives all that bears on each of some events, of the entries up to a position."""
        wanted = {name: _several(self.about.get(name)) for name in event_ids}
        asked = [p for positions in wanted.values() for p in positions if p <= upto]
        first = read(asked) if asked else {}
        closures = {}
        for name, positions in wanted.items():
            found = {p: first[p] for p in positions if p <= upto}
            fresh = list(found.values())
            only: type | tuple[type, ...] = (Claim, Void)
            while fresh:
                naming = {
                    p
                    for said in fresh
                    for p in _several(self.naming.get(said.id))
                    if p <= upto and p not in found
                }
                new = read(naming) if naming else {}
                # Of what bears on a claim that replaces one of these, only voids reach as far.
                fresh = [said for said in new.values() if isinstance(said, only)]
                found.update((p, said) for p, said in new.items() if isinstance(said, only))
                only = Void
            closures[name] = list(found.values())
        return closures


def weighed(event_id: str, said: Sequence[Said]) -> Account | None:
    """Gives the account of an event from all that bears on it; None where nothing stands."""
    return resolve_one(event_id, said)
