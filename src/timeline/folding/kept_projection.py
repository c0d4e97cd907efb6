"""Keeps a projection up to date with a log: its state and its position are stored together."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from threading import RLock
from typing import Any, Generic, Protocol, TypedDict, TypeVar, Unpack, cast
from weakref import WeakKeyDictionary

import msgspec

from timeline.claims import Said
from timeline.codec import Codec
from timeline.entry_reader import EntryReader
from timeline.errors import ConflictError, ProjectionError, StoreError
from timeline.folding import replay
from timeline.folding.aggregation import aggregator_for
from timeline.folding.bearing import KeptBearing
from timeline.folding.bulk_build import filled
from timeline.folding.fingerprints import fingerprint, settings
from timeline.folding.incremental import IncrementalView, PastAnswers
from timeline.folding.recheck import Difference, compare
from timeline.folding.snapshots import SnapshotWriter, Unreadable
from timeline.folding.state_codec import StateCodec, state_type
from timeline.linking import NO_NAMES, Names
from timeline.progress import Progress
from timeline.projection import Projection
from timeline.query import Asked, Cut, Question, asked, parts_of
from timeline.stores.base import EventStore
from timeline.stores.base import Snapshot as State
from timeline.stores.features import snapshot_store
from timeline.unhandled_kinds import warn_of_unhandled_clashes

__all__ = ["Keeping", "Kept", "Viewed"]

A = TypeVar("A")

_FORMAT = 4
_BATCH = 8192  # entries read before what they change is worked out
_MANY = 2 * _BATCH  # entries of a log that a view is built from at once
_EVERY = 8192  # entries after which a state is stored without being asked to


class Keeping(TypedDict, total=False):
    """How a projection is kept; see ``Log.keep``."""

    name: str | None
    history: bool
    progress: Progress | None


class _View(Protocol):
    """What a kept projection asks of a log as it was known at a position."""

    @property
    def position(self) -> int:
        """The position of the last entry that it knows of."""
        ...

    def ask(self, projection: Projection[Any], **question: Unpack[Asked]) -> Any:
        """Return a projection's answer by replay."""
        ...

    def placed(self, projection: Projection[Any], answer: Any, names: Names | None) -> Any:
        """Return an answer by places as one that knows their names, any other as it is."""
        ...


class Viewed(Protocol):
    """What a kept projection needs of its log."""

    @property
    def reader(self) -> EntryReader:
        """What reads its rows, as the kinds are known by now."""
        ...

    def as_of(self, **cut: Unpack[Cut]) -> _View:
        """Return a view of it."""
        ...

    @property
    def why(self) -> Callable[..., Any]:
        """Return what an answer rests on."""
        ...

    @property
    def changes(self) -> Callable[..., Any]:
        """Return what differs between two questions."""
        ...


class _Note(msgspec.Struct):
    """What a stored state was folded from, and by what."""

    format: int
    fingerprint: str
    log: str
    leaf: str | None
    kinds: dict[str, bool]
    pieces: int


