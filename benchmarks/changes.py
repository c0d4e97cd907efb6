"""Writes segments of a log of changes of hands, of any length, without the log: for big benchmarks.

One entry in twenty corrects one that came long before it, one in two hundred takes one back, and
one in two thousand voids one. The bodies are put together as the library would write them, which
the first entries are checked for; that takes a tenth of the time of appending them.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import NamedTuple

from timeline import Place, Report, TerritorialChange, when
from timeline.canonical import encode, id_of, plain
from timeline.claims import Said
from timeline.formats.segments import MANIFEST, Segment, manifest_bytes, segment_of
from timeline.merkle import Frontier
from timeline.stores.base import Record, leaf

__all__ = ["SIZE", "made", "rows"]

SIZE = 1 << 16
"""Entries a segment."""

_PLACES = 10_000
_SIDES = ("Ukraine", "Russia")
_SOURCES = ("ISW", "Wire", "Regional administration", "Observer mission")
_PER_REPORT = 20
_PER_DAY = 8_000
_START = datetime(2022, 2, 24, tzinfo=UTC)
_REMEMBERED = 20_000  # claims that may still be corrected
_CHECKED = 2_000
_VOIDS, _RETRACTS, _REPLACES = 0.0005, 0.0055, 0.0555  # what a dice below it does


class _Fact(NamedTuple):
    """A claim that was made: its id, and what it says."""

    id: bytes
    name: str
    place: int
    day: int
    to: int
    source: int


class _Ahead:
    """The reports of a log that isn't there, and its name: what segments are written from."""

    identity = "00000000-0000-4000-8000-000000000008"

    def __init__(self) -> None:
        self.bodies: dict[bytes, bytes] = {}

    def reports(self, names: list[bytes]) -> dict[bytes, bytes]:
        """Return the bodies of some reports."""
        return {name: self.bodies[name] for name in names}


@lru_cache(maxsize=1024)
def _report(number: int, source: int) -> Report:
    published = _START + timedelta(seconds=number)
    name = _SOURCES[source]
    return Report(name, published=published, title=f"{name}, bulletin {number}")


@lru_cache(maxsize=_PLACES)
def _place(number: int) -> tuple[Place, str]:
    place = Place(f"Town {number}", id=f"t:{number}", latitude=47 + number / 4096, longitude=35.5)
    return place, encode(plain(place)).decode()


@lru_cache(maxsize=64)
def _day(number: int) -> tuple[str, str]:
    day = (date(2022, 2, 24) + timedelta(days=number)).isoformat()
    return day, encode(plain(when(day))).decode()


def _claim(fact: _Fact, report: Report, replaces: bytes) -> bytes:
    replaced = f'"replaces":["{replaces.hex()}"],' if replaces else ""
    return (
        f'{{"event":{{"from_":"{_SIDES[1 - fact.to]}","id":"{fact.name}",'
        f'"place":{_place(fact.place)[1]},"to":"{_SIDES[fact.to]}","when":{_day(fact.day)[1]}}},'
        f'"kind":"territorial-change/1",{replaced}"report":"{report.id}"}}'
    ).encode()


def _checked(fact: _Fact, report: Report, replaces: bytes) -> Said:
    event = TerritorialChange(
        when=when(_day(fact.day)[0]),
        id=fact.name,
        place=_place(fact.place)[0],
        to=_SIDES[fact.to],
        from_=_SIDES[1 - fact.to],
    )
    return report.says(event, replaces=replaces.hex() if replaces else None)


def rows(count: int, reports: dict[bytes, bytes]) -> Iterator[Record]:
    """Return so many entries, always the same, and put their reports among ``reports``."""
    chance = Random(20220224)
    before: deque[_Fact] = deque(maxlen=_REMEMBERED)
    start = int(_START.timestamp()) * 1_000_000
    for number in range(count):
        pick = chance.randrange(len(before)) if before else 0
        old = before[pick] if before else None
        dice = chance.random() if old is not None else 1.0
        if dice < _REPLACES:
            del before[pick]  # twice in one report, it would be the same claim twice
        source = (
            (number // _PER_REPORT) % len(_SOURCES)
            if old is None or dice >= _REPLACES
            else old.source
        )
        report = _report(number // _PER_REPORT, source)
        name = bytes.fromhex(report.id)
        if name not in reports:
            reports[name] = report.body
        form, kind, replaces = "claim", "territorial-change/1", b""
        fact = None
        if old is not None and dice < _VOIDS:
            said = report.voids(old.id.hex(), because="typed twice")
            form, kind, body = "void", "", said.body()
        elif old is not None and dice < _RETRACTS:
            gone = report.retracts(old.name, because="it was wrong")
            form, kind, body = "retraction", "", gone.body()
        else:
            place, to = chance.randrange(_PLACES), chance.randrange(2)
            day = number // _PER_DAY - chance.choice((0, 0, 0, 1, 2, 9))
            fact = _Fact(b"", f"desk:{number}", place, day, to, source)
            if old is not None and dice < _REPLACES:
                fact, replaces = old._replace(to=1 - old.to), old.id
            body = _claim(fact, report, replaces)
            if number < _CHECKED and body != _checked(fact, report, replaces).body():
                raise AssertionError(f"the library writes entry {number + 1} otherwise")
        digest = id_of(form, body, report.published.lo)
        if fact is not None:
            before.append(fact._replace(id=digest))
        salt = sha256(number.to_bytes(8, "big")).digest()[:16]
        yield Record(number + 1, start + number * 1_000_000, digest, form, kind, name, body, salt)


def made(count: int, folder: Path) -> Path:
    """Return a folder with the segments of so many entries; those that are there are kept."""
    place = folder / f"changes-{count}"
    if (place / MANIFEST).exists():
        return place
    place.mkdir(parents=True, exist_ok=True)
    ahead, frontier, written = _Ahead(), Frontier(), []
    batch: list[Record] = []
    for row in rows(count, ahead.bodies):
        batch.append(row)
        if len(batch) == SIZE or row.position == count:
            frontier.extend(map(leaf, batch))
            name, content = segment_of(batch, ahead, "parquet")  # type: ignore[arg-type]
            (place / name).write_bytes(content)
            digest, root = sha256(content).hexdigest(), frontier.root().hex()
            first = batch[0].position
            written.append(Segment(name, first, row.position, len(content), digest, root))
            batch = []
            ahead.bodies.clear()
    (place / MANIFEST).write_bytes(manifest_bytes(ahead, "parquet", frontier, written))  # type: ignore[arg-type]
    return place


if __name__ == "__main__":
    print(made(int(sys.argv[1]), Path(sys.argv[2])))
