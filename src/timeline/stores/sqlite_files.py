"""Makes, opens and upgrades the SQLite files that logs are kept in, and says what is wrong."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice, repeat
from os import urandom
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from timeline.canonical import MOST_BYTES
from timeline.errors import FormatError, LogError, StoreError
from timeline.merkle import Frontier
from timeline.stores.base import SALT_BYTES, Record, leaf, meta_seal
from timeline.stores.sqlite_schema import APPLICATION_ID, FORMAT, SCHEMA, UPGRADE, check_schema

__all__ = [
    "QUERIES",
    "LogFile",
    "Queries",
    "by_ids",
    "changes",
    "limit_work",
    "savepoint",
    "snapshot",
    "taken",
    "transaction",
    "upgrade",
]


class Queries(NamedTuple):
    """How the rows and the head are asked for in a file of one format."""

    rows: str
    head: str


QUERIES = {
    1: Queries(
        """
        SELECT position, recorded, e.id, form, kind, r.id, CAST(e.body AS BLOB), x''
        FROM entries AS e JOIN reports AS r ON r.number = e.report
        """,
        "SELECT position, recorded, x'', 0 FROM entries ORDER BY position DESC LIMIT 1",
    ),
    2: Queries(
        """
        SELECT position, recorded, ifnull(e.id, x''), form, kind, r.id, CAST(e.body AS BLOB), salt
        FROM entries AS e JOIN reports AS r ON r.number = e.report
        """,
        "SELECT position, recorded, frontier, erasures FROM head",
    ),
}

_CHUNK = 500  # parameters in one statement: the oldest SQLite allow 999
_LONGEST = MOST_BYTES + (1 << 20)  # bytes of a row
# Steps of SQLite's machine: a check of the whole takes about one for each byte of the file.
_WORK, _WORK_PER_BYTE, _STEP = 50_000_000, 16, 100_000

# What SQLite's primary result codes mean for the one who holds the file.
_EXPLAINED = {
    sqlite3.SQLITE_ERROR: "holds other tables than a log has; it isn't a log, or is damaged",
    sqlite3.SQLITE_PERM: "may not be opened; ask for the right to read it",
    sqlite3.SQLITE_IOERR: "can't be read or written: its disk failed or is full",
    sqlite3.SQLITE_READONLY: "is read-only; to append, ask for the right to write the file and "
    "its folder, or copy the log to where you have it",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore it from a copy",
    sqlite3.SQLITE_INTERRUPT: "takes more work than a log of its size can need: it is damaged, or "
    "was made to; restore it from a copy",
    sqlite3.SQLITE_TOOBIG: "holds a value that is larger than any of a log; it is damaged, or was "
    "made to be",
    sqlite3.SQLITE_FULL: "can't grow, its disk is full; make room and append again",
    sqlite3.SQLITE_CANTOPEN: "can't be opened; see that you may read and write it and its folder",
    sqlite3.SQLITE_NOTADB: "isn't a log: it isn't a SQLite database, or is damaged",
}
_FORMAT_CODES = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB}
_BUSY_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


class LogFile:
    """The file that a log is kept in: made if there is none, refused if it isn't a log.

    ``created`` is the time to write into a new file, microseconds UTC; ``wait`` is how long, in
    seconds, to wait for other processes that write.
    """

    def __init__(
        self, name: str | os.PathLike[str], *, created: int | None = None, wait: float = 30.0
    ) -> None:
        self.name = os.fspath(name)
        """As the caller knows it: for messages."""
        self.wait = wait
        self._created = created
        self.path = _real_path(self.name)

    def open(self) -> None:
        """Make the file where there is none, and refuse one that isn't a log."""
        state = self.state()
        if state is None:
            self._make()
        elif state.st_size == 0:
            self.make_in(self.path)
        self._refuse_strangers()
        self.opened = self.path.stat()
        self.has_wal = Path(f"{self.path}-wal").exists()
        """Whether somebody has it open, or left it without closing it."""
        self.frozen = self._is_frozen()
        """Whether it is read as a file that doesn't change, without a lock."""

    def explained(self, error: sqlite3.Error | OSError | UnicodeDecodeError) -> StoreError:
        """The same in our words, with what was raised as its cause."""
        if isinstance(error, StoreError):
            return error
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of it are details
        kind: type[StoreError] = StoreError
        if isinstance(error, OSError):
            reason = f"can't be used: {error.strerror}"
        elif isinstance(error, UnicodeDecodeError):  # of what SQLite itself quotes from the file
            reason = _EXPLAINED[sqlite3.SQLITE_CORRUPT]
        elif code in _BUSY_CODES:
            reason = (
                f"has been held by another process for more than {self.wait:g} s; "
                "nothing was changed: try again once it has finished"
            )
        else:
            kind = FormatError if code in _FORMAT_CODES else StoreError
            reason = f"{_EXPLAINED.get(code, 'was refused by SQLite')} ({error})"
        explained = kind(f"{self.name!r} {reason}")
        explained.__cause__ = error
        return explained

    def state(self) -> os.stat_result | None:
        """The state of the file at the path, None where there is nothing."""
        try:
            state = os.stat(self.path)  # noqa: PTH116 - half the cost, once per append
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(state.st_mode):
            raise StoreError(f"{self.name!r} isn't a file; name the file to keep the log in")
        return state

    def size(self) -> int:
        """The bytes of the file, and of the WAL beside it."""
        paths = (self.path, f"{self.path}-wal")
        return sum(os.stat(path).st_size for path in paths if os.path.exists(path))  # noqa: PTH110, PTH116 - as above

    def _make(self) -> None:
        """Make the file aside and links it into place: what has the name is whole, always."""
        folder = self.path.parent
        if not folder.is_dir():
            raise StoreError(
                f"{self.name!r} can't be made: there is no folder {str(folder)!r}; make it first"
            )
        draft = folder / f".{uuid4().hex}.new"
        try:
            self.make_in(draft)
            self.path.hardlink_to(draft)
        except FileExistsError:
            pass  # another process made it meanwhile: that one is opened
        except OSError:  # a disk without hard links, such as a memory card
            self.make_in(self.path)
        finally:
            for tail in ("", "-journal", "-wal", "-shm"):
                Path(f"{draft}{tail}").unlink(missing_ok=True)

    def make_in(self, path: Path) -> None:
        """Lay the tables down in a file that is missing or empty."""
        with closing(self.connect("rwc", path)) as connection:
            connection.execute("BEGIN IMMEDIATE")  # where this fails, closing undoes it
            # Of several processes that meet an empty file, one makes the tables.
            if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
                _run(connection, SCHEMA)
                _write_head(connection, Frontier(), None)
                meta = {"identity": str(uuid4())}
                if self._created is not None:
                    meta["created"] = str(self._created)
                meta["seal"] = meta_seal(meta["identity"], meta.get("created"), 0)
                connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            connection.execute("COMMIT")
            # After the tables, so that the header names its owner before any WAL stands beside it.
            connection.execute("PRAGMA journal_mode = WAL")

    def _refuse_strangers(self) -> None:
        """Read the header alone, without a lock or a file beside it: nothing is written."""
        # Through SQLite: had this process the file open already, closing it would drop its locks.
        try:
            with closing(self.connect("ro&immutable=1")) as connection:
                (owner,) = connection.execute("PRAGMA application_id").fetchone()
        except sqlite3.DatabaseError:
            # A power loss may have left the file half written, beside the one that makes it whole.
            if any(Path(f"{self.path}{tail}").exists() for tail in ("-wal", "-journal")):
                return
            raise
        if owner != APPLICATION_ID:
            raise FormatError(
                f"{self.name!r} isn't a log but another program's file; it was left as it is: "
                "name another file"
            )

    def _is_frozen(self) -> bool:
        """Whether to read as a file that doesn't change: where SQLite couldn't lock it anyway."""
        if self.has_wal:
            return False  # somebody is writing, or has to be recovered after
        mine = os.access in os.supports_effective_ids
        places = (self.path, self.path.parent)
        return not all(os.access(place, os.W_OK, effective_ids=mine) for place in places)

    def check_format(self, connection: sqlite3.Connection) -> tuple[int, str]:
        """Return the format and the log's identity. Raises ``FormatError`` where it can't be read.

        Formats are read back to the first; see ``upgrade``.
        """
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version not in QUERIES:
            advice = "upgrade timeline" if version > FORMAT else "restore it from a copy"
            raise FormatError(
                f"{self.name!r} has format version {version}, and this release reads "
                f"{min(QUERIES)} to {FORMAT}; {advice}"
            )
        check_schema(connection, self.name, version)
        query = "SELECT value FROM meta WHERE name = 'identity'"
        for (identity,) in connection.execute(query).fetchall():
            for tables in QUERIES[version]:
                connection.execute(tables).close()
            return version, str(identity)
        raise FormatError(f"{self.name!r} has lost the log's identity; restore it from a copy")

    def connect(self, mode: str, path: Path | None = None) -> sqlite3.Connection:
        """Open the file, or that at another path."""
        connection = sqlite3.connect(
            f"{(path or self.path).as_uri()}?mode={mode}",
            uri=True,
            timeout=self.wait,
            isolation_level=None,
            check_same_thread=False,
        )
        # EXTRA is FULL in WAL mode, and as durable on a disk that can't do WAL; fullfsync is for
        # macOS, whose plain sync leaves data in the drive. A stranger's schema may call nothing.
        # What is deleted is overwritten, whatever SQLite was compiled to do.
        settings = (
            "synchronous = EXTRA", "fullfsync = ON", "trusted_schema = OFF", "secure_delete = ON",
            "cell_size_check = ON",
        )  # fmt: skip
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        limit_work(connection)
        if sys.version_info >= (3, 12):
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE)
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)  # noqa: FBT003
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_VIEW, False)  # noqa: FBT003
        try:
            for setting in settings:
                connection.execute(f"PRAGMA {setting}")
        except BaseException:
            connection.close()
            raise
        return connection