class Kept(Generic[A]):
    """A projection that is kept up to date; made by ``log.keep``.

    ``answer`` takes in what the log has learned since and answers without a replay. The state is
    stored in the log's own store together with the position it stands at: every some thousand
    entries, by ``save`` and when the log closes. A crash before that costs reading those entries
    again and nothing else. Several may keep the same projection at once, in threads and processes:
    whoever stores last without having seen the other's state takes that over and goes on from
    there. A state that was stored by other code, or from another log, is dropped and folded anew.
    """

    def __init__(
        self,
        log: Viewed,
        projection: Projection[Any],
        *,
        name: str | None,
        history: bool,
        progress: Progress | None,
    ) -> None:
        self._log = log
        self._learned = log.reader
        self._store = self._learned.store
        self._snapshots = snapshot_store(self._store)
        self._projection = projection
        self._history = history
        self._progress = progress
        self._lock = RLock()
        self._hint = _declared(type(projection))
        self._way = aggregator_for(projection, self._hint)
        self._print = _printed(projection, self._hint)
        self.name = name or _name(projection)
        self._fold: IncrementalView
        self._record: SnapshotWriter
        self._version: int
        self._saved: int
        self._reader: EntryReader
        self._erasures: int
        self._extended = self._reading(self._learned)
        self._open()

    @property
    def position(self) -> int:
        """The last entry that it has taken in."""
        return self._fold.position

    def answer(self, **question: Unpack[Question]) -> A:
        """Return what ``log.ask`` returns; a mapping works out a key's answer when asked for it.

        Without ``known``, ``published`` and ``trust`` it costs no replay, whatever ``at``; nor
        does any ``known`` where it was kept with ``history=True``. Otherwise a mapping replays,
        for ``known``, the keys that are asked for, and everything else replays the log.
        """
        cut, rest = parts_of(question)
        ask = asked(**rest)
        if cut.get("published") is not None or cut.get("trust"):
            return cast("A", self._log.as_of(**cut).ask(self._projection, **rest))
        known = cut.get("known")
        with self._lock:
            self.catch_up()
            fold = self._fold
            view = None if known is None else self._log.as_of(known=known)
            position = fold.position if view is None else view.position
            if position > fold.position:  # the log learned more meanwhile
                self.catch_up(upto=position)
                fold = self._fold
            if fold.links and view is not None and position != fold.position and not self._history:
                return cast("A", self._log.as_of(known=position).ask(self._projection, **rest))
            if view is None or fold.keyed or position == fold.position or self._history:
                self._reader.warn_of_unknown_kinds(position)
                warn_of_unhandled_clashes(self._projection, self._reader, position)
            if view is None or position == fold.position or self._history:
                answer = fold.answers(ask.at, ask.reading, position)
                view = self._log.as_of(known=position)
                names = None if fold.links else NO_NAMES
                return cast("A", view.placed(self._projection, answer, names))
            if not fold.keyed:
                return cast("A", view.ask(self._projection, **rest))

            def one(key: Hashable) -> Mapping[Hashable, Any]:
                with self._lock:
                    accounts = fold.past(key, position)
                found: Mapping[Hashable, Any] = replay.answer(
                    self._projection, accounts, at=ask.at, reading=ask.reading
                )
                return found

            every = PastAnswers(one, lambda: view.ask(self._projection, **rest))
            return cast("A", every)

    def why(self, key: Any = None, **question: Any) -> Any:
        """Return what an answer rests on; arguments as ``log.why``, but for the projection.

        Of the log, only what bears on the key is read.
        """
        with self._lock:
            self.catch_up()
            among = KeptBearing(self._fold)
            return self._log.why(self._projection, key, among=among, **question)

    def changes(self, **question: Any) -> Any:
        """Return what differs between two questions; arguments as ``log.changes``.

        As known at two positions it costs what was said since the first, not the log.
        """
        with self._lock:
            self.catch_up()
            return self._log.changes(self._projection, among=self._fold, **question)

    def __repr__(self) -> str:
        name = type(self._projection).__name__
        return f"<Kept {name} as {self.name!r}, up to entry {self.position}>"

    def is_right(self) -> bool | None:
        """Say whether it is what a replay gives, in memory and as it is stored.

        It is worked out anew from the first entry, and goes on from that unless both are the same
        to the last state that is remembered, whatever ``at`` might ask for. None where the
        projection or the log raises, so that there is nothing to compare with.
        """
        with self._lock:
            twin = None if self._history else self._twin()
            anew = self._empty()
            try:
                self._take_in(anew, self._store.head().position)
            except Exception:  # noqa: BLE001 - whatever handlers raise, asking raises it too
                return None
            found = max(self._difference(self, anew), self._difference(twin, anew))
            if found:
                self._store_nothing()
                self._reset()
                self._fold = anew
            return found < Difference.WRONG

    def _twin(self) -> Kept[A]:
        """Return what another process would go on from: what is stored."""
        return Kept(self._log, self._projection, name=self.name, history=False, progress=None)

    def _difference(self, other: Kept[A] | None, anew: IncrementalView) -> Difference:
        """How far one is from what was worked out anew; both go on to where either stands."""
        if other is None:
            return Difference.NONE
        try:
            other.catch_up(upto=anew.position)
            self._take_in(anew, other.position)  # others stored more meanwhile
            return compare(other._fold, anew, self._way)  # noqa: SLF001 - one of its own kind
        except Exception:  # noqa: BLE001 - it was changed, for what was worked out anew raises nothing
            return Difference.WRONG

    def _take_in(self, fold: IncrementalView, upto: int) -> None:
        """Take in the entries up to a position, stretch by stretch."""
        while fold.position < upto:
            first = fold.position
            for row in self._store.rows(first, min(first + _BATCH, upto)):
                fold.learn(row.position, self._reader.statement(row))
            fold.compact()

    def catch_up(self, *, upto: int | None = None) -> int:
        """Take in what the log has learned since; return the position it stands at then.

        ``upto`` is the last position to take in, where more may wait for the next time.
        """
        with self._lock:
            self._renew()
            head = self._store.head().position
            if upto is not None:
                head = min(upto, head)
            started = self._fold.position
            if not started and not self._history and head >= _MANY:
                self._build(head)
            # Storing may take over another keeper's state, and with it another place to go on from.
            while (fold := self._fold).position < head:
                first = fold.position
                with fold.lock:
                    for row in self._store.rows(first, min(first + _BATCH, head)):
                        fold.learn(row.position, self._reader.statement(row))
                    with suppress(Exception):  # what the projection raises may be corrected yet
                        fold.compact()
                self._save_sometimes()
                if self._progress is not None:
                    self._progress(max(fold.position - started, 0), head - started)
            with self._fold.lock:
                self._fold.compact()
            return self._fold.position

    def _build(self, head: int) -> None:
        """Build an empty view anew from all entries at once, where that can be done."""
        anew = self._empty()
        progress = self._progress
        report = None if progress is None else lambda done: progress(done, head)
        if filled(anew, self._reader, head, report):
            self._fold = anew
            self._save_sometimes()
            if progress is not None:
                progress(head, head)

    def save(self) -> None:
        """Store the state and its position, in one transaction.

        Where somebody else stored another state since, that one is taken over. Raises
        ``StoreError`` where the store can't be written; the state in memory is good all the same,
        and the next time stores what this one didn't.
        """
        with self._lock, self._fold.lock:
            fold = self._fold
            if fold.position == self._saved or self._history:
                return
            fold.compact()
            pieces = self._record.pieces(fold)
            try:
                self._version = self._snapshots.save_snapshot(
                    self.name,
                    expect=self._version,
                    position=fold.position,
                    note=self._note(fold),
                    chunks=pieces,
                    erasures=self._erasures,
                )
            except ConflictError:
                self._open()
                return
            self._record.written(fold)
            self._saved = fold.position

    # -- taking up again

    def _open(self) -> None:
        """Resume from what is stored, if it is of this log and of this projection."""
        self._erasures = self._store.head().erasures
        self._reader = self._now()
        self._reset()
        stored = None if self._history else self._stored()
        if stored is None:
            return
        kept, pieces = stored
        note = _read_note(kept.note)
        if note is None or not self._fits(note, kept.position):
            self._store_nothing()
            return
        self._fold.position = kept.position
        self._fold.kinds = note.kinds
        try:
            self._record.read(self._fold, pieces)
            if len(self._record.names) != note.pieces:
                raise Unreadable  # noqa: TRY301 - as where one can't be read
        except Unreadable:
            self._reset()
            self._store_nothing()
            return
        self._version, self._saved = kept.version, kept.position

    def _stored(self) -> tuple[State, Iterator[tuple[str, bytes]]] | None:
        """What is stored of it, of one moment; None where nothing is."""
        kept = self._snapshots.load_snapshot(self.name)
        while kept is not None:
            pieces = self._snapshots.load_chunks(self.name)
            now = self._snapshots.load_snapshot(self.name)
            if now == kept:
                return kept, pieces
            kept = now  # somebody stored another between the two
        return None

    def _now(self) -> EntryReader:
        """Return what reads the kinds that the log knows by now, and those handled here."""
        learned = self._log.reader
        if learned is not self._learned:
            self._learned, self._extended = learned, self._reading(learned)
        return self._extended

    def _reading(self, reader: EntryReader) -> EntryReader:
        return reader.knowing(kind for kind in self._projection.handlers if kind.kind)

    def _reset(self) -> None:
        self._fold = self._empty()
        self._version = 0
        self._saved = 0
        states = None
        with suppress(ProjectionError):  # no type is declared: its sums aren't stored
            states = StateCodec(self._hint, self._reader.codec)
        self._record = SnapshotWriter(states, self._way)

    def _empty(self) -> IncrementalView:
        """Return a fold that has taken in nothing yet."""
        entries = _Entries(self)
        fold = IncrementalView(self._projection, self._way, entries, history=self._history)
        entries.fold = fold
        return fold

    def _store_nothing(self) -> None:
        """Drop what is stored, so that the pieces of two states never mix."""
        with suppress(StoreError):
            self._snapshots.delete_snapshot(self.name)

    def _renew(self) -> None:
        """Start anew where the log isn't what was read of it."""
        head = self._store.head()
        reader = self._now()
        forgotten = head.erasures != self._erasures or head.position < self._fold.position
        # What nobody could read may be of a kind that the log has learned since.
        if forgotten or (
            reader is not self._reader and not _as_before(self._fold.kinds, reader.codec)
        ):
            self._open()
        self._reader = reader

    def _note(self, fold: IncrementalView) -> bytes:
        leaf = _leaf(self._store, fold.position)
        count = len(self._record.names)
        note = _Note(_FORMAT, self._print, self._store.identity, leaf, fold.kinds, count)
        return msgspec.json.encode(note)

    def _fits(self, note: _Note, position: int) -> bool:
        """Whether a stored state was folded from this log, by this projection."""
        return (
            note.format == _FORMAT
            and note.fingerprint == self._print
            and note.log == self._store.identity
            and position <= self._store.head().position
            and _as_before(note.kinds, self._reader.codec)
            and note.leaf == _leaf(self._store, position)
        )

    def _save_sometimes(self) -> None:
        if self._fold.position - self._saved >= _EVERY:
            with suppress(Exception):  # not where a log may only be read, or what is asked raises
                self.save()


