"""Reads the moments at which a log is asked: ``at``, ``known``, ``published``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TypedDict

from timeline.calendar_math import as_datetime
from timeline.errors import LogError
from timeline.resolution import Reading
from timeline.time_parsing import when
from timeline.times import When

__all__ = ["Known", "Moment", "Progress", "Question", "check_reading", "end_of", "instant"]

Moment = str | date | datetime | When
"""A moment asked: whatever ``when()`` takes, meaning by the end of it."""

Known = Moment | int
"""A moment, or the position of an entry: the token by which an answer repeats for ever."""


Progress = Callable[[int, int], object]
"""Told how many of how many steps are done, as long work goes on."""


class Question(TypedDict, total=False):
    """What a log is asked by, beside the projection; see ``Log.accounts``."""

    at: Moment | None
    known: Known | None
    published: Moment | None
    reading: Reading
    trust: Sequence[str]
    progress: Progress | None


def end_of(name: str, moment: Known | None) -> int | None:
    """Gives the end of a moment asked, in microseconds of UTC; None asks without a bound."""
    if moment is None:
        return None
    if isinstance(moment, int):
        raise LogError(f"{name}={moment!r} is no moment; give a date such as '2022-09-10'")
    end = when(moment).hi
    if end is None:
        raise LogError(f"{name}={str(moment)!r} has no end to ask by; leave {name} out for all")
    return end


def instant(recorded: Moment) -> int:
    """Gives the moment at which a log is said to have learned something, microseconds of UTC."""
    time = when(recorded)
    if time.hi is None or as_datetime(time.lo) is None or time.lo is None:
        raise LogError(
            f"recorded={str(recorded)!r} is no moment of the years 1 to 9999; give a date or a time"
        )
    return time.lo


def check_reading(reading: Reading) -> None:
    """Raises ``LogError`` for a reading that there isn't."""
    if reading not in ("certain", "possible"):
        raise LogError(f"reading is 'certain' or 'possible', not {reading!r}")
