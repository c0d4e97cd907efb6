"""What a store should hold, said as a list, and the names of the ways in which it can differ.

The names are those of Jepsen's tests of logs: lost write, poll skip, duplicate, reorder; with torn
batch and stale conditional write for what a log that appends in batches can do besides.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any

import attrs

from timeline.errors import ConflictError, LogError, RecordedError
from timeline.merkle import Frontier
from timeline.stores import Head, NewRecord, Record
from timeline.stores.base import SALT_BYTES, leaf

__all__ = [
    "NOON",
    "REPORTS",
    "STRAY",
    "Anomaly",
    "Model",
    "differences",
    "draft",
    "parting",
    "row_text",
    "rows_text",
]

NOON = 1_663_329_600_000_000
"""A moment to count from: 2022-09-16T12:00Z in microseconds."""

STRAY = -1
"""The number of a draft that stands in a report that nobody hands in."""

_FEW = 3  # rows that a sentence names
_AROUND = 20  # of a text, on either side of where two differ
_BODIES = (b'{"source":"One"}', '{"source":"Two, «Другий»"}'.encode())
_NAMES = [sha256(body).digest() for body in _BODIES]
REPORTS: Mapping[bytes, bytes] = dict(zip(_NAMES, _BODIES, strict=True))
"""The reports that drafts stand in, id to body."""

_FORMS = (("claim", "attack/1"), ("retraction", ""), ("void", ""))


class Anomaly(Exception):  # noqa: N818 - what it tells of is the store's fault, and has a name
    """A way in which a store differs from the list that it should be."""

    def __init__(self, name: str, why: str, *, expected: str = "", seen: str = "") -> None:
        super().__init__(f"{name}: {why}")
        self.name = name
        self.why = why
        self.expected = expected
        self.seen = seen


def draft(number: int) -> NewRecord:
    """Return the draft of a number, always the same."""
    report = sha256(b"nobody has it").digest() if number == STRAY else _NAMES[number % 2]
    body = b'{"n":%d,"said":"\xd0\x86\xd0\xb7\xd1\x8e\xd0\xbc"}' % number
    salt = sha256(b"salt %d" % number).digest()[:SALT_BYTES]
    return NewRecord(sha256(b"%d" % number).digest(), *_FORMS[number % 3], report, body, salt)


def row_text(row: Record) -> str:
    """Return a row as its draft's number, its position, and when it was recorded where not noon."""
    try:
        number = str(json.loads(row.body)["n"])
    except (ValueError, TypeError, KeyError):
        number = row.id.hex()[:6]
    late = row.recorded - NOON
    return f"{number}@{row.position}" + (f"{late:+}µs" if late else "")


def rows_text(rows: Sequence[Record], *, most: int = 12) -> str:
    """Return rows in short, the last of many."""
    shown = " ".join(row_text(row) for row in rows[-most:])
    left = len(rows) - most
    return (f"({left} rows) … {shown}" if left > 0 else shown) or "nothing"


@attrs.define
class Model:
    """What a store is, said naively: a list of rows, and reports by id."""

    rows: list[Record] = attrs.field(factory=list)
    reports: dict[bytes, bytes] = attrs.field(factory=dict)

    @property
    def head(self) -> Head:
        """The last row's position and recorded time, and the root over all."""
        tree = Frontier()
        tree.extend(map(leaf, self.rows))
        return Head(len(self.rows), self.rows[-1].recorded if self.rows else None, tree.root())

    @property
    def ids(self) -> dict[bytes, Record]:
        """The rows by id."""
        return {row.id: row for row in self.rows}

    def fresh(self, drafts: Iterable[NewRecord]) -> list[NewRecord]:
        """Return those drafts that are new, each once."""
        kept = self.ids
        return list({one.id: one for one in drafts if one.id not in kept}.values())

    def refusals(
        self,
        drafts: Sequence[NewRecord],
        reports: Collection[bytes],
        *,
        recorded: int,
        explicit: bool,
        expect: int | None,
    ) -> set[type[Exception]]:
        """Return the errors that an append may raise; empty where it has to succeed."""
        found: set[type[Exception]] = set()
        fresh, head = self.fresh(drafts), self.head
        if fresh and expect is not None and expect != head.position:
            found.add(ConflictError)
        if fresh and explicit and head.recorded is not None and recorded < head.recorded:
            found.add(RecordedError)
        if any(one.report not in reports and one.report not in self.reports for one in fresh):
            found.add(LogError)
        return found

    def append(
        self, drafts: Sequence[NewRecord], reports: Mapping[bytes, bytes], recorded: int
    ) -> list[Record]:
        """Add what is new and return a row for each draft."""
        head = self.head
        moment = recorded if head.recorded is None else max(recorded, head.recorded)
        for place, one in enumerate(self.fresh(drafts), head.position + 1):
            self.rows.append(Record(place, moment, *one))
            if one.report not in self.reports:
                self.reports[one.report] = reports[one.report]
        kept = self.ids
        return [kept[one.id] for one in drafts]


