"""Says what a store is handed, what it keeps, and the rules of appending that all stores share.

A store knows bytes and positions alone: what an entry means is the log's business. Its promises:

1. An append is all or none, and what it returned is there after a crash.
2. Positions run 1, 2, 3, … without a gap; whoever sees one can see every lower one.
3. An id is kept once: a draft whose id is there changes nothing and gives the row that is there.
4. ``recorded`` never decreases along positions.
5. A failed append changes nothing, not even the positions that come after it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from timeline.civil import as_datetime
from timeline.errors import ConflictError, LogError, RecordedError

__all__ = ["Draft", "Head", "Row", "Store", "next_rows", "reports_to_write"]

_LAST_RECORDED = (1 << 63) - 1  # what a 64-bit column holds


# Named tuples, not attrs: made straight from a row of the database they cost a third less, and a
# replay makes one for each entry.
class Draft(NamedTuple):
    """One entry to be, as the log hands it in."""

    id: bytes
    """32 bytes, derived from the content."""
    form: str
    """``claim``, ``retraction`` or ``void``."""
    kind: str
    """The event's kind, such as ``attack/1``; empty where the form isn't a claim."""
    report: bytes
    """The 32-byte id of the report it stands in."""
    body: bytes
    """Canonical JSON, UTF-8."""


class Row(NamedTuple):
    """One entry as it is kept: a draft with its place and its time."""

    position: int
    """From 1."""
    recorded: int
    """Microseconds UTC."""
    id: bytes
    form: str
    kind: str
    report: bytes
    body: bytes


class Head(NamedTuple):
    """The last entry's place and time."""

    position: int
    """0 when the log is empty."""
    recorded: int | None
    """Microseconds UTC, None when the log is empty."""


class Store(Protocol):
    """What a log needs of whatever keeps it; threads may share one."""

    @property
    def identity(self) -> str:
        """The UUID that was drawn when the log was made; copies of a file share it."""
        ...

    def append(
        self,
        drafts: Sequence[Draft],
        reports: Mapping[bytes, bytes],
        *,
        recorded: int,
        explicit: bool,
        expect: int | None = None,
    ) -> list[Row]:
        """Keeps all drafts or none, durably, and gives a row for each, in their order.

        ``reports`` holds the bodies of reports by id; those that new rows need are kept, once.
        ``recorded`` is microseconds UTC; held at the head's where it lies before it, unless it is
        ``explicit``. With ``expect``, new rows are written only while that is the head's position.
        Where every draft is there already, nothing is written and nothing is refused.

        Raises ``ConflictError`` where ``expect`` fails, ``RecordedError`` for an explicit
        ``recorded`` before the head's, ``LogError`` for a draft whose report is neither given nor
        kept, ``StoreError`` where the medium refuses; nothing has changed then.
        """
        ...

    def rows(self, after: int = 0, upto: int | None = None) -> Iterator[Row]:
        """Streams the rows of positions ``after < position <= upto``, in order.

        It ends at the head of the moment of the call: what is appended meanwhile isn't in it.
        """
        ...

    def reports(self, ids: Iterable[bytes]) -> dict[bytes, bytes]:
        """Gives the bodies of those reports that are kept, by id."""
        ...

    def find(self, ids: Iterable[bytes]) -> dict[bytes, Row]:
        """Gives the rows of those ids that are kept, by id."""
        ...

    def head(self) -> Head:
        """Gives the last entry's position and recorded time."""
        ...

    def close(self) -> None:
        """Lets go of the medium; closing again does nothing, anything else raises StoreError."""
        ...


def next_rows(
    drafts: Sequence[Draft],
    kept: Container[bytes],
    head: Head,
    *,
    recorded: int,
    explicit: bool,
    expect: int | None,
) -> list[Row]:
    """Gives the rows that an append adds after ``head``: drafts not kept yet, each once, in order.

    Empty where all are kept. Raises ``ConflictError``, ``RecordedError`` or ``LogError``.
    """
    fresh = {draft.id: draft for draft in drafts if draft.id not in kept}
    if not fresh:
        return []
    if expect is not None and expect != head.position:
        raise ConflictError(
            f"expected the log to be at position {expect}, but {_at(head)}; "
            f"read what stands after position {min(expect, head.position)} and decide again"
        )
    if head.recorded is not None and recorded < head.recorded:
        if explicit:
            raise RecordedError(
                f"recorded={_iso(recorded)} lies before {_iso(head.recorded)}, when the log's last "
                f"entry was recorded (position {head.position}); recorded times never decrease: "
                "give that time or a later one, or leave recorded out"
            )
        recorded = head.recorded
    if not -_LAST_RECORDED <= recorded <= _LAST_RECORDED:
        raise LogError(f"recorded={recorded} microseconds is beyond the years that can be kept")
    first = head.position + 1
    return [Row(place, recorded, *draft) for place, draft in enumerate(fresh.values(), first)]


def reports_to_write(
    rows: Iterable[Row], given: Mapping[bytes, bytes], kept: Container[bytes]
) -> dict[bytes, bytes]:
    """Gives the reports, id to body, that new rows need and that aren't kept yet.

    Raises ``LogError`` where one is neither given nor kept.
    """
    needed = {}
    for row in rows:
        if row.report not in kept and row.report not in needed:
            if row.report not in given:
                raise LogError(
                    f"entry {row.id.hex()[:12]} stands in report {row.report.hex()[:12]}, which "
                    "the log doesn't hold; hand the report's body in with the entry"
                )
            needed[row.report] = given[row.report]
    return needed


def _at(head: Head) -> str:
    if head.recorded is None:
        return "it is empty"
    return f"it is at {head.position}, recorded {_iso(head.recorded)}"


def _iso(recorded: int) -> str:
    moment = as_datetime(recorded)
    return f"{recorded} microseconds" if moment is None else moment.isoformat()
