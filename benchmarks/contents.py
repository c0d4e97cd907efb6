"""Makes events such as a newsroom's log holds, always the same: attacks, changes of hands.

Every contender of a benchmark is given the same facts, in the shape that its users would choose.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import NamedTuple

from timeline import Attack, Claim, Count, Event, Place, Report, TerritorialChange, When, when

__all__ = ["Fact", "claims", "events", "facts", "report_of"]

_TOWNS = (
    ("Izium", "702569", 49.2128, 37.2576),
    ("Balakliia", "712930", 49.4624, 36.8594),
    ("Kupiansk", "703522", 49.7106, 37.6152),
    ("Lyman", "698738", 48.9886, 37.8022),
    ("Kharkiv", "706483", 49.9935, 36.2304),
    ("Kherson", "706448", 46.6354, 32.6169),
    ("Bakhmut", "709334", 48.5956, 37.9999),
    ("Sloviansk", "692372", 48.8532, 37.6055),
    ("Kramatorsk", "704147", 48.7389, 37.5848),
    ("Vovchansk", "688532", 50.2907, 36.9410),
    ("Chuhuiv", "709900", 49.8353, 36.6880),
    ("Mykolaiv", "700569", 46.9750, 31.9946),
)
_WEAPONS = ("artillery", "rockets", "missile", "drone", "mortar")
_SOURCES = ("ISW", "Wire", "Regional administration", "Observer mission")
_SIDES = ("Russia", "Ukraine")
_HOWS = ("assault", "withdrawal", None)
_START = datetime(2022, 2, 24, tzinfo=UTC)
_PER_REPORT = 20
_STEP = timedelta(minutes=3)
_DAY = 86_400_000_000


class Fact(NamedTuple):
    """What happened, in plain values; ``lo`` and ``hi`` in microseconds of UTC."""

    number: int
    source: str
    day: str
    lo: int
    hi: int
    place: tuple[str, str, float, float]
    by: str
    against: str
    weapon: str
    killed: tuple[int, int, int]
    wounded: int
    taken: bool
    how: str | None
    summary: str


def facts(count: int) -> Iterator[Fact]:
    """Return facts in the order in which they are reported, days after they happened."""
    chance = Random(20220224)
    for number in range(count):
        reported = _START + number * _STEP
        day = (reported - timedelta(days=chance.choice((0, 0, 0, 1, 1, 2, 9)))).date()
        lo = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1_000_000
        best = chance.randrange(4)
        town = chance.choice(_TOWNS)
        weapon = chance.choice(_WEAPONS)
        yield Fact(
            number,
            _SOURCES[number // _PER_REPORT % len(_SOURCES)],
            day.isoformat(),
            lo,
            lo + _DAY,
            town,
            by=_SIDES[number % 2],
            against="power plant" if best else "residential area",
            weapon=weapon,
            killed=(best // 2, best, best * 2),
            wounded=chance.randrange(20),
            taken=chance.random() < 1 / 3,
            how=chance.choice(_HOWS),
            summary=f"Report {number % 1000}: {weapon} fire near {town[0]}",
        )


@cache
def _place(town: tuple[str, str, float, float]) -> Place:
    name, number, latitude, longitude = town
    return Place(name, id=f"geonames:{number}", latitude=latitude, longitude=longitude)


@cache
def _time(day: str) -> When:
    return when(day)


def event(fact: Fact) -> Event:
    """Return a fact as an event of the library."""
    name, time, place = f"desk:{fact.number}", _time(fact.day), _place(fact.place)
    if fact.taken:
        loser = _SIDES[fact.by == _SIDES[0]]
        return TerritorialChange(
            when=time,
            id=name,
            place=place,
            to=fact.by,
            from_=loser,
            how=fact.how,
            summary=fact.summary,
        )
    low, best, high = fact.killed
    return Attack(
        when=time,
        id=name,
        place=place,
        by=fact.by,
        against=fact.against,
        weapon=fact.weapon,
        killed=Count(low=low, best=best, high=high),
        wounded=fact.wounded,
        summary=fact.summary,
    )


def events(count: int) -> list[Event]:
    """Return the events of so many facts."""
    return [event(fact) for fact in facts(count)]


def report_of(number: int) -> Report:
    """Return the report that the fact of a number stands in; twenty share one."""
    return _report(number // _PER_REPORT)


@cache
def _report(place: int) -> Report:
    published = _START + place * _PER_REPORT * _STEP
    source = _SOURCES[place % len(_SOURCES)]
    return Report(source, published=published, title=f"{source}, bulletin {place}")


def claims(count: int) -> Iterator[Claim]:
    """Return the claims that report so many facts."""
    for fact in facts(count):
        yield report_of(fact.number).says(event(fact))
