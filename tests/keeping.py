"""Projections and news that tests of kept projections share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from timeline import Attack, Claim, Event, Log, Projection, Report, TerritorialChange, on
from timeline.claims import Said
from timeline.errors import ProjectionError
from timeline.folding.aggregation import aggregator_for
from timeline.folding.incremental import IncrementalView
from timeline.folding.kept_projection import Kept
from timeline.folding.state_codec import state_type

__all__ = [
    "WIRE",
    "Entries",
    "Ids",
    "Odd",
    "Wounded",
    "attack",
    "begun",
    "change",
    "learn",
    "saved",
]


class Entries:
    """A log in a list: what is said first stands at position 1."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.reads: list[list[int]] = []

    def find(self, said_id: str) -> tuple[int, Said] | None:
        """Return the position of an entry by its id, and what it says."""
        return next(((p, one) for p, one in enumerate(self.said, 1) if one.id == said_id), None)

    def read(self, positions: Iterable[int]) -> Mapping[int, Said]:
        """Return what the entries at some positions say."""
        asked = sorted(positions)
        self.reads.append(asked)
        return {position: self.said[position - 1] for position in asked}


WIRE = Report("Wire", published="2022-09-30")


class Wounded(Projection[int]):
    """How many were wounded; ``factor`` is a setting."""

    start = 0

    def __init__(self, factor: int = 1) -> None:
        self.factor = factor

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + self.factor * attack.wounded.best


class Ids(Projection[Any]):
    """Has no state that can be written down."""

    start: Any = ()

    @on(Event)
    def add(self, ids: Any, one: Event) -> Any:
        return (*ids, one.id)


class Odd(Projection[bool]):
    """Whether an odd number of attacks happened."""

    start = False

    @on(Attack)
    def flip(self, odd: bool, _: Attack) -> bool:
        return not odd


def attack(number: int, day: int = 1, wounded: int = 1, *, place: str = "Kharkiv") -> Claim:
    return WIRE.says(
        Attack(when=f"2022-09-{day:02}", id=f"attack:{number}", place=place, wounded=wounded)
    )


def change(number: int, day: int, to: str) -> Claim:
    return WIRE.says(
        TerritorialChange(when=f"2022-09-{day:02}", id=f"change:{number}", place="Izium", to=to)
    )


def begun(projection: Projection[Any], *, history: bool = False) -> tuple[IncrementalView, Entries]:
    """Return a fold that has read nothing, and the log that it reads."""
    hint = None
    with suppress(ProjectionError):
        hint = state_type(type(projection))
    entries = Entries()
    return IncrementalView(
        projection, aggregator_for(projection, hint), entries, history=history
    ), entries


def saved(log: Log, projection: Projection[Any], **how: Any) -> Kept[Any]:
    """Return a projection that is kept, has taken in all of a log, and is stored."""
    kept = log.keep(projection, **how)
    kept.catch_up()
    kept.save()
    return kept


def learn(fold: IncrementalView, *said: Said) -> None:
    """Say something in a fold's log and has it settled, raising what the projection raises."""
    entries: Any = fold.entries
    for one in said:
        entries.said.append(one)
        fold.learn(len(entries.said), one)
    fold.compact()
