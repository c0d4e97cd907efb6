"""Sends to a PostgreSQL server what threads append at the same time, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from timeline.errors import StoreError
from timeline.stores.base import (
    SALT_BYTES,
    Head,
    NewRecord,
    Record,
    commitment,
    next_rows,
    reports_to_write,
)
from timeline.stores.postgres_connection import Column, PostgresConnection

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["Order", "Queue"]

_GROUP = 10_000  # drafts that one transaction takes from several threads
_ANY = NewRecord(b"?", "", "", b"", b"", bytes(SALT_BYTES))
_UNSURE = "whether it was kept is not known: append it again, what is there is kept once"


class Order:
    """One append on its way: what it hands in, and what came of it."""

    def __init__(
        self,
        rows: Sequence[Record],
        reports: Mapping[bytes, bytes],
        *,
        recorded: int,
        explicit: bool = False,
        expect: int | None = None,
        own: bool = False,
    ) -> None:
        self.rows = rows
        self.given = reports
        self.recorded, self.explicit, self.expect = recorded, explicit, expect
        self.before = Head(0, None, b"")
        self.known: dict[bytes, Record] = {}
        self.new: list[Record] = []
        self.error: BaseException | None = None
        self.done = False
        cited = {row.report for row in rows}
        reports = {name: body for name, body in reports.items() if name in cited}
        self.parameters = (
            Column([row.id for row in rows]),
            Column.of_texts([row.record_type for row in rows]),
            Column.of_texts([row.kind for row in rows]),
            Column([row.report for row in rows]),
            Column([row.body for row in rows]),
            Column([row.salt for row in rows]),
            Column(map(commitment, rows)),
            Column(reports),
            Column(reports.values()),
            recorded,
            explicit,
            expect,
            [row.recorded for row in rows] if own else None,
        )

    def answered(self, rows: list[Any]) -> None:
        """Takes what the server gave; raises what it refused."""
        (_, position, recorded, name, status, _, report, _, _), *there = rows
        self.before = Head(position, recorded, b"")
        if status == "stray":
            reports_to_write([Record(0, 0, name, "", "", report, b"")], {}, ())
        if status != "done":
            next_rows(
                [_ANY],
                (),
                self.before,
                recorded=self.recorded,
                explicit=self.explicit,
                expect=self.expect,
            )
            raise StoreError(f"the server refused an append: {status}")
        self.known = {row[3]: Record(*row[1:]) for row in there}
        fresh = (row for row in self.rows if row.id not in self.known)
        self.new = [
            row._replace(position=place, recorded=recorded)
            for place, row in enumerate(fresh, position + 1)
        ]
        self.done = True


class Queue:
    """The appends that wait: the first thread sends those of all, the others wait for theirs.

    ``call`` has the server do one append.
    """

    def __init__(
        self, link: PostgresConnection, call: Callable[[Connection[Any], Sequence[Any]], Any]
    ) -> None:
        self._link = link
        self._call = call
        self._waiting: list[Order] = []
        self._queue = Lock()
        self.writing = Lock()
        """Held while something is written."""

    def put(self, order: Order) -> None:
        """Has an append done, by this thread or by the one that was first; raises its error."""
        with self._queue:
            self._waiting.append(order)
        try:
            with self.writing:
                if not order.done and order.error is None:
                    self._send(self._next_group(order))
        finally:
            with self._queue:  # it is there yet where this thread was stopped
                if order in self._waiting:
                    self._waiting.remove(order)
        if order.error is not None:
            raise order.error

    def _next_group(self, order: Order) -> list[Order]:
        """Takes an append and others that wait, as many as one transaction takes."""
        group, drafts = [order], len(order.rows)
        with self._queue:
            for one in self._waiting:
                if one is not order and drafts + len(one.rows) <= _GROUP:
                    group.append(one)
                    drafts += len(one.rows)
            self._waiting = [one for one in self._waiting if one not in group]
        return group

    def _send(self, group: list[Order]) -> None:
        try:
            answers = self._link.use(
                lambda connection: self._together(connection, group), unsure=_UNSURE
            )
        except StoreError as error:
            if len(group) > 1 and self._link.connected:
                for one in group:  # one of them may be at fault, so that each is tried alone
                    self._send([one])
                return
            for one in group:
                one.error = type(error)(*error.args)
                one.error.__cause__ = error.__cause__
        except BaseException:
            with self._queue:  # this thread is stopped; the others go on
                self._waiting += group[1:]
            raise
        else:
            for one, answer in zip(group, answers, strict=True):
                try:
                    one.answered(answer)
                except Exception as error:  # noqa: BLE001 - raised where it was called
                    one.error = error

    def _together(self, connection: Connection[Any], group: list[Order]) -> list[list[Any]]:
        """What the server gives to each append; it has all of them or none."""
        if len(group) == 1:
            return [self._call(connection, group[0].parameters).fetchall()]
        with connection.pipeline(), connection.transaction():
            cursors = [self._call(connection, one.parameters) for one in group]
            return [cursor.fetchall() for cursor in cursors]
