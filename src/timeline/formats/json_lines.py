"""Writes a whole log as JSON Lines, and reads it back, refusing lines that were altered.

The first line names the format. Then each entry has a line, in the order of arrival, and each
report has one before the first entry that stands in it::

    {"timeline":"log","version":1}
    {"report":"8005…","body":{…}}
    {"position":1,"recorded":"2022-09-17T00:00:00Z","form":"claim","id":"8005…","kind":"attack/1",
     "report":"8005…","body":{…}}

Bodies are the canonical bytes as they stand in the log. An entry that was redacted has its
``commitment`` instead of an id and a body. Nothing is left out, so that what is read has the ids
that it had: they are worked out anew from every body, and a line that was changed is refused by its
number. Reading the same lines twice into a log changes nothing.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby, islice
from typing import TypeVar

import msgspec

from timeline.accounts import Entry
from timeline.calendar_math import micros
from timeline.canonical import id_of
from timeline.claims import Report, Said
from timeline.codec import Codec
from timeline.errors import FormatError, TimelineError
from timeline.events import Event
from timeline.log import Log
from timeline.progress import Progress
from timeline.serialization import moment_text
from timeline.stores.base import MERGE, REDACTED, REDACTION, Record

__all__ = [
    "HEAD_LINE",
    "RECENT_REPORTS",
    "Line",
    "entry_line",
    "import_jsonl",
    "read_jsonl",
    "read_line",
    "record_of",
    "report_line",
    "to_jsonl",
]

_FORMAT = "log"
_VERSION = 1
HEAD_LINE = f'{{"timeline":"{_FORMAT}","version":{_VERSION}}}\n'
"""The line that opens every file."""

RECENT_REPORTS = 1024
"""How many reports a reader keeps. A report that was last cited further back is written again."""

_READ_BATCH = 512  # rows asked of the store at once
_APPEND_BATCH = 1000  # entries appended in one go

K = TypeVar("K")
V = TypeVar("V")


class _Head(msgspec.Struct):
    timeline: str
    version: int


class Line(msgspec.Struct):
    """A line of an entry or of a report, as it is read: what it hasn't is empty."""

    body: msgspec.Raw = msgspec.Raw(b"")
    position: int = 0
    recorded: str = ""
    form: str = ""
    id: str = ""
    kind: str = ""
    report: str = ""
    salt: str = ""
    commitment: str = ""


_head = msgspec.json.Decoder(_Head)
_line = msgspec.json.Decoder(Line)


def _cite(recent: OrderedDict[K, V], report: K, value: V) -> None:
    """Make a report the last one cited, and drop the one that was cited longest ago."""
    recent[report] = value
    recent.move_to_end(report)
    if len(recent) > RECENT_REPORTS:
        recent.popitem(last=False)


def to_jsonl(log: Log, *, upto: int | None = None) -> Iterator[str]:
    """Return the lines of a log, each with its line feed: ``file.writelines(to_jsonl(log))``.

    Everything is in it: retractions, voids, denials, and when the log learned each. It is written
    in constant memory, up to the head of the moment when it starts or to the position ``upto``.
    ``timeline.importers.read_jsonl`` reads it. The salts of the log, by which it proves what it
    holds, aren't in it: ``to_segments`` writes those.
    """
    yield HEAD_LINE
    store = log.store
    rows = iter(store.rows(upto=upto))
    recent: OrderedDict[bytes, None] = OrderedDict()  # reports that a reader still has
    while batch := list(islice(rows, _READ_BATCH)):
        for row in batch:
            if row.report:
                known = row.report in recent
                _cite(recent, row.report, None)
                body = None if known else store.reports([row.report]).get(row.report)
                if body is not None:
                    yield report_line(row.report, body)
                elif not known:  # erased since the row was read
                    row = store.get_by_position([row.position])[row.position]  # noqa: PLW2901
            yield entry_line(row)


def report_line(report: bytes, body: bytes) -> str:
    """Return the line of a report."""
    return f'{{"report":"{report.hex()}","body":{body.decode()}}}\n'


def entry_line(row: Record, *, salt: bool = False) -> str:
    """Return the line of an entry, with the salt that its leaf in the log's tree needs if asked."""
    head = f'{{"position":{row.position},"recorded":"{moment_text(row.recorded)}"'
    if row.record_type == REDACTED:
        return f'{head},"form":"{REDACTED}","commitment":"{row.body.hex()}"}}\n'
    salted = f'"salt":"{row.salt.hex()}",' if salt else ""
    return (
        f'{head},"form":"{row.record_type}","id":"{row.id.hex()}","kind":{json.dumps(row.kind)},'
        f'"report":"{row.report.hex()}",{salted}"body":{row.body.decode()}}}\n'
    )


def read_line(text: str | bytes) -> Line:
    """Return what a line says; one without a ``form`` is a report's.

    Raises ``msgspec.MsgspecError`` or ``RecursionError`` for what is no such line.
    """
    return _line.decode(text)


