"""Keeps a log in memory, for as long as the process lasts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from threading import Condition
from uuid import uuid4

from timeline.errors import StoreError
from timeline.merkle import EMPTY_ROOT, Frontier
from timeline.stores.base import (
    Head,
    NewRecord,
    Record,
    Snapshot,
    check_adopted,
    check_kept,
    in_order,
    leaf,
    next_rows,
    reports_to_write,
    rows_to_erase,
)

__all__ = ["MemoryStore"]


class MemoryStore:
    """A store in lists and dicts, by the same rules as one on disk."""

    def __init__(self) -> None:
        self._identity = str(uuid4())
        self._rows: list[Record] = []
        self._by_id: dict[bytes, Record] = {}
        self._reports: dict[bytes, bytes] = {}
        self._erasures = 0
        self._kept: dict[str, tuple[Snapshot, dict[str, bytes]]] = {}
        self._version = 0
        # Hashed when the head is asked for: most logs in memory are never asked for proofs.
        self._frontier = Frontier()
        self._lock = Condition()
        self._closed = False

    @property
    def identity(self) -> str:
        """The UUID that was drawn when the store was made."""
        return self._identity

    def append(
        self,
        drafts: Sequence[NewRecord],
        reports: Mapping[bytes, bytes],
        *,
        recorded: int,
        explicit: bool,
        expect: int | None = None,
    ) -> list[Record]:
        """Keep all drafts or none; see ``EventStore.append``."""
        with self._lock:
            new = next_rows(
                drafts,
                self._by_id,
                self._end(),
                recorded=recorded,
                explicit=explicit,
                expect=expect,
            )
            self._add(new, reports)
            return in_order(drafts, self._by_id, new)

    def _add(self, new: Sequence[Record], reports: Mapping[bytes, bytes]) -> None:
        self._reports |= reports_to_write(new, reports, self._reports)
        self._by_id |= {row.id: row for row in new if row.id}
        self._rows += new
        self._lock.notify_all()

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Record]:
        """Stream rows in order up to the head of now; see ``EventStore.rows``."""
        self._still_open()
        last = len(self._rows)
        places = range(max(after, 0), last if upto is None else min(upto, last))
        return map(self._rows.__getitem__, places)

    def reports(self, ids: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the bodies of those reports that are kept, by id."""
        ids = list(ids)  # they may come from this store, which must not be held then
        with self._lock:
            self._still_open()
            return {name: self._reports[name] for name in ids if name in self._reports}

    def get_by_id(self, ids: Iterable[bytes]) -> dict[bytes, Record]:
        """Return the rows of those ids that are kept, by id."""
        ids = list(ids)
        with self._lock:
            self._still_open()
            return {name: self._by_id[name] for name in ids if name in self._by_id}

    def get_by_position(self, positions: Iterable[int]) -> dict[int, Record]:
        """Return the rows of those positions that are kept, by position."""
        positions = list(positions)
        with self._lock:
            self._still_open()
            last = len(self._rows)
            return {place: self._rows[place - 1] for place in positions if 0 < place <= last}

    def leaves(self, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        """Stream the leaves of the rows that ``rows`` gives."""
        return map(leaf, self.rows(after, upto))

    def head(self) -> Head:
        """Return the last entry's position and recorded time, and the root."""
        with self._lock:
            end = self._end()
            self._frontier.extend(map(leaf, self._rows[self._frontier.size :]))
            return end._replace(root=self._frontier.root(), erasures=self._erasures)

    def _end(self) -> Head:
        """The head without its root."""
        self._still_open()
        if not self._rows:
            return Head(0, None, EMPTY_ROOT)
        last = self._rows[-1]
        return Head(last.position, last.recorded, b"")

    def wait(self, after: int, timeout: float) -> bool:
        """Wait for the head to pass ``after``, so many seconds; see ``EventStore.wait``."""
        with self._lock:
            return self._lock.wait_for(lambda: self._end().position > after, timeout)

    def erase(
        self,
        positions: Collection[int],
        draft: NewRecord,
        *,
        recorded: int,
        expect: int | None = None,
    ) -> Record:
        """Erase the content of entries for good; see ``Erasable.erase``."""
        with self._lock:
            erased = rows_to_erase(positions, self.get_by_position(positions))
            new = next_rows(
                [draft], self._by_id, self._end(), recorded=recorded, explicit=False, expect=expect
            )
            for row in erased:
                gone, self._rows[row.position - 1] = self._rows[row.position - 1], row
                del self._by_id[gone.id]
            self._add(new, {})
            cited = {row.report for row in self._rows}
            self._reports = {name: self._reports[name] for name in self._reports if name in cited}
            self._kept.clear()
            self._erasures += 1
            return self._by_id[draft.id]

    def import_rows(
        self, rows: Sequence[Record], reports: Mapping[bytes, bytes], *, identity: str
    ) -> Head:
        """Keep rows of another log as they are there; see ``Importable.import_rows``."""
        with self._lock:
            head = self._end()
            check_adopted(rows, self._by_id, head, identity=identity, own=self._identity)
            self._add(rows, reports)
            if not head.position:
                self._identity = identity
            return self.head()

    def load_snapshot(self, name: str) -> Snapshot | None:
        """Return what is kept under a name, None where there is nothing."""
        with self._lock:
            self._still_open()
            return self._kept[name][0] if name in self._kept else None

    def load_chunks(self, name: str) -> Iterator[tuple[str, bytes]]:
        """Return the chunks of what is kept under a name, in the order of their names."""
        with self._lock:
            self._still_open()
            return iter(sorted(self._kept[name][1].items()) if name in self._kept else [])

    def save_snapshot(
        self,
        name: str,
        *,
        expect: int,
        position: int,
        note: bytes,
        chunks: Mapping[str, bytes | None],
        erasures: int | None = None,
    ) -> int:
        """Keep a state that can be made again; see ``SnapshotStore.save_snapshot``."""
        with self._lock:
            self._still_open()
            kept, old = self._kept.get(name, (Snapshot(0, 0, b""), {}))
            check_kept(name, kept.version, expect, self._erasures, erasures)
            self._version += 1
            together = {**old, **chunks}
            left = {piece: body for piece, body in together.items() if body is not None}
            self._kept[name] = Snapshot(self._version, position, note), left
            return self._version

    def delete_snapshot(self, name: str) -> None:
        """Drop what is kept under a name."""
        with self._lock:
            self._still_open()
            self._kept.pop(name, None)

    def close(self) -> None:
        """Close the store; what it held is gone once nobody refers to it."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()

    def _still_open(self) -> None:
        if self._closed:
            raise StoreError("this log in memory is closed; close it once nobody asks it any more")
