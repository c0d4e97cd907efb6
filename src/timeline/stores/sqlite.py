"""Keeps a log in one SQLite file that any sqlite3 shell can read."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

from timeline.errors import FormatError, LogError, StoreError
from timeline.stores.base import Draft, Head, Row, next_rows, reports_to_write

__all__ = ["APPLICATION_ID", "FORMAT", "SQLiteStore"]

APPLICATION_ID = 0x746D6C6E  # "tmln"; names the file's owner in its header
FORMAT = 1

_PAGE = 512  # rows read at once: more isn't faster, and all of them are in memory
_CHUNK = 500  # parameters in one statement: the oldest SQLite allow 999

# Bodies are TEXT so that people can read the file with a shell, and go in and out as bytes so that
# nothing is decoded on the way. No STRICT tables: SQLite before 3.37 could not open the file.
_SCHEMA = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
CREATE TABLE reports (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE entries (
    position INTEGER PRIMARY KEY,
    recorded INTEGER NOT NULL,
    id BLOB NOT NULL UNIQUE,
    form TEXT NOT NULL,
    kind TEXT NOT NULL,
    report INTEGER NOT NULL REFERENCES reports (number),
    body TEXT NOT NULL
);
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT};
"""
_ROWS = """
SELECT position, recorded, e.id, form, kind, r.id, CAST(e.body AS BLOB)
FROM entries AS e JOIN reports AS r ON r.number = e.report
"""
_HEAD = "SELECT position, recorded FROM entries ORDER BY position DESC LIMIT 1"

