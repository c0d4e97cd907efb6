"""The arguments of a question: which part of a log is asked, by which moment, and how."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypedDict

import attrs

from timeline.calendar_math import as_datetime
from timeline.errors import LogError
from timeline.progress import Progress
from timeline.resolution import Reading, Trust
from timeline.time_parsing import when
from timeline.times import When

__all__ = [
    "Asked",
    "Asking",
    "Cut",
    "Known",
    "Moment",
    "Question",
    "asked",
    "end_of",
    "instant",
    "parts_of",
]

Moment = str | date | datetime | When
"""A moment asked: whatever ``when()`` takes, meaning by the end of it."""

Known = Moment | int
"""A moment, or the position of an entry: the token by which an answer repeats for ever."""


class Cut(TypedDict, total=False):
    """What of a log is asked; see ``Log.as_of``."""

    known: Known | None
    published: Moment | None
    trust: Trust


class Asked(TypedDict, total=False):
    """By which moment, and how; see ``asked``."""

    at: Moment | None
    reading: Reading
    progress: Progress | None


class Question(Cut, Asked, total=False):
    """What a log is asked by, beside the projection: ``Cut`` and ``Asked``."""


@attrs.frozen
class Asking:
    """A question as it was read; ``at`` is exclusive, in microseconds of UTC."""

    at: int | None
    reading: Reading
    progress: Progress | None


def asked(
    *, at: Moment | None = None, reading: Reading = "certain", progress: Progress | None = None
) -> Asking:
    """Return a question as it is read.

    ``at``: what happened by the end of that moment, certainly or (``reading="possible"``)
    possibly; without it all that stands. ``progress`` is called with how many of how many steps
    are done, every few thousand, where there are as many. Raises ``LogError`` for a moment without
    an end, or a reading that there isn't.
    """
    if reading not in ("certain", "possible"):
        raise LogError(f"reading is 'certain' or 'possible', not {reading!r}")
    return Asking(end_of("at", at), reading, progress)


def parts_of(question: Question) -> tuple[Cut, Asked]:
    """Return which of a log's entries are asked, and the rest of a question."""
    cut = Cut()
    rest: dict[str, object] = dict(question)
    for name in Cut.__annotations__:
        if name in rest:
            cut[name] = rest.pop(name)  # type: ignore[literal-required]
    return cut, rest  # type: ignore[return-value]


def end_of(name: str, moment: Known | None) -> int | None:
    """Return the end of a moment asked, in microseconds of UTC; None asks without a bound."""
    if moment is None:
        return None
    if isinstance(moment, int):
        raise LogError(f"{name}={moment!r} is no moment; give a date such as '2022-09-10'")
    end = when(moment).hi
    if end is None:
        raise LogError(f"{name}={str(moment)!r} has no end to ask by; leave {name} out for all")
    return end


def instant(recorded: Moment) -> int:
    """Return the moment at which a log is said to have learned something, microseconds of UTC."""
    time = when(recorded)
    if time.hi is None or as_datetime(time.lo) is None or time.lo is None:
        raise LogError(
            f"recorded={str(recorded)!r} is no moment of the years 1 to 9999; give a date or a time"
        )
    return time.lo
