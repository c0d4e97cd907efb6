"""Reads segments of a log back, and refuses by name those that are missing, doubled or altered."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from timeline.calendar_math import micros
from timeline.codec import Codec
from timeline.errors import FormatError, LogError, TimelineError
from timeline.export.json_lines import Line
from timeline.export.segments import Form, Manifest, Segment, manifest_of
from timeline.extras import needed
from timeline.integrity import row_checker
from timeline.log import Log
from timeline.merkle import Frontier
from timeline.stores.base import REDACTED, Record, leaf
from timeline.stores.features import importable

__all__ = [
    "Fetch",
    "Proved",
    "check_end",
    "check_listed",
    "check_root",
    "import_segments",
    "read_segment",
    "read_segments",
]

Fetch = Callable[[str], bytes]
"""Gives the bytes of a file by its name; raises ``OSError`` or ``KeyError`` where there is none."""


Proved = tuple[list[Record], dict[bytes, bytes]]
"""The rows of a segment, and the bodies of their reports by id."""

# What is packed may be so much larger than its bytes: words repeat, salts don't.
_TIMES, _FREE, _ROWS = 100, 1 << 26, 256

_line = msgspec.json.Decoder(Line)
_codec = Codec()


def read_segments(manifest: str | bytes, fetch: Fetch) -> Iterator[Proved]:
    """Gives the rows of each segment with the reports that they stand in, once they are proved.

    ``fetch`` gives a segment by its name: ``lambda name: (folder / name).read_bytes()``. It takes
    the memory of one segment. Raises ``FormatError`` that names the segment: for one that is
    missing or listed twice, that leaves entries out, has other bytes than were written, or entries
    that don't lead to the root of the manifest.
    """
    about = manifest_of(manifest)
    check_listed(about)
    frontier = Frontier()
    for segment in about.segments:
        rows, reports = read_segment(segment, about.form, fetch)
        frontier.extend(map(leaf, rows))
        check_root(segment, frontier)
        yield rows, reports
    check_end(about, frontier)


_AGAIN = "take it from its source again"


def _named(segment: Segment) -> str:
    return f"segment {segment.name} (entries {segment.first} to {segment.last})"


def check_root(segment: Segment, frontier: Frontier) -> None:
    """Raises ``FormatError`` unless the entries up to a segment's end lead to its root."""
    if frontier.root().hex() != segment.root:
        raise FormatError(f"{_named(segment)} doesn't lead to the manifest's root: {_AGAIN}")


def check_end(about: Manifest, frontier: Frontier) -> None:
    """Raises ``FormatError`` unless all the entries lead to the root that a manifest states."""
    if (frontier.size, frontier.root().hex()) != (about.entries, about.root):
        raise FormatError(
            f"the segments hold {frontier.size} entries that don't lead to the root over "
            f"{about.entries} that the manifest states; {_AGAIN}"
        )


def check_listed(about: Manifest) -> None:
    """Raises ``FormatError`` where a manifest lists a segment twice, or leaves entries out."""
    seen: set[str] = set()
    last = 0
    for segment in about.segments:
        if segment.name in seen or segment.first <= last:
            raise FormatError(f"{_named(segment)} is listed twice, or overlaps the one before it")
        if segment.first != last + 1:
            raise FormatError(
                f"{_named(segment)} doesn't go on from entry {last}: the manifest lists no segment "
                f"with entries {last + 1} to {segment.first - 1}"
            )
        seen.add(segment.name)
        last = segment.last


def read_segment(segment: Segment, form: Form, fetch: Fetch) -> Proved:
    """Gives the rows of one segment and the reports that they stand in, as its manifest has it.

    Its bytes and positions are held against the manifest, and not the root over all before it.
    Raises ``FormatError`` that names it.
    """
    try:
        content = fetch(segment.name)
    except (OSError, KeyError, TimelineError) as error:
        raise FormatError(f"{_named(segment)} is missing: {error}; {_AGAIN}") from error
    found = sha256(content).hexdigest()
    if found != segment.sha256:
        raise FormatError(
            f"{_named(segment)} was altered: its SHA-256 is {found[:16]}…, the manifest has "
            f"{segment.sha256[:16]}…; {_AGAIN}"
        )
    if len(content) != segment.bytes:
        raise FormatError(
            f"{_named(segment)} was altered: it has {len(content)} bytes, the manifest has "
            f"{segment.bytes}; {_AGAIN}"
        )
    try:
        count = segment.last - segment.first + 1
        rows, reports = _parquet(content, count) if form == "parquet" else _json_lines(content)
        for name, body in reports.items():
            _check_report(name, body)
    except (
        msgspec.MsgspecError,
        ValueError,
        TypeError,
        KeyError,
        OverflowError,
        RecursionError,
        OSError,
        FormatError,
    ) as error:
        raise FormatError(f"{_named(segment)} can't be read: {error}; {_AGAIN}") from error
    whole = len(rows) == segment.last - segment.first + 1
    if not whole or any(row.position != at for at, row in enumerate(rows, segment.first)):
        raise FormatError(f"{_named(segment)} holds other entries than that: {_AGAIN}")
    return rows, reports