def record_of(line: Line) -> Record:
    """Return the record that the line of an entry was written from; its id isn't checked.

    Raises ``ValueError`` or ``OverflowError`` where a part of it can't be read.
    """
    return Record(
        position=line.position,
        recorded=micros(datetime.fromisoformat(line.recorded)),
        id=bytes.fromhex(line.id),
        record_type=line.form,
        kind=line.kind,
        report=bytes.fromhex(line.report),
        body=bytes.fromhex(line.commitment) if line.form == REDACTED else bytes(line.body),
        salt=bytes.fromhex(line.salt),
    )


def read_jsonl(
    lines: Iterable[str | bytes], *, events: Iterable[type[Event]] = ()
) -> Iterator[Entry]:
    """Return the entries of a log from the lines of ``to_jsonl``, in their order.

    ``lines`` is a file that is open for reading, or any lines; ``events`` are kinds beside those
    of the library: without them an event of another kind is an ``UnknownEvent``, kept untouched. It
    reads in constant memory. Entries that were redacted are passed over, for nothing is left of
    them. Raises ``FormatError`` with the number of the line for what isn't such a file, a format of
    a later release, a line that was altered, and entries out of order.
    """
    codec = Codec(events)
    numbered = enumerate(lines, 1)
    _check_head(next(numbered, (1, ""))[1])
    recent: OrderedDict[str, Report] = OrderedDict()
    last = 0
    for number, text in numbered:
        if not text.strip():
            continue
        try:
            line = read_line(text)
            if not line.form:
                _cite(recent, line.report, _report(line, codec))
                continue
            if line.position <= last:
                raise ValueError(f"entry {line.position} comes after entry {last}")  # noqa: TRY301 - one wording for all
            last = line.position
            if line.form not in (MERGE, REDACTED, REDACTION):
                yield _entry(line, codec, recent)
        except (
            msgspec.MsgspecError,
            ValueError,
            TypeError,
            KeyError,
            OverflowError,
            RecursionError,
            TimelineError,
        ) as error:
            raise FormatError(
                f"line {number} can't be read: {error}; take the file from its source again, or "
                "import what comes before this line"
            ) from error


def _check_head(text: str | bytes) -> None:
    try:
        head = _head.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        head = _Head("", 0)
    if head.timeline != _FORMAT:
        raise FormatError(
            f"line 1 is {text[:60]!r}; the JSON Lines of a log open with {HEAD_LINE.strip()}"
        )
    if head.version != _VERSION:
        raise FormatError(
            f"these JSON Lines are of version {head.version} and this release reads version "
            f"{_VERSION}; read them with the release that wrote them, or a later one"
        )


def _report(line: Line, codec: Codec) -> Report:
    report = codec.report(bytes(line.body))
    if report.id != line.report:
        raise ValueError(f"the report {line.report[:20]!r} says something else than its id")
    return report


def _entry(line: Line, codec: Codec, recent: OrderedDict[str, Report]) -> Entry:
    if line.report not in recent:
        raise ValueError(f"the report {line.report[:20]!r} that it stands in isn't above it")
    report = recent[line.report]
    _cite(recent, line.report, report)
    recorded = datetime.fromisoformat(line.recorded)
    if recorded.tzinfo is None:
        raise ValueError(f"recorded={line.recorded!r} has no zone")
    if id_of(line.form, bytes(line.body), report.published.lo).hex() != line.id:
        raise ValueError(f"the {line.form} {line.id[:20]!r} says something else than its id")
    return Entry(line.position, recorded, codec.said(record_of(line), report))


def import_jsonl(
    log: Log,
    lines: Iterable[str | bytes],
    *,
    as_recorded: bool = True,
    progress: Progress | None = None,
) -> int:
    """Append what ``to_jsonl`` wrote of a log to another one; return how many entries were new.

    With ``as_recorded``, the log learned each entry when the first log did, so that ``known=`` asks
    the same of both; that needs a log that learned nothing later (``RecordedError``). Without it,
    the log learns it all now. Reading the same lines again changes nothing. Entries that were
    learned at one moment go in together, so that a log that learned each by itself takes longer;
    ``import_segments`` doesn't. ``progress(done, total)`` is called with the position that was
    reached, and None. Raises as ``read_jsonl``; what came before the line at fault stays appended,
    and importing again goes on from there.
    """
    before = log.head
    entries = read_jsonl(lines)
    groups = groupby(entries, lambda entry: entry.recorded if as_recorded else None)
    for recorded, group in groups:
        while batch := list(islice(group, _APPEND_BATCH)):
            claims = (entry.claim for entry in batch)
            log.append(*(claim for claim in claims if isinstance(claim, Said)), recorded=recorded)
            if progress is not None:
                progress(batch[-1].position, None)
    return log.head - before
