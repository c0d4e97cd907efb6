"""The Log records claims as entries, only ever grows, and answers questions about them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack, cast, overload
from weakref import WeakSet

import attrs

from timeline.accounts import Account, Entry
from timeline.as_of import View, position_known
from timeline.calendar_math import as_datetime, micros
from timeline.changes import Axis, Changes
from timeline.claims import Claim, LinkClaim, Retraction, Said, Void
from timeline.codec import Codec
from timeline.display import HtmlRepr
from timeline.entry_reader import EntryReader
from timeline.erasure import Erasure, Redactable, place, redact
from timeline.errors import ConflictError, LogError, StoreError, TimelineError
from timeline.events import Event
from timeline.folding import replay
from timeline.folding.bearing import KeptBearing
from timeline.folding.incremental import IncrementalView
from timeline.folding.kept_projection import Keeping, Kept
from timeline.folding.part_answers import PartAnswers
from timeline.integrity import Audit, Rescue, audit, rescue, row_checker
from timeline.linking import Contradiction, StandingLink
from timeline.merge_provenance import Elsewhere
from timeline.merging import MergeSummary, elsewhere, merge
from timeline.places import Place
from timeline.progress import Progress
from timeline.projection import Answering, Keyed, KeyedAnswering, Projection
from timeline.proofs import Checkpoint, EntryProof, GrowthProof, SigningKey, making
from timeline.query import Cut, Known, Moment, Question, end_of, instant, parts_of
from timeline.redaction_records import Redaction
from timeline.resolution import Reading, Trust, ranking
from timeline.stores.base import EventStore, NewRecord, Record
from timeline.stores.copying import copy
from timeline.stores.features import is_store
from timeline.stores.memory import MemoryStore
from timeline.stores.postgres import PostgreSQLStore
from timeline.stores.sqlite import SQLiteStore
from timeline.stores.sqlite_recovery import DamagedFile
from timeline.subscription import Subscription
from timeline.views.chronology import Chronology
from timeline.views.series import Every, Series
from timeline.why import MOST, Reasons, Why, said_of
from timeline.why_bundle import Bundle
from timeline.worlds import MOST as MOST_STATES
from timeline.worlds import Worlds

__all__ = ["Log", "chronology"]

S = TypeVar("S")
R = TypeVar("R")


def _now() -> datetime:
    return datetime.now(UTC)


def _time(row: Record) -> datetime:
    time = as_datetime(row.recorded)
    assert time is not None, "a log records datetimes"  # noqa: S101
    return time


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


def _cut_at(cut: Cut, along: str, moment: Any) -> Cut:
    changed: Any = {**cut, along: moment}
    return cast("Cut", changed)


class Log(HtmlRepr, shows="summary"):
    """An append-only log of claims, and the place to ask.

    ``Log()`` lives in memory, ``Log("war.db")`` in a SQLite file, ``Log("postgresql://host/db")``
    on a server; file or tables are made if they aren't there. A store can be handed in instead.
    ``events`` are kinds beside those of the library, whose place one of the same name takes.
    ``clock`` gives the time at which the log learns something, aware.
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
        codec = Codec(_kinds(events))
        self._learning = Lock()
        self._clock = clock
        self._store = _store(target)
        self._reader = EntryReader(self._store, codec)
        # A server's address may hold a password, and a store's name is its own affair.
        named = isinstance(target, str | os.PathLike) and "://" not in str(target)
        self._address = _address(target)
        self._where = str(target) if named else type(self._store).__name__
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
        """Return where it is kept and how many entries it has, in a line."""
        where = "in memory" if self._where == MemoryStore.__name__ else f"in {self._where}"
        try:
            entries = "1 entry" if self.head == 1 else f"{self.head} entries"
        except TimelineError:
            entries = "closed"
        return f"{where}, {entries}"

    def close(self) -> None:
        """Close the store; a closed log refuses everything but being closed again."""
        for kept in list(self._keeps):
            with suppress(Exception):  # what isn't stored is folded again
                kept.save()
        self._store.close()

    @property
    def store(self) -> EventStore:
        """What keeps it: for whoever copies, checks or ships a log as it stands, byte by byte."""
        return self._store

    @property
    def reader(self) -> EntryReader:
        """What reads its rows, as the kinds are known by now."""
        return self._reader

    @property
    def address(self) -> str | None:
        """Where another process opens it, a path or URL; None where nobody else can."""
        return self._address

    @property
    def kinds(self) -> tuple[type[Event], ...]:
        """The kinds of event that it reads: those it was given, and those appended since."""
        return tuple(self._reader.codec.kinds.values())

    def unknown_kinds(self) -> Counter[str]:
        """Return how many claims are about events of each kind that nothing here can read.

        Answers leave out what they say, and warn of it (``UnknownKindWarning``). Empty where all
        can be read; else pass the classes: ``Log("war.db", events=[Displacement])``.
        """
        return self._reader.unknown.count(self._reader.codec, self.head)

    @property
    def head(self) -> int:
        """The position of the last entry, 0 when there is none."""
        return self._store.head().position

    def __iter__(self) -> Iterator[Entry]:
        """Return the entries in the order of arrival, up to the head as it is now."""
        return self.as_of().entries()

    def __contains__(self, said: object) -> bool:
        """Say whether a claim, retraction or void was appended, or an entry is of this log."""
        said = said.statement if isinstance(said, Entry) else said
        return isinstance(said, Said) and bool(self._store.get_by_id([bytes.fromhex(said.id)]))

    def as_of(self, **cut: Unpack[Cut]) -> View:
        """Return a frozen view of the log: what it had learned, and what it answers from that.

        ``known``: by that moment or position, by default now. ``published``: only what was
        published by then. ``trust``: sources in order of trust, the most trusted first, or a rule
        that takes a claim and returns its rank, the least trusted most, or None for what can't be
        judged. Only the version of a source certainly more trusted is believed rather than a later
        one; without it the latest published is. Raises ``LogError`` for a position that isn't
        there yet, a moment without an end, and a trust that is neither.
        """
        return self._as_of(**cut)

    def _as_of(
        self, *, known: Known | None = None, published: Moment | None = None, trust: Trust = ()
    ) -> View:
        ranking(trust)
        trust = trust if callable(trust) else tuple(trust)
        position = position_known(self._store, known)
        return View(self._reader, position, end_of("published", published), trust)

    def entries(self, *, known: Known | None = None) -> Iterator[Entry]:
        """Return the entries that the log had learned by then, in the order of arrival."""
        return self.as_of(known=known).entries()

    def follow(self, *, after: int = 0, idle: float | None = None) -> Subscription:
        """Return the entries after a position, those that are there and then those that come.

        Whoever appends them, in whatever process; see ``Subscription``. It ends when it is stopped,
        or once nothing has come for ``idle`` seconds.
        """
        return Subscription(self._reader, after=after, idle=idle)

    def copy_to(self, other: Log, *, progress: Progress | None = None) -> int:
        """Copy to another log what it lacks of this one, as it is; return how many entries.

        Positions, times, salts and root are the same there, and so is every answer; what is
        redacted here is redacted there. An empty log becomes a copy of this one, one that was
        stopped on the way is gone on with, and any other is refused with ``LogError``: see
        ``copy``. ``progress(done, total)`` is called with positions, every 1000 entries.
        """
        check = row_checker(self._reader.codec)
        return copy(self._store, other.store, check=check, progress=progress)

    def merge(self, other: Log, *, progress: Progress | None = None) -> MergeSummary:
        """Take over what another log holds that this one lacks, such as another desk's.

        Claims, links, retractions and voids come as they are, known by their content: what both
        have is one. They are recorded here when they come, so that no past answer of this log
        changes; when the other had learned them is kept, see ``recorded_elsewhere``. What was
        erased there is erased here too, and what was erased here doesn't come back: by the marks of
        redactions, by salts that both share, and by where each has what was merged before. Nothing
        is asked or answered otherwise than by a log in which both had written, and the proofs of
        both still hold. Merged again, only what came since is taken over. Broken off, it can be
        called again. ``progress(done, total)`` is called with positions of the other. Raises
        ``LogError`` where the two are one, and ``FormatError`` or ``StoreError`` where the other is
        damaged.
        """
        if other is self or (self.address is not None and self.address == other.address):
            raise LogError(f"{self.summary()}: a log can't be merged into itself")
        named = {kind.kind for kind in self.kinds}
        with self._learning:
            new = (kind for kind in other.kinds if kind.kind not in named)
            self._reader = self._reader.knowing(new)
        codec = self._reader.codec
        try:
            return merge(
                self._store,
                other.store,
                codec=codec,
                check=row_checker(codec),
                recorded=self._now(),
                progress=progress,
            )
        finally:
            self._reader.forget_reports()

    def recorded_elsewhere(self, what: Said | Entry | str | int) -> tuple[Elsewhere, ...]:
        """Return where logs that were merged into this one have an entry, and since when.

        ``what`` is the entry, what it says, its id or its position here.
        """
        return elsewhere(self._store, self._reader.codec, place(self._store, what))

    def find(self, *ids: str) -> dict[str, Entry]:
        """Return the entries of those claims, retractions and voids that are here, by their ids."""
        try:
            names = [bytes.fromhex(name) for name in ids]
        except (TypeError, ValueError):
            raise LogError(
                f"an entry is found by the id of its claim, retraction or void, 64 hexadecimal "
                f"digits such as claim.id, not by {ids!r:.200}"
            ) from None
        found = self._store.get_by_id(names)
        return {name.hex(): self._reader.entry(row) for name, row in found.items()}

    def append(
        self,
        *claims: Said,
        recorded: Moment | None = None,
        expect: int | None = None,
    ) -> list[Entry]:
        """Record claims, retractions and voids: all of them or none, durable on return.

        Gives an entry for each, in order. What is already in the log stays as it is, and its
        entry is given. ``recorded`` is when the log learned it, by its own clock unless stated,
        and never goes back: a clock that does is overruled, an explicit time that does raises
        ``RecordedError``. ``expect`` is the head that the caller counts on; if somebody wrote
        since, ``ConflictError`` is raised.
        """
        for one in claims:
            if not isinstance(one, Claim | LinkClaim | Retraction | Void):
                raise LogError(
                    f"a log takes what a report says, such as report.says(event), not {one!r}"
                )
        at = self._now() if recorded is None else instant(recorded)
        kinds = [
            type(one.event)
            for one in claims
            if isinstance(one, Claim) and one.event.as_recorded is None
        ]
        with self._learning:  # or what another thread appends meanwhile would be forgotten
            reader = self._reader = self._reader.knowing(kinds)
        reports = {one.report.id: one.report for one in claims}
        drafts = [reader.codec.draft(one) for one in claims]
        bodies = {bytes.fromhex(name): report.body for name, report in reports.items()}
        try:
            rows = self._store.append(
                drafts, bodies, recorded=at, explicit=recorded is not None, expect=expect
            )
        except KeyboardInterrupt as stop:
            stop.add_note(self._outcome(drafts, bodies))
            raise
        return [Entry(row.position, _time(row), one) for row, one in zip(rows, claims, strict=True)]

    def _outcome(self, drafts: Sequence[NewRecord], bodies: Mapping[bytes, bytes]) -> str:
        """Say what became of an append that was interrupted."""
        try:
            # No log is at -1: only what is there already isn't refused, and it waits for a writer.
            self._store.append(drafts, bodies, recorded=0, explicit=False, expect=-1)
        except ConflictError:
            return "the append was stopped before it was done: nothing of it was recorded"
        except TimelineError as error:
            return f"whether the append was recorded couldn't be asked: {error}"
        return "the append was done before it was stopped: all of it is recorded"

    def accounts(self, **question: Unpack[Question]) -> list[Account]:
        """Return what stands, in chronological order: (earliest, latest, event id).

        ``known=``, ``published=`` and ``trust=`` are those of ``as_of``; ``at=``, ``reading=`` and
        ``progress=`` those of ``timeline.query.asked``.
        """
        cut, ask = parts_of(question)
        return self.as_of(**cut).accounts(**ask)

    def links(self, **cut: Unpack[Cut]) -> list[StandingLink]:
        """Return the links that stand; arguments as ``as_of``, see ``View.links``."""
        return self.as_of(**cut).links()

    def contradictions(self, **cut: Unpack[Cut]) -> list[Contradiction]:
        """Return the links that are set aside, each with its contradiction; see ``View``."""
        return self.as_of(**cut).contradictions()

    def place_key(self, place: Place | str, **cut: Unpack[Cut]) -> str:
        """Return the key by which answers know a place, from any of its names or ids."""
        return self.as_of(**cut).place_key(place)

    def redact(
        self,
        *what: Redactable,
        because: str,
        basis: str,
        by: str | None = None,
        naming: bool = False,
        recognisable: bool = True,
    ) -> Erasure:
        """Erase what entries say, for good, and records that it was: why, on what legal basis.

        ``what``: claims, retractions or voids, their ids, entries or positions; a report goes with
        all that stands in it. Their text is gone from every file of the log then, and so are what
        was kept for ``keep`` and the reports that nothing else stands in; positions, root and
        proofs of everything else stay. ``because`` and ``basis`` stay for ever: don't repeat there
        what is to go. The answer says what still speaks of it. An id that is derived from content
        can be tested by whoever guesses that: with ``naming=True`` entries that hold such an id of
        what goes, such as retractions of it, go as well. The redaction keeps a mark of each entry,
        a hash by which ``merge`` recognises it in another log that still has it; with
        ``recognisable=False`` it keeps none. Raises ``LogError`` for what isn't here,
        ``ClaimError`` without a reason or basis, and ``StoreError`` where the disk refuses.
        """

        def make(positions: tuple[int, ...]) -> Redaction:
            return Redaction(positions=positions, because=because, basis=basis, by=by)

        try:
            return redact(
                self._store,
                what,
                self._reader.entry,
                make,
                self._now(),
                codec=self._reader.codec,
                naming=naming,
                recognisable=recognisable,
            )
        finally:
            self._reader.forget_reports()

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
        """Return the proof that an entry stands in the tree of a checkpoint, of any age.

        ``what`` is the entry, what it says, its id or its position. Without a checkpoint, the
        proof is of the log as it is now and holds with a signed checkpoint of the same size.
        """
        return making.prove(self._store, place(self._store, what), checkpoint)

    def prove_since(
        self, since: Checkpoint | str, *, checkpoint: Checkpoint | str | None = None
    ) -> GrowthProof:
        """Return the proof that the log at one checkpoint only grew into that at a later one."""
        return making.prove_since(self._store, since, checkpoint)

    def redactions(self) -> list[Entry]:
        """Return the entries that record erasures, in the order of arrival."""
        return [self._reader.entry(row) for row, _ in self._reader.redactions.all()]

    def verify(self, *, kept: bool = False, progress: Progress | None = None) -> Audit:
        """Read all that is there and say what is damaged; see ``Audit``.

        Every entry is held against its id, the id of its report and its neighbours, the root over
        all against the head's, and a file against what SQLite itself finds. States that are kept
        are derived and aren't entries: they are named as unchecked, but for those of projections
        that this log keeps, where ``kept=True`` works each out anew and compares all of it. One
        that is otherwise is named and dropped, and what was worked out anew goes on in its place.
        ``progress`` is called with the number of entries read, every few hundred.
        """
        states = [(state.name, state.is_right) for state in self._keeps] if kept else []
        return audit(self._store, self._reader.codec, progress, kept=states)

    def rescue(self, path: str | os.PathLike[str]) -> Rescue:
        """Copy, into this empty log, what is left in a damaged SQLite file.

        The file is read without SQLite and stays as it is; no process may have it open. What
        can't be shown to be what was recorded is left behind, and listed by position. Raises
        ``LogError`` where this log isn't empty, ``StoreError`` where there is no file.
        """
        with DamagedFile(path) as damaged:
            return rescue(damaged, self._store, self._reader.codec)

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

    def ask(self, projection: Any, **question: Unpack[Question]) -> Any:
        """Fold a projection over what stands and return its answer; arguments as ``accounts``.

        Raises ``ProjectionError`` for a projection that is put together wrongly.
        """
        cut, ask = parts_of(question)
        return self.as_of(**cut).ask(projection, **ask)

    def series(
        self,
        projection: Any,
        *,
        at: Sequence[Moment] | None = None,
        every: Every | None = None,
        zone: str = "UTC",
        reading: Reading = "certain",
        **cut: Unpack[Cut],
    ) -> Series[Any]:
        """Return the answers at several moments, by those moments: ``every="month"``, ``at=[…]``.

        The log is read once. Answers are those of ``ask`` at each; arguments as ``View.series`` and
        ``as_of``.
        """
        view = self.as_of(**cut)
        return view.series(projection, at=at, every=every, zone=zone, reading=reading)

    def why(
        self,
        projection: Any,
        key: Any = None,
        *,
        most: int = MOST,
        among: KeptBearing | None = None,
        **question: Unpack[Question],
    ) -> Why:
        """Return what an answer rests on: a smallest set of entries that alone give it.

        ``key`` is that of the answer meant, any name of a place; left out, the whole answer is.
        ``most`` is how many folds of 1,000 accounts finding them may cost, and finding the pivotal
        ones as many again; ``among`` is given by ``Kept.why``, and the rest is as ``accounts``.
        Raises ``LogError`` for a key where there are none.
        """
        cut, ask = parts_of(question)
        view = self.as_of(**cut)
        found = view.why(projection, key, most=most, among=among, **ask)

        def bundled(checkpoint: Checkpoint | str | None) -> Bundle:
            return self._bundle(view, found, view.part_answers(projection, key, ask), checkpoint)

        return attrs.evolve(found, bundled=bundled)

    def reasons(
        self, projection: Any, *, most: int = MOST, **question: Unpack[Question]
    ) -> Reasons:
        """Return what each answer rests on, by key, and what it would be without one source.

        Arguments as ``why``; ``export.to_reasons_html`` makes a page of it.
        """
        cut, ask = parts_of(question)
        return self.as_of(**cut).reasons(projection, most=most, **ask)

    def bundle(
        self,
        projection: Any,
        key: Any = None,
        *,
        checkpoint: Checkpoint | str | None = None,
        **question: Unpack[Question],
    ) -> Bundle:
        """Return an answer, and the proofs of the entries that it rests on, as one bundle.

        Whoever has the log's public key checks it offline, see ``Bundle.check``. ``checkpoint`` is
        the signed one that the proofs lead to; other arguments as ``why``. Raises ``LogError``
        where trust is a rule, or the key no text: neither can be written down.
        """
        bundle: Bundle = self.why(projection, key, **question).bundle(checkpoint=checkpoint)
        return bundle

    def _bundle(
        self, view: View, found: Why, parts: PartAnswers, checkpoint: Checkpoint | str | None
    ) -> Bundle:
        if callable(view.trust) or not (found.key is None or isinstance(found.key, str)):
            raise LogError("a bundle holds a key that is a text, and trust that is a list")
        if not found.entries:
            raise LogError(f"this answer of {found.projection} rests on no entry to be proved")
        said = said_of(found.entries)
        return Bundle(
            projection=found.projection,
            key=found.key,
            at=parts.at,
            published=parts.published,
            trust=tuple(view.trust),
            reading=parts.reading,
            answer=str(parts.from_part(said.values())),
            proofs=tuple(self.prove(one, checkpoint=checkpoint) for one in found.entries),
        )

    def depends_on(
        self, projection: Any, key: Any = None, **question: Unpack[Question]
    ) -> dict[str, Any]:
        """Return, by source, the other answer that there would be without all that it says.

        Sources without which the answer is the same aren't there. Arguments as ``why``.
        """
        cut, ask = parts_of(question)
        return self.as_of(**cut).depends_on(projection, key, **ask)

    def worlds(
        self,
        projection: Any,
        key: Any = None,
        *,
        most: int = MOST_STATES,
        **question: Unpack[Question],
    ) -> Worlds:
        """Return every answer that orders, memberships and versions left open may give.

        ``most`` is how many states are looked at before it says that there may be more. Other
        arguments as ``why``; ``reading`` makes no difference.
        """
        cut, ask = parts_of(question)
        return self.as_of(**cut).worlds(projection, key, most=most, **ask)

    def changes(
        self,
        projection: Any,
        *,
        between: tuple[Any, Any],
        along: Axis = "known",
        most: int = MOST,
        among: IncrementalView | None = None,
        **question: Unpack[Question],
    ) -> Changes:
        """Return what differs between two questions, by key, and which entries did it.

        ``between`` has what is compared: as known at two moments or positions, or ``along`` "at" or
        "published" at two moments of those; or two views of ``as_of``. ``among`` is given by
        ``Kept.changes``; other arguments as ``why``. Raises ``LogError`` where the second isn't the
        later one.
        """
        if along not in ("known", "at", "published"):
            raise LogError(f"along is 'known', 'at' or 'published', not {along!r}")
        first, second = between
        views = isinstance(first, View) and isinstance(second, View)
        taken = {"known", "published", "trust"} if views else {along}
        twice = sorted(name for name in taken if question.get(name) not in (None, ()))
        if twice:
            raise LogError(f"between says what {twice[0]}= says, too: leave one of them out")
        cut, ask = parts_of(question)
        if isinstance(first, View) and isinstance(second, View):
            earlier, later = first, second
        elif along == "at":
            view = self.as_of(**cut)
            return view.changes(projection, view, between=between, most=most, among=among, **ask)
        else:
            earlier, later = (self.as_of(**_cut_at(cut, along, one)) for one in between)
        return later.changes(projection, earlier, most=most, among=among, **ask)

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
        """Keep a projection up to date with the log: its answers cost no replay.

        State and position are stored together in the log's own store, under ``name``, by default
        the projection's class and settings, and taken up again by whoever keeps it next. With
        ``history=True`` it answers for any ``known`` at once; that is kept in memory alone and
        starts with a replay. ``progress`` is called with how many of how many entries are done.
        Raises ``ProjectionError`` for a projection that is put together wrongly.
        """
        replay.check(projection)
        kept: Kept[Any] = Kept(self, projection, name=name, history=history, progress=progress)
        self._keeps.add(kept)
        return kept

    def position(self, known: Known | None = None) -> int:
        """Return the position up to which the log had learned things by a moment, 0 for nothing.

        Positions repeat an answer for ever. Raises ``LogError`` for one that isn't there yet.
        """
        return position_known(self._store, known)

    def _now(self) -> int:
        now = self._clock()
        if not isinstance(now, datetime) or now.tzinfo is None:
            raise LogError(f"the log's clock must give aware datetimes, not {now!r}")
        return micros(now)


def chronology(log: Log, **question: Unpack[Question]) -> Chronology:
    """Return the chronology of a log, of what is expected too; arguments as ``Log.accounts``."""
    cut, ask = parts_of(question)
    return log.as_of(**cut).chronology(**ask)
