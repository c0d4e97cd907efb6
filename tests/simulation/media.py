"""Where a simulated log is kept, and what is really there, read past the code that is tried."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import apsw

from tests.simulation.disk import Mount, contents
from timeline import Log
from timeline.merkle import Frontier
from timeline.stores.base import Record
from timeline.stores.memory import MemoryStore
from timeline.stores.sqlite import SQLiteStore

__all__ = ["InFile", "InMemory", "Medium", "Truth"]


class Truth(NamedTuple):
    """What a medium holds at one moment."""

    rows: list[Record]
    reports: dict[bytes, bytes]
    head: int
    root: bytes | None
    """None where it is worked out when it is asked for."""
    erasures: int
    identity: str


class Medium(Protocol):
    """Where a log is kept."""

    name: str

    def open(self, clock: Callable[[], datetime]) -> Log:
        """Open the log as a process does."""
        ...

    def changed(self) -> bool:
        """Whether something was written since it was asked last."""
        ...

    def truth(self) -> Truth:
        """Return what is there."""
        ...

    def bytes(self) -> list[bytes]:
        """Return all bytes that it holds, for a search."""
        ...

    def let_go(self) -> None:
        """Stop looking, before whoever has it open dies or closes it."""
        ...


class InMemory:
    """A log in the memory of the one process there is."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.store = MemoryStore()
        self._seen: object = None

    def open(self, clock: Callable[[], datetime]) -> Log:
        """Return a log over the one store."""
        return Log(self.store, clock=clock)

    def changed(self) -> bool:
        """Whether rows, erasures or kept states are others."""
        store = self.store
        now = (len(store._rows), store._erasures, store._version, store._identity)
        changed, self._seen = now != self._seen, now
        return changed

    def truth(self) -> Truth:
        """Return the store's lists and dicts."""
        store = self.store
        rows = list(store._rows)
        return Truth(rows, store._reports, len(rows), None, store._erasures, store._identity)

    def bytes(self) -> list[bytes]:
        """Return all bodies."""
        store = self.store
        kept = [body for _, pieces in store._kept.values() for body in pieces.values()]
        ids = [repr(one).encode() for one in store._by_id.values()]
        return [*(row.body for row in store._rows), *store._reports.values(), *kept, *ids]

    def let_go(self) -> None:
        """Nothing is held."""


_ROWS = """
SELECT position, recorded, coalesce(e.id, x''), form, kind, r.id, CAST(e.body AS BLOB), salt
FROM entries e JOIN reports r ON r.number = e.report ORDER BY position
"""


class InFile:
    """A log in a SQLite file, looked at over a connection that no process has."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.path = folder / f"{name}.db"
        self._raw: apsw.Connection | None = None
        self._version: object = None
        self._mount = Mount({})  # its own, on which nothing fails

    def open(self, clock: Callable[[], datetime]) -> Log:
        """Open the file as a process does."""
        return Log(SQLiteStore(self.path), clock=clock)

    def _look(self) -> apsw.Connection | None:
        if self._raw is None and self.path.exists():
            flags = apsw.SQLITE_OPEN_READWRITE
            self._raw = apsw.Connection(str(self.path), flags=flags, vfs=self._mount.name)
            self._version = None
        return self._raw

    def changed(self) -> bool:
        """Whether another connection has written."""
        raw = self._look()
        if raw is None:
            return False
        try:
            ((version,),) = raw.execute("PRAGMA data_version").fetchall()
        except apsw.BusyError:
            return False
        changed, self._version = version != self._version, version
        return changed

    def truth(self) -> Truth:
        """Return the rows of the tables."""
        raw = self._look()
        assert raw is not None
        rows = [Record(*row) for row in raw.execute(_ROWS)]
        query = "SELECT id, CAST(body AS BLOB) FROM reports WHERE number <> 0"
        found: list[Any] = raw.execute(query).fetchall()
        reports: dict[bytes, bytes] = dict(found)
        query = "SELECT position, frontier, erasures FROM head"
        heads: list[Any] = raw.execute(query).fetchall()
        ((head, frontier, erasures),) = heads
        ((identity,),) = raw.execute("SELECT value FROM meta WHERE name = 'identity'").fetchall()
        root = Frontier.from_bytes(frontier).root()
        return Truth(rows, reports, head, root, erasures, str(identity))

    def bytes(self) -> list[bytes]:
        """Return what is in the file and in those beside it."""
        return contents(self.path)

    def let_go(self) -> None:
        """Close the connection that looks."""
        if self._raw is not None:
            self._raw.close()
            self._raw = None

    def unmount(self) -> None:
        """Take the VFS away."""
        self.let_go()
        self._mount.close()
