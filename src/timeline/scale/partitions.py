"""Cuts what is asked into parts that workers read by themselves: a log, or segments of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from typing import NamedTuple, Protocol

import attrs

from timeline.errors import LogError, StoreError
from timeline.events import Event
from timeline.formats.segments import (
    MANIFEST,
    Fetch,
    Form,
    Manifest,
    Segment,
    check_listed,
    check_manifest_root,
    check_segment_root,
    manifest_of,
    read_segment,
)
from timeline.kinds import KINDS
from timeline.log import Log
from timeline.merkle import Frontier, Subtree, subtrees
from timeline.query import Known, end_of
from timeline.scale.engines import Engine
from timeline.stores.base import EventStore, Record, leaf
from timeline.stores.directories import Folder, there

__all__ = ["Page", "Part", "RangePartition", "Segments", "Source", "range_partitions", "source_of"]

_BATCH = 1024  # reports asked for at once


class Page(NamedTuple):
    """Some entries in the order of arrival, as a worker reads them."""

    rows: Sequence[Record]
    reports: dict[bytes, bytes]
    trees: Sequence[Subtree] = ()
    """What the root over them is made of, where there is one to compare with."""


class Part(Protocol):
    """A part of a log, small enough for one worker."""

    def pages(self) -> Iterator[Page]:
        """Read it. Raises ``StoreError`` where it can't be read, ``FormatError`` if damaged."""
        ...


class Source(Protocol):
    """What is asked, cut into parts."""

    @property
    def kinds(self) -> Sequence[type[Event]]:
        """The kinds of event that it is known to hold."""
        ...

    @property
    def parts(self) -> Sequence[Part]:
        """What workers read, in the order of arrival."""
        ...

    @property
    def entries(self) -> int:
        """How many entries the parts hold, together."""
        ...

    def check(self, trees: Sequence[Sequence[Sequence[Subtree]]]) -> None:
        """Hold what was read against the source: of each part, the trees of its pages."""
        ...

    def close(self) -> None:
        """Raise ``LogError`` where what was read can't have been of one moment."""
        ...


@attrs.frozen
class RangePartition:
    """The entries ``after < position <= upto`` of a log, wherever a worker opens it."""

    address: str
    identity: str
    after: int
    upto: int
    store: EventStore | None = None
    """The store itself, for workers in this process."""

    @contextmanager
    def opened(self) -> Iterator[EventStore]:
        """Open the log. Raises ``StoreError`` where there is another one, or none."""
        if self.store is not None:
            yield self.store
            return
        if "://" not in self.address and not there(self.address):
            raise StoreError(
                f"{self.address} isn't there for this worker; a log in a file is read by workers "
                "on its own machine: export it as segments, or keep it on PostgreSQL"
            )
        with Log(self.address) as log:
            if log.store.identity != self.identity:
                raise StoreError(
                    "a worker finds another log at the address of the one that is asked; give an "
                    "address that means the same everywhere"
                )
            yield log.store

    def pages(self) -> Iterator[Page]:
        """Read it; see ``Part.pages``."""
        with self.opened() as store:
            batch: list[Record] = []
            for row in store.rows(after=self.after, upto=self.upto):
                batch.append(row)
                if len(batch) == _BATCH:
                    yield _page(batch, store)
                    batch = []
            yield _page(batch, store)


def _page(rows: list[Record], store: EventStore) -> Page:
    return Page(rows, store.reports({row.report for row in rows if row.report}))


class _OfLog:
    """A log, cut by positions."""

    def __init__(self, log: Log, engine: Engine, known: Known | None, size: int) -> None:
        self._store = log.store
        self._erasures = log.store.head().erasures
        self.kinds = log.kinds
        self.entries = log.position(known)
        self.parts = range_partitions(log, engine, 0, self.entries, size)

    def check(self, trees: Sequence[Sequence[Sequence[Subtree]]]) -> None:
        """A log keeps its promises by itself."""

    def close(self) -> None:
        """See ``Source.close``."""
        if self._store.head().erasures != self._erasures:
            raise LogError(
                "entries were redacted while the log was asked, so some parts may have been read "
                "with them and some without; ask again"
            )


def range_partitions(
    log: Log, engine: Engine, after: int, upto: int, size: int
) -> list[RangePartition]:
    """Return the range_partitions of ``size`` entries of a log that the workers of an engine read.

    Raises ``LogError`` for a log that they can't reach.
    """
    if log.address is None and not engine.here:
        raise LogError(
            "workers in other processes can't reach a log in memory, or in a store that was handed "
            "in; name a PostgreSQL server by its URL, or a file on their own machine by its path, "
            "export the log as segments, or ask with ThreadsEngine()"
        )
    store = log.store if engine.here else None
    return [
        RangePartition(log.address or "", log.store.identity, start, min(start + size, upto), store)
        for start in range(after, upto, size)
    ]


