"""Holds connections to a PostgreSQL server, makes lost ones anew, and says what fails."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

import attrs

from timeline.errors import FormatError, LogError, MissingExtraError, StoreError

if TYPE_CHECKING:
    from psycopg import Connection, Error

__all__ = ["Address", "Column", "PostgresConnection", "driver"]

T = TypeVar("T")

_OLDEST = 130000  # the server, as it gives its version
_URL = "write postgresql://user@host/database?schema=name"
_DEFAULTS = {
    "application_name": "timeline",
    "connect_timeout": "10",
    # A server that went away without a word is noticed within a minute, not within two hours.
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
# What a role or a server may have set otherwise, and what a log counts on.
_SESSION = """
SELECT set_config('default_transaction_isolation', 'read committed', false),
    set_config('synchronous_commit', CASE current_setting('synchronous_commit')
        WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false),
    set_config('client_encoding', 'UTF8', false),
    set_config('standard_conforming_strings', 'on', false),
    set_config('client_min_messages', 'warning', false),
    set_config('idle_in_transaction_session_timeout', '60s', false),
    set_config('lock_timeout', {wait}, false)
"""
_BYTEA, _TEXT = 17, 25  # the server's numbers for these types
_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)  # seconds between attempts, the last again and again

# What the server's codes mean (PostgreSQL, Appendix A), by the longest beginning that fits.
_EXPLAINED = {
    "25006": "is read-only: it is a standby, or its role may only read; to append, connect to the "
    "primary",
    "28": "refuses the login",
    "3D000": "isn't there: make the database first",
    "3F000": "was taken away while it was open; open it again",
    "0A000": "is on a server that lacks something a log needs, such as LISTEN",
    "26000": "is reached through a pool in transaction mode, such as pgbouncer's, which forgets "
    "what was prepared; connect directly or through a pool in session mode",
    "42P05": "is reached through a pool in transaction mode, such as pgbouncer's, which mixes up "
    "what was prepared; connect directly or through a pool in session mode",
    "42501": "may not be used so by this role; ask the log's owner for the right",
    "42P01": "holds other tables than a log has; it isn't a log, or was taken away",
    "42883": "holds other functions than a log has; it isn't a log, or was taken away",
    "53100": "can't grow, the server's disk is full; make room and append again",
    "53300": "has no connection left; close some, or raise the server's max_connections",
    "53": "lacks room or memory on its server",
    "55P03": "has been held by another writer for too long; nothing was changed: try again once "
    "it has finished",
    "57014": "took longer than the server's statement_timeout allows; nothing was changed",
    "58": "can't be read or written: the server's disk failed",
    "XX": "is damaged, or its server is; restore it from a copy",
}
_FORMAT_CODES = {"42P01", "42883"}
_LOST_CODES = ("08", "57P")  # the connection broke; the server shuts down, starts or crashed


def driver() -> Any:
    """Return psycopg. Raises ``MissingExtraError`` where it isn't installed."""
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtraError(
            "logs on a PostgreSQL server need psycopg: pip install 'timeline-events[postgres]'"
        ) from None
    return psycopg