def limit_work(connection: sqlite3.Connection, size: int = 0) -> None:
    """Let what follows on a connection take so many steps as a file of ``size`` bytes can need.

    A hostile file can lead to its own pages again and again, and would never be read to the end.
    """
    # Of C alone, so that no signal is handled, and none lost, while SQLite asks.
    asked = repeat(0, _WORK // _STEP + size * _WORK_PER_BYTE // _STEP)
    connection.set_progress_handler(partial(next, asked, 1), _STEP)


def taken(cursor: sqlite3.Cursor, count: int) -> sqlite3.Cursor:
    """Return what a statement gave. Raises ``StoreError`` unless it wrote so many rows."""
    if cursor.rowcount != count:
        raise StoreError(
            f"the file took {cursor.rowcount} rows of the {count} that were written: something in "
            "it stands in the way; nothing was changed: restore it from a copy"
        )
    return cursor


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write what is done inside it, all or none."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # it isn't where a full disk ended it
            connection.execute("ROLLBACK")
        raise


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Read what is read inside it as it stood at one moment, whatever others write meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@contextmanager
def savepoint(
    connection: sqlite3.Connection, name: str, undone: Callable[[], None]
) -> Iterator[None]:
    """Undo what is written inside it, and nothing else, where that fails."""
    connection.execute(f"SAVEPOINT {name}")
    try:
        yield
    except BaseException:
        undone()
        if connection.in_transaction:  # it isn't where a full disk ended it
            connection.execute(f"ROLLBACK TO {name}")
            connection.execute(f"RELEASE {name}")
        raise
    connection.execute(f"RELEASE {name}")


def upgrade(connection: sqlite3.Connection) -> None:
    """Take a file of format 1 to format 2: draws the salts and hashes what is there."""
    connection.create_function("new_salt", 0, lambda: urandom(SALT_BYTES))
    with transaction(connection):
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == FORMAT:
            return  # another process was faster
        for script in UPGRADE:
            _run(connection, script)
        frontier, recorded = Frontier(), None
        for row in map(Record._make, connection.execute(f"{QUERIES[2].rows} ORDER BY position")):
            frontier.append(leaf(row))
            recorded = row.recorded
            if row.position != frontier.size:
                raise StoreError(
                    f"entry {frontier.size} is missing, so that the log can't be brought to the "
                    "format of this release; restore it from a copy"
                )
        _write_head(connection, frontier, recorded)
        connection.execute(f"PRAGMA user_version = {FORMAT}")


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Run statements within the transaction that is open, which ``executescript`` would end."""
    for statement in script.split(";"):
        connection.execute(statement)


def _write_head(connection: sqlite3.Connection, frontier: Frontier, recorded: int | None) -> None:
    connection.execute(
        "INSERT INTO head (one, position, recorded, frontier) VALUES (1, ?, ?, ?)",
        (frontier.size, recorded, frontier.to_bytes()),
    )


def changes(state: os.stat_result) -> tuple[int, int, int]:
    """What differs between two states of a file that was written in between."""
    return state.st_ino, state.st_size, state.st_mtime_ns


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


def by_ids(
    connection: sqlite3.Connection, query: str, column: str, ids: Iterable[object]
) -> Iterator[Any]:
    """Ask for many ids, as many at once as one statement takes."""
    rest = iter(ids)
    while some := list(islice(rest, _CHUNK)):
        marks = ",".join("?" * len(some))
        # One value, one row: where the file gives more, an index of it is damaged.
        yield from connection.execute(f"{query} WHERE {column} IN ({marks})", some).fetchmany(
            len(some)
        )
