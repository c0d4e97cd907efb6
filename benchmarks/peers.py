"""What a user would pick instead: the eventsourcing package, and sqlite3 with nothing on top."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
from contents import Fact, claims, facts
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import (
    DatetimeAsISO,
    EventStore,
    JSONTranscoder,
    Mapper,
    Transcoding,
    UUIDAsHex,
)
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from timeline import Log
from timeline.stores.base import Record
from timeline.stores.sqlite import SQLiteStore

__all__ = ["Bare", "Recorded", "flat", "flattened", "rows", "typed"]

_STREAM = UUID(int=1)
_START = datetime(2022, 2, 24, tzinfo=UTC)
_PAGE = 1000


class FlatAttack(DomainEvent):
    """An attack, every part of it in a field of its own: what the package reads fastest."""

    source: str
    name: str
    lo: int
    hi: int
    place: str
    place_id: str
    latitude: float
    longitude: float
    by: str
    against: str
    weapon: str
    killed_low: int
    killed: int
    killed_high: int
    wounded: int
    summary: str


class FlatChange(DomainEvent):
    """A change of hands, the same way."""

    source: str
    name: str
    lo: int
    hi: int
    place: str
    place_id: str
    latitude: float
    longitude: float
    to: str
    from_: str
    how: str | None
    summary: str


@attrs.frozen
class Time:
    """A time as two bounds."""

    lo: int
    hi: int


@attrs.frozen
class Town:
    """A place with its id and its coordinates."""

    name: str
    id: str
    latitude: float
    longitude: float


@attrs.frozen
class Number:
    """A count with its bounds."""

    low: int
    best: int
    high: int


class TypedAttack(DomainEvent):
    """An attack with values for its time, place and counts."""

    source: str
    name: str
    when: Time
    place: Town
    by: str
    against: str
    weapon: str
    killed: Number
    wounded: Number
    summary: str


class TypedChange(DomainEvent):
    """A change of hands, the same way."""

    source: str
    name: str
    when: Time
    place: Town
    to: str
    from_: str
    how: str | None
    summary: str


def _common(fact: Fact) -> dict[str, Any]:
    return {
        "originator_id": _STREAM,
        "originator_version": fact.number + 1,
        "timestamp": _START + timedelta(minutes=3 * fact.number),
        "source": fact.source,
        "name": f"desk:{fact.number}",
        "summary": fact.summary,
    }


def _other(side: str) -> str:
    return "Ukraine" if side == "Russia" else "Russia"


def flat(count: int) -> list[DomainEvent]:
    """Return so many facts as events of plain fields."""
    return flattened(facts(count))


def flattened(told: Iterable[Fact]) -> list[DomainEvent]:
    """Return facts as events of plain fields."""
    made: list[DomainEvent] = []
    for fact in told:
        name, number, latitude, longitude = fact.place
        common = _common(fact) | {
            "lo": fact.lo,
            "hi": fact.hi,
            "place": name,
            "place_id": f"geonames:{number}",
            "latitude": latitude,
            "longitude": longitude,
        }
        if fact.taken:
            made.append(FlatChange(**common, to=fact.by, from_=_other(fact.by), how=fact.how))
        else:
            low, best, high = fact.killed
            harm = {"killed_low": low, "killed": best, "killed_high": high}
            harm |= {"wounded": fact.wounded}
            means = {"by": fact.by, "against": fact.against, "weapon": fact.weapon}
            made.append(FlatAttack(**common, **harm, **means))
    return made


def typed(count: int) -> list[DomainEvent]:
    """Return so many facts as events that hold values, each with a transcoding of its own."""
    made: list[DomainEvent] = []
    for fact in facts(count):
        name, number, latitude, longitude = fact.place
        common = _common(fact) | {
            "when": Time(fact.lo, fact.hi),
            "place": Town(name, f"geonames:{number}", latitude, longitude),
        }
        if fact.taken:
            made.append(TypedChange(**common, to=fact.by, from_=_other(fact.by), how=fact.how))
        else:
            harm = {"killed": Number(*fact.killed), "wounded": Number(*[fact.wounded] * 3)}
            means = {"by": fact.by, "against": fact.against, "weapon": fact.weapon}
            made.append(TypedAttack(**common, **harm, **means))
    return made


def _transcoding(cls: type[Any]) -> Transcoding:
    names = [field.name for field in attrs.fields(cls)]

    class Of(Transcoding):
        type = cls
        name = cls.__name__.lower()

        def encode(self, obj: Any) -> list[Any]:
            return [getattr(obj, name) for name in names]

        def decode(self, data: Any) -> Any:
            return cls(*data)

    return Of()


class Recorded:
    """A log of the eventsourcing package in a SQLite file, with its own default settings."""

    def __init__(self, folder: Path) -> None:
        self._recorder = SQLiteApplicationRecorder(SQLiteDatastore(str(folder / "peer.db")))
        self._recorder.create_table()
        transcoder = JSONTranscoder()
        for one in (DatetimeAsISO(), UUIDAsHex(), *map(_transcoding, (Time, Town, Number))):
            transcoder.register(one)
        self._mapper: Any = Mapper(transcoder)
        self._store: Any = EventStore(self._mapper, self._recorder)

    def append(self, events: Sequence[DomainEvent], *, at_once: int) -> int:
        """Append events, so many a transaction."""
        for start in range(0, len(events), at_once):
            self._store.put(events[start : start + at_once])
        return len(events)

    def replay(self) -> Iterator[Any]:
        """Return every event in the order of arrival."""
        start = 1
        while found := self._recorder.select_notifications(start, _PAGE):
            yield from map(self._mapper.to_domain_event, found)
            start = int(found[-1].id) + 1


def rows(folder: Path, count: int) -> list[Record]:
    """Return the rows that the library keeps for so many facts."""
    path = folder / "rows.db"
    with Log(path) as log:
        log.append(*claims(count))
    store = SQLiteStore(path)
    found = list(store.rows())
    store.close()
    return found


_TABLE = """
CREATE TABLE entries (
    position INTEGER PRIMARY KEY, recorded INTEGER NOT NULL, id BLOB NOT NULL UNIQUE,
    form TEXT NOT NULL, kind TEXT NOT NULL, report INTEGER NOT NULL, body TEXT NOT NULL,
    salt BLOB NOT NULL
)
"""
_INSERT = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, CAST(? AS TEXT), ?)"


class Bare:
    """sqlite3 by itself: the same table, columns, unique index and syncing, and no more."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(_TABLE)

    def append(self, found: Sequence[tuple[Any, ...]], *, at_once: int) -> int:
        """Insert rows that are ready, so many a transaction."""
        for start in range(0, len(found), at_once):
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(_INSERT, found[start : start + at_once])
            self._connection.execute("COMMIT")
        return len(found)

    def bodies(self) -> Iterator[Any]:
        """Return every row, its body as bytes, and make nothing of it."""
        query = "SELECT position, recorded, id, kind, report, CAST(body AS BLOB) FROM entries"
        yield from self._connection.execute(query)
