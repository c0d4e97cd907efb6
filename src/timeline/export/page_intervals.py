"""Says what stood about each event at every step at which the log learned something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter

import attrs

from timeline.accounts import Account, Entry
from timeline.claims import Claim, LinkClaim, Retraction, Said, Void
from timeline.resolution import happened_by, resolve_one
from timeline.supersession import DependencyIndex
from timeline.views.chronology import History

__all__ = ["EntryStep", "VersionInterval", "steps", "version_intervals"]


@attrs.frozen
class EntryStep:
    """A time at which the log learned something, with all that it learned then.

    ``position`` is that of the last entry recorded then, ``entries`` how many there are.
    """

    recorded: datetime
    position: int
    entries: int


@attrs.frozen
class VersionInterval:
    """An account that stood from step ``first`` until before step ``until`` (None: to the end).

    Steps count from 0.
    """

    account: Account
    first: int
    until: int | None


def steps(entries: Iterable[Entry]) -> list[EntryStep]:
    """Return the times at which the log learned something, each once."""
    found: list[EntryStep] = []
    for entry in entries:
        if found and found[-1].recorded == entry.recorded:
            found[-1] = EntryStep(entry.recorded, entry.position, found[-1].entries + 1)
        else:
            found.append(EntryStep(entry.recorded, entry.position, 1))
    return found


def version_intervals(entries: Sequence[Entry], history: History) -> list[VersionInterval]:
    """Return every account that stood at some step, and from when until when it did.

    The same as asking what stands at each step anew, but an event is resolved again only where an
    entry came that it depends on.
    """
    index = DependencyIndex()
    said: dict[int, Said] = {}
    by_id: dict[str, tuple[int, Said]] = {}
    found: list[VersionInterval] = []
    standing: dict[str, tuple[Account, int]] = {}
    for number, (_, group) in enumerate(groupby(entries, key=attrgetter("recorded"))):
        dirty: set[str] = set()
        for entry in group:
            one = entry.claim
            if isinstance(one, Claim | LinkClaim | Retraction | Void):
                said[entry.position] = one
                by_id[one.id] = entry.position, one
                dirty.update(index.add(entry.position, one, by_id.get))
        closures = index.closure(
            sorted(dirty), lambda positions: {position: said[position] for position in positions}
        )
        for event_id, closure in closures.items():
            now = resolve_one(event_id, closure, published=history.published, trust=history.trust)
            if now is not None and not happened_by(now.when, history.at, history.reading):
                now = None
            before, first = standing.get(event_id, (None, number))
            if now == before:
                continue
            if before is not None:
                found.append(VersionInterval(before, first, number))
                del standing[event_id]
            if now is not None:
                standing[event_id] = now, number
    found += [VersionInterval(account, first, None) for account, first in standing.values()]
    return found
