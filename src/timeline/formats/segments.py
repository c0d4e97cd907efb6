"""Writes a log as segments, files of so many entries each, and a manifest that vouches for them.

Each segment holds the entries of some positions as they stand in the log, salts included, with the
reports that they stand in; so it can be read by itself, by a database or by ``read_jsonl``. The
manifest names the segments, the SHA-256 of each, and the Merkle root over all entries up to its
end: a segment that is missing, doubled or altered is refused by its name when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from timeline.codec import Codec
from timeline.errors import FormatError, LogError, StoreError, TimelineError
from timeline.formats.segment_content import Content, Form, read_content, write_content
from timeline.integrity import row_checker
from timeline.log import Log
from timeline.merkle import Frontier
from timeline.progress import Progress
from timeline.stores.base import EventStore, Head, Record, leaf
from timeline.stores.features import importable

__all__ = [
    "MANIFEST",
    "Fetch",
    "Form",
    "Manifest",
    "Segment",
    "check_listed",
    "check_log_root",
    "check_manifest_root",
    "check_segment_root",
    "import_segments",
    "manifest_bytes",
    "manifest_of",
    "read_segment",
    "read_segments",
    "resumed",
    "segment_of",
    "to_segments",
]

MANIFEST = "manifest.json"
"""The name of the file that vouches for the others."""

Fetch = Callable[[str], bytes]
"""Gives the bytes of a file by its name; raises ``OSError`` or ``KeyError`` where there is none."""

_VERSION = 1
_SIZE = 1 << 16  # entries a segment: some tens of megabytes in memory
_BATCH = 1024
_LEAST = 16  # bytes that an entry takes, however compressed: its salt or commitment is random
_NAME = re.compile(r"segment-[0-9]{1,19}\.(parquet|jsonl)")
_AGAIN = "take it from its source again"

_codec = Codec()


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
    """Return what a manifest says. Raises ``FormatError`` for another text, or a later one."""
    try:
        version = msgspec.json.decode(text, type=dict[str, Any]).get("version")
        if version == _VERSION:
            return _sound(msgspec.json.decode(text, type=Manifest))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, AttributeError) as error:
        raise FormatError(
            f"this is no manifest of segments: {error}; it is the {MANIFEST} beside them"
        ) from error
    raise FormatError(
        f"a manifest of version {version!r}, and this release reads {_VERSION}; read it "
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
    """Return named files: segments of ``size`` entries, each followed by the manifest.

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
    written, frontier = resumed(store, head, manifest, form=form, size=size)
    rows = store.rows(after=frontier.size, upto=head.position)
    while batch := list(islice(rows, size)):
        frontier.extend(map(leaf, batch))
        if frontier.size == head.position:
            check_log_root(head, frontier)
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


def resumed(
    store: EventStore, head: Head, manifest: str | bytes | None, *, form: Form, size: int
) -> tuple[list[Segment], Frontier]:
    """Return the segments that a manifest lists, and what the next ones' roots go on from.

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


def check_log_root(head: Head, frontier: Frontier) -> None:
    """Raise ``StoreError`` where the entries don't lead to the root that the log keeps."""
    if frontier.root() != head.root:
        raise StoreError(
            f"the entries up to {frontier.size} don't lead to the root that the log keeps; verify "
            "the log, and restore it from a copy"
        )


def segment_of(rows: Sequence[Record], store: EventStore, form: Form) -> tuple[str, bytes]:
    """Return the name and the content of the segment that holds some rows of a log."""
    name = f"segment-{rows[0].position:012d}.{form}"
    return name, write_content(rows, _reports(rows, store), form)


def manifest_bytes(
    store: EventStore, form: Form, frontier: Frontier, written: Sequence[Segment]
) -> bytes:
    """Return the manifest of the segments that were written so far."""
    manifest = Manifest(
        timeline="segments",
        version=_VERSION,
        identity=store.identity,
        form=form,
        entries=frontier.size,
        root=frontier.root().hex(),
        frontier=frontier.to_bytes().hex(),
        segments=tuple(written),
    )
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def _reports(rows: Sequence[Record], store: EventStore) -> dict[bytes, bytes]:
    """Return the bodies of the reports that rows stand in."""
    wanted = list(dict.fromkeys(row.report for row in rows if row.report))
    bodies: dict[bytes, bytes] = {}
    for start in range(0, len(wanted), _BATCH):
        bodies |= store.reports(wanted[start : start + _BATCH])
    return bodies


def read_segments(manifest: str | bytes, fetch: Fetch) -> Iterator[Content]:
    """Return the rows of each segment with the reports that they stand in, once they are proved.

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
        check_segment_root(segment, frontier)
        yield rows, reports
    check_manifest_root(about, frontier)


def _named(segment: Segment) -> str:
    return f"segment {segment.name} (entries {segment.first} to {segment.last})"


def check_segment_root(segment: Segment, frontier: Frontier) -> None:
    """Raise ``FormatError`` unless the entries up to a segment's end lead to its root."""
    if frontier.root().hex() != segment.root:
        raise FormatError(f"{_named(segment)} doesn't lead to the manifest's root: {_AGAIN}")


def check_manifest_root(about: Manifest, frontier: Frontier) -> None:
    """Raise ``FormatError`` unless all the entries lead to the root that a manifest states."""
    if (frontier.size, frontier.root().hex()) != (about.entries, about.root):
        raise FormatError(
            f"the segments hold {frontier.size} entries that don't lead to the root over "
            f"{about.entries} that the manifest states; {_AGAIN}"
        )


def check_listed(about: Manifest) -> None:
    """Raise ``FormatError`` where a manifest lists a segment twice, or leaves entries out."""
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


def read_segment(segment: Segment, form: Form, fetch: Fetch) -> Content:
    """Return the rows of one segment and the reports that they stand in, as its manifest has it.

    Its bytes and positions are compared with the manifest, and not the root over all before it.
    Raises ``FormatError`` that names it.
    """
    try:
        content = fetch(segment.name)
    except (OSError, KeyError, TimelineError) as error:
        raise FormatError(f"{_named(segment)} is missing: {error}; {_AGAIN}") from error
    digest = sha256(content).hexdigest()
    if digest != segment.sha256:
        raise FormatError(
            f"{_named(segment)} was altered: its SHA-256 is {digest[:16]}…, the manifest has "
            f"{segment.sha256[:16]}…; {_AGAIN}"
        )
    if len(content) != segment.bytes:
        raise FormatError(
            f"{_named(segment)} was altered: it has {len(content)} bytes, the manifest has "
            f"{segment.bytes}; {_AGAIN}"
        )
    try:
        count = segment.last - segment.first + 1
        rows, reports = read_content(content, form, count=count)
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


def import_segments(
    log: Log,
    manifest: str | bytes,
    fetch: Fetch,
    *,
    progress: Progress | None = None,
) -> int:
    """Make an empty log a copy of the one that the segments are of; return how many entries came.

    Positions, times, salts and root are the same, and so is every answer. A copy that was stopped
    on the way is gone on with; one that is whole stays as it is. ``progress`` is called with the
    position that was reached and the last one, once for each segment. Raises as ``read_segments``,
    and ``LogError`` where the log holds something else.
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
            progress(rows[-1].position, about.entries)
    return about.entries - start
