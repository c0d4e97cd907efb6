"""A disk that fails, writes short or loses power at any step, under the store's own SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import apsw

__all__ = ["FAULTS", "Connection", "Cursor", "Disk", "Module", "Translated", "content"]

SECTOR = 512
"""Bytes that a disk writes at once: a power loss may tear a write between two of them."""

FAULTS = {
    "error": "the step fails with an I/O error, the next ones work",
    "full": "a write or growth fails for want of room, the next ones work",
    "short": "half of a write lands, then it fails",
    "dead": "the step and all after it fail, as when a cable is pulled; what was written is there",
    "power, all kept": "power is lost before the step; every unsynced write reached the disk",
    "power, none kept": "power is lost before the step; no unsynced write reached the disk",
    "power, some kept": "power is lost before the step; any sectors of unsynced writes are there",
}

_WRITES = {"write", "truncate"}


class Disk:
    """Real files, seen through a VFS that counts each step and breaks the one it is told to.

    A step is an open, write, truncate, sync or delete, and, with ``reads``, a read. What was synced
    is remembered, so that ``crash`` can put back a state in which a power loss may have left the
    files. A ``lying`` disk says that it synced and didn't: no store can survive that.
    """

    def __init__(self, name: str, *, reads: bool = False, lying: bool = False) -> None:
        self.name = name
        self.reads = reads
        self.lying = lying
        self.steps: list[str] = []
        self._fault: tuple[int, str] | None = None
        self.dead = False
        self._synced: dict[str, bytes | None] = {}
        self._vfs = _VFS(name, self)

    def arm(self, step: int, fault: str) -> None:
        """Count from here, and breaks the step of that number, from 0."""
        self.steps.clear()
        self._fault = (step, fault)

    def disarm(self) -> None:
        """Work again, as if the cable were back in."""
        self._fault, self.dead = None, False

    @property
    def lost_power(self) -> bool:
        """Whether the step was reached at which power is lost."""
        return self.dead and self._fault is not None and self._fault[1].startswith("power")

    def close(self) -> None:
        """Take the VFS away from SQLite."""
        self._vfs.unregister()

    def step(self, action: str, path: str) -> str | None:
        """Count one step and return the fault that it meets, None where it works."""
        if self.dead:
            raise _error(action)
        number = len(self.steps)
        self.steps.append(f"{action} {_kind(path)}")
        if self._fault is None or number != self._fault[0]:
            return None
        fault = self._fault[1]
        if fault == "dead" or fault.startswith("power"):
            self.dead = True
            raise _error(action)
        if fault == "error":
            raise _error(action)
        if action not in _WRITES:
            return None
        if fault == "full":
            raise apsw.exception_for(apsw.SQLITE_FULL)
        return fault

    def seen(self, path: str) -> None:
        """Remembers what was on the disk when SQLite first met a file."""
        if path not in self._synced:
            self._synced[path] = content(path)

    def made(self, path: str) -> None:
        """Remembers that a file wasn't there before."""
        self._synced.setdefault(path, None)

    def synced(self, path: str) -> None:
        """Remembers what a sync makes durable."""
        if not self.lying:
            self._synced[path] = content(path)

    def crash(self, random: Random) -> None:
        """Leave the files as the power loss may have, with what was unsynced or without it."""
        assert self._fault is not None, "no fault was armed"
        kept = self._fault[1].removeprefix("power, ")
        for path, before in self._synced.items():
            now = content(path)
            if kept == "all kept" or now == before:
                continue
            after = before if kept == "none kept" else _torn(before, now, random)
            if after is None:
                Path(path).unlink(missing_ok=True)
            else:
                Path(path).write_bytes(after)
            # What the index of the log says of lost frames is lost with the memory it was in.
        for path in [path for path in self._synced if path.endswith("-wal")]:
            Path(path.removesuffix("-wal") + "-shm").unlink(missing_ok=True)


def _error(action: str) -> Exception:
    """What SQLite's own VFS would give for a step that fails."""
    codes = {
        "open": apsw.SQLITE_CANTOPEN,
        "read": apsw.SQLITE_IOERR_READ,
        "write": apsw.SQLITE_IOERR_WRITE,
        "truncate": apsw.SQLITE_IOERR_TRUNCATE,
        "sync": apsw.SQLITE_IOERR_FSYNC,
        "delete": apsw.SQLITE_IOERR_DELETE,
    }
    return apsw.exception_for(codes[action])


