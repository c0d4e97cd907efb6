"""Gives what stands one account at a time, in chronological order, and holds little of the log.

A first look at each claim tells which event it is about and when that was. Most events have one
claim, which nothing else reaches: those are read again in the order of happening, and let go. The
others, and all that takes something back, are held together and weighed by ``resolve``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from itertools import islice
from math import inf

from timeline.accounts import Account, lone_account
from timeline.claims import Claim, Retraction, Said
from timeline.decoding import Glance
from timeline.resolution import Trust, chronological, happened_by, resolve
from timeline.stores.base import EventStore, Record
from timeline.stores.external_sort import Place, Sorter
from timeline.supersession import targets_of

__all__ = ["Look", "Read", "accounts"]

Look = Callable[[Record], tuple[Glance, bool]]
"""Gives the least of a claim that tells where it stands, and whether its kind is heard."""

Read = Callable[[Record], Said]
"""Gives what a row says."""

_PAGE = 500  # claims read at once
_HELD = 1 << 16  # places in memory; some ten megabytes
_TOLD = 4096  # rows between two words on how far it is


class _Places:
    """Where claims stand, by event: in memory, and beyond ``_HELD`` of them in a spool."""

    def __init__(self) -> None:
        self._first: dict[str, Place] = {}
        self._more: list[Place] = []
        self._spool: Sorter | None = None

    def add(self, place: Place) -> None:
        """Takes in one more claim."""
        first = self._first
        if first.setdefault(place[2], place) is not place:
            self._more.append(place)
        elif len(first) >= _HELD:
            self._spill()

    def _spill(self) -> Sorter:
        if self._spool is None:
            self._spool = Sorter()
        self._spool.add(self._first.values())
        self._spool.add(self._more)
        self._first.clear()
        self._more.clear()
        return self._spool

    def take(self, reached: set[str]) -> list[int]:
        """Takes out those of events that something reaches or that have several claims."""
        if self._spool is not None:
            return self._spill().take(reached)
        reached = reached | {place[2] for place in self._more}
        found = [self._first.pop(name) for name in reached if name in self._first]
        return [place[3] for place in (*found, *self._more)]

    def in_order(self, weighed: Iterable[Place]) -> Iterator[int]:
        """Gives the positions of what is left and heard, and of what was weighed, in order."""
        if self._spool is not None:
            self._spool.add(weighed)
            with closing(self._spool):
                yield from self._spool.in_order()
            return
        order = [place for place in self._first.values() if place[4]]
        order += weighed
        self._first.clear()
        order.sort()
        yield from (place[3] for place in order)


class _Survey:
    """What a first look at the rows tells."""

    def __init__(self, rows: Iterable[Record], look: Look, read: Read) -> None:
        self.places = _Places()
        self.said: list[Said] = []
        self.reached: set[str] = set()  # events that need weighing
        self.targets: set[bytes] = set()  # what claims replace and voids void
        add = self.places.add
        for row in rows:
            if row.record_type != "claim":
                self._hear(read(row))
                continue
            seen, heard = look(row)
            event = seen.event
            lo, hi = event.when.lo, event.when.hi
            add((-inf if lo is None else lo, inf if hi is None else hi, event.id, row[0], heard))
            if seen.replaces:
                self.reached.add(event.id)
                self.targets.update(_ids(seen.replaces))

    def _hear(self, one: Said) -> None:
        self.said.append(one)
        if isinstance(one, Retraction):
            self.reached.add(one.subject)
        self.targets.update(_ids(targets_of(one)))


class _Watch:
    """Tells how far long work has come."""

    def __init__(self, progress: Callable[[int], object] | None) -> None:
        self._progress = progress
        self._done = self._told = self._rows = 0

    def over(self, rows: Iterable[Record]) -> Iterator[Record]:
        """Gives rows as they come, and counts them."""
        source = iter(rows)
        while page := list(islice(source, _PAGE)):
            yield from page
            self.add(len(page))
        self._rows = self._done

    def add(self, done: int) -> None:
        """Counts what was done."""
        self._done += done
        if self._progress is not None and self._done - self._told >= _TOLD:
            self._told = self._done
            self._progress(self._done)

    def end(self) -> None:
        """Tells that all is done: each row was looked at and read again, or didn't need to be."""
        if self._progress is not None and self._told:
            self._progress(2 * self._rows)


def accounts(
    rows: Iterable[Record],
    store: EventStore,
    *,
    look: Look,
    read: Read,
    published: int | None = None,
    trust: Trust = (),
    progress: Callable[[int], object] | None = None,
) -> Iterator[Account]:
    """Gives what ``resolve`` gives of what was said in some rows of a store.

    Events that have one claim alone, of a kind that isn't heard, are left out. ``progress`` is told
    how many rows were looked at, every few thousand, then how many accounts were given on top, and
    twice the rows at the end.
    """
    watch = _Watch(progress)
    survey = _Survey(watch.over(rows) if progress else rows, look, read)
    for row in store.get_by_id(survey.targets).values():
        if row.record_type == "claim":
            survey.reached.add(look(row)[0].event.id)
    together = store.get_by_position(survey.places.take(survey.reached)).values()
    said = [
        read(row) for row in together if row.record_type == "claim"
    ]  # not what was erased meanwhile
    stands = resolve([*survey.said, *said], published=published, trust=trust)
    weighed = ((*chronological(one.event), -1 - no, True) for no, one in enumerate(stands))
    order = survey.places.in_order(weighed)
    while page := list(islice(order, _PAGE)):
        found = store.get_by_position(position for position in page if position > 0)
        for position in page:
            if position < 0:
                yield stands[-1 - position]
            elif position in found and (claim := _claim(found[position], read)) is not None:
                if claim.stance != "denies" and happened_by(claim.report.published, published):
                    yield lone_account(claim)
        watch.add(len(page))
    watch.end()


def _claim(row: Record, read: Read) -> Claim | None:
    """The claim that a row says, None where it was erased meanwhile."""
    said = read(row) if row.record_type == "claim" else None
    return said if isinstance(said, Claim) else None


def _ids(names: Iterable[str]) -> Iterator[bytes]:
    """The ids that some texts are; others name nothing, whoever wrote them."""
    for name in names:
        with suppress(ValueError):
            yield bytes.fromhex(name)