# What SQLite's primary result codes mean for the one who holds the file.
_EXPLAINED = {
    sqlite3.SQLITE_ERROR: "holds other tables than a log has; it isn't a log, or is damaged",
    sqlite3.SQLITE_PERM: "may not be opened; ask for the right to read it",
    sqlite3.SQLITE_IOERR: "can't be read or written: its disk failed or is full",
    sqlite3.SQLITE_READONLY: "is read-only; to append, ask for the right to write the file and "
    "its folder, or copy the log to where you have it",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore it from a copy",
    sqlite3.SQLITE_FULL: "can't grow, its disk is full; make room and append again",
    sqlite3.SQLITE_CANTOPEN: "can't be opened; see that you may read and write it and its folder",
    sqlite3.SQLITE_NOTADB: "isn't a log: it isn't a SQLite database, or is damaged",
}
_FORMAT_CODES = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB}
_BUSY_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class SQLiteStore:
    """A store in a SQLite file, made if there is none; threads and processes may share it.

    ``created`` is the time to write into a new file, microseconds UTC; ``wait`` is how long, in
    seconds, to wait for other processes that write. Raises ``StoreError`` where the file can't be
    used, ``FormatError`` where it isn't a log or is one of a newer format; nothing is created or
    changed then.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, created: int | None = None, wait: float = 30.0
    ) -> None:
        self._name = os.fspath(path)  # as the caller knows it: for messages
        self._wait = wait
        self._created = created
        self._path = _real_path(self._name)
        self._process = os.getpid()
        self._closed = False
        # The reports of the last append: one report's claims often come one by one.
        self._numbers: dict[bytes, int | None] = {}
        # One connection reads and one writes, so that reading never waits for a disk to sync.
        # Each serves one thread at a time, and no statement stays open between two calls: an
        # abandoned iteration holds nothing, and one that appends as it goes meets nobody.
        self._reading, self._writing = Lock(), Lock()
        try:
            self._open()
        except (sqlite3.Error, OSError) as error:
            raise self._explained(error)  # noqa: B904 - it has its cause

    def _open(self) -> None:
        state = self._state()
        if state is None:
            self._make()
        elif state.st_size == 0:
            self._make_in(self._path)
        self._refuse_strangers()
        self._opened = self._path.stat()
        self._frozen = self._is_frozen()
        mode = "ro&immutable=1" if self._frozen else "rw"
        self._reader = self._connect(self._path, mode)
        try:
            self._identity = self._read_identity()
            self._writer = self._connect(self._path, mode)
        except BaseException:
            self._reader.close()
            raise

    @property
    def identity(self) -> str:
        """The UUID that was drawn when the file was made; a copy of the file has it too."""
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
        """Keeps all drafts or none in one synced transaction; see ``Store.append``."""
        with self._held(self._writing):
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                rows = _kept(self._writer, [draft.id for draft in drafts])
                new = next_rows(
                    drafts,
                    rows,
                    _head(self._writer),
                    recorded=recorded,
                    explicit=explicit,
                    expect=expect,
                )
                numbers = self._write(new, reports) if new else self._numbers
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # it isn't where a full disk ended it
                    self._writer.execute("ROLLBACK")
                raise
            self._numbers = numbers
        rows |= {row.id: row for row in new}
        return [rows[draft.id] for draft in drafts]

    def _write(self, new: Sequence[Row], given: Mapping[bytes, bytes]) -> dict[bytes, int | None]:
        """Inserts new rows and what they need; gives the numbers of their reports."""
        # A file that was deleted or replaced while open would take the entries with it.
        state = self._state()
        if state is None or not os.path.samestat(state, self._opened):
            raise StoreError(
                f"{self._name!r} was moved, deleted or replaced since it was opened; "
                "nothing was appended: open it again"
            )
        names = {row.report for row in new}
        numbers = {name: self._numbers[name] for name in names & self._numbers.keys()}
        unknown = names - numbers.keys()
        numbers |= _by_ids(self._writer, "SELECT id, number FROM reports", "id", unknown)
        for name, body in reports_to_write(new, given, numbers).items():
            numbers[name] = self._writer.execute(
                "INSERT INTO reports (id, body) VALUES (?, CAST(? AS TEXT))", (name, body)
            ).lastrowid
        self._writer.executemany(
            "INSERT INTO entries (position, recorded, id, form, kind, report, body)"
            " VALUES (?, ?, ?, ?, ?, ?, CAST(? AS TEXT))",
            [(*row[:5], numbers[row.report], row.body) for row in new],
        )
        return numbers

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Row]:
        """Streams rows in order up to the head of now; see ``Store.rows``.

        Raises ``StoreError``, then or on the way, where rows are missing or can't be read.
        """
        head = self.head().position
        return self._pages(max(after, 0), head if upto is None else min(upto, head))

    def _pages(self, after: int, last: int) -> Iterator[Row]:
        query = f"{_ROWS} WHERE position > ? AND position <= ? ORDER BY position"
        for start in range(after, last, _PAGE):
            end = min(start + _PAGE, last)
            with self._held(self._reading):
                found = self._reader.execute(query, (start, end)).fetchall()
            if len(found) != end - start:
                raise StoreError(
                    f"{self._name!r} is damaged: of the entries {start + 1} to {end} it gives "
                    f"{len(found)}; restore it from a copy"
                )
            yield from map(Row._make, found)

    def reports(self, ids: Iterable[bytes]) -> dict[bytes, bytes]:
        """Gives the bodies of those reports that are kept, by id."""
        query = "SELECT id, CAST(body AS BLOB) FROM reports"
        ids = list(ids)  # they may come from this store, which must not be held then
        with self._held(self._reading):
            return dict(_by_ids(self._reader, query, "id", ids))

    def find(self, ids: Iterable[bytes]) -> dict[bytes, Row]:
        """Gives the rows of those ids that are kept, by id."""
        ids = list(ids)
        with self._held(self._reading):
            return _kept(self._reader, ids)

    def head(self) -> Head:
        """Gives the last entry's position and recorded time."""
        with self._held(self._reading):
            return _head(self._reader)

    def close(self) -> None:
        """Closes the file; closing again does nothing."""
        if os.getpid() != self._process:
            return  # the connections are the other process's to close
        with self._reading, self._writing:
            self._closed = True
            self._reader.close()
            self._writer.close()

    @contextmanager
    def _held(self, lock: Lock) -> Iterator[None]:
        """Gives one thread a connection for itself, and says in our words what goes wrong."""
        if os.getpid() != self._process:
            # SQLite's locks belong to a process: used in two, a connection destroys the file.
            raise StoreError(
                f"{self._name!r} was opened in process {self._process}; "
                f"open it again in process {os.getpid()}"
            )
        with lock:
            if self._closed:
                raise StoreError(f"{self._name!r} is closed; open it again")
            try:
                yield
                if self._frozen and _changes(self._path.stat()) != _changes(self._opened):
                    raise StoreError(
                        f"{self._name!r} changed while it was read from where you may not write; "
                        "open it again"
                    )
            except (sqlite3.Error, OSError) as error:
                raise self._explained(error)  # noqa: B904 - it has its cause

    def _explained(self, error: sqlite3.Error | OSError) -> StoreError:
        """The same in our words, with what was raised as its cause."""
        if isinstance(error, StoreError):
            return error
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of it are details
        kind: type[StoreError] = StoreError
        if isinstance(error, OSError):
            told = f"can't be used: {error.strerror}"
        elif code in _BUSY_CODES:
            told = (
                f"has been held by another process for more than {self._wait:g} s; "
                "nothing was changed: try again once it has finished"
            )
        else:
            kind = FormatError if code in _FORMAT_CODES else StoreError
            told = f"{_EXPLAINED.get(code, 'was refused by SQLite')} ({error})"
        explained = kind(f"{self._name!r} {told}")
        explained.__cause__ = error
        return explained

    def _state(self) -> os.stat_result | None:
        """The state of the file at the path, None where there is nothing."""
        try:
            state = os.stat(self._path)  # noqa: PTH116 - half the cost, once per append
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(state.st_mode):
            raise StoreError(f"{self._name!r} isn't a file; name the file to keep the log in")
        return state

    def _make(self) -> None:
        """Makes the file aside and links it into place: what has the name is whole, always."""
        folder = self._path.parent
        if not folder.is_dir():
            raise StoreError(
                f"{self._name!r} can't be made: there is no folder {str(folder)!r}; make it first"
            )
        draft = folder / f".{uuid4().hex}.new"
        try:
            self._make_in(draft)
            self._path.hardlink_to(draft)
        except FileExistsError:
            pass  # another process made it meanwhile: that one is opened
        except OSError:  # a disk without hard links, such as a memory card
            self._make_in(self._path)
        finally:
            for tail in ("", "-journal", "-wal", "-shm"):
                Path(f"{draft}{tail}").unlink(missing_ok=True)

    def _make_in(self, path: Path) -> None:
        """Lays the tables down in a file that is missing or empty."""
        with closing(self._connect(path, "rwc")) as connection:
            connection.execute("BEGIN IMMEDIATE")  # where this fails, closing undoes it
            # Of several processes that meet an empty file, one makes the tables.
            if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                meta = {"identity": str(uuid4())}
                if self._created is not None:
                    meta["created"] = str(self._created)
                connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            connection.execute("COMMIT")
            # After the tables, so that the header names its owner before any WAL stands beside it.
            connection.execute("PRAGMA journal_mode = WAL")

    def _refuse_strangers(self) -> None:
        """Reads the header alone, without a lock or a file beside it: nothing is written."""
        # Through SQLite: had this process the file open already, closing it would drop its locks.
        with closing(self._connect(self._path, "ro&immutable=1")) as connection:
            (owner,) = connection.execute("PRAGMA application_id").fetchone()
        if owner != APPLICATION_ID:
            raise FormatError(
                f"{self._name!r} isn't a log but another program's file; it was left as it is: "
                "name another file"
            )

    def _is_frozen(self) -> bool:
        """Whether to read as a file that doesn't change: where SQLite couldn't lock it anyway."""
        if Path(f"{self._path}-wal").exists():
            return False  # somebody is writing, or has to be recovered after
        mine = os.access in os.supports_effective_ids
        places = (self._path, self._path.parent)
        return not all(os.access(place, os.W_OK, effective_ids=mine) for place in places)

    def _read_identity(self) -> str:
        """Checks the format and gives the log's identity."""
        (version,) = self._reader.execute("PRAGMA user_version").fetchone()
        if version != FORMAT:
            advice = "upgrade timeline" if version > FORMAT else "restore it from a copy"
            raise FormatError(
                f"{self._name!r} has format version {version}, and this release reads {FORMAT}; "
                f"{advice}"
            )
        query = "SELECT value FROM meta WHERE name = 'identity'"
        for (identity,) in self._reader.execute(query).fetchall():
            _head(self._reader)
            return str(identity)
        raise FormatError(f"{self._name!r} has lost the log's identity; restore it from a copy")

    def _connect(self, path: Path, mode: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode={mode}",
            uri=True,
            timeout=self._wait,
            isolation_level=None,
            check_same_thread=False,
        )
        # EXTRA is FULL in WAL mode, and as durable on a disk that can't do WAL; fullfsync is for
        # macOS, whose plain sync leaves data in the drive. A stranger's schema may call nothing.
        try:
            for setting in ("synchronous = EXTRA", "fullfsync = ON", "trusted_schema = OFF"):
                connection.execute(f"PRAGMA {setting}")
        except BaseException:
            connection.close()
            raise
        return connection