def content(path: str) -> bytes | None:
    """Return the bytes of a file, None where there is none."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        return None


def _torn(before: bytes | None, now: bytes | None, random: Random) -> bytes | None:
    """A mixture by sectors of what was synced and what was written since."""
    if before is None or now is None:
        return random.choice((before, now))
    size = random.choice((len(before), len(now)))
    mixed = bytearray(size)
    for start in range(0, size, SECTOR):
        old, new = before[start : start + SECTOR], now[start : start + SECTOR]
        sector = random.choice((old, new)) or new or old
        mixed[start : start + len(sector)] = sector[: size - start]
    return bytes(mixed)


def _kind(path: str) -> str:
    return next((tail for tail in ("-wal", "-journal") if path.endswith(tail)), "file")


class _VFS(apsw.VFS):
    """Passes on to the system's own VFS, by way of a Disk."""

    def __init__(self, name: str, disk: Disk) -> None:
        self._disk = disk
        super().__init__(name, "")

    def xOpen(  # noqa: N802 - SQLite's name
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> apsw.VFSFile:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        assert path is not None, "a log needs no temporary file on disk"
        made = not Path(path).exists()
        if made or self._disk.dead:
            self._disk.step("open", path)
        opened = _File(name, flags, path, self._disk)
        if made:
            self._disk.made(path)
        else:
            self._disk.seen(path)
        return opened

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802
        self._disk.step("delete", name)
        super().xDelete(name, sync)
        if sync:
            self._disk.synced(name)


class _File(apsw.VFSFile):
    """One open file on a Disk."""

    def __init__(
        self, name: str | apsw.URIFilename | None, flags: list[int], path: str, disk: Disk
    ) -> None:
        self._path, self._disk = path, disk
        super().__init__("", name, flags)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        if self._disk.reads:
            self._disk.step("read", self._path)
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if self._disk.step("write", self._path) == "short":
            super().xWrite(data[: len(data) // 2], offset)
            raise apsw.exception_for(apsw.SQLITE_FULL)
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._disk.step("truncate", self._path)
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.step("sync", self._path)
        super().xSync(flags)
        self._disk.synced(self._path)


class Module:
    """What a store needs of the module ``sqlite3``, over apsw and through a Disk's VFS.

    The two bring their own copies of SQLite, and a VFS of one is unknown to the other; so the
    store's SQL runs here, statement by statement, over the copy that knows the disk.
    """

    def __init__(self, disk: Disk, *, pages: int = 1000) -> None:
        self._disk, self._pages = disk, pages

    def __getattr__(self, name: str) -> Any:
        return getattr(sqlite3, name)

    def connect(self, name: str, *, timeout: float = 5, **_: object) -> Connection:
        """Open a file by its URI, as ``sqlite3.connect`` does."""
        flags = apsw.SQLITE_OPEN_URI | apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        with Translated():
            raw = apsw.Connection(name, flags=flags, vfs=self._disk.name)
        raw.set_busy_timeout(round(timeout * 1000))
        raw.set_wal_hook(self._committed)
        return Connection(raw)

    def _committed(self, raw: apsw.Connection, _: str, pages: int) -> int:
        """Move pages into the file as SQLite does after a commit, and as silent where it fails.

        Left to SQLite, apsw would raise for a commit that went well what its checkpoint met.
        """
        if pages >= self._pages:
            with suppress(apsw.Error):
                raw.wal_checkpoint()
        return apsw.SQLITE_OK


class Translated:
    """Raises what apsw says as what ``sqlite3`` would say."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, apsw.Error):
            told = sqlite3.OperationalError(str(error))
            told.sqlite_errorcode = getattr(error, "extendedresult", apsw.SQLITE_ERROR)
            told.sqlite_errorname = type(error).__name__
            raise told from error


class Connection:
    """A connection with the methods of ``sqlite3.Connection`` that stores use."""

    def __init__(self, raw: apsw.Connection) -> None:
        self.raw = raw

    @property
    def in_transaction(self) -> bool:
        return self.raw.in_transaction

    @property
    def total_changes(self) -> int:
        return self.raw.total_changes()

    def execute(self, sql: str, parameters: Any = ()) -> Cursor:
        with Translated():
            # As sqlite3 does: what a statement gives is read when it is asked for.
            return Cursor(self.raw, self.raw.execute(sql, parameters or None))

    def executemany(self, sql: str, several: Iterable[Sequence[Any]]) -> Cursor:
        with Translated():
            before = self.raw.total_changes()
            cursor = Cursor(self.raw, self.raw.executemany(sql, several))
            cursor.rowcount = self.raw.total_changes() - before  # of all, as sqlite3 counts
            return cursor

    def executescript(self, script: str) -> Cursor:
        return self.execute(script)

    def create_function(self, name: str, count: int, function: Callable[..., Any]) -> None:
        self.raw.create_scalar_function(name, function, count)

    def setlimit(self, category: int, limit: int) -> int:
        return self.raw.limit(category, limit)

    def set_progress_handler(self, asked: Callable[[], Any], steps: int) -> None:
        self.raw.set_progress_handler(lambda: bool(asked()), steps)

    def close(self) -> None:
        with suppress(apsw.Error):  # sqlite3 says nothing of what fails while it tidies up
            self.raw.close()


class Cursor:
    """What a statement gives, one row or all."""

    def __init__(self, connection: apsw.Connection, raw: apsw.Cursor) -> None:
        self.raw = raw
        self.lastrowid = connection.last_insert_rowid()
        self.rowcount = connection.changes()

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        with Translated():
            yield from self.raw

    def fetchone(self) -> tuple[Any, ...] | None:
        with Translated():
            return next(self.raw, None)

    def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        with Translated():
            return list(islice(self.raw, size))

    def fetchall(self) -> list[tuple[Any, ...]]:
        with Translated():
            return self.raw.fetchall()

    def close(self) -> None:
        self.raw.close()
