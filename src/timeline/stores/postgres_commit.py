"""Sends appends to a PostgreSQL server, those of several threads in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from timeline.errors import StoreError
from timeline.stores.base import (
    SALT_BYTES,
    Head,
    NewRecord,
    Record,
    damaged_copy,
    next_rows,
    reports_to_write,
)
from timeline.stores.group_commit import AppendRequest
from timeline.stores.postgres_connection import Column, PostgresConnection

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["GROUP_ROWS", "ServerAppend", "committer"]

GROUP_ROWS = 10_000
"""How many rows one transaction takes from several threads."""

_ANY = NewRecord(b"?", "", "", b"", b"", bytes(SALT_BYTES))
_UNSURE = "whether it was kept is not known: append it again, what is there is kept once"


class ServerAppend:
    """One append on its way: the parameters of the SQL function, and what the server answered.

    ``query`` names the function: ``APPEND`` for whoever may only append, whose times are the
    server's, ``RECORD`` for the owner, who states them, ``ADOPT`` for the rows of another log.
    """

    def __init__(
        self,
        query: str,
        log: str,
        rows: Sequence[Record],
        reports: Mapping[bytes, bytes],
        *,
        recorded: int,
        explicit: bool = False,
        expect: int | None = None,
    ) -> None:
        self.query = query
        self.rows = rows
        self.recorded, self.explicit, self.expect = recorded, explicit, expect
        self.before = Head(0, None, b"")
        self.known: dict[bytes, Record] = {}
        self.new: list[Record] = []
        cited = {row.report for row in rows}
        given = {name: body for name, body in reports.items() if name in cited}
        last: dict[str, tuple[Any, ...]] = {
            "APPEND": (expect,),
            "RECORD": (recorded, explicit, expect),
            "ADOPT": (expect, [row.recorded for row in rows]),
        }
        self.parameters = (
            log,
            Column([row.id for row in rows]),
            Column.of_texts([row.record_type for row in rows]),
            Column.of_texts([row.kind for row in rows]),
            Column([row.report for row in rows]),
            Column([row.body for row in rows]),
            Column([row.salt for row in rows]),
            Column(given),
            Column(given.values()),
            *last[query],
        )

    def answered(self, rows: list[Any]) -> None:
        """Take what the server gave; raise what it refused."""
        (_, position, recorded, name, status, _, report, _, _), *there = rows
        self.before = Head(position, recorded, b"")
        if status == "damaged":
            raise damaged_copy(position, name)
        if status == "another":
            raise StoreError(
                "the log was taken away and made anew, or restored from another, since it was "
                "opened; nothing was written: open it again"
            )
        if status == "stray":
            reports_to_write([Record(0, 0, name, "", "", report, b"")], {}, ())
        if status != "done":
            next_rows(
                [_ANY],
                {},
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


def committer(
    connection: PostgresConnection, call: Callable[[Connection[Any], ServerAppend], Any]
) -> Callable[[Sequence[AppendRequest[ServerAppend, None]]], None]:
    """Return what sends a group of appends to the server in one transaction.

    ``call`` has the server do one append.
    """

    def send(server: Connection[Any], group: Sequence[ServerAppend]) -> list[list[Any]]:
        """Return the server's answer to each append; it has all of them or none."""
        if len(group) == 1:
            return [call(server, group[0]).fetchall()]
        with server.pipeline(), server.transaction():
            cursors = [call(server, append) for append in group]
            return [cursor.fetchall() for cursor in cursors]

    def commit(group: Sequence[AppendRequest[ServerAppend, None]]) -> None:
        appends = [request.work for request in group]
        try:
            answers = connection.use(lambda server: send(server, appends), unsure=_UNSURE)
        except StoreError as error:
            if len(group) > 1 and connection.connected:
                raise  # one of them may be at fault, so that each is tried alone
            for request in group:
                own = type(error)(*error.args)
                own.__cause__ = error.__cause__
                request.fail(own)
            return
        for request, answer in zip(group, answers, strict=True):
            try:
                request.work.answered(answer)
            except Exception as error:  # noqa: BLE001 - raised where it was called
                request.fail(error)
            else:
                request.succeed(None)

    return commit
