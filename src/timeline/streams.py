"""Gives what stands one account at a time, in chronological order, and holds little of the log.

A first look at each claim tells which event it is about and when that was. Most events have one
claim, which nothing else reaches: those are read again in the order of happening, and let go. The
others, and all that takes something back, are held together and weighed by ``standing``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from math import inf

from timeline.accounts import Account
from timeline.claims import Claim, Retraction, Said, Void
from timeline.readers import Glance
from timeline.standing import chronological, happened_by, standing
from timeline.stores.base import Row, Store

__all__ = ["accounts"]

_PAGE = 500  # claims read at once


# A plain tuple of plain values: a million of them cost the garbage collector nothing.
_Place = tuple[float, float, str, int]
"""Where an event stands in chronological order, and the position of its only claim in the log;
below zero where it was weighed with others."""


class _Survey:
    """What a first look at the rows tells."""

    def __init__(
        self, rows: Iterable[Row], glance: Callable[[Row], Glance], read: Callable[[Row], Said]
    ) -> None:
        self.places: dict[str, _Place] = {}
        self.more: list[_Place] = []
        self.said: list[Said] = []
        self.reached: set[str] = set()  # events that need weighing
        self.targets: set[bytes] = set()  # what claims replace and voids void
        places = self.places
        for row in rows:
            if row.form != "claim":
                self._hear(read(row))
                continue
            seen = glance(row)
            lo, hi, name = seen.event.when.lo, seen.event.when.hi, seen.event.id
            place = (-inf if lo is None else lo, inf if hi is None else hi, name, row.position)
            if places.setdefault(name, place) is not place:
                self.more.append(place)
            if seen.replaces:
                self.reached.add(name)
                self.targets.update(_ids(seen.replaces))
        self.reached.update(name for _, _, name, _ in self.more)

    def _hear(self, one: Said) -> None:
        self.said.append(one)
        if isinstance(one, Retraction):
            self.reached.add(one.event_id)
        if isinstance(one, Void):
            self.targets.update(_ids([one.target]))


def accounts(
    rows: Iterable[Row],
    store: Store,
    *,
    glance: Callable[[Row], Glance],
    read: Callable[[Row], Said],
    published: int | None = None,
    trust: Sequence[str] = (),
) -> Iterator[Account]:
    """Gives what ``standing`` gives of what was said in some rows of a store.

    ``glance`` looks at the row of a claim and ``read`` gives what a row says.
    """
    survey = _Survey(rows, glance, read)
    places = survey.places
    for row in store.find(survey.targets).values():
        if row.form == "claim":
            survey.reached.add(glance(row).event.id)
    weighed = survey.more + [places.pop(name) for name in survey.reached if name in places]
    said = [*survey.said, *_read(weighed, store, read).values()]
    stands = standing(said, published=published, trust=trust)
    order = list(places.values())
    places.clear()
    order += [(*chronological(one.event), -1 - no) for no, one in enumerate(stands)]
    order.sort()
    for start in range(0, len(order), _PAGE):
        page = order[start : start + _PAGE]
        lone = _read((place for place in page if place[3] > 0), store, read)
        for *_, position in page:
            if position < 0:
                yield stands[-1 - position]
            elif (claim := lone.get(position)) is not None:
                if claim.stance != "denies" and happened_by(claim.report.published, published):
                    yield Account(claim.event, (claim,), (claim,))


def _read(places: Iterable[_Place], store: Store, read: Callable[[Row], Said]) -> dict[int, Claim]:
    """The claims at some places that weren't erased meanwhile, by position."""
    rows = store.pick(position for *_, position in places)
    claims = {position: read(row) for position, row in rows.items() if row.form == "claim"}
    return {position: one for position, one in claims.items() if isinstance(one, Claim)}


def _ids(names: Iterable[str]) -> Iterator[bytes]:
    """The ids that some texts are; others name nothing, whoever wrote them."""
    for name in names:
        with suppress(ValueError):
            yield bytes.fromhex(name)
