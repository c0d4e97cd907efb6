"""An EntryReader turns the rows of one store into entries, and reads each report once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from weakref import WeakSet

from timeline.accounts import Entry
from timeline.calendar_math import as_datetime
from timeline.canonical import names
from timeline.claims import Report
from timeline.codec import Codec
from timeline.erasure import GONE, Redactions
from timeline.errors import FormatError
from timeline.events import Event
from timeline.stores.base import EventStore, Record
from timeline.unknown_kinds import UnknownKinds, warn_of

__all__ = ["EntryReader"]

_REPORTS = 1024  # reports kept while streaming; the rest are read again from the store
_SAVE = "run log.verify() for all damage; restore a backup, or use log.rescue() for the rest"


class _Reports:
    """The reports of a store by their ids, the last ones read kept."""

    def __init__(self, store: EventStore, codec: Codec) -> None:
        self._store = store
        self._codec = codec
        self._erasures = store.head().erasures
        self.get = lru_cache(maxsize=_REPORTS)(self._read)

    def _read(self, report: bytes) -> Report:
        body = self._store.reports([report]).get(report)
        if body is None:
            raise FormatError(f"the log is damaged: its report {report.hex()} is missing; {_SAVE}")
        read = self._codec.report(body)
        if not names(report, "report", body, report):
            raise FormatError(f"the log is damaged: its report {report.hex()} was changed; {_SAVE}")
        return read

    def forget_erased(self) -> None:
        """Drop what was read before the last erasure, by whatever process."""
        erasures = self._store.head().erasures
        if erasures != self._erasures:
            self.get.cache_clear()
            self._erasures = erasures


class EntryReader:
    """What reads a store's rows: the store, and the codec of the kinds that are known.

    Readers of one log share the reports that they have read, and the redactions that they met.
    """

    def __init__(self, store: EventStore, codec: Codec, *, like: EntryReader | None = None) -> None:
        self.store = store
        self.codec = codec
        self._reports: _Reports
        if like is None:
            self._reports, self.redactions = _Reports(store, codec), Redactions(store, codec)
            self.unknown = UnknownKinds(store)
            self.warned = WeakSet[type]()
        else:
            self._reports, self.redactions = like._reports, like.redactions  # noqa: SLF001 - its own
            self.unknown = like.unknown
            self.warned = like.warned

    def knowing(self, kinds: Iterable[type[Event]]) -> EntryReader:
        """Return a reader of these kinds too; this one if it is."""
        codec = self.codec.knowing(kinds)
        return self if codec is self.codec else EntryReader(self.store, codec, like=self)

    def warn_of_unknown_kinds(self, upto: int) -> None:
        """Warn, once, where claims up to a position are of kinds that this can't read."""
        warn_of(self.unknown.count(self.codec, upto), self.codec)

    def rows(self, *, after: int = 0, upto: int | None = None) -> Iterator[Record]:
        """Return the rows ``after < position <= upto``, in the order of arrival."""
        self._reports.forget_erased()
        return self.store.rows(after, upto)

    def statement(self, row: Record) -> Any:
        """Return what a row says, a ``Redaction`` or ``Redacted`` where it was erased."""
        if row.record_type in GONE:
            return self.redactions.claim(row)
        try:
            report = self._reports.get(row.report)
        except FormatError:
            now = self.store.get_by_position([row.position]).get(row.position, row)
            if now.record_type not in GONE:
                raise
            return self.statement(now)  # it was erased since it was read, and its report with it
        return self.codec.said(row, report)

    def entry(self, row: Record) -> Entry:
        """Return a row as the entry that it is."""
        recorded = as_datetime(row.recorded)
        assert recorded is not None, "a log records datetimes"  # noqa: S101
        return Entry(row.position, recorded, self.statement(row))

    def forget_reports(self) -> None:
        """Drop every report that was read."""
        self._reports.get.cache_clear()
