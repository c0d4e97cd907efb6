"""The disk of a simulated machine: SQLite's files, whose processes die and whose power fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from pathlib import Path
from random import Random
from sqlite3 import OperationalError
from typing import Any

import apsw

from tests import fault_disks
from tests.fault_disks import Connection, Cursor, Disk, Translated, content
from tests.simulation.schedule import active, switch

__all__ = ["Module", "Mount", "contents"]

_NUMBERS = count()
_BUSY = 0.005  # seconds of the world's clock between two attempts to get a lock of the file


class Mount(Disk):
    """The disk as one process sees it: what it does next to it may fail, and end the process.

    Processes of one machine share what is known of ``synced`` contents.
    """

    def __init__(self, synced: dict[str, bytes | None]) -> None:
        super().__init__(f"simulated-{next(_NUMBERS)}")
        self._synced = synced
        self.faults = 0
        """How many steps have failed."""

    @property
    def fault(self) -> str:
        """What it was armed with."""
        return self._fault[1] if self._fault is not None else ""

    def crash(self, random: Random) -> None:
        """Leave the files as the power loss may have; what is there then is there for good."""
        super().crash(random)
        for path in self._synced:
            self._synced[path] = content(path)

    def step(self, action: str, path: str) -> str | None:
        """Count one step and return the fault that it meets, None where it works."""
        dead = self.dead
        try:
            fault = super().step(action, path)
        except BaseException:
            self.faults += not dead
            raise
        self.faults += fault is not None
        return fault


class Module(fault_disks.Module):
    """The module ``sqlite3`` of one process, whose statements are points at which tasks switch."""

    def __init__(self, mount: Mount, *, pages: int) -> None:
        super().__init__(mount, pages=pages)
        self.mount = mount
        self.open: list[Connection] = []

    def connect(self, name: str, *, timeout: float = 5, **_: object) -> Connection:
        """Open a file by its URI, as ``sqlite3.connect`` does."""
        switch("opens a file")
        plain = super().connect(name, timeout=0)
        connection = _Switching(plain.raw, timeout)
        self.open.append(connection)
        return connection

    def die(self) -> None:
        """Let go of all that is open, without another word to the disk."""
        self.mount.dead = True
        for connection in self.open:
            connection.close()
        self.open.clear()


class _Switching(Connection):
    """A connection that lets others run before each statement, and while it waits for a lock."""

    def __init__(self, raw: apsw.Connection, timeout: float) -> None:
        super().__init__(raw)
        self._timeout = timeout

    def execute(self, sql: str, parameters: Any = ()) -> Cursor:
        """Run one statement."""
        switch(f"SQL {sql.strip()[:9]}")
        left = self._timeout
        while True:
            try:
                with Translated():
                    cursor = Cursor(self.raw, self.raw.execute(sql, parameters or None))
                    if not sql.startswith("PRAGMA wal_checkpoint"):
                        return cursor
                    rows = cursor.fetchall()
                    if not rows[0][0] or not self._may_wait(left):
                        return _Read(rows)
            except OperationalError as error:
                busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == apsw.SQLITE_BUSY
                if not busy or not self._may_wait(left):
                    raise
            scheduler = active()
            assert scheduler is not None
            scheduler.wait(None, _BUSY, "waits for the file")
            left -= _BUSY

    @staticmethod
    def _may_wait(left: float) -> bool:
        scheduler = active()
        return left > 0 and scheduler is not None and scheduler.mine() is not None

    def executemany(self, sql: str, several: Iterable[Sequence[Any]]) -> Cursor:
        """Run a statement for each of several rows."""
        switch(f"SQL {sql.strip()[:9]}")
        return super().executemany(sql, several)


class _Read(Cursor):
    """What a statement gave, read before."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = rows

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows."""
        return self._rows

    def close(self) -> None:
        """There is nothing to close."""


def contents(path: Path) -> list[bytes]:
    """Return the bytes of a log's file and of those beside it."""
    return [
        beside.read_bytes()
        for tail in ("", "-wal", "-journal")
        if (beside := Path(f"{path}{tail}")).exists()
    ]
