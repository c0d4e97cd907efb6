"""Writes and reads what is in one segment of a log, as a Parquet table or as JSON Lines.

Both hold the rows as they stand in the store, salts included, with the bodies of the reports that
they stand in. What is read is as it was written, and isn't checked: ``segments`` does that.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from timeline.extras import needed
from timeline.formats.json_lines import HEAD_LINE, entry_line, read_line, record_of, report_line
from timeline.stores.base import REDACTED, Record

__all__ = ["Content", "Form", "read_content", "write_content"]

Form = Literal["parquet", "jsonl"]
"""What the segments are written in."""

Content = tuple[list[Record], dict[bytes, bytes]]
"""The rows of a segment, and the bodies of their reports by id."""

# What is packed may be so much larger than its bytes: words repeat, salts don't.
_TIMES, _FREE, _ROWS = 100, 1 << 26, 256
_NEEDED_FOR = "a segment of Parquet"


def write_content(rows: Sequence[Record], reports: Mapping[bytes, bytes], form: Form) -> bytes:
    """Return the bytes of a segment with these rows, and the reports that they stand in."""
    return _write_parquet(rows, reports) if form == "parquet" else _write_lines(rows, reports)


def read_content(content: bytes, form: Form, *, count: int) -> Content:
    """Return what a segment of ``count`` entries holds.

    Raises ``ValueError``, ``TypeError``, ``KeyError``, ``OverflowError``, ``RecursionError``,
    ``OSError`` or ``msgspec.MsgspecError`` for bytes that are none, or far too large unpacked.
    """
    return _read_parquet(content, count) if form == "parquet" else _read_lines(content)


def _write_lines(rows: Sequence[Record], reports: Mapping[bytes, bytes]) -> bytes:
    lines = [HEAD_LINE]
    written = {b""}
    for row in rows:
        if row.report not in written:
            written.add(row.report)
            lines.append(report_line(row.report, reports[row.report]))
        lines.append(entry_line(row, salt=True))
    return "".join(lines).encode()


def _read_lines(content: bytes) -> Content:
    rows = []
    reports = {}
    for text in content.split(b"\n")[1:-1]:
        line = read_line(text)
        if line.form:
            rows.append(record_of(line))
        else:
            reports[bytes.fromhex(line.report)] = bytes(line.body)
    return rows, reports


def _write_parquet(rows: Sequence[Record], reports: Mapping[bytes, bytes]) -> bytes:
    pa = needed("pyarrow", extra="arrow", what=_NEEDED_FOR)
    parquet = needed("pyarrow.parquet", extra="arrow", what=_NEEDED_FOR)
    ids = list(reports)
    index = {report: at for at, report in enumerate(ids)}
    numbers = [index.get(row.report) for row in rows]
    bodies = pa.array([reports[report].decode() for report in ids], pa.large_string())
    redacted = [row.record_type == REDACTED for row in rows]
    columns = {
        "position": pa.array([row.position for row in rows], pa.int64()),
        "recorded": pa.array([row.recorded for row in rows], pa.timestamp("us", tz="UTC")),
        "form": pa.array([row.record_type for row in rows], pa.string()).dictionary_encode(),
        "id": pa.array([row.id for row in rows], pa.binary()),
        "kind": pa.array([row.kind for row in rows], pa.string()).dictionary_encode(),
        "report": pa.array([row.report for row in rows], pa.binary()),
        "body": pa.array(
            [None if out else row.body.decode() for row, out in zip(rows, redacted, strict=True)],
            pa.large_string(),
        ),
        "commitment": pa.array(
            [row.body if out else None for row, out in zip(rows, redacted, strict=True)],
            pa.binary(),
        ),
        "salt": pa.array([row.salt for row in rows], pa.binary()),
        "report_body": pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int32()), bodies),
    }
    out = pa.BufferOutputStream()
    parquet.write_table(pa.table(columns), out, compression="zstd")
    content: bytes = out.getvalue().to_pybytes()
    return content


def _read_parquet(content: bytes, count: int) -> Content:
    pa = needed("pyarrow", extra="arrow", what=_NEEDED_FOR)
    parquet = needed("pyarrow.parquet", extra="arrow", what=_NEEDED_FOR)
    file = parquet.ParquetFile(io.BytesIO(content))
    if file.metadata.num_rows != count:
        raise ValueError(f"it has {file.metadata.num_rows} rows, and {count} are listed")
    batches, spare = [], _TIMES * len(content) + _FREE
    for batch in file.iter_batches(batch_size=_ROWS):
        spare -= batch.nbytes
        if spare < 0:
            raise ValueError("what is packed in it is far larger than any log's")
        batches.append(batch)
    table = pa.Table.from_batches(batches, schema=file.schema_arrow)
    columns: Mapping[str, list[Any]] = {
        name: table.column(name).to_pylist()
        for name in ("position", "id", "form", "kind", "report", "body", "commitment", "salt")
    }
    bodies = zip(columns["body"], columns["commitment"], strict=True)
    rows = [
        Record(position, recorded, id_, form, kind, report, body, salt)
        for position, recorded, id_, form, kind, report, body, salt in zip(
            columns["position"],
            table.column("recorded").cast(pa.int64()).to_pylist(),
            columns["id"],
            columns["form"],
            columns["kind"],
            columns["report"],
            [commitment if body is None else body.encode() for body, commitment in bodies],
            columns["salt"],
            strict=True,
        )
    ]
    reports = zip(columns["report"], table.column("report_body").to_pylist(), strict=True)
    return rows, {report: body.encode() for report, body in reports if body is not None}
