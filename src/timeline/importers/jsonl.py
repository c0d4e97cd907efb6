"""Reads a log back from the JSON Lines of ``to_jsonl``, and refuses lines that were altered.

What is read has the ids that it had: they are worked out anew from every body, so a line that was
changed is refused by its number. Reading the same file twice into a log changes nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import groupby, islice

import msgspec

from timeline.accounts import Entry
from timeline.calendar_math import micros
from timeline.canonical import id_of
from timeline.claims import Report, Said
from timeline.codec import Codec
from timeline.errors import FormatError, TimelineError
from timeline.events import Event
from timeline.export.json_lines import FORMAT, HELD, VERSION, Line
from timeline.log import Log
from timeline.stores.base import REDACTED, REDACTION, Record

__all__ = ["import_jsonl", "read_jsonl"]

_BATCH = 1000  # entries appended in one go
_ID_DIGITS = 64


class _Head(msgspec.Struct):
    timeline: str
    version: int


_head = msgspec.json.Decoder(_Head)
_line = msgspec.json.Decoder(Line)


def read_jsonl(
    lines: Iterable[str | bytes], *, events: Iterable[type[Event]] = ()
) -> Iterator[Entry]:
    """Gives the entries of a log from the lines of ``to_jsonl``, in their order.

    ``lines`` is a file that is open for reading, or any lines; ``events`` are kinds beside those
    of the library: without them an event of another kind is an ``UnknownEvent``, kept untouched. It
    reads in constant memory. Entries that were redacted are passed over, for nothing is left of
    them. Raises ``FormatError`` with the number of the line for what isn't such a file, a format of
    a later release, a line that was altered, and entries out of order.
    """
    codec = Codec(events)
    numbered = enumerate(lines, 1)
    _check_head(next(numbered, (1, ""))[1])
    reports: OrderedDict[str, Report] = OrderedDict()
    last = 0
    for number, line in numbered:
        if not line.strip():
            continue
        try:
            read = _line.decode(line)
            if not read.form:
                _hold(reports, _report(read, codec))
                continue
            last = _next(read, last)
            if read.form not in (REDACTED, REDACTION):
                yield _entry(read, codec, reports)
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


def _check_head(line: str | bytes) -> None:
    try:
        head = _head.decode(line)
    except (msgspec.MsgspecError, RecursionError):
        head = _Head("", 0)
    if head.timeline != FORMAT:
        raise FormatError(
            f"line 1 is {line[:60]!r}; the JSON Lines of a log open with "
            f'{{"timeline":"{FORMAT}","version":{VERSION}}}'
        )
    if head.version != VERSION:
        raise FormatError(
            f"these JSON Lines are of version {head.version} and this release reads version "
            f"{VERSION}; read them with the release that wrote them, or a later one"
        )


def _next(read: Line, last: int) -> int:
    if read.position <= last:
        raise ValueError(f"entry {read.position} comes after entry {last}")
    return read.position


def _report(read: Line, codec: Codec) -> Report:
    report = codec.report(bytes(read.body))
    if report.id != read.report:
        raise ValueError(f"the report {read.report[:20]!r} says something else than its id")
    return report


def _hold(reports: OrderedDict[str, Report], report: Report) -> None:
    reports[report.id] = report
    reports.move_to_end(report.id)
    if len(reports) > HELD:
        reports.popitem(last=False)


def _entry(read: Line, codec: Codec, reports: OrderedDict[str, Report]) -> Entry:
    if read.report not in reports:
        raise ValueError(f"the report {read.report[:20]!r} that it stands in isn't above it")
    report = reports[read.report]
    reports.move_to_end(read.report)
    recorded = datetime.fromisoformat(read.recorded)
    if recorded.tzinfo is None:
        raise ValueError(f"recorded={read.recorded!r} has no zone")
    body = bytes(read.body)
    name = id_of(read.form, body, report.published.lo)
    if len(read.id) != _ID_DIGITS or name.hex() != read.id:
        raise ValueError(f"the {read.form} {read.id[:20]!r} says something else than its id")
    row = Record(
        position=read.position,
        recorded=micros(recorded),
        id=name,
        record_type=read.form,
        kind=read.kind,
        report=bytes.fromhex(read.report),
        body=body,
    )
    return Entry(read.position, recorded, codec.said(row, report))


def import_jsonl(
    log: Log,
    lines: Iterable[str | bytes],
    *,
    as_recorded: bool = True,
    progress: Callable[[int], object] | None = None,
) -> int:
    """Appends what ``to_jsonl`` wrote of a log to another one; gives how many entries were new.

    With ``as_recorded``, the log learned each entry when the first log did, so that ``known=`` asks
    the same of both; that needs a log that learned nothing later (``RecordedError``). Without it,
    the log learns it all now. Reading the same lines again changes nothing. Entries that were
    learned at one moment go in together, so that a log that learned each by itself takes longer;
    ``import_segments`` doesn't. ``progress`` is called with the position that was reached. Raises
    as ``read_jsonl``; what came before the line at fault stays appended, and importing again goes
    on from there.
    """
    before = log.head
    entries = read_jsonl(lines)
    groups = groupby(entries, lambda entry: entry.recorded if as_recorded else None)
    for recorded, group in groups:
        while batch := list(islice(group, _BATCH)):
            said = (entry.claim for entry in batch)
            log.append(*(one for one in said if isinstance(one, Said)), recorded=recorded)
            if progress is not None:
                progress(batch[-1].position)
    return log.head - before
