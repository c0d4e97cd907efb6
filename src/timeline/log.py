"""The Log records claims as entries, only ever grows, and answers questions about them."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack, overload
from weakref import WeakSet

from timeline import account_sort
from timeline.accounts import Account, Entry
from timeline.calendar_math import as_datetime, micros
from timeline.canonical import names
from timeline.claims import Claim, LinkClaim, Report, Retraction, Said, Void
from timeline.codec import Codec
from timeline.display import HtmlRepr
from timeline.erasure import GONE, Erasure, Redactable, Redactions, place, redact
from timeline.errors import FormatError, LogError, StoreError, TimelineError
from timeline.events import Event
from timeline.folding import replay
from timeline.folding.kept import Keeping, Kept, Source
from timeline.integrity import Audit, Rescue, audit, rescue, row_checker
from timeline.kinds import KINDS
from timeline.projection import Answering, Keyed, KeyedAnswering, Projection
from timeline.proofs import Checkpoint, EntryProof, GrowthProof, SigningKey, making
from timeline.query import Known, Moment, Progress, Question, check_reading, end_of, instant
from timeline.redaction_records import Redaction
from timeline.resolution import Reading, happened_by
from timeline.stores.base import EventStore, Record
from timeline.stores.copying import copy
from timeline.stores.features import is_store
from timeline.stores.memory import MemoryStore
from timeline.stores.postgres import PostgreSQLStore
from timeline.stores.sqlite import SQLiteStore
from timeline.stores.sqlite_recovery import DamagedFile
from timeline.subscription import Subscription

__all__ = ["Log"]

S = TypeVar("S")
R = TypeVar("R")

_SAVE = "log.verify() says what else is; restore it from a backup, or rescue what is left"
_REPORTS_KEPT = 1024  # reports held while streaming; the rest are read again from the store


def _now() -> datetime:
    return datetime.now(UTC)


def _every(_: type[Event]) -> bool:
    return True


def _store(target: str | Path | EventStore | None) -> EventStore:
    if target is None:
        return MemoryStore()
    if isinstance(target, str) and target.startswith(("postgresql://", "postgres://")):
        return PostgreSQLStore(target)
    if isinstance(target, str) and "://" in target:
        raise LogError(f"no store is known for {target!r}; give a path such as 'war.db'")
    if isinstance(target, str | os.PathLike):
        return SQLiteStore(target)
    if not is_store(target):
        raise LogError(f"a log is kept in a file, given by its path, or in a store, not {target!r}")
    return target


def _address(target: str | Path | EventStore | None) -> str | None:
    """Where another process finds a log's store; None in memory, and for a store of somebody's."""
    if isinstance(target, str) and "://" in target:
        return target
    return str(Path(target).absolute()) if isinstance(target, str | os.PathLike) else None


def _kinds(events: Iterable[type[Event]]) -> tuple[type[Event], ...]:
    if isinstance(events, type) or not isinstance(events, Iterable):
        raise LogError(f"events are kinds in a list, such as [Displacement], not {events!r}")
    return tuple(events)


class Log(HtmlRepr, shows="summary"):
    """An append-only log of claims, and the place to ask.

    ``Log()`` lives in memory, ``Log("war.db")`` in a SQLite file, ``Log("postgresql://host/db")``
    on a server; file or tables are made if they aren't there. A store can be handed in instead.
    ``events`` are kinds beside those that come with the library. ``clock`` gives the time at
    which the log learns something, aware.
    A log is a context manager and closes. Raises ``LogError`` for a target that is no file or
    store, ``StoreError`` or ``FormatError`` for one that can't be opened, and ``KindError`` for a
    kind name used twice; nothing is changed then.
    """

    def __init__(
        self,
        target: str | Path | EventStore | None = None,
        *,
        events: Iterable[type[Event]] = (),
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._codec = Codec((*KINDS, *_kinds(events)))
        self._clock = clock
        self._store = _store(target)
        # A server's address may hold a password, and a store's name is its own affair.
        named = isinstance(target, str | os.PathLike) and "://" not in str(target)
        self._address = _address(target)
        self._where = str(target) if named else type(self._store).__name__
        self._report = lru_cache(maxsize=_REPORTS_KEPT)(self._read_report)
        self._redactions = Redactions(self._store, self._codec)
        self._erasures = 0
        self._keeps: WeakSet[Kept[Any]] = WeakSet()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def summary(self) -> str:
        """Gives where it is kept and how many entries it has, in a line."""
        where = "in memory" if self._where == MemoryStore.__name__ else f"in {self._where}"
        try:
            entries = "1 entry" if self.head == 1 else f"{self.head} entries"
        except TimelineError:
            entries = "closed"
        return f"{where}, {entries}"

    def close(self) -> None:
        """Lets go of the store; a closed log refuses everything but being closed again."""
        for kept in list(self._keeps):
            with suppress(Exception):  # what isn't stored is folded again
                kept.save()
        self._store.close()

    @property
    def store(self) -> EventStore:
        """What keeps it: for whoever copies, checks or ships a log as it stands, byte by byte."""
        return self._store

    @property
    def address(self) -> str | None:
        """Where another process opens it, a path or URL; None where nobody else can."""
        return self._address

    @property
    def kinds(self) -> tuple[type[Event], ...]:
        """The kinds of event that it reads, those that it was told of and those that came since."""
        return tuple(self._codec.kinds.values())

    @property
    def head(self) -> int:
        """The position of the last entry, 0 when there is none."""
        return self._store.head().position

    def __iter__(self) -> Iterator[Entry]:
        """Gives the entries in the order of arrival, up to the head as it is now."""
        return map(self._entry, self._rows())

    def __contains__(self, said: object) -> bool:
        """Say whether a claim, retraction or void was appended, or an entry is of this log."""
        said = said.statement if isinstance(said, Entry) else said
        return isinstance(said, Said) and bool(self._store.get_by_id([bytes.fromhex(said.id)]))

    def entries(self, *, known: Known | None = None) -> Iterator[Entry]:
        """Gives the entries that the log had learned by then, in the order of arrival."""
        return map(self._entry, self._known(known))

    def follow(self, *, after: int = 0, idle: float | None = None) -> Subscription:
        """Gives the entries after a position, those that are there and then those that come.

        Whoever appends them, in whatever process; see ``Subscription``. It ends when it is stopped,
        or once nothing has come for ``idle`` seconds.
        """
        return Subscription(self._store, self._entry, after=after, idle=idle)

    def copy_to(self, other: Log, *, progress: Callable[[int], object] | None = None) -> int:
        """Copies to another log what it lacks of this one, as it is; gives how many entries.

        Positions, times, salts and root are the same there, and so is every answer; what is
        redacted here is redacted there. An empty log becomes a copy of this one, one that was
        stopped on the way is gone on with, and any other is refused with ``LogError``: see
        ``copy``. ``progress`` is called with the position that was reached, every 1000 entries.
        """
        check = row_checker(self._codec)
        return copy(self._store, other.store, check=check, progress=progress)

    def find(self, *ids: str) -> dict[str, Entry]:
        """Gives the entries of those claims, retractions and voids that are here, by their ids."""
        try:
            names = [bytes.fromhex(name) for name in ids]
        except (TypeError, ValueError):
            raise LogError(
                f"an entry is found by the id of what it holds, 64 hexadecimal digits such as "
                f"claim.id, not by {ids!r:.200}"
            ) from None
        found = self._store.get_by_id(names)
        return {name.hex(): self._entry(row) for name, row in found.items()}

    def append(
        self,
        *claims: Said,
        recorded: Moment | None = None,
        expect: int | None = None,
    ) -> list[Entry]:
        """Records claims, retractions and voids: all of them or none, durable on return.

        Gives an entry for each, in order. What is already in the log stays as it is, and its
        entry is given. ``recorded`` is when the log learned it, by its own clock unless stated,
        and never goes back: a clock that does is held, an explicit time that does raises
        ``RecordedError``. ``expect`` is the head that the caller counts on; if somebody wrote
        since, ``ConflictError`` is raised.
        """
        for one in claims:
            if not isinstance(one, Claim | LinkClaim | Retraction | Void):
                raise LogError(
                    f"a log takes what a report says, such as report.says(event), not {one!r}"
                )
        at = self._now() if recorded is None else instant(recorded)
        codec = self._codec.knowing(
            type(one.event)
            for one in claims
            if isinstance(one, Claim) and one.event.as_recorded is None
        )
        reports = {one.report.id: one.report for one in claims}
        rows = self._store.append(
            [codec.draft(one) for one in claims],
            {bytes.fromhex(name): report.body for name, report in reports.items()},
            recorded=at,
            explicit=recorded is not None,
            expect=expect,
        )
        self._codec = codec
        return [
            Entry(row.position, self._time(row), one) for row, one in zip(rows, claims, strict=True)
        ]

    def accounts(
        self,
        *,
        at: Moment | None = None,
        known: Known | None = None,
        published: Moment | None = None,
        reading: Reading = "certain",
        trust: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> list[Account]:
        """Gives what stands, in chronological order: (earliest, latest, event id).

        ``at``: what happened by the end of that moment, certainly or (``reading="possible"``)
        possibly. ``summary``: as the log knew by then. ``published``: from what was published by
        then. ``trust`` ranks sources, the most trusted first, where they have versions of their
        own; without it the latest published is believed. ``progress`` is told how many of how many
        steps are done, every few thousand, where there are as many.
        """
        check_reading(reading)
        moment = end_of("at", at)
        stands = self._standing(known, published, trust, self._codec, progress=progress)
        return [one for one in stands if happened_by(one.when, moment, reading)]

    def redact(self, *what: Redactable, because: str, basis: str, by: str | None = None) -> Erasure:
        """Erases what entries say, for good, and records that it was: why, on what legal basis.

        ``what``: claims, retractions or voids, their ids, entries or positions; a report goes with
        all that stands in it. Their text is gone from every file of the log then, and so are what
        was kept for ``keep`` and the reports that nothing else stands in; positions, root and
        proofs of everything else stay. ``because`` and ``basis`` stay for ever: don't repeat there
        what is to go. The answer says what still speaks of it. Raises ``LogError`` for what isn't
        here, ``ClaimError`` without a reason or basis, and ``StoreError`` where the disk refuses.
        """

        def make(positions: tuple[int, ...]) -> Redaction:
            return Redaction(positions=positions, because=because, basis=basis, by=by)

        try:
            return redact(self._store, what, self._entry, make, self._now())
        finally:
            self._report.cache_clear()

    def checkpoint(self, key: SigningKey | None = None, *, verify: bool = False) -> Checkpoint:
        """Return the log's size and root as they are now, in the name of a key, signed with it.

        Put it where others keep it, or let a witness sign it too: only what is out of your hands
        shows later that you changed nothing. Without a key it is unsigned.
        The root is the one kept with the head; with ``verify=True`` every entry is read first, and
        ``StoreError`` raised where anything is damaged, so that no changed past is signed.
        """
        if not verify:
            return making.checkpoint(self._store, key)
        found = self.verify()
        if not found.ok:
            raise StoreError(f"nothing was signed, as the log isn't whole. {found}")
        return making.named(self._store, key, size=found.head, root=found.root)

    def prove(
        self, what: Said | Entry | str | int, *, checkpoint: Checkpoint | str | None = None
    ) -> EntryProof:
        """Gives the proof that an entry stands in the tree of a checkpoint, of any age.

        ``what`` is the entry, what it says, its id or its position. Without a checkpoint, the
        proof is of the log as it is now and holds with a signed checkpoint of the same size.
        """
        return making.prove(self._store, place(self._store, what), checkpoint)

    def prove_since(
        self, since: Checkpoint | str, *, checkpoint: Checkpoint | str | None = None
    ) -> GrowthProof:
        """Gives the proof that the log at one checkpoint only grew into that at a later one."""
        return making.prove_since(self._store, since, checkpoint)

    def redactions(self) -> list[Entry]:
        """Gives the entries that tell of erased ones, in the order of arrival."""
        return [
            Entry(row.position, self._time(row), redaction)
            for row, redaction in self._redactions.all()
        ]

    def verify(
        self, *, kept: bool = False, progress: Callable[[int], object] | None = None
    ) -> Audit:
        """Read all that is there and say what is damaged; see ``Audit``.

        Every entry is held against its id, the id of its report and its neighbours, the root over
        all against the head's, and a file against what SQLite itself finds. States that are kept
        are derived and aren't entries: they are named as unchecked, but for those of projections
        that this log keeps, where ``kept=True`` compares each with a replay. ``progress`` is
        called with the number of entries read, every few hundred.
        """
        states = {state.name: state.is_right for state in self._keeps} if kept else {}
        return audit(self._store, self._codec, progress, kept=states)

    def rescue(self, path: str | os.PathLike[str]) -> Rescue:
        """Takes over, into this empty log, what is left in a damaged SQLite file.

        The file is read without SQLite and stays as it is; no process may have it open. What
        can't be shown to be what was recorded is left behind, and listed by position. Raises
        ``LogError`` where this log isn't empty, ``StoreError`` where there is no file.
        """
        with DamagedFile(path) as wreck:
            return rescue(wreck, self._store, self._codec)

    @overload
    def ask(
        self, projection: KeyedAnswering[R], **question: Unpack[Question]
    ) -> Mapping[Any, R]: ...
    @overload
    def ask(self, projection: Keyed[S], **question: Unpack[Question]) -> Mapping[Any, S]: ...
    @overload
    def ask(self, projection: Answering[R], **question: Unpack[Question]) -> R: ...
    @overload
    def ask(self, projection: Projection[S], **question: Unpack[Question]) -> S: ...

    def ask(
        self,
        projection: Any,
        *,
        at: Moment | None = None,
        known: Known | None = None,
        published: Moment | None = None,
        reading: Reading = "certain",
        trust: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> Any:
        """Folds a projection over what stands and gives its answer; arguments as ``accounts``.

        Raises ``ProjectionError`` for a projection that is put together wrongly.
        """
        replay.check(projection)
        check_reading(reading)
        # Its kinds are read for this answer alone: asking leaves the log as it was.
        codec = self._codec.knowing(kind for kind in projection.handlers if kind.kind)
        moment = end_of("at", at)

        def heard(kind: type[Event]) -> bool:
            return projection.handler(kind) is not None

        stands = self._standing(known, published, trust, codec, heard, progress=progress)
        return replay.answer(projection, stands, at=moment, reading=reading)

    @overload
    def keep(
        self, projection: KeyedAnswering[R], **how: Unpack[Keeping]
    ) -> Kept[Mapping[Any, R]]: ...
    @overload
    def keep(self, projection: Keyed[S], **how: Unpack[Keeping]) -> Kept[Mapping[Any, S]]: ...
    @overload
    def keep(self, projection: Answering[R], **how: Unpack[Keeping]) -> Kept[R]: ...
    @overload
    def keep(self, projection: Projection[S], **how: Unpack[Keeping]) -> Kept[S]: ...

    def keep(
        self,
        projection: Any,
        *,
        name: str | None = None,
        history: bool = False,
        progress: Progress | None = None,
    ) -> Kept[Any]:
        """Keeps a projection up to date with the log: its answers cost no replay.

        State and position are stored together in the log's own store, under ``name``, by default
        the projection's class and settings, and taken up again by whoever keeps it next. With
        ``history=True`` it answers for any ``summary`` at once; that is kept in memory alone and
        starts with a replay. ``progress`` is told how many of how many entries are done. Raises
        ``ProjectionError`` for a projection that is put together wrongly.
        """
        replay.check(projection)
        source = Source(
            store=self._store,
            codec=lambda: self._codec,
            said=self._said,
            position=self.position,
            ask=partial(self.ask, projection),
        )
        kept: Kept[Any] = Kept(source, projection, name=name, history=history, progress=progress)
        self._keeps.add(kept)
        return kept

    def _standing(
        self,
        known: Known | None,
        published: Moment | None,
        trust: Sequence[str],
        codec: Codec,
        heard: Callable[[type[Event]], bool] = _every,
        *,
        progress: Progress | None = None,
    ) -> Iterator[Account]:
        ranked = isinstance(trust, list | tuple) and all(isinstance(one, str) for one in trust)
        if not ranked:
            raise LogError(f"trust ranks sources in a list, such as ['UCDP', 'ISW'], not {trust!r}")
        cut = end_of("published", published)
        last = self.position(known)
        rows = self._redactions.left(self._rows(upto=last))
        return account_sort.accounts(
            rows,
            self._store,
            look=codec.look(heard),
            read=lambda row: codec.said(row, self._report(row.report)),
            published=cut,
            trust=trust,
            # Each entry is looked at, and then read again where it belongs.
            progress=None if progress is None else lambda done: progress(done, 2 * last),
        )

    def _known(self, known: Known | None) -> Iterator[Record]:
        """The rows that the log knew at a moment or position."""
        return self._rows(upto=None if known is None else self.position(known))

    def _rows(self, upto: int | None = None) -> Iterator[Record]:
        erasures = self._store.head().erasures
        if erasures != self._erasures:  # by another process, too
            self._report.cache_clear()
            self._erasures = erasures
        return self._store.rows(upto=upto)

    def position(self, known: Known | None = None) -> int:
        """Gives the position up to which the log had learned things by a moment, 0 for nothing.

        Positions repeat an answer for ever. Raises ``LogError`` for one that isn't there yet.
        """
        head = self.head
        if known is None:
            return head
        if isinstance(known, int) and not isinstance(known, bool):
            if not 0 <= known <= head:
                raise LogError(
                    f"known={known} is no position of this log, which has entries 1 to {head}; "
                    "a position that isn't there yet couldn't repeat its answer"
                )
            return known
        moment = end_of("known", known)
        assert moment is not None  # noqa: S101 - known isn't None
        # Recorded times never decrease along positions.
        return bisect_left(
            range(1, head + 1),
            moment,
            key=lambda one: self._store.get_by_position([one])[one].recorded,
        )

    def _entry(self, row: Record) -> Entry:
        return Entry(row.position, self._time(row), self._said(self._codec, row))

    def _said(self, codec: Codec, row: Record) -> Any:
        if row.record_type in GONE:
            return self._redactions.claim(row)
        return codec.said(row, self._report(row.report))

    def _now(self) -> int:
        now = self._clock()
        if not isinstance(now, datetime) or now.tzinfo is None:
            raise LogError(f"the log's clock must give aware datetimes, not {now!r}")
        return micros(now)

    def _read_report(self, report: bytes) -> Report:
        body = self._store.reports([report]).get(report)
        if body is None:
            raise FormatError(f"the log is damaged: its report {report.hex()} is missing; {_SAVE}")
        read = self._codec.report(body)
        if not names(report, "report", body, report):
            raise FormatError(f"the log is damaged: its report {report.hex()} was changed; {_SAVE}")
        return read

    @staticmethod
    def _time(row: Record) -> datetime:
        time = as_datetime(row.recorded)
        assert time is not None, "a log records datetimes"  # noqa: S101
        return time
