"""Says what stood about each event at every step: of what the log learned, of what was published.

Where links join, split or order events, what stands is asked anew at each step, as the log would
be asked; without them an event is resolved again only where an entry came that it depends on. So
that a log of many links and steps makes a page in bearable time, it is asked at some of its steps
then: those left are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import TypeVar

import attrs

from timeline.accounts import Account, Entry
from timeline.claims import Claim, LinkClaim, Retraction, Said, Void
from timeline.linking import resolve_linked
from timeline.resolution import happened_by, resolve_one
from timeline.supersession import DependencyIndex
from timeline.views.chronology import History

__all__ = [
    "EntryStep",
    "VersionInterval",
    "publication_steps",
    "published_intervals",
    "steps",
    "version_intervals",
]

T = TypeVar("T")

_MOST = 300_000  # accounts that are formed for one page where links have to be applied


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


def steps(entries: Sequence[Entry]) -> list[EntryStep]:
    """Return the times at which the log learned something, each once; some where links are many."""
    found: list[EntryStep] = []
    for entry in entries:
        if found and found[-1].recorded == entry.recorded:
            found[-1] = EntryStep(entry.recorded, entry.position, found[-1].entries + 1)
        else:
            found.append(EntryStep(entry.recorded, entry.position, 1))
    if not _linked(entries):
        return found
    kept = _thinned(found, len(entries))
    counts = [step.position for step in kept]
    before = [0, *counts[:-1]]
    first = entries[0].position - 1 if entries else 0
    return [
        EntryStep(step.recorded, step.position, step.position - max(start, first))
        for step, start in zip(kept, before, strict=True)
    ]


def _linked(entries: Iterable[Entry]) -> bool:
    return any(isinstance(entry.claim, LinkClaim) for entry in entries)


def _thinned(found: list[T], size: int) -> list[T]:
    """As many of them, the last one always, as may be asked of a log of a size."""
    most = max(_MOST // max(size, 1), 2)
    each = -(-len(found) // most)
    return found[::-1][::each][::-1] if found else found


def publication_steps(entries: Sequence[Entry], history: History) -> list[int]:
    """Return the moments by which something had certainly been published, microseconds of UTC."""
    found = {
        bound
        for entry in entries
        if isinstance(entry.claim, Claim | LinkClaim | Retraction)
        and (bound := entry.claim.report.published.hi) is not None
        and (history.published is None or bound <= history.published)
    }
    bounds = sorted(found)
    return _thinned(bounds, len(entries)) if _linked(entries) else bounds


class _Lives:
    """Notes from which step until which each account stood."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._found: list[VersionInterval] = []
        self._standing: dict[str, tuple[Account, int]] = {}

    def note(self, number: int, event_id: str, now: Account | None) -> None:
        """Take what stands about an event from a step on; None where nothing does."""
        history = self._history
        if now is not None and not happened_by(now.when, history.at, history.reading):
            now = None
        before, first = self._standing.get(event_id, (None, number))
        if now == before:
            return
        if before is not None:
            self._found.append(VersionInterval(before, first, number))
            del self._standing[event_id]
        if now is not None:
            self._standing[event_id] = now, number

    def all_of(self, number: int, accounts: Iterable[Account]) -> None:
        """Take all that stands at a step."""
        now = {account.event.id: account for account in accounts}
        for event_id in (*self._standing.keys() - now.keys(), *now):
            self.note(number, event_id, now.get(event_id))

    def done(self) -> list[VersionInterval]:
        """Return them all, those that stand at the end with no end."""
        last = [VersionInterval(one, first, None) for one, first in self._standing.values()]
        return [*self._found, *last]


def version_intervals(entries: Sequence[Entry], history: History) -> list[VersionInterval]:
    """Return every account that stood at some step, and from when until when it did.

    The same as asking what stands at each of ``steps`` anew.
    """
    lives = _Lives(history)
    if _linked(entries):
        for number, step in enumerate(steps(entries)):
            known = [entry.claim for entry in entries if entry.position <= step.position]
            accounts, *_ = resolve_linked(known, published=history.published, trust=history.trust)
            lives.all_of(number, accounts)
        return lives.done()
    for number, closures in enumerate(_closures(entries)):
        for event_id, said in closures.items():
            now = resolve_one(event_id, said, published=history.published, trust=history.trust)
            lives.note(number, event_id, now)
    return lives.done()


def published_intervals(entries: Sequence[Entry], history: History) -> list[VersionInterval]:
    """Return every account that stood by some publication, of all that the log knows.

    Steps are those of ``publication_steps``; the same as asking ``published=`` of each.
    """
    lives = _Lives(history)
    moments = publication_steps(entries, history)
    if _linked(entries):
        for number, moment in enumerate(moments):
            known = [entry.claim for entry in entries]
            accounts, *_ = resolve_linked(known, published=moment, trust=history.trust)
            lives.all_of(number, accounts)
        return lives.done()
    numbers = {moment: number for number, moment in enumerate(moments)}
    last: dict[str, list[Said]] = {}
    for closures in _closures(entries):
        last.update(closures)
    for event_id, said in last.items():
        dates = {one.report.published.hi for one in said if not isinstance(one, Void)}
        for moment in sorted(moment for moment in dates if moment in numbers):
            now = resolve_one(event_id, said, published=moment, trust=history.trust)
            lives.note(numbers[moment], event_id, now)
    return lives.done()


def _closures(entries: Sequence[Entry]) -> Iterator[dict[str, list[Said]]]:
    """For each step, all that bears on each event that something came about."""
    index = DependencyIndex()
    said: dict[int, Said] = {}
    by_id: dict[str, tuple[int, Said]] = {}
    read: Callable[[Iterable[int]], dict[int, Said]] = lambda positions: {  # noqa: E731
        position: said[position] for position in positions
    }
    for _, group in groupby(entries, key=attrgetter("recorded")):
        dirty: set[str] = set()
        for entry in group:
            one = entry.claim
            if isinstance(one, Claim | LinkClaim | Retraction | Void):
                said[entry.position] = one
                by_id[one.id] = entry.position, one
                dirty.update(index.add(entry.position, one, by_id.get))
        yield dict(index.closure(sorted(dirty), read))