def _check_report(name: bytes, body: bytes) -> None:
    if _codec.report(body).id != name.hex():
        raise ValueError(f"the report {name.hex()[:20]} says something else than its id")


def _json_lines(content: bytes) -> Proved:
    rows = []
    reports = {}
    for text in content.split(b"\n")[1:-1]:
        read = _line.decode(text)
        if not read.form:
            reports[bytes.fromhex(read.report)] = bytes(read.body)
            continue
        gone = read.form == REDACTED
        rows.append(
            Record(
                position=read.position,
                recorded=micros(datetime.fromisoformat(read.recorded)),
                id=bytes.fromhex(read.id),
                record_type=read.form,
                kind=read.kind,
                report=bytes.fromhex(read.report),
                body=bytes.fromhex(read.commitment) if gone else bytes(read.body),
                salt=bytes.fromhex(read.salt),
            )
        )
    return rows, reports


def _parquet(content: bytes, count: int) -> Proved:
    pa = needed("pyarrow", extra="arrow", what="a segment of Parquet")
    parquet = needed("pyarrow.parquet", extra="arrow", what="a segment of Parquet")
    file = parquet.ParquetFile(io.BytesIO(content))
    if file.metadata.num_rows != count:
        raise ValueError(f"it has {file.metadata.num_rows} rows, and {count} are listed")
    batches, left = [], _TIMES * len(content) + _FREE
    for batch in file.iter_batches(batch_size=_ROWS):
        left -= batch.nbytes
        if left < 0:
            raise ValueError("what is packed in it is far larger than any log's")
        batches.append(batch)
    table = pa.Table.from_batches(batches, schema=file.schema_arrow)
    columns: Mapping[str, list[Any]] = {
        name: table.column(name).to_pylist()
        for name in ("position", "id", "form", "kind", "report", "body", "commitment", "salt")
    }
    times = table.column("recorded").cast(pa.int64()).to_pylist()
    rows = [
        Record(position, recorded, name, form, kind, report, body, salt)
        for position, recorded, name, form, kind, report, body, salt in zip(
            columns["position"],
            times,
            columns["id"],
            columns["form"],
            columns["kind"],
            columns["report"],
            _bodies(columns["body"], columns["commitment"]),
            columns["salt"],
            strict=True,
        )
    ]
    told = zip(columns["report"], table.column("report_body").to_pylist(), strict=True)
    return rows, {name: body.encode() for name, body in told if body is not None}


def _bodies(bodies: Iterable[str | None], commitments: Iterable[bytes]) -> list[bytes]:
    return [
        commitment if body is None else body.encode()
        for body, commitment in zip(bodies, commitments, strict=True)
    ]


def import_segments(
    log: Log,
    manifest: str | bytes,
    fetch: Fetch,
    *,
    progress: Callable[[int], object] | None = None,
) -> int:
    """Makes an empty log a copy of the one that the segments are of; gives how many entries came.

    Positions, times, salts and root are the same, and so is every answer. A copy that was stopped
    on the way is gone on with; one that is whole stays as it is. ``progress`` is called with the
    position that was reached, once for each segment. Raises as ``read_segments``, and ``LogError``
    where the log holds something else.
    """
    about = manifest_of(manifest)
    store = log.store
    head = store.head()
    start = head.position
    if start > about.entries:
        raise LogError(f"the log has {start} entries and the manifest {about.entries}: it is ahead")
    frontier = Frontier()
    check = row_checker(Codec(log.kinds))
    for rows, reports in read_segments(manifest, fetch):
        known = [row for row in rows if row.position <= start]
        frontier.extend(map(leaf, known))
        if known and frontier.size == start and frontier.root() != head.root:
            raise LogError(
                f"the {start} entries of this log aren't those of the segments; begin an empty one"
            )
        new = rows[len(known) :]
        for row in new:
            check(row, reports.get(row.report, b""))
        if new:
            importable(store).import_rows(new, reports, identity=about.identity)
        if progress is not None:
            progress(rows[-1].position)
    return about.entries - start