@attrs.frozen
class Address:
    """Where a log is kept: how to reach the server, and the schema; ``str`` tells no password."""

    conninfo: str = attrs.field(repr=False)
    schema: str
    place: str
    password: str = attrs.field(repr=False)

    def __str__(self) -> str:
        return f"{self.place}?schema={quote(self.schema, safe='')}"

    @classmethod
    def of(cls, url: str, schema: str | None) -> Address:
        """Read a URL. Raises ``LogError`` where it can't be read, never showing it."""
        psycopg = driver()
        if not isinstance(url, str) or not url.startswith(("postgresql://", "postgres://")):
            raise LogError(f"a log on a PostgreSQL server is named by its URL: {_URL}")
        plain, _, query = url.partition("?")
        asked = parse_qsl(query, keep_blank_values=True)
        schemas = [value for name, value in asked if name == "schema"]
        schemas += [] if schema is None else [schema]
        if len(set(schemas)) > 1:
            raise LogError(f"a log has one schema, not {' and '.join(sorted(set(schemas)))}")
        rest = urlencode([one for one in asked if one[0] != "schema"], quote_via=quote)
        try:
            known = psycopg.conninfo.conninfo_to_dict(f"{plain}?{rest}" if rest else plain)
        except psycopg.ProgrammingError:
            known = {"host": "@"}
        host = str(known.get("host") or "")
        if "@" in host:  # it is the rest of a password
            raise LogError(
                f"the URL of the log's server can't be read: {_URL}, and the characters "
                "@ : / ? # % of a password as %40 %3A %2F %3F %23 %25"
            )
        place = f"postgresql://{host}/{known.get('dbname') or ''}"
        conninfo = psycopg.conninfo.make_conninfo(**{**_DEFAULTS, **known})
        name = _named(schemas[0] if schemas else "timeline")
        return cls(conninfo, name, place, str(known.get("password") or ""))


def _named(schema: object) -> str:
    """A schema's name, where the server can have one of that name."""
    longest = 63  # bytes; the server would cut the rest off without a word
    if (
        not isinstance(schema, str)
        or not 0 < len(schema.encode(errors="replace")) <= longest
        or set(schema) & set("\0$%")  # a $ may end a function's body, a % opens a parameter
        or schema.startswith("pg_")
    ):
        raise LogError(
            f"{schema!r} can't be a schema: a name has 1 to {longest} bytes, no $ or %, and "
            "doesn't begin with pg_"
        )
    return schema


class Column(list[bytes]):
    """Values that go to the server as one array, packed here: in bulk that is ten times faster."""

    oid = _BYTEA

    @classmethod
    def of_texts(cls, texts: Sequence[str]) -> Column:
        """The same for texts."""
        return _Texts(text.encode() for text in texts)


class _Texts(Column):
    oid = _TEXT


def _packed(column: Column) -> bytes:
    """An array as the server's binary protocol has it: one dimension, no nulls, counted from 1."""
    parts = [struct.pack("!iiiii", 1, 0, column.oid, len(column), 1)]
    if not column:
        return struct.pack("!iii", 0, 0, column.oid)
    length = struct.Struct("!i").pack
    for value in column:
        parts += length(len(value)), value
    return b"".join(parts)


def _register(connection: Connection[Any]) -> None:
    from psycopg.adapt import Dumper  # noqa: PLC0415 - an extra
    from psycopg.pq import Format  # noqa: PLC0415 - as above

    class OfBytes(Dumper):
        format = Format.BINARY
        oid = 1001  # bytea[]

        def dump(self, obj: Any) -> bytes:
            return _packed(obj)

    class OfTexts(OfBytes):
        oid = 1009  # text[]

    connection.adapters.register_dumper(Column, OfBytes)
    connection.adapters.register_dumper(_Texts, OfTexts)


