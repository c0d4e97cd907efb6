"""Writes a log as segments, files of so many entries each, and a manifest that vouches for them.

Each segment holds the entries of some positions as they stand in the log, salts included, with the
reports that they stand in; so it can be read by itself, by a database or by ``read_jsonl``. The
manifest names the segments, the SHA-256 of each, and the Merkle root over all entries up to its
end: a segment that is missing, doubled or altered can't go unseen.
``timeline.importers`` reads them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from timeline.errors import FormatError, LogError, StoreError
from timeline.export.json_lines import FORMAT, VERSION, line_of, report_line
from timeline.extras import needed
from timeline.log import Log
from timeline.merkle import Frontier
from timeline.stores.base import REDACTED, EventStore, Head, Record, leaf

__all__ = [
    "MANIFEST",
    "MANIFEST_VERSION",
    "Form",
    "Manifest",
    "Segment",
    "begun",
    "check_root",
    "manifest_bytes",
    "manifest_of",
    "segment_of",
    "to_segments",
]

MANIFEST = "manifest.json"
"""The name of the file that vouches for the others."""

MANIFEST_VERSION = 1
Form = Literal["parquet", "jsonl"]
"""What the segments are written in."""

_SIZE = 1 << 16  # entries a segment: some tens of megabytes in memory
_BATCH = 1024
_LEAST = 16  # bytes that an entry takes, however compressed: its salt or commitment is random
_NAME = re.compile(r"segment-[0-9]{1,19}\.(parquet|jsonl)")


class Segment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file: its name, the positions in it, and its checksum and Merkle root."""

    name: str
    first: int
    last: int
    bytes: int
    sha256: str
    root: str
    """The Merkle root over the entries 1 to ``last``, in hexadecimal digits."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What vouches for the segments of one log."""

    timeline: Literal["segments"]
    version: int
    identity: str
    """The UUID of the log."""
    form: Form
    entries: int
    root: str
    frontier: str
    """What the next segment's roots go on from, see ``timeline.merkle.Frontier``."""
    segments: tuple[Segment, ...]


def manifest_of(text: str | bytes) -> Manifest:
    """Reads a manifest. Raises ``FormatError`` for anything else and for one of a later release."""
    try:
        version = msgspec.json.decode(text, type=dict[str, Any]).get("version")
        if version == MANIFEST_VERSION:
            return _sound(msgspec.json.decode(text, type=Manifest))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, AttributeError) as error:
        raise FormatError(
            f"this is no manifest of segments: {error}; it is the {MANIFEST} beside them"
        ) from error
    raise FormatError(
        f"a manifest of version {version!r}, and this release reads {MANIFEST_VERSION}; read it "
        "with the release that wrote it, or a later one"
    )


def _sound(about: Manifest) -> Manifest:
    """Return a manifest whose names and numbers can be those of segments; nothing is opened before.

    Raises ``FormatError`` for any other.
    """
    try:
        identity = str(UUID(about.identity))
    except ValueError:
        identity = ""
    if identity != about.identity:
        raise FormatError(f"the manifest's identity is a UUID, not {about.identity!r:.80}")
    if not 0 <= about.entries < 1 << 63 or not _is_hash(about.root):
        raise FormatError(
            f"the manifest states {about.entries} entries and the root {about.root!r:.80}, which "
            "can't be those of a log"
        )
    for segment in about.segments:
        if not _NAME.fullmatch(segment.name) or not segment.name.endswith(f".{about.form}"):
            raise FormatError(
                f"{segment.name!r:.100} can't be a segment: its name is like "
                f"segment-000000000001.{about.form}, without a folder, beside the manifest"
            )
        count = segment.last - segment.first + 1
        fits = 0 < segment.first <= segment.last <= about.entries
        if not fits or not 0 < count * _LEAST <= segment.bytes:
            raise FormatError(
                f"the segment {segment.name} can't hold the entries {segment.first} to "
                f"{segment.last} of {about.entries} in {segment.bytes} bytes"
            )
    return about


def _is_hash(text: str) -> bool:
    return re.fullmatch("[0-9a-f]{64}", text) is not None


def to_segments(
    log: Log,
    *,
    manifest: str | bytes | None = None,
    form: Form = "parquet",
    size: int = _SIZE,
) -> Iterator[tuple[str, bytes]]:
    """Gives files, each with its name: segments of ``size`` entries, each followed by the manifest.

    Write each one as it comes, over the one of its name::

        for name, content in to_segments(log):
            (folder / name).write_bytes(content)

    What was stopped, or a log that has grown since, is gone on with from the last ``manifest``. It
    takes the memory of one segment, whatever the log's size, and covers the log as it is when it
    starts. ``form`` is ``parquet`` (needs the extra ``arrow``) or ``jsonl``. Raises ``LogError``
    for a manifest of another log or form, and ``StoreError`` where the entries don't lead to the
    root that the log keeps, so that it has to be restored.
    """
    store = log.store
    head = store.head()
    written, frontier = begun(store, head, manifest, form=form, size=size)
    rows = store.rows(after=frontier.size, upto=head.position)
    while batch := list(islice(rows, size)):
        frontier.extend(map(leaf, batch))
        if frontier.size == head.position:
            check_root(head, frontier)
        name, content = segment_of(batch, store, form)
        written.append(
            Segment(
                name=name,
                first=batch[0].position,
                last=frontier.size,
                bytes=len(content),
                sha256=sha256(content).hexdigest(),
                root=frontier.root().hex(),
            )
        )
        yield name, content
        yield MANIFEST, manifest_bytes(store, form, frontier, written)
    if not written:
        yield MANIFEST, manifest_bytes(store, form, frontier, written)


