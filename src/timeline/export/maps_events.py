"""Finds where events happened: which places a map shows, and how many events each has had."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import attrs

from timeline.accounts import Account
from timeline.export.dropped_fields import places_of
from timeline.export.maps_places import Outline, Site
from timeline.kinds import TerritorialChange
from timeline.places import Place
from timeline.resolution import happened_by, may_have_happened_by

__all__ = ["Happened", "events_by_place", "happened", "sites_of", "weights_of"]


@attrs.frozen
class Happened:
    """How many events a place has certainly had, and how many more it may have had."""

    certain: int = 0
    perhaps: int = 0

    @property
    def most(self) -> int:
        """How many it has had at most."""
        return self.certain + self.perhaps


def events_by_place(accounts: Iterable[Account]) -> dict[str, list[Account]]:
    """Return what happened at each place, by ``place.key``; who holds it is told apart from it.

    What is only expected hasn't happened, and a whole that is counted as its parts is left out.
    """
    found: defaultdict[str, list[Account]] = defaultdict(list)
    for account in accounts:
        if account.expected or not account.folded or isinstance(account.event, TerritorialChange):
            continue
        for place in dict.fromkeys(one.key for one in places_of(account.event)):
            found[place].append(account)
    return dict(found)


def happened(accounts: Iterable[Account], at: int | None) -> Happened:
    """Return how many of some events had happened by a moment; all of them where none is asked."""
    certain = perhaps = 0
    for account in accounts:
        if happened_by(account.when, at):
            certain += 1
        elif may_have_happened_by(account.when, at):
            perhaps += 1
    return Happened(certain, perhaps)


def sites_of(accounts: Iterable[Account], regions: Sequence[Outline]) -> list[Site]:
    """Return the places of all versions that can be put on a map, by their keys.

    Where their coordinates are, or in the middle of the outline that bears their key or name.
    """
    named: dict[str, Place] = {}
    spots: dict[str, tuple[float, float]] = {}
    for account in accounts:
        for version in account.versions:
            for place in places_of(version):
                named.setdefault(place.key, place)
                if place.latitude is not None and place.longitude is not None:
                    spots.setdefault(place.key, (place.latitude, place.longitude))
    found = []
    for key, place in sorted(named.items()):
        spot = spots.get(key) or _middle(regions, place)
        if spot is not None:
            found.append(Site(key, place.name, *spot))
    return found


def _middle(regions: Sequence[Outline], place: Place) -> tuple[float, float] | None:
    region = next(
        (one for one in regions if one.filled and one.names & {place.key, place.name}), None
    )
    if region is None:
        return None
    longitude, latitude = region.middle
    return latitude, longitude


def weights_of(
    sites: Iterable[Site], events: Mapping[str, Sequence[object]], turns: Mapping[str, int]
) -> dict[str, int]:
    """Return how much is said of each place: events, and times at which it may change hands."""
    return {site.key: len(events.get(site.key, ())) + turns.get(site.key, 0) for site in sites}