def differences(
    expected: Sequence[Record],
    seen: Sequence[Record],
    *,
    batch: Collection[bytes] = (),
    refused: Collection[type[Exception]] = (),
    elsewhere: Collection[bytes] = (),
) -> None:
    """Raise the ``Anomaly`` by which the rows that were seen aren't those that should be there.

    ``batch`` are the ids of the last append, ``refused`` the errors it had to raise, ``elsewhere``
    the ids that another store holds.
    """
    if list(seen) == list(expected) and all(map(_plain, seen)):
        return
    for judge in (_twice, _strangers, _missing, _misplaced, _mistimed):
        found = judge(expected, seen, batch, refused, elsewhere)
        if found:
            break
    else:
        raise _changed(expected, seen)
    name, why = found
    raise Anomaly(name, why, expected=rows_text(expected), seen=rows_text(seen))


_Found = tuple[str, str] | None
_Rows = Sequence[Record]
_Ids = Collection[bytes]
_Judge = Callable[[_Rows, _Rows, _Ids, Collection[type[Exception]], _Ids], _Found]


def _twice(_expected: _Rows, seen: _Rows, *_: object) -> _Found:
    known: dict[bytes, Record] = {}
    for row in seen:
        if row.id in known:
            return "duplicate", f"one id is kept as {row_text(known[row.id])} and {row_text(row)}"
        known[row.id] = row
    return None


def _strangers(
    expected: _Rows,
    seen: _Rows,
    batch: _Ids,
    refused: Collection[type[Exception]],
    elsewhere: _Ids,
) -> _Found:
    wanted = {row.id for row in expected}
    extra = [row for row in seen if row.id not in wanted]
    if not extra:
        return None
    rows = rows_text(extra, most=_FEW)
    if any(row.id in elsewhere for row in extra):
        return "shared state", f"{rows} was appended to another store"
    if not any(row.id in batch for row in extra):
        return "phantom", f"nobody appended {rows}"
    if ConflictError in refused:
        return "stale conditional write", f"{rows} was written though the head wasn't as expected"
    if RecordedError in refused:
        return "recorded goes back", f"{rows} was recorded before what was there"
    return "torn batch", f"{rows} is a part of a batch that isn't there as a whole"


def _missing(expected: _Rows, seen: _Rows, batch: _Ids, *_: object) -> _Found:
    there = {row.id for row in seen}
    gone = [row for row in expected if row.id not in there]
    if not gone:
        return None
    rows = rows_text(gone, most=_FEW)
    if any(row.id in batch for row in gone) and any(name in there for name in batch):
        return "torn batch", f"{rows} is missing while the rest of its batch is there"
    return "lost write", f"{rows} was acknowledged and isn't there"


def _misplaced(expected: _Rows, seen: _Rows, *_: object) -> _Found:
    if [row.id for row in seen] != [row.id for row in expected]:
        return "reorder", "the rows are the right ones in another order"
    places = [row.position for row in seen]
    for want, place in enumerate(places, 1):
        if place != want and expected[want - 1].position == want:
            return "poll skip", f"where position {want} belongs, the rows have {place}"
    return None


def _mistimed(expected: _Rows, seen: _Rows, *_: object) -> _Found:
    for one, other in pairwise(seen):
        if other.recorded < one.recorded:
            return "recorded goes back", f"{row_text(other)} was recorded before {row_text(one)}"
    for want, row in zip(expected, seen, strict=True):
        if row.recorded != want.recorded:
            return "changed time", f"{row_text(row)} should be {row_text(want)}"
    return None


def _changed(expected: _Rows, seen: _Rows) -> Anomaly:
    want, row = next(
        (want, row)
        for want, row in zip(expected, seen, strict=True)
        if row != want or not _plain(row)
    )
    for name in Record._fields:
        one, other = getattr(want, name), getattr(row, name, None)
        if one != other or type(one) is not type(other):
            wanted, others = parting(one, other)
            return Anomaly("changed bytes", f"{name} is another", expected=wanted, seen=others)
    return Anomaly("changed bytes", "it isn't a Record", expected="Record", seen=type(row).__name__)


def parting(one: Any, other: Any) -> tuple[str, str]:
    """Return two values as text; of long ones, the part in which they begin to differ."""
    if not isinstance(one, bytes | str) or type(one) is not type(other):
        return repr(one), repr(other)
    pairs = enumerate(zip(one, other, strict=False))
    place = next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
    part = slice(max(place - _AROUND, 0), place + _AROUND)
    unit = "bytes" if isinstance(one, bytes) else "characters"
    expected, others = (
        f"{value[part]!r} from {part.start} on, of {len(value)} {unit}" for value in (one, other)
    )
    return expected, others


def _plain(row: Record) -> bool:
    types = (int, int, bytes, str, str, bytes, bytes, bytes)
    return type(row) is Record and tuple(map(type, row)) == types
