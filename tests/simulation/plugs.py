"""Puts the scheduler under the library: its locks, clocks, chance, databases and store calls."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID

from tests.simulation import schedule
from tests.simulation.schedule import active, switch
from timeline import log, subscription, unknown_kinds
from timeline.folding import incremental, kept_projection
from timeline.stores import base, group_commit, memory, sqlite, sqlite_files
from timeline.stores.memory import MemoryStore
from timeline.stores.sqlite import SQLiteStore

__all__ = ["SEAMS", "plugged"]

CALLS = (
    "append", "rows", "reports", "get_by_id", "get_by_position", "head", "erase", "import_rows",
    "load_snapshot", "load_chunks", "save_snapshot", "delete_snapshot",
)  # fmt: skip
"""What is asked of a store, and a point at which tasks switch."""

SEAMS = (
    (memory, "next_rows"),
    (memory, "reports_to_write"),
    (memory, "rows_to_erase"),
    (memory, "check_adopted"),
    (memory, "check_kept"),
)
"""Functions within what a lock guards, where another task could come in if it didn't."""

LOCKS = (
    (sqlite, "Lock", schedule.Lock),
    (sqlite, "Condition", schedule.Condition),
    (group_commit, "Lock", schedule.Lock),
    (memory, "Condition", schedule.Condition),
    (log, "Lock", schedule.Lock),
    (unknown_kinds, "Lock", schedule.Lock),
    (kept_projection, "RLock", schedule.RLock),
    (incremental, "RLock", schedule.RLock),
)


class _Sqlite:
    """The module ``sqlite3``, whose connections are made by the process that runs."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sqlite3, name)

    def connect(self, name: str, **how: Any) -> Any:
        """Open a file as the process of the task that runs, or as the world itself."""
        return _opener[0](name, **how)


_opener: list[Callable[..., Any]] = []


def _asked(call: Callable[..., Any], name: str) -> Callable[..., Any]:
    @wraps(call)
    def asked(*given: Any, **how: Any) -> Any:
        switch(name)
        return call(*given, **how)

    return asked


def _paused(seconds: float) -> None:
    scheduler = active()
    if scheduler is not None:
        scheduler.wait(None, seconds, "sleeps")


@contextmanager
def plugged(chance: Random, opener: Callable[..., Any]) -> Iterator[None]:
    """Run what follows in a world: its chance, and what opens SQLite's files."""
    with ExitStack() as stack:

        def put(where: Any, name: str, thing: Any) -> None:
            stack.enter_context(patch.object(where, name, thing))

        for where, name, lock in LOCKS:
            put(where, name, lock)
        put(sqlite_files, "sqlite3", _Sqlite())
        put(base, "urandom", chance.randbytes)
        put(sqlite_files, "urandom", chance.randbytes)

        def uuid() -> UUID:
            return UUID(bytes=chance.randbytes(16), version=4)

        put(memory, "uuid4", uuid)
        put(sqlite_files, "uuid4", uuid)
        put(subscription, "Flag", _Flag)
        for store in (MemoryStore, SQLiteStore):
            for name in CALLS:
                put(store, name, _asked(getattr(store, name), name))
        for where, name in SEAMS:
            put(where, name, _asked(getattr(where, name), name))
        _opener.insert(0, opener)
        stack.callback(_opener.pop, 0)
        yield


class _Flag(SimpleNamespace):
    """An Event that nobody waits for."""

    up = False

    def is_set(self) -> bool:
        """Whether it was set."""
        return self.up

    def set(self) -> None:
        """Set it."""
        self.up = True