def begun(
    store: EventStore, head: Head, manifest: str | bytes | None, *, form: Form, size: int
) -> tuple[list[Segment], Frontier]:
    """Gives the segments that a manifest lists, and what the next ones' roots go on from.

    Raises ``LogError`` and ``StoreError`` as ``to_segments`` does.
    """
    if form not in get_args(Form) or size < 1:
        raise LogError(
            f"segments are written as parquet or jsonl, of 1 entry or more, not form={form!r}, "
            f"size={size!r}"
        )
    before = None if manifest is None else manifest_of(manifest)
    if before is not None and (before.identity, before.form) != (store.identity, form):
        raise LogError(
            f"the manifest is of the log {before.identity} in {before.form}, this is the log "
            f"{store.identity} in {form}; go on with its own, or begin without one"
        )
    if head.position and not head.root:
        raise StoreError("this file is of an older release; open it for writing once, then export")
    if before is None:
        return [], Frontier()
    return list(before.segments), Frontier.from_bytes(bytes.fromhex(before.frontier))


def check_root(head: Head, frontier: Frontier) -> None:
    """Raises ``StoreError`` where the entries don't lead to the root that the log keeps."""
    if frontier.root() != head.root:
        raise StoreError(
            f"the entries up to {frontier.size} don't lead to the root that the log keeps; verify "
            "the log, and restore it from a copy"
        )


def segment_of(rows: Sequence[Record], store: EventStore, form: Form) -> tuple[str, bytes]:
    """Gives the name and the content of the segment that holds some rows of a log."""
    name = f"segment-{rows[0].position:012d}.{form}"
    return name, _WRITERS[form](rows, _reports(rows, store))


def manifest_bytes(
    store: EventStore, form: Form, frontier: Frontier, written: Sequence[Segment]
) -> bytes:
    """Gives the manifest of the segments that were written so far."""
    made = Manifest(
        timeline="segments",
        version=MANIFEST_VERSION,
        identity=store.identity,
        form=form,
        entries=frontier.size,
        root=frontier.root().hex(),
        frontier=frontier.to_bytes().hex(),
        segments=tuple(written),
    )
    return msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n"


def _reports(rows: Sequence[Record], store: EventStore) -> dict[bytes, bytes]:
    """The bodies of the reports that rows stand in."""
    wanted = list(dict.fromkeys(row.report for row in rows if row.report))
    found: dict[bytes, bytes] = {}
    for start in range(0, len(wanted), _BATCH):
        found |= store.reports(wanted[start : start + _BATCH])
    return found


def _json_lines(rows: Sequence[Record], reports: Mapping[bytes, bytes]) -> bytes:
    lines = [json.dumps({"timeline": FORMAT, "version": VERSION}, separators=(",", ":")) + "\n"]
    written_reports = {b""}
    for row in rows:
        if row.report not in written_reports:
            written_reports.add(row.report)
            lines.append(report_line(row.report, reports[row.report]))
        lines.append(line_of(row, salt=True))
    return "".join(lines).encode()


def _parquet(rows: Sequence[Record], reports: Mapping[bytes, bytes]) -> bytes:
    pa = needed("pyarrow", extra="arrow", what="a segment of Parquet")
    parquet = needed("pyarrow.parquet", extra="arrow", what="a segment of Parquet")
    names = list(reports)
    place = {name: at for at, name in enumerate(names)}
    numbers = [place.get(row.report) for row in rows]
    bodies = pa.array([reports[name].decode() for name in names], pa.large_string())
    gone = [row.record_type == REDACTED for row in rows]
    columns = {
        "position": pa.array([row.position for row in rows], pa.int64()),
        "recorded": pa.array([row.recorded for row in rows], pa.timestamp("us", tz="UTC")),
        "form": pa.array([row.record_type for row in rows], pa.string()).dictionary_encode(),
        "id": pa.array([row.id for row in rows], pa.binary()),
        "kind": pa.array([row.kind for row in rows], pa.string()).dictionary_encode(),
        "report": pa.array([row.report for row in rows], pa.binary()),
        "body": pa.array(
            [None if out else row.body.decode() for row, out in zip(rows, gone, strict=True)],
            pa.large_string(),
        ),
        "commitment": pa.array(
            [row.body if out else None for row, out in zip(rows, gone, strict=True)], pa.binary()
        ),
        "salt": pa.array([row.salt for row in rows], pa.binary()),
        "report_body": pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int32()), bodies),
    }
    out = pa.BufferOutputStream()
    parquet.write_table(pa.table(columns), out, compression="zstd")
    made: bytes = out.getvalue().to_pybytes()
    return made


_WRITERS = {"parquet": _parquet, "jsonl": _json_lines}
