"""Listens for what others append to a log on a PostgreSQL server."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from threading import Condition
from typing import TYPE_CHECKING, Any

from timeline.stores.postgres_connection import Address, PostgresConnection, driver

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["Listener"]

_POLL = 0.1  # seconds between two looks where the server can't call


class Listener:
    """What was heard of a log's head, over a connection of its own.

    ``head`` is the query whose first column is the head's position, ``same`` is called with each
    new connection.
    """

    def __init__(
        self, address: Address, *, wait: float, head: Any, same: Callable[[Connection[Any]], None]
    ) -> None:
        self.channel = ""
        self._head = head
        self._same = same
        self._link = PostgresConnection(address, wait=wait, settle=self._tune)
        self._news = Condition()
        self._heard = 0
        self._listening = False  # a thread listens, for all others too
        self._deaf = False  # a standby can't listen

    def hear(self, after: int, seconds: float) -> bool:
        """Whether the head is beyond ``after``; it waits so many seconds for it."""
        with self._news:
            if self._heard > after:
                return True
            if self._listening:
                return self._news.wait_for(lambda: self._heard > after, seconds)
            self._listening = True
        announced = 0
        try:
            announced = self._link.use(lambda connection: self._listen(connection, after, seconds))
        finally:
            with self._news:
                self._listening = False
                self._heard = max(self._heard, announced)
                self._news.notify_all()
        return self._heard > after

    def _tune(self, connection: Connection[Any]) -> None:
        """Listen on a new connection, then looks: what is appended after that, it is told."""
        self._same(connection)
        sql = driver().sql
        try:
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self.channel)))
        except (driver().errors.ReadOnlySqlTransaction, driver().errors.FeatureNotSupported):
            self._deaf = True
        self._heard = max(self._heard, self._look(connection))

    def _look(self, connection: Connection[Any]) -> int:
        ((position, *_),) = connection.execute(self._head).fetchall()
        return int(position)

    def _listen(self, connection: Connection[Any], after: int, seconds: float) -> int:
        if self._heard > after:  # a new connection has looked
            return self._heard
        if self._deaf:
            time.sleep(min(seconds, _POLL))
            return self._look(connection)
        with closing(connection.notifies(timeout=seconds)) as calls:
            news = any(int(call.payload) > after for call in calls)
        return self._look(connection) if news else 0  # there may be more than it was told first

    def close(self) -> None:
        """Let go of the connection."""
        self._link.close()
