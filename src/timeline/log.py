"""The Log records claims as entries, only ever grows, and answers questions about them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, overload

from timeline.civil import as_datetime, micros
from timeline.claims import Account, Claim, Entry, Report, Retraction, Said, Void
from timeline.codec import Codec
from timeline.errors import LogError
from timeline.events import Event
from timeline.folding import replay
from timeline.kinds import KINDS
from timeline.projection import Answering, Keyed, KeyedAnswering, Projection
from timeline.standing import Reading, happened_by, standing
from timeline.stores.base import Row, Store
from timeline.stores.memory import MemoryStore
from timeline.stores.sqlite import SQLiteStore
from timeline.times import When
from timeline.written import when

__all__ = ["Known", "Log", "Moment"]

S = TypeVar("S")
R = TypeVar("R")

Moment = str | date | datetime | When
"""A moment asked: whatever ``when()`` takes, meaning by the end of it."""

Known = Moment | int
"""A moment, or the position of an entry: the token by which an answer repeats for ever."""

_REPORTS_KEPT = 1024  # reports held while streaming; the rest are read again from the store


def _now() -> datetime:
    return datetime.now(UTC)


def _store(target: str | Path | Store | None) -> Store:
    if target is None:
        return MemoryStore()
    if isinstance(target, str) and target.startswith(("postgresql://", "postgres://")):
        raise LogError(
            "this version keeps logs in memory and in SQLite files; give a path such as 'war.db'"
        )
    if isinstance(target, str) and "://" in target:
        raise LogError(f"no store is known for {target!r}; give a path such as 'war.db'")
    if isinstance(target, str | os.PathLike):
        return SQLiteStore(target)
    if not hasattr(target, "rows"):
        raise LogError(f"a log is kept in a file, given by its path, or in a store, not {target!r}")
    return target


def _kinds(events: Iterable[type[Event]]) -> tuple[type[Event], ...]:
    if isinstance(events, type) or not isinstance(events, Iterable):
        raise LogError(f"events are kinds in a list, such as [Displacement], not {events!r}")
    return tuple(events)


class Log:
    """An append-only log of claims, and the place to ask.

    ``Log()`` lives in memory, ``Log("war.db")`` in a SQLite file, which is made if it isn't there;
    a store of your own can be handed in instead. ``events`` are kinds beside the four that come
    with the library. ``clock`` gives the time at which the log learns something, aware.
    A log is a context manager and closes. Raises ``LogError`` for a target that is no file or
    store, ``StoreError`` or ``FormatError`` for one that can't be opened, and ``KindError`` for a
    kind name used twice; nothing is changed then.
    """

    def __init__(
        self,
        target: str | Path | Store | None = None,
        *,
        events: Iterable[type[Event]] = (),
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._codec = Codec((*KINDS, *_kinds(events)))
        self._clock = clock
        self._store = _store(target)
        self._report = lru_cache(maxsize=_REPORTS_KEPT)(self._read_report)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the store; a closed log refuses everything but being closed again."""
        self._store.close()

    @property
    def head(self) -> int:
        """The position of the last entry, 0 when there is none."""
        return self._store.head().position

    def __iter__(self) -> Iterator[Entry]:
        """Gives the entries in the order of arrival, up to the head as it is now."""
        return map(self._entry, self._store.rows())

    def append(
        self,
        *claims: Said,
        recorded: Moment | None = None,
        expect: int | None = None,
    ) -> list[Entry]:
        """Records claims, retractions and voids: all of them or none, durable on return.

        Gives an entry for each, in order. What is already in the log stays as it is, and its
        entry is given. ``recorded`` is when the log learned it, by its own clock unless stated,
        and never goes back: a clock that does is held, an explicit time that does raises
        ``RecordedError``. ``expect`` is the head that the caller counts on; if somebody wrote
        since, ``ConflictError`` is raised.
        """
        for one in claims:
            if not isinstance(one, Claim | Retraction | Void):
                raise LogError(
                    f"a log takes what a report says, such as report.says(event), not {one!r}"
                )
        if recorded is None:
            now = self._clock()
            if not isinstance(now, datetime) or now.tzinfo is None:
                raise LogError(f"the log's clock must give aware datetimes, not {now!r}")
            at = micros(now)
        else:
            at = _instant(recorded)
        codec = self._codec.knowing(
            type(one.event)
            for one in claims
            if isinstance(one, Claim) and one.event.as_recorded is None
        )
        rows = self._store.append(
            [codec.draft(one) for one in claims],
            {bytes.fromhex(one.report.id): one.report.body for one in claims},
            recorded=at,
            explicit=recorded is not None,
            expect=expect,
        )
        self._codec = codec
        return [
            Entry(row.position, self._time(row), one) for row, one in zip(rows, claims, strict=True)
        ]

    def accounts(
        self,
        *,
        at: Moment | None = None,
        known: Known | None = None,
        published: Moment | None = None,
        reading: Reading = "certain",
        trust: Sequence[str] = (),
    ) -> list[Account]:
        """Gives what stands, in chronological order: (earliest, latest, event id).

        ``at``: what happened by the end of that moment, certainly or (``reading="possible"``)
        possibly. ``known``: as the log knew by then. ``published``: from what was published by
        then. ``trust`` ranks sources, the most trusted first, where they have versions of their
        own; without it the latest published is believed.
        """
        _check_reading(reading)
        moment = _end("at", at)
        stands = self._standing(known, published, trust, self._codec)
        return [one for one in stands if happened_by(one.when, moment, reading)]

    @overload
    def ask(
        self,
        projection: KeyedAnswering[R],
        *,
        at: Moment | None = None,
        known: Known | None = None,
        published: Moment | None = None,
        reading: Reading = "certain",
        trust: Sequence[str] = (),
    ) -> Mapping[Any, R]: ...
    @overload
    def ask(
        self,
        projection: Keyed[S],
        *,
        at: Moment | None = None,
        known: Known | None = None,
        published: Moment | None = None,
        reading: Reading = "certain",
        trust: Sequence[str] = (),
    ) -> Mapping[Any, S]: ...
    @overload
    def ask(
        self,
        projection: Answering[R],
        *,
        at: Moment | None = None,
        known: Known | None = None,
        published: Moment | None = None,
        reading: Reading = "certain",
        trust: Sequence[str] = (),
    ) -> R: ...
    @overload
    def ask(
        self,
        projection: Projection[S],
        *,
        at: Moment | None = None,
        known: Known | None = None,
        published: Moment | None = None,
        reading: Reading = "certain",
        trust: Sequence[str] = (),
    ) -> S: ...

    def ask(
        self,
        projection: Any,
        *,
        at: Moment | None = None,
        known: Known | None = None,
        published: Moment | None = None,
        reading: Reading = "certain",
        trust: Sequence[str] = (),
    ) -> Any:
        """Folds a projection over what stands and gives its answer; arguments as ``accounts``.

        Raises ``ProjectionError`` for a projection that is put together wrongly.
        """
        replay.check(projection)
        _check_reading(reading)
        # Its kinds are read for this answer alone: asking leaves the log as it was.
        codec = self._codec.knowing(kind for kind in projection.handlers if kind.kind)
        moment = _end("at", at)
        stands = self._standing(known, published, trust, codec)
        return replay.answer(projection, stands, at=moment, reading=reading)

    def _standing(
        self,
        known: Known | None,
        published: Moment | None,
        trust: Sequence[str],
        codec: Codec,
    ) -> list[Account]:
        ranked = isinstance(trust, list | tuple) and all(isinstance(one, str) for one in trust)
        if not ranked:
            raise LogError(f"trust ranks sources in a list, such as ['UCDP', 'ISW'], not {trust!r}")
        cut = _end("published", published)
        said = (codec.said(row, self._report(row.report)) for row in self._known(known))
        return standing(said, published=cut, trust=trust)

    def _known(self, known: Known | None) -> Iterator[Row]:
        """The rows that the log knew at a moment or position; recorded times never decrease."""
        if isinstance(known, int) and not isinstance(known, bool):
            head = self.head
            if not 0 <= known <= head:
                raise LogError(
                    f"known={known} is no position of this log, which has entries 1 to {head}; "
                    "a position that isn't there yet couldn't repeat its answer"
                )
            yield from self._store.rows(upto=known)
            return
        moment = _end("known", known)
        for row in self._store.rows():
            if moment is not None and row.recorded >= moment:
                return
            yield row

    def _entry(self, row: Row) -> Entry:
        said = self._codec.said(row, self._report(row.report))
        return Entry(row.position, self._time(row), said)

    def _read_report(self, report: bytes) -> Report:
        return self._codec.report(self._store.reports([report])[report])

    @staticmethod
    def _time(row: Row) -> datetime:
        time = as_datetime(row.recorded)
        assert time is not None, "a log records datetimes"  # noqa: S101
        return time


def _end(name: str, moment: Known | None) -> int | None:
    """The end of a moment asked, in microseconds of UTC; None asks without a bound."""
    if moment is None:
        return None
    if isinstance(moment, int):
        raise LogError(f"{name}={moment!r} is no moment; give a date such as '2022-09-10'")
    end = when(moment).hi
    if end is None:
        raise LogError(f"{name}={str(moment)!r} has no end to ask by; leave {name} out for all")
    return end


def _instant(recorded: Moment) -> int:
    """The moment at which the log is said to have learned something."""
    time = when(recorded)
    if time.hi is None or as_datetime(time.lo) is None or time.lo is None:
        raise LogError(
            f"recorded={str(recorded)!r} is no moment of the years 1 to 9999; give a date or a time"
        )
    return time.lo


def _check_reading(reading: str) -> None:
    if reading not in ("certain", "possible"):
        raise LogError(f"reading is 'certain' or 'possible', not {reading!r}")
