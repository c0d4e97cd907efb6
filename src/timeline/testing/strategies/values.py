"""Draws the values that events are made of: times, places and counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st

from timeline.counts import UNREPORTED, Breakdown, Count
from timeline.places import Place
from timeline.time_parsing import between, when
from timeline.times import When

__all__ = ["FIRST", "breakdowns", "counts", "day", "picked", "places", "whens"]

T = TypeVar("T")

FIRST = date(2022, 9, 1)
"""The day on which everything that is drawn begins, and the one that times shrink to."""

_POOL = (
    Place("Izium"),
    Place("Kupiansk"),
    Place("Kherson", id="geonames:706448", latitude=46.65, longitude=32.58, precision="town"),
    Place("Kherson", within="Kherson Oblast"),
)

_HOURS = 24


def picked(pool: Sequence[T]) -> st.SearchStrategy[T]:
    """Draw a member of a large pool, whose first is the simplest, and print itself shortly."""
    return st.sampled_from(range(len(pool))).map(lambda index: pool[index])


@cache
def day(offset: int) -> When:
    """Return a whole day, counted from the first one."""
    return when(FIRST + timedelta(offset))


def _hours(offset: int, length: int) -> When:
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) + timedelta(hours=offset)
    return between(start, start + timedelta(hours=length, microseconds=-1))


def _days(offset: int, length: int) -> When:
    return between(FIRST + timedelta(offset), FIRST + timedelta(offset + length))


def _written(offset: int, form: str, zone: str | None = "UTC") -> When:
    start = FIRST + timedelta(offset)
    names = {"day": start, "later": start + timedelta(2), "month": f"{start:%Y-%m}"}
    return when(form.format(**names), zone=zone)


@cache
def _times(days: int) -> tuple[tuple[When, ...], ...]:
    """All times that begin within so many days: days, stretches, odd ones, and open ones."""
    starts = range(days)
    odd = ("{day}T12:00", "{month}", "{day}~", "{day}?", "{day}/{later}", "{{{day},{later}}}")
    opened = ("[..{day}]", "[{day}..]", "{day}/..")
    return (
        tuple(day(start) for start in starts),
        (
            *(_days(start, length) for start in starts for length in (1, 2, 3)),
            *(_hours(start, length) for start in range(0, 24 * days, 6) for length in (1, 6, 30)),
        ),
        (
            *(_written(start, form) for form in odd for start in starts),
            *(_written(start, "{day}", zone) for zone in ("Europe/Kyiv", None) for start in starts),
        ),
        (When(), *(_written(start, form) for form in opened for start in starts)),
    )


def whens(*, days: int = 8, bounded: bool = False) -> st.SearchStrategy[When]:
    """Draw times that begin within so many days of 1 September 2022; many of them overlap.

    Days and stretches of days or hours mostly; then single moments, months, times about a day,
    what lasted, other zones and, unless ``bounded``, times open on one side or on both. Shrinks
    to the whole first day, UTC.
    """
    whole, stretches, odd, opened = _times(days)
    # One choice for each time, and the plain ones more often, so that much can be drawn and shrunk.
    usual = whole * 4 + stretches + odd
    return picked(usual if bounded else usual + opened)


def places() -> st.SearchStrategy[Place]:
    """Draw one of four places, two of which share their name and are told apart by an id."""
    return st.sampled_from(_POOL)


@cache
def _numbers(most: int) -> tuple[Count, ...]:
    """Count up to a number, the plain ones first."""
    some = sorted({0, 1, 2, most // 3, most // 2, most})
    ranges = [
        Count(low=low, best=best, high=high)
        for low in some
        for best in some
        for high in (None, *some)
        if low <= best and (high is None or best <= high)
    ]
    about = [Count(about=number) for number in some if number]
    # Unreported where the plain ones end: what silence does should come up often.
    return (*map(Count, range(most + 1)), *[UNREPORTED] * (1 + most // 8), *about, *ranges)


def counts(*, most: int = 50) -> st.SearchStrategy[Count]:
    """Draw counts up to about ``most``: exact, unreported, "about", "at least", low-best-high."""
    return picked(_numbers(most))


def breakdowns() -> st.SearchStrategy[Breakdown]:
    """Draw who is among a count: none, one or two named groups."""
    parts = st.dictionaries(st.sampled_from(["children", "medics"]), counts(most=5), max_size=2)
    return parts.map(Breakdown)