class _Entries:
    """The entries of a log up to where a fold of a kept projection stands, as it reads them."""

    fold: IncrementalView

    def __init__(self, kept: Kept[Any]) -> None:
        self._kept = kept

    def read(self, positions: Iterable[int]) -> dict[int, Said]:
        """Return what the entries at some positions say."""
        reader = self._kept._reader  # noqa: SLF001 - a part of it
        rows = reader.store.get_by_position(positions)
        return {position: reader.statement(row) for position, row in rows.items()}

    def find(self, said_id: str) -> tuple[int, Said] | None:
        """Return the position of an entry that was taken in, by its id, and what it says."""
        reader, name = self._kept._reader, bytes.fromhex(said_id)  # noqa: SLF001 - as above
        row = reader.store.get_by_id([name]).get(name)
        if row is None or row.position > self.fold.position:
            return None
        return row.position, reader.statement(row)


def _read_note(note: bytes) -> _Note | None:
    """What a stored note says, None where it isn't one of this release."""
    try:
        return msgspec.json.decode(note, type=_Note)
    except msgspec.MsgspecError:
        return None


def _as_before(kinds: Mapping[str, bool], codec: Codec) -> bool:
    """Whether a codec reads the kinds that were met, and none of those that nobody could read."""
    return all(codec.reads(kind) is known for kind, known in kinds.items())


