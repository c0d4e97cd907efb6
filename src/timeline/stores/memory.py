"""Keeps a log in memory, for as long as the process lasts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import Lock
from uuid import uuid4

from timeline.errors import StoreError
from timeline.stores.base import Draft, Head, Row, next_rows, reports_to_write

__all__ = ["MemoryStore"]


class MemoryStore:
    """A store in lists and dicts, by the same rules as one on disk."""

    def __init__(self) -> None:
        self._identity = str(uuid4())
        self._rows: list[Row] = []
        self._by_id: dict[bytes, Row] = {}
        self._reports: dict[bytes, bytes] = {}
        self._lock = Lock()
        self._closed = False

    @property
    def identity(self) -> str:
        """The UUID that was drawn when the store was made."""
        return self._identity

    def append(
        self,
        drafts: Sequence[Draft],
        reports: Mapping[bytes, bytes],
        *,
        recorded: int,
        explicit: bool,
        expect: int | None = None,
    ) -> list[Row]:
        """Keeps all drafts or none; see ``Store.append``."""
        with self._lock:
            new = next_rows(
                drafts,
                self._by_id,
                self.head(),
                recorded=recorded,
                explicit=explicit,
                expect=expect,
            )
            self._reports |= reports_to_write(new, reports, self._reports)
            self._by_id |= {row.id: row for row in new}
            self._rows += new
            return [self._by_id[draft.id] for draft in drafts]

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Row]:
        """Streams rows in order up to the head of now; see ``Store.rows``."""
        last = self.head().position
        places = range(max(after, 0), last if upto is None else min(upto, last))
        return map(self._rows.__getitem__, places)

    def reports(self, ids: Iterable[bytes]) -> dict[bytes, bytes]:
        """Gives the bodies of those reports that are kept, by id."""
        ids = list(ids)  # they may come from this store, which must not be held then
        with self._lock:
            self._still_open()
            return {name: self._reports[name] for name in ids if name in self._reports}

    def find(self, ids: Iterable[bytes]) -> dict[bytes, Row]:
        """Gives the rows of those ids that are kept, by id."""
        ids = list(ids)
        with self._lock:
            self._still_open()
            return {name: self._by_id[name] for name in ids if name in self._by_id}

    def head(self) -> Head:
        """Gives the last entry's position and recorded time."""
        self._still_open()
        if not self._rows:
            return Head(0, None)
        last = self._rows[-1]
        return Head(last.position, last.recorded)

    def close(self) -> None:
        """Closes the store; what it held is gone once nobody refers to it."""
        self._closed = True

    def _still_open(self) -> None:
        if self._closed:
            raise StoreError("this log in memory is closed; close it once nobody asks it any more")