def _real_path(name: object) -> Path:
    """The absolute path that a name stands for, links followed."""
    try:
        if not isinstance(name, str) or b"\0" in os.fsencode(name):
            raise ValueError  # noqa: TRY301 - said below, with the other reason
    except ValueError:
        raise LogError(
            f"{name!r} isn't a path; give the name of a file as text or as a Path"
        ) from None
    if name in {"", ":memory:"} or name.startswith("file:"):
        raise LogError(
            f"{name!r} isn't the name of a file; give a plain path, or leave it out, Log(), "
            "for a log in memory"
        )
    return Path(os.path.realpath(name))


def _changes(state: os.stat_result) -> tuple[int, int, int]:
    """What differs between two states of a file that was written in between."""
    return state.st_ino, state.st_size, state.st_mtime_ns


def _head(connection: sqlite3.Connection) -> Head:
    row = connection.execute(_HEAD).fetchone()
    return Head(0, None) if row is None else Head(*row)


def _kept(connection: sqlite3.Connection, ids: Iterable[bytes]) -> dict[bytes, Row]:
    """The rows of those ids that are kept, by id."""
    return {row[2]: Row._make(row) for row in _by_ids(connection, _ROWS, "e.id", ids)}


def _by_ids(
    connection: sqlite3.Connection, query: str, column: str, ids: Iterable[bytes]
) -> Iterator[Any]:
    """Asks for many ids, as many at once as one statement takes."""
    rest = iter(ids)
    while some := list(islice(rest, _CHUNK)):
        marks = ",".join("?" * len(some))
        yield from connection.execute(f"{query} WHERE {column} IN ({marks})", some).fetchall()
