"""Writes a whole log as JSON Lines, nothing left out, so that it can be read into another one.

The first line names the format. Then each entry has a line, in the order of arrival, and each
report has one before the first entry that stands in it::

    {"timeline":"log","version":1}
    {"report":"8005…","body":{…}}
    {"position":1,"recorded":"2022-09-17T00:00:00Z","form":"claim","id":"8005…","kind":"attack/1",
     "report":"8005…","body":{…}}

Bodies are the canonical bytes as they stand in the log, from which the ids follow. An entry that
was redacted has its ``commitment`` instead of an id and a body.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

import msgspec

from timeline.log import Log
from timeline.serialization import moment_text
from timeline.stores.base import REDACTED, Record

__all__ = ["FORMAT", "HELD", "VERSION", "Line", "line_of", "report_line", "to_jsonl"]

FORMAT = "log"
VERSION = 1
HELD = 1024
"""How many reports a reader holds. A report that was last cited further back is written again."""

_BATCH = 512


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


def to_jsonl(log: Log, *, upto: int | None = None) -> Iterator[str]:
    """Gives the lines of a log, each with its line feed: ``file.writelines(to_jsonl(log))``.

    Everything is in it: retractions, voids, denials, and when the log learned each. It is written
    in constant memory, up to the head of the moment when it starts or to the position ``upto``.
    ``timeline.importers.read_jsonl`` reads it. The salts of the log, by which it proves what it
    holds, aren't in it: ``to_segments`` writes those.
    """
    yield json.dumps({"timeline": FORMAT, "version": VERSION}, separators=(",", ":")) + "\n"
    store = log.store
    rows = iter(store.rows(upto=upto))
    recent: dict[bytes, None] = {}  # reports that a reader still has, the last cited at the end
    while batch := list(islice(rows, _BATCH)):
        for row in batch:
            if row.report and not _remember(row.report, recent):
                body = store.reports([row.report]).get(row.report)
                if body is None:  # erased since the row was read
                    row = store.get_by_position([row.position])[row.position]  # noqa: PLW2901
                else:
                    yield report_line(row.report, body)
            yield line_of(row)


def _remember(report: bytes, recent: dict[bytes, None]) -> bool:
    """Move a report to the end of the recent ones; return whether it was among them."""
    known = report in recent
    recent.pop(report, None)
    recent[report] = None
    if len(recent) > HELD:
        del recent[next(iter(recent))]
    return known


def report_line(report: bytes, body: bytes) -> str:
    """Gives the line of a report."""
    return f'{{"report":"{report.hex()}","body":{body.decode()}}}\n'


def line_of(row: Record, *, salt: bool = False) -> str:
    """Gives the line of an entry, with the salt that its leaf in the log's tree needs if asked."""
    head = f'{{"position":{row.position},"recorded":"{moment_text(row.recorded)}"'
    if row.record_type == REDACTED:
        return f'{head},"form":"{REDACTED}","commitment":"{row.body.hex()}"}}\n'
    salted = f'"salt":"{row.salt.hex()}",' if salt else ""
    return (
        f'{head},"form":"{row.record_type}","id":"{row.id.hex()}","kind":{json.dumps(row.kind)},'
        f'"report":"{row.report.hex()}",{salted}"body":{row.body.decode()}}}\n'
    )