def _declared(projection: type[Projection[Any]]) -> Any:
    """The type of the state, None where none is declared."""
    try:
        return state_type(projection)
    except ProjectionError:
        return None


# Taken once of each class: to look through all that its code names takes tens of milliseconds.
_PRINTS: WeakKeyDictionary[type, str] = WeakKeyDictionary()


def _printed(projection: Projection[Any], hint: object) -> str:
    cls = type(projection)
    if vars(projection):  # it has settings of its own
        return fingerprint(projection, hint)
    if cls not in _PRINTS:
        _PRINTS[cls] = fingerprint(projection, hint)
    return _PRINTS[cls]


def _name(projection: Projection[Any]) -> str:
    """What a projection is stored under: its class, and what tells two of one class apart."""
    cls = type(projection)
    name = f"{cls.__module__}.{cls.__qualname__}"
    own = settings(projection)
    if not own:
        return name
    # Without the addresses of functions and the like, which are others in every process.
    text = re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(sorted(own.items())))
    return f"{name}/{sha256(text.encode(errors='backslashreplace')).hexdigest()[:16]}"


def _leaf(store: EventStore, position: int) -> str | None:
    """What stands at a position, salt included, so that no other log has the same; None for 0."""
    leaves = list(store.leaves(position - 1, position))
    return leaves[0].hex() if len(leaves) == 1 else None
