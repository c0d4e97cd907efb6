"""Lets threads that write to one SQLite file at the same time share a transaction, and its sync."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import Lock
from typing import Any, TypeVar

from timeline.stores.sqlite_files import transaction

__all__ = ["AppendRequest", "GroupCommit", "savepoint"]

T = TypeVar("T")


class AppendRequest:
    """What one thread wants to write, and what came of it."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.act = act
        self.done = False
        self.result: Any = None
        self.error: Exception | None = None


class GroupCommit:
    """The threads that wait for their turn to write; whoever gets it writes for all of them.

    ``held`` gives the one connection to one thread, ``undone`` is called where something that was
    written is rolled back. Each act happens whole or not at all, whatever becomes of the others,
    and nobody is told of success before it is synced.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        held: Callable[[], AbstractContextManager[None]],
        undone: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._held = held
        self._undone = undone
        self._lock = Lock()
        self._waiting: list[AppendRequest] = []

    def take(self, act: Callable[[], T]) -> T:
        """Runs what writes inside a transaction and gives its result; raises what it raises."""
        mine = AppendRequest(act)
        with self._lock:
            self._waiting.append(mine)
        try:
            with self._held():
                if not mine.done:
                    self._write(mine)
                if mine.error is not None:
                    raise mine.error
        finally:
            with self._lock:
                self._waiting.remove(mine)
        result: T = mine.result
        return result

    def _write(self, mine: AppendRequest) -> None:
        with self._lock:
            others = [turn for turn in self._waiting if turn is not mine and not turn.done]
        if others:
            with suppress(Exception):  # whoever's fault it was will be told when alone
                self._commit([mine, *others])
        if not mine.done:
            self._commit([mine])

    def _commit(self, turns: Sequence[AppendRequest]) -> None:
        try:
            with transaction(self._connection):
                for turn in turns:
                    turn.error = None
                    if len(turns) == 1:
                        turn.result = turn.act()
                    else:
                        self._among_others(turn)
        except BaseException:
            self._undone()
            raise
        for turn in turns:
            turn.done = True

    def _among_others(self, turn: AppendRequest) -> None:
        try:
            with savepoint(self._connection, "turn", self._undone):
                turn.result = turn.act()
        except Exception as error:
            if not self._connection.in_transaction:
                raise  # a full disk ended it for all
            turn.error = error


@contextmanager
def savepoint(
    connection: sqlite3.Connection, name: str, undone: Callable[[], None]
) -> Iterator[None]:
    """Undoes what is written inside it, and nothing else, where that fails."""
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
