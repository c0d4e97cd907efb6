"""Writes a log as segments by the workers of an engine, as ``to_segments`` does by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from os import PathLike
from typing import NamedTuple

import attrs

from timeline.errors import LogError
from timeline.formats.segments import (
    MANIFEST,
    Form,
    Manifest,
    Segment,
    check_log_root,
    manifest_bytes,
    manifest_of,
    resumed,
    segment_of,
)
from timeline.log import Log
from timeline.merkle import Subtree, subtrees
from timeline.progress import Progress
from timeline.scale.engines import Block, Engine, TaskResult
from timeline.scale.partitions import RangePartition, range_partitions
from timeline.scale.stage_runner import StageRunner, check_engine, check_size
from timeline.stores.base import leaf
from timeline.stores.directories import Folder

__all__ = ["export_on"]

_SIZE = 1 << 16  # entries a segment, as to_segments has it
_ROUND = 16  # segments a worker between two manifests, where the engine tells of them together


class _Written(NamedTuple):
    """What a worker tells of the segment that it wrote."""

    first: int
    name: str
    bytes: int
    sha256: str
    trees: Sequence[Subtree]


@attrs.frozen
class _Writing:
    """Where segments go, and in what form."""

    folder: Folder
    form: Form


def _write(part: RangePartition, _: Sequence[Block], writing: _Writing) -> TaskResult:
    """Write the segment of a stretch; written again, it is the same."""
    with part.opened() as store:
        rows = list(store.rows(after=part.after, upto=part.upto))
        name, content = segment_of(rows, store, writing.form)
    writing.folder.write(name, content)
    trees = subtrees(part.after, map(leaf, rows))
    return TaskResult(
        _Written(part.after + 1, name, len(content), sha256(content).hexdigest(), trees), ()
    )


def export_on(
    engine: Engine,
    log: Log,
    folder: str | PathLike[str],
    *,
    form: Form = "parquet",
    size: int = _SIZE,
    progress: Progress | None = None,
) -> Manifest:
    """Write a log into a folder as segments of ``size`` entries, and return their manifest.

    The files are those that ``to_segments`` gives, byte for byte. The workers read the log and
    write into the folder by themselves, so that all of them, and whoever asks, see both at the same
    place; each takes the memory of one segment. The manifest is written as segments are done: what
    was stopped, or a log that has grown since, is gone on with from there.

    Raises ``LogError`` for a log that workers can't reach, and for a folder with the segments of
    another log or form; ``StoreError`` where a disk refuses, and where the entries don't lead to
    the root that the log keeps; and ``EngineError`` where the engine gives up.
    """
    check_engine(engine)
    check_size(size)
    if not isinstance(log, Log):
        raise LogError(f"a log is exported, not {log!r}")
    writing = _Writing(Folder(folder), form)
    store = log.store
    head = store.head()
    written, frontier = resumed(store, head, _before(writing.folder), form=form, size=size)
    parts = range_partitions(log, engine, frontier.size, head.position, size)
    waiting: dict[int, _Written] = {}  # those that are done before one that comes before them

    def on_result(_: int, note: _Written) -> None:
        waiting[note.first - 1] = note
        while (written_part := waiting.pop(frontier.size, None)) is not None:
            frontier.join(written_part.trees)
            if frontier.size == head.position:
                check_log_root(head, frontier)
            root = frontier.root().hex()
            sums = written_part.bytes, written_part.sha256
            written.append(
                Segment(written_part.name, written_part.first, frontier.size, *sums, root)
            )
            writing.folder.write(MANIFEST, manifest_bytes(store, form, frontier, written))

    with engine.run() as run:
        counter = StageRunner(run, progress, len(parts))
        for some in _rounds(parts, _ROUND * engine.workers):
            counter.step(_write, some, shared=writing, on_result=on_result)
    made = manifest_bytes(store, form, frontier, written)
    if not written:
        writing.folder.write(MANIFEST, made)
    return manifest_of(made)


def _rounds(parts: Sequence[RangePartition], count: int) -> Iterator[Sequence[RangePartition]]:
    return (parts[start : start + count] for start in range(0, len(parts), count))


def _before(folder: Folder) -> bytes | None:
    try:
        return folder.read(MANIFEST)
    except FileNotFoundError:
        return None