def _manifest(_: object, __: object, value: Manifest) -> None:
    check_listed(value)


def _read(manifest: Manifest | str | bytes) -> Manifest:
    return manifest if isinstance(manifest, Manifest) else manifest_of(manifest)


@attrs.frozen
class Segments:
    """Segments of a log, as ``to_segments`` or ``export_on`` wrote them, to be asked.

    ``manifest`` is the text that vouches for them, and ``fetch`` gives the bytes of a segment by
    its name on whatever worker it is called. A folder that every worker sees needs neither: its
    path is enough. Raises ``FormatError`` for a manifest that lists a segment twice, or leaves
    entries out.
    """

    manifest: Manifest = attrs.field(converter=_read, validator=_manifest)
    fetch: Fetch

    @classmethod
    def in_folder(cls, path: str | PathLike[str]) -> Segments:
        """Return the segments in a folder. Raises ``LogError`` where it has no manifest."""
        folder = Folder(path)
        try:
            return cls(folder.read(MANIFEST), folder.read)
        except FileNotFoundError as error:
            raise LogError(
                f"{folder.path} holds no {MANIFEST}; give a log, or the folder of its segments"
            ) from error


@attrs.frozen
class _Files:
    """Some segments in a row, up to a position and a time of recording."""

    segments: Sequence[Segment]
    form: Form
    fetch: Fetch
    upto: int
    before: int | None

    def pages(self) -> Iterator[Page]:
        """Read them, each checked against the manifest; see ``Part.pages``."""
        for segment in self.segments:
            rows, reports = read_segment(segment, self.form, self.fetch)
            trees = subtrees(segment.first - 1, map(leaf, rows))
            if segment.last > self.upto or self.before is not None:
                rows = [row for row in rows if self._known(row)]
            yield Page(rows, reports, trees)

    def _known(self, row: Record) -> bool:
        known = self.before is None or row.recorded < self.before
        return known and row.position <= self.upto


class _OfSegments:
    """Segments of a log, some at a time."""

    def __init__(
        self, segments: Segments, kinds: Sequence[type[Event]], known: Known | None, size: int
    ) -> None:
        self._about = about = segments.manifest
        self.kinds = (*KINDS, *kinds)
        self.entries, before = about.entries, None
        if isinstance(known, int) and not isinstance(known, bool):
            if not 0 <= known <= about.entries:
                raise LogError(
                    f"known={known} is no position of these segments, which hold entries 1 to "
                    f"{about.entries}; export the log again for later ones"
                )
            self.entries = known
        else:
            before = end_of("known", known)
        groups: list[list[Segment]] = [[]]
        for segment in about.segments:
            if groups[-1] and segment.last - groups[-1][0].first >= size:
                groups.append([])
            if segment.first <= self.entries:
                groups[-1].append(segment)
        self._groups = [group for group in groups if group]
        self.parts = [
            _Files(group, about.form, segments.fetch, self.entries, before)
            for group in self._groups
        ]

    def check(self, trees: Sequence[Sequence[Sequence[Subtree]]]) -> None:
        """Hold the entries that were read against the roots of the manifest."""
        frontier = Frontier()
        for group, pages in zip(self._groups, trees, strict=True):
            for segment, page in zip(group, pages, strict=True):
                frontier.join(page)
                check_segment_root(segment, frontier)
        if self.entries == self._about.entries:
            check_manifest_root(self._about, frontier)

    def close(self) -> None:
        """What is in a segment is the same whenever it is read."""


def source_of(
    source: Log | Segments | str | PathLike[str],
    engine: Engine,
    *,
    kinds: Sequence[type[Event]],
    known: Known | None,
    size: int,
) -> Source:
    """Return what is asked, cut into parts of about ``size`` entries.

    Raises ``LogError`` for what is neither a log nor segments, for a log that other processes can't
    reach, and for a position that isn't there.
    """
    if isinstance(source, Log):
        if kinds:
            raise LogError("a log knows its kinds; hand events= to Log, or ask segments")
        return _OfLog(source, engine, known, size)
    if isinstance(source, str | PathLike):
        source = Segments.in_folder(source)
    if not isinstance(source, Segments):
        raise LogError(f"a log, the folder of its segments or Segments are asked, not {source!r}")
    return _OfSegments(source, kinds, known, size)
