"""Keeps a log in one SQLite file that any sqlite3 shell can read."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from threading import Condition, Lock
from typing import Any

from timeline.errors import LogError, StoreError
from timeline.merkle import Frontier
from timeline.stores.base import (
    Head,
    NewRecord,
    Record,
    Snapshot,
    check_adopted,
    check_kept,
    in_order,
    kept_state,
    leaf,
    meta_seal,
    next_rows,
    reports_to_write,
    rows_to_erase,
)
from timeline.stores.group_commit import AppendRequest, GroupCommit
from timeline.stores.sqlite_files import (
    QUERIES,
    LogFile,
    by_ids,
    changes,
    limit_work,
    savepoint,
    snapshot,
    taken,
    transaction,
    upgrade,
)
from timeline.stores.sqlite_schema import APPLICATION_ID, FORMAT, check_schema, foreign_objects
from timeline.stores.sqlite_snapshots import chunks_of, drop, state, unsynced, write

__all__ = ["APPLICATION_ID", "FORMAT", "SQLiteStore"]

_PAGE = 512  # rows read at once: more isn't faster, and all of them are in memory
_BEYOND = 1 << 63  # what no 64-bit column holds
_SHORTEST, _LONGEST = 0.005, 0.1  # seconds between two looks at what other processes wrote

_INSERT = """
INSERT INTO entries (position, recorded, id, form, kind, report, body, salt)
VALUES (?, ?, ?, ?, ?, ?, CAST(? AS TEXT), ?)
"""
_DUE = "SELECT 1 FROM head WHERE unscrubbed = 1"
_REDACT = """
UPDATE entries SET id = NULL, form = ?, kind = '', report = 0, body = ?, salt = x''
WHERE position = ?
"""

_TYPES = (int, int, bytes, str, str, bytes, bytes, bytes)  # of a row's values
_record = partial(tuple.__new__, Record)  # Record._make counts the columns, each time


class SQLiteStore:
    """A store in a SQLite file, made if there is none; threads and processes may share it.

    ``created`` is the time to write into a new file, microseconds UTC; ``wait`` is how long, in
    seconds, to wait for other processes that write. A file of an older format is upgraded, or read
    as it is where it may not be written. Raises ``StoreError`` where the file can't be used,
    ``FormatError`` where it isn't a log or is one of a newer format; nothing is created or changed
    then.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, created: int | None = None, wait: float = 30.0
    ) -> None:
        self._file = LogFile(path, created=created, wait=wait)
        self._process = os.getpid()
        self._closed = False
        self._schemas: dict[sqlite3.Connection, int] = {}  # as they were when last looked at
        # The reports of the last append: one report's claims often come one by one. Others may be
        # under their numbers once something was erased.
        self._numbers: dict[bytes, int | None] = {}
        self._numbered = 0
        # The tree of the last append, with the bytes that it is kept as, and the root last asked.
        self._tree = b"", Frontier()
        self._root = b"", b""
        self._appended = 0  # the last position that was written here
        # One connection reads and one writes, so that reading never waits for a disk to sync.
        # Each serves one thread at a time, and no statement stays open between two calls: an
        # abandoned iteration holds nothing, and one that appends as it goes meets nobody.
        self._reading, self._writing = Lock(), Lock()
        self._grown = Condition()
        try:
            self._file.open()
            self._open()
        except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
            raise self._file.explained(error)  # noqa: B904 - it has its cause

    def _open(self) -> None:
        mode = "ro&immutable=1" if self._file.frozen else "rw"
        self._reader = self._file.connect(mode)
        try:
            self._format, self._identity = self._file.check_format(self._reader)
            self._writer = self._file.connect(mode)
        except BaseException:
            self._reader.close()
            raise
        # Where it can't be written, it can be read; an append says why it can't.
        with suppress(sqlite3.Error, StoreError):
            # What a process wrote that was killed before it synced may be there, and not be durable
            # yet. Nobody is to see what a power loss could still take away.
            if self._file.has_wal:
                self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)").close()
            self._upgrade()
            self._scrub()

        self._commits: GroupCommit[Callable[[], Any], Any] = GroupCommit(
            self._commit, turn=lambda: self._held(self._writing)
        )

    def _upgrade(self) -> None:
        if self._format < FORMAT:
            upgrade(self._writer)
            self._format = FORMAT

    @property
    def identity(self) -> str:
        """The UUID that was drawn when the file was made; a copy of the file has it too."""
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
        """Keep all drafts or none, synced; see ``EventStore.append``. Threads share one."""
        ids = [draft.id for draft in drafts]
        if self._format < FORMAT:
            with self._held(self._writing):
                kept = self._rows_of(self._writer, ids)
                if len(kept) == len(set(ids)):
                    return in_order(drafts, kept, [])
                self._upgrade()

        def add(kept: Mapping[bytes, Record], head: Head) -> list[Record]:
            new = next_rows(drafts, kept, head, recorded=recorded, explicit=explicit, expect=expect)
            if new:
                numbers = self._write(new, reports, head)
                self._numbers, self._numbered = numbers, head.erasures
            return new

        def write() -> tuple[dict[bytes, Record], list[Record]]:
            head = self._head(self._writer)
            if expect is None and not explicit:
                # Nothing is refused for what may be there already, and mostly nothing is there.
                try:
                    with savepoint(self._writer, "fresh", self._undone):
                        return {}, add({}, head)
                except (sqlite3.Error, LogError):
                    if not self._writer.in_transaction:
                        raise  # a full disk ended it
            kept = self._rows_of(self._writer, ids)
            return kept, add(kept, head)

        kept, new = self._commits.submit(write)
        if new:
            self._tell(new[-1].position)
        return in_order(drafts, kept, new)

    def _commit(self, group: Sequence[AppendRequest[Callable[[], Any], Any]]) -> None:
        """Write a group in one transaction, each request in a savepoint of its own."""
        outcomes: list[Callable[[], None]] = []
        try:
            with self._transaction():
                if len(group) == 1:
                    outcomes.append(partial(group[0].succeed, group[0].work()))
                    group = ()
                for request in group:
                    try:
                        with savepoint(self._writer, "request", self._undone):
                            outcomes.append(partial(request.succeed, request.work()))
                    except Exception as error:
                        if not self._writer.in_transaction:
                            raise  # a full disk ended it for all
                        outcomes.append(partial(request.fail, error))
        except BaseException:
            self._undone()
            raise
        for settle in outcomes:
            settle()

    def _undone(self) -> None:
        """Forget what is rolled back: other reports will have those numbers."""
        self._numbers = {}

    def _write(
        self, new: Sequence[Record], given: Mapping[bytes, bytes], head: Head
    ) -> dict[bytes, int | None]:
        """Insert new rows and what they need, and take the head there; return their reports."""
        # A file that was deleted or replaced while open would take the entries with it.
        state = self._file.state()
        if state is None or not os.path.samestat(state, self._file.opened):
            raise StoreError(
                f"{self._file.name!r} was moved, deleted or replaced since it was opened; "
                "nothing was appended: open it again"
            )
        numbers = self._number(new, given, head.erasures)
        inserted = self._writer.executemany(
            _INSERT,
            [
                (place, recorded, name or None, form, kind, numbers[report], body, salt)
                for place, recorded, name, form, kind, report, body, salt in new
            ],
        )
        taken(inserted, len(new))
        if erased := [(row.record_type, row.body, row.position) for row in new if not row.id]:
            taken(self._writer.executemany(_REDACT, erased), len(erased))
        last, frontier = self._tree
        if last != head.root:
            frontier = Frontier.from_bytes(head.root)
        self._tree = b"", frontier  # until it is kept: a failure leaves it ahead of the file
        if frontier.size != head.position:
            raise StoreError(
                f"{self._file.name!r} is damaged: its head is at {head.position}, and its tree is "
                f"of {frontier.size} entries; nothing was appended: restore it from a copy"
            )
        frontier.extend(map(leaf, new))
        kept = frontier.to_bytes()
        update = "UPDATE head SET position = ?, recorded = ?, frontier = ?"
        taken(self._writer.execute(update, (new[-1].position, new[-1].recorded, kept)), 1)
        self._tree = kept, frontier
        return numbers

    def _number(
        self, new: Sequence[Record], given: Mapping[bytes, bytes], erasures: int
    ) -> dict[bytes, int | None]:
        """Return the numbers of the reports that new rows stand in; add those that are missing."""
        names = {row.report for row in new}
        known = self._numbers if erasures == self._numbered else {}
        numbers = {name: known[name] for name in names & known.keys()}
        if unknown := names - numbers.keys():
            numbers |= by_ids(self._writer, "SELECT id, number FROM reports", "id", unknown)
        self._numbers = {}  # until all is kept
        for name, body in reports_to_write(new, given, numbers).items():
            insert = "INSERT INTO reports (id, body) VALUES (?, CAST(? AS TEXT))"
            numbers[name] = taken(self._writer.execute(insert, (name, body)), 1).lastrowid
        return numbers

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Record]:
        """Stream rows in order up to the head of now; see ``EventStore.rows``.

        Raises ``StoreError``, then or on the way, where rows are missing or can't be read.
        """
        with self._held(self._reading):
            head = self._head(self._reader).position
        return self._pages(max(after, 0), head if upto is None else min(upto, head))

    def _pages(self, after: int, last: int) -> Iterator[Record]:
        where = "WHERE position > ? AND position <= ? ORDER BY position LIMIT ?"
        size = read = 0
        for start in range(after, last, _PAGE):
            end = min(start + _PAGE, last)
            found = []
            with self._held(self._reading):
                query = f"{QUERIES[self._format].rows} {where}"
                # Bodies don't overlap: more bytes than the file has are read from a hostile one.
                size = max(size, self._file.size())
                for row in self._reader.execute(query, (start, end, _PAGE)):
                    found.append(self._row(row))
                    read += len(row[6])
                    if read > size:
                        break
            if read > size:
                raise StoreError(
                    f"{self._file.name!r} is damaged: the entries up to {found[-1][0]} take more "
                    "bytes than the file has; restore it from a copy"
                )
            if [row[0] for row in found] != list(range(start + 1, end + 1)):
                raise StoreError(
                    f"{self._file.name!r} is damaged: of the entries {start + 1} to {end} it gives "
                    f"{len(found)}; restore it from a copy"
                )
            times = [row[1] for row in found]
            if times != sorted(times):
                raise StoreError(
                    f"{self._file.name!r} is damaged: the times at which the entries {start + 1} "
                    f"to {end} were recorded don't follow one another; restore it from a copy"
                )
            yield from found

    def count_kinds(self, after: int, upto: int) -> dict[str, int]:
        """Return how many claims of each kind lie after one position, up to another."""
        with self._held(self._reading):
            return dict(
                self._reader.execute(
                    "SELECT kind, count(*) FROM entries "
                    "WHERE form = 'claim' AND position > ? AND position <= ? GROUP BY kind",
                    (after, upto),
                ).fetchall()
            )

    def reports(self, ids: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the bodies of those reports that are kept, by id."""
        query = "SELECT id, CAST(body AS BLOB) FROM reports"
        ids = [name for name in ids if name]  # from this store, which must not be held then
        with self._held(self._reading):
            return dict(by_ids(self._reader, query, "id", ids))

    def get_by_id(self, ids: Iterable[bytes]) -> dict[bytes, Record]:
        """Return the rows of those ids that are kept, by id."""
        ids = list(ids)
        with self._held(self._reading):
            return self._rows_of(self._reader, ids)

    def get_by_position(self, positions: Iterable[int]) -> dict[int, Record]:
        """Return the rows of those positions that are kept, by position."""
        positions = list(positions)
        with self._held(self._reading):
            return self._rows_at(self._reader, positions)

    def leaves(self, after: int = 0, upto: int | None = None) -> Iterator[bytes]:
        """Stream the leaves of the rows that ``rows`` gives; see ``EventStore.leaves``."""
        if self._format < FORMAT:
            raise StoreError(
                f"{self._file.name!r} was made by an older release, whose entries have no salts, "
                "and may not be written; open it once where you may write it"
            )
        return map(leaf, self.rows(after, upto))

    def head(self) -> Head:
        """Return the last entry's position and recorded time, and the root."""
        with self._held(self._reading):
            head = self._head(self._reader)
            if head.root and head.root != self._root[0]:
                self._root = head.root, Frontier.from_bytes(head.root).root()
            return head._replace(root=self._root[1])

    def wait(self, after: int, timeout: float) -> bool:
        """Wait for the head to pass ``after``, so many seconds; see ``EventStore.wait``."""
        pause = _SHORTEST
        seen: object = None
        while True:
            with self._held(self._reading):
                (version,) = self._reader.execute("PRAGMA data_version").fetchone()
                if version != seen and self._head(self._reader).position > after:
                    return True
            seen = version
            if timeout <= 0:
                return False
            # A Condition counts the seconds, so that nothing here has to ask a clock.
            pause = min(pause, timeout)
            with self._grown:
                self._grown.wait_for(lambda: self._closed or self._appended > after, pause)
            timeout -= pause
            pause = min(2 * pause, _LONGEST)

    def _tell(self, appended: int) -> None:
        """Wake those who wait for what this process writes."""
        with self._grown:
            self._appended = max(appended, self._appended)
            self._grown.notify_all()

    def erase(
        self,
        positions: Collection[int],
        draft: NewRecord,
        *,
        recorded: int,
        expect: int | None = None,
    ) -> Record:
        """Erase the content of entries for good; see ``Erasable.erase``.

        Then the file is written anew and its WAL cut off, for which the disk needs room for a
        second copy, and other processes may not be in the middle of reading.
        """
        with self._held(self._writing):
            self._upgrade()
            with self._transaction():
                rows = self._rows_at(self._writer, positions)
                erased = rows_to_erase(positions, rows)
                self._allow(self._writer)
                kept = self._rows_of(self._writer, [draft.id])
                head = self._head(self._writer)
                new = next_rows(
                    [draft], kept, head, recorded=recorded, explicit=False, expect=expect
                )
                if erased:
                    gone = [(row.record_type, row.body, row.position) for row in erased]
                    taken(self._writer.executemany(_REDACT, gone), len(gone))
                self._drop_reports({rows[row.position].report for row in erased})
                self._writer.execute("DELETE FROM pieces")
                self._writer.execute("DELETE FROM kept")
                count = "UPDATE head SET erasures = erasures + 1, unscrubbed = 1"
                taken(self._writer.execute(count), 1)
                self._seal_again()
                self._check_erased(erased)
                if new:
                    self._write(new, {}, head._replace(erasures=head.erasures + 1))
            try:
                self._scrub()
            except (sqlite3.Error, StoreError) as error:
                raise StoreError(
                    f"{self._file.name!r}: the entries are redacted, but their bytes may still be "
                    "in the file; erase again once there is room for a second copy and nobody "
                    f"reads it ({error})"
                ) from error
        (row,) = in_order([draft], kept, new)
        self._tell(row.position)
        return row

    def _drop_reports(self, names: set[bytes]) -> None:
        """Drop those reports that no entry stands in any more."""
        numbers = dict(by_ids(self._writer, "SELECT number, id FROM reports", "id", names))
        cited = {
            number for (number,) in self._writer.execute("SELECT DISTINCT report FROM entries")
        }
        gone = [(number,) for number in numbers.keys() - cited]
        if gone:
            taken(self._writer.executemany("DELETE FROM reports WHERE number = ?", gone), len(gone))

    def _check_erased(self, erased: Sequence[Record]) -> None:
        """Read back what was erased. Raises ``StoreError`` where anything of it is left."""
        left = self._rows_at(self._writer, [row.position for row in erased])
        states = self._writer.execute("SELECT 1 FROM kept UNION ALL SELECT 1 FROM pieces LIMIT 1")
        if left != {row.position: row for row in erased} or states.fetchall():
            raise StoreError(
                f"{self._file.name!r} still gives what was erased; nothing was changed: restore "
                "the file from a copy and redact there"
            )

    def _seal_again(self) -> None:
        """Seal what the log says of itself anew, where it is sealed; see ``meta_seal``."""
        meta = dict(self._writer.execute("SELECT name, value FROM meta").fetchall())
        if "seal" in meta:
            ((erasures,),) = self._writer.execute("SELECT erasures FROM head").fetchall()
            seal = meta_seal(meta["identity"], meta.get("created"), erasures)
            update = "UPDATE meta SET value = ? WHERE name = 'seal'"
            taken(self._writer.execute(update, (seal,)), 1)

    def _scrub(self) -> None:
        """Write the file anew without what was erased, and cuts off the WAL that still has it."""
        if self._writer.execute(_DUE).fetchall():
            self._allow(self._writer)
            self._writer.execute("VACUUM")
            with self._reading:
                ((busy, *_),) = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            if busy:
                raise StoreError("another process is reading the file")
            self._writer.execute("UPDATE head SET unscrubbed = 0")

    def import_rows(
        self, rows: Sequence[Record], reports: Mapping[bytes, bytes], *, identity: str
    ) -> Head:
        """Keep another log's rows, in one transaction; see ``Importable.import_rows``."""
        with self._held(self._writing):
            self._upgrade()
            with self._transaction():
                head = self._head(self._writer)
                kept = self._rows_of(self._writer, [row.id for row in rows])
                check_adopted(rows, kept, head, identity=identity, own=self._identity)
                if rows:
                    self._write(rows, reports, head)
                if not head.position:
                    query = "UPDATE meta SET value = ? WHERE name = 'identity'"
                    taken(self._writer.execute(query, (identity,)), 1)
                    self._seal_again()
            self._identity = identity
        self._tell(head.position + len(rows))
        return self.head()

    def load_snapshot(self, name: str) -> Snapshot | None:
        """Return what is kept under a name, None where there is nothing."""
        with self._held(self._reading):
            return None if self._format < FORMAT else state(self._reader, name)

    def load_chunks(self, name: str) -> Iterator[tuple[str, bytes]]:
        """Return the chunks of what is kept under a name, in the order of their names."""
        with self._held(self._reading):
            return iter([] if self._format < FORMAT else chunks_of(self._reader, name))

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
        """Save a state; see ``SnapshotStore.save_snapshot``. Not synced: it may be lost."""
        with self._held(self._writing), unsynced(self._writer):
            self._upgrade()
            with self._transaction():
                there = state(self._writer, name)
                version = there.version if there else 0
                check_kept(name, version, expect, self._head(self._writer).erasures, erasures)
                return write(self._writer, name, position, note, chunks)

    def delete_snapshot(self, name: str) -> None:
        """Drop what is kept under a name."""
        with self._held(self._writing), unsynced(self._writer):
            self._upgrade()
            with self._transaction():
                drop(self._writer, name)

    def complaints(self) -> Iterator[str]:
        """Yield what SQLite finds wrong with the file, and what only its tables can show."""
        try:
            with self._held(self._reading):
                self._allow(self._reader)
                with snapshot(self._reader):
                    found = self._complaints(self._reader)
        except StoreError as error:
            found = [str(error)]
        yield from found

    def _complaints(self, reader: sqlite3.Connection) -> list[str]:
        lines = reader.execute("PRAGMA integrity_check").fetchall()
        found = [f"SQLite: {line}" for (line,) in lines if line != "ok"]
        head = self._head(reader)
        strays = "SELECT count(*) FROM entries WHERE position NOT BETWEEN 1 AND ?"
        ((beyond,),) = reader.execute(strays, (head.position,)).fetchall()
        if beyond:
            found.append(f"{beyond} entries have positions beyond the head's, {head.position}")
        orphans = (
            "SELECT id FROM reports WHERE number NOT IN (SELECT report FROM entries) AND number "
            "<> 0 ORDER BY number LIMIT 20"
        )
        found += [
            f"the report {name.hex() if isinstance(name, bytes) else name!r:.40} is there, and no "
            "entry stands in it"
            for (name,) in reader.execute(orphans)
        ]
        if self._format == FORMAT:
            found += self._complaints_beside(reader, head)
        return found

    def _complaints_beside(self, reader: sqlite3.Connection, head: Head) -> list[str]:
        """What is wrong with what stands beside the entries."""
        found = []
        if reader.execute(_DUE).fetchall():
            found.append(
                "what was erased may still be in the file; open it while nobody else reads it"
            )
        meta = dict(reader.execute("SELECT name, value FROM meta").fetchall())
        expected = meta_seal(str(meta.get("identity")), meta.get("created"), head.erasures)
        if meta.get("seal", expected) != expected:
            found.append("the log's identity, its date or its count of erasures was changed")
        none = reader.execute("SELECT 1 FROM reports WHERE number = 0 AND id = x'' AND body = ''")
        if not none.fetchall():
            found.append("the row for entries without a report was changed")
        odd = reader.execute(
            "SELECT name FROM kept, head WHERE kept.position NOT BETWEEN 0 AND head.position "
            "OR kept.version NOT BETWEEN 1 AND head.versions "
            "UNION SELECT name FROM pieces WHERE name NOT IN (SELECT name FROM kept) LIMIT 20"
        )
        found += [f"the state kept as {name!r:.100} isn't whole" for (name,) in odd]
        return found

    def foreign(self) -> list[str]:
        """Return the tables and indexes in the file that aren't the log's."""
        with self._held(self._reading):
            return foreign_objects(self._reader, self._format)

    def unchecked(self) -> list[str]:
        """Return the states that are kept, and what an older file has no seal for."""
        found: list[str] = []
        with self._held(self._reading):
            if self._format == FORMAT:
                meta = "SELECT 1 FROM meta WHERE name = 'seal'"
                if not self._reader.execute(meta).fetchall():
                    found.append("the log's identity, as the file was made before it was sealed")
                kept = "SELECT name FROM kept ORDER BY name LIMIT 1000"
                found += [kept_state(str(name)) for (name,) in self._reader.execute(kept)]
        return found

    def missing(self) -> list[tuple[int, int]]:
        """Return the positions up to the head that aren't there, as runs."""
        runs = []
        query = "SELECT position FROM entries WHERE position BETWEEN 1 AND ? ORDER BY position"
        with self._held(self._reading):
            self._allow(self._reader)
            head, last = self._head(self._reader).position, 0
            for (position,) in self._reader.execute(query, (head,)):
                if position <= last:
                    raise StoreError(
                        f"{self._file.name!r} is damaged: its entries lead back to {position}; "
                        "restore it from a copy"
                    )
                if position > last + 1:
                    runs.append((last + 1, position - 1))
                last = position
        return runs + ([(last + 1, head)] if last < head else [])

    def size(self) -> int:
        """Return the bytes of the file, and of the WAL beside it."""
        return self._file.size()

    def close(self) -> None:
        """Close the file; closing again does nothing."""
        if os.getpid() != self._process:
            return  # the connections are the other process's to close
        with self._reading, self._writing:
            self._closed = True
            self._reader.close()
            self._writer.close()
        self._tell(self._appended)

    @contextmanager
    def _held(self, lock: Lock) -> Iterator[None]:
        """Return one thread a connection for itself, and say in our words what goes wrong."""
        if os.getpid() != self._process:
            # SQLite's locks belong to a process: used in two, a connection destroys the file.
            raise StoreError(
                f"{self._file.name!r} was opened in process {self._process}; "
                f"open it again in process {os.getpid()}"
            )
        with lock:
            if self._closed:
                raise StoreError(f"{self._file.name!r} is closed; open it again")
            try:
                reading = lock is self._reading
                limit_work(self._reader if reading else self._writer)
                if reading:
                    self._guard(self._reader)
                yield
                opened = self._file.opened
                if self._file.frozen and changes(self._file.path.stat()) != changes(opened):
                    raise StoreError(
                        f"{self._file.name!r} changed while it was read from where you may not "
                        "write; open it again"
                    )
            except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
                raise self._file.explained(error)  # noqa: B904 - it has its cause

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Write what is done inside it, all or none, to a file whose schema is a log's."""
        with transaction(self._writer):
            self._guard(self._writer)
            yield

    def _guard(self, connection: sqlite3.Connection) -> None:
        """Hold the schema to a log's again where another program has changed it."""
        (schema,) = connection.execute("PRAGMA schema_version").fetchone()
        if schema != self._schemas.get(connection):
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            check_schema(connection, self._file.name, version if version in QUERIES else FORMAT)
            self._schemas[connection] = schema

    def _allow(self, connection: sqlite3.Connection) -> None:
        """Let what follows read the whole file."""
        limit_work(connection, self._file.size())

    def _head(self, connection: sqlite3.Connection) -> Head:
        """The head, with the bytes of the frontier for a root."""
        row = connection.execute(QUERIES[self._format].head).fetchone()
        if row is not None:
            position, recorded, frontier, erasures = row
            whole = type(position) is type(erasures) is int and isinstance(frontier, bytes)
            whole = whole and type(recorded) is (int if position else type(None))
            if not whole or position < 0 or (self._format == FORMAT and not frontier):
                raise StoreError(
                    f"{self._file.name!r} is damaged: its head isn't that of a log (position "
                    f"{position!r:.40}, recorded {recorded!r:.40}); restore it from a copy"
                )
            return Head(*row)
        if self._format < FORMAT:
            return Head(0, None, b"")
        raise StoreError(
            f"{self._file.name!r} is damaged: its head is lost; restore it from a copy"
        )

    def _row(self, values: tuple[Any, ...]) -> Record:
        """A row, once its values are of the types that they were written with."""
        if tuple(map(type, values)) != _TYPES:
            raise StoreError(
                f"{self._file.name!r} is damaged: a value in entry {values[0]} has changed its "
                "type; restore it from a copy"
            )
        return _record(values)

    def _rows_of(self, connection: sqlite3.Connection, ids: Iterable[bytes]) -> dict[bytes, Record]:
        """The rows of those ids that are kept, by id."""
        rows = by_ids(connection, QUERIES[self._format].rows, "e.id", ids)
        return {row[2]: self._row(row) for row in rows}

    def _rows_at(self, connection: sqlite3.Connection, places: Iterable[int]) -> dict[int, Record]:
        """The rows of those positions that are kept, by position."""
        possible = (place for place in places if 0 < place < _BEYOND)
        rows = by_ids(connection, QUERIES[self._format].rows, "position", possible)
        return {row[0]: self._row(row) for row in rows}
