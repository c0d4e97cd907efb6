"""Writes a whole log as JSON Lines, nothing left out, so that it can be read into another one.

The first line names the format. Then each entry has a line, in the order of arrival, and each report
has one before the first entry that stands in it::

    {"timeline":"log","version":1}
    {"report":"8005…","body":{…}}
    {"position":1,"recorded":"2022-09-17T00:00:00Z","form":"claim","id":"8005…","kind":"attack/1",
     "report":"8005…","body":{…}}

Bodies are the canonical bytes as they stand in the log, from which the ids follow. An entry that was
redacted has its ``commitment`` instead of an id and a body.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

from timeline.dicts import moment_text
from timeline.log import Log
from timeline.stores.base import REDACTED, Row, Store

__all__ = ["FORMAT", "HELD", "VERSION", "to_jsonl"]

FORMAT = "log"
VERSION = 1
HELD = 1024
"""How many reports a reader holds. A report that was last cited further back is written again."""

_BATCH = 512


def to_jsonl(log: Log, *, upto: int | None = None) -> Iterator[str]:
    """Gives the lines of a log, each with its line feed: ``file.writelines(to_jsonl(log))``.

    Everything is in it: retractions, voids, denials, and when the log learned each. It is written
    in constant memory, up to the head of the moment when it starts or to the position ``upto``.
    ``timeline.intake.read_jsonl`` reads it. The salts of the log, by which it proves what it holds,
    aren't in it: ``to_segments`` writes those.
    """
    yield json.dumps({"timeline": FORMAT, "version": VERSION}, separators=(",", ":")) + "\n"
    store = log.store
    rows = iter(store.rows(upto=upto))
    held: dict[bytes, None] = {}  # those that a reader holds, the last cited at the end
    while batch := list(islice(rows, _BATCH)):
        for row in batch:
            if row.report:
                yield from _report(row.report, held, store)
            yield _line(row)


def _report(report: bytes, held: dict[bytes, None], store: Store) -> Iterator[str]:
    known = report in held
    held.pop(report, None)
    held[report] = None
    if len(held) > HELD:
        del held[next(iter(held))]
    if not known:
        body = store.reports([report]).get(report)
        if body is not None:  # None where it was erased since
            yield f'{{"report":"{report.hex()}","body":{body.decode()}}}\n'


def _line(row: Row) -> str:
    head = f'{{"position":{row.position},"recorded":"{moment_text(row.recorded)}"'
    if row.form == REDACTED:
        return f'{head},"form":"{REDACTED}","commitment":"{row.body.hex()}"}}\n'
    return (
        f'{head},"form":"{row.form}","id":"{row.id.hex()}","kind":{json.dumps(row.kind)},'
        f'"report":"{row.report.hex()}","body":{row.body.decode()}}}\n'
    )