class PostgresConnection:
    """One connection, made when it is first used, and again where it was lost.

    ``settle`` is called with each new connection. ``wait`` is how long, in seconds, to go on trying
    to reach a server that was lost, and to wait for other writers.
    """

    def __init__(
        self,
        address: Address,
        *,
        wait: float,
        settle: Callable[[Connection[Any]], None] = lambda _: None,
    ) -> None:
        self._address = address
        self._wait = wait
        self._settle = settle
        self._lock = Lock()
        self._process = os.getpid()
        self._connection: Connection[Any] | None = None
        self._closed = False

    def use(
        self, do: Callable[[Connection[Any]], T], *, patient: bool = True, unsure: str = ""
    ) -> T:
        """Return what ``do`` gives, called again on a new connection where one was lost.

        So it has to be something that may be done twice. One that isn't ``patient`` waits for a
        server that starts, and for none that isn't there. ``unsure`` is what to say where it may
        have been done and nobody can tell. Raises ``StoreError`` where it fails otherwise, or the
        server isn't back in time.
        """
        psycopg = driver()
        waited, attempt, begun = 0.0, 0, False
        while True:
            try:
                with self._lock:
                    connection = self._connected()
                    begun = True
                    try:
                        return do(connection)
                    except BaseException:
                        # Whatever it was in the middle of, nobody goes on with it.
                        if not _at_rest(connection):
                            self._drop()
                        raise
            except psycopg.Error as error:
                code = error.sqlstate or ""
                lost = isinstance(error, psycopg.OperationalError) and (
                    not code or code.startswith(_LOST_CODES)
                )
                back = patient or (lost and not begun and self._starting())
                if not lost or not back or waited >= self._wait:
                    raise self._explained(error, unsure if lost and begun else "")  # noqa: B904 - it has its cause
            pause = _PAUSES[min(attempt, len(_PAUSES) - 1)]
            time.sleep(pause)
            waited, attempt = waited + pause, attempt + 1

    def _starting(self) -> bool:
        """Whether the server is there and takes no connections yet, or no more."""
        from psycopg.pq import PGconn, Ping  # noqa: PLC0415 - an extra

        return bool(PGconn.ping(self._address.conninfo.encode()) == Ping.REJECT)

    @property
    def connected(self) -> bool:
        """Whether the server was there when it was last used."""
        return self._connection is not None and not self._connection.closed

    def _connected(self) -> Connection[Any]:
        if os.getpid() != self._process:
            raise StoreError(
                f"{self._address} was opened in process {self._process}; "
                f"open it again in process {os.getpid()}"
            )
        if self._closed:
            raise StoreError(f"{self._address} is closed; open it again")
        if self._connection is not None and not self._connection.closed:
            return self._connection
        self._connection = None
        connection: Connection[Any] = driver().connect(self._address.conninfo, autocommit=True)
        try:
            self._greet(connection)
            self._settle(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _greet(self, connection: Connection[Any]) -> None:
        version = connection.info.server_version
        if version < _OLDEST:
            raise FormatError(
                f"{self._address} is on a server of version {version // 10000}; a log needs "
                f"PostgreSQL {_OLDEST // 10000} or later"
            )
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise FormatError(
                f"{self._address} is a database in {encoding}; a log needs one that was made with "
                "ENCODING 'UTF8'"
            )
        psycopg = driver()
        wait = psycopg.sql.Literal(f"{max(int(self._wait * 1000), 1)}ms")
        connection.execute(psycopg.sql.SQL(_SESSION).format(wait=wait))
        if connection.info.parameter_status("standard_conforming_strings") == "off":
            raise FormatError(
                f"{self._address} has standard_conforming_strings off, and a pool in between that "
                "won't let it be set; set it on for the role: texts would be read otherwise"
            )
        _register(connection)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _explained(self, error: Error, unsure: str) -> StoreError:
        """The same in our words, with what was raised as its cause where it tells no password."""
        code = error.sqlstate or ""
        reason = next((_EXPLAINED[code[:n]] for n in (5, 3, 2) if code[:n] in _EXPLAINED), "")
        if not code:
            reason = "can't be reached" if self._connection is None else "was lost"
        kind = FormatError if code in _FORMAT_CODES else StoreError
        said = " ".join(str(error).split())
        if self._address.password:
            said = said.replace(self._address.password, "…")
        explained = kind(
            f"{self._address} {reason or 'was refused by the server'} ({said})"
            + (f"; {unsure}" if unsure else "")
        )
        explained.__cause__ = error if said in " ".join(str(error).split()) else None
        return explained

    def close(self) -> None:
        """Let go of the connection; closing again does nothing."""
        if os.getpid() != self._process:
            return  # the connection is the other process's to close
        with self._lock:
            self._closed = True
            self._drop()


def _at_rest(connection: Connection[Any]) -> bool:
    """Whether nothing is under way on a connection that is open."""
    from psycopg.pq import TransactionStatus  # noqa: PLC0415 - an extra

    return not connection.closed and connection.info.transaction_status == TransactionStatus.IDLE
