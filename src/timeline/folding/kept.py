"""Keeps a projection up to date with a log: its state and its position are stored together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from threading import RLock
from typing import Any, Generic, TypedDict, TypeVar
from weakref import WeakKeyDictionary

import attrs
import msgspec

from timeline.claims import Said
from timeline.codec import Codec
from timeline.errors import ConflictError, ProjectionError, StoreError
from timeline.folding import replay
from timeline.folding.aggregation import aggregator_for
from timeline.folding.fingerprints import fingerprint, settings
from timeline.folding.incremental import IncrementalView, PastAnswers
from timeline.folding.snapshots import SnapshotWriter, Unreadable
from timeline.folding.state_codec import StateCodec, state_type
from timeline.projection import Projection
from timeline.query import Known, Moment, Progress, check_reading, end_of
from timeline.resolution import Reading
from timeline.stores.base import EventStore, Record
from timeline.stores.base import Snapshot as State
from timeline.stores.features import snapshot_store

__all__ = ["Keeping", "Kept", "Source"]

A = TypeVar("A")

_FORMAT = 3
_BATCH = 8192  # entries read before what they change is worked out
_EVERY = 8192  # entries after which a state is stored without being asked to


class Keeping(TypedDict, total=False):
    """How a projection is kept; see ``Log.keep``."""

    name: str | None
    history: bool
    progress: Progress | None


@attrs.frozen
class Source:
    """What a kept projection needs of its log."""

    store: EventStore
    codec: Callable[[], Codec]
    """Gives what reads the kinds that the log knows by now."""
    said: Callable[[Codec, Record], Said]
    """Gives what an entry says."""
    position: Callable[[Known | None], int]
    """Gives the position up to which the log had learned things by a moment."""
    ask: Callable[..., Any]
    """Replays the log for the projection's answer."""


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
        source: Source,
        projection: Projection[Any],
        *,
        name: str | None,
        history: bool,
        progress: Progress | None,
    ) -> None:
        self._source = source
        self._store = source.store
        self._snapshots = snapshot_store(source.store)
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
        self._codec: Codec
        self._erasures: int
        self._learned = source.codec()
        self._extended = self._hearing(self._learned)
        self._open()

    @property
    def position(self) -> int:
        """The last entry that it has taken in."""
        return self._fold.position

    def answer(
        self,
        *,
        at: Moment | None = None,
        known: Known | None = None,
        published: Moment | None = None,
        reading: Reading = "certain",
        trust: Sequence[str] = (),
    ) -> A:
        """Gives what ``log.ask`` gives; a mapping works out a key's answer when it is asked for.

        Without ``summary``, ``published`` and ``trust`` it costs no replay, whatever ``at``; nor
        does any ``summary`` where it was kept with ``history=True``. Otherwise a mapping replays,
        for ``summary``, the keys that are asked for, and everything else replays the log.
        """
        check_reading(reading)
        moment = end_of("at", at)
        asked = {"at": at, "published": published, "reading": reading, "trust": trust}
        replayed: A
        if published is not None or trust:
            replayed = self._source.ask(**asked, known=known)
            return replayed
        with self._lock:
            self.catch_up()
            fold = self._fold
            position = fold.position if known is None else self._source.position(known)
            if position > fold.position:  # the log learned more meanwhile
                self.catch_up(upto=position)
                fold = self._fold
            if position == fold.position or self._history:
                answered: A = fold.answers(moment, reading, position)
                return answered
            if not fold.keyed:
                replayed = self._source.ask(**asked, known=position)
                return replayed

            def one(key: Any) -> Mapping[Any, Any]:
                with self._lock:
                    accounts = fold.past(key, position)
                found: Mapping[Any, Any] = replay.answer(
                    self._projection, accounts, at=moment, reading=reading
                )
                return found

            past: Any = PastAnswers(one, lambda: self._source.ask(**asked, known=position))
            return past  # type: ignore[no-any-return]

    def is_right(self) -> bool:
        """Say whether it answers as a replay of the log does."""
        with self._lock:
            self.catch_up()
            position = self._fold.position
            mine, replayed = self.answer(known=position), self._source.ask(known=position)
            if isinstance(mine, Mapping) and isinstance(replayed, Mapping):
                return dict(mine) == dict(replayed)
            return bool(mine == replayed)

    def catch_up(self, *, upto: int | None = None) -> int:
        """Takes in what the log has learned since; gives the position it stands at then.

        ``upto`` is the last position to take in, where more may wait for the next time.
        """
        with self._lock:
            self._renew()
            head = self._store.head().position
            if upto is not None:
                head = min(upto, head)
            started = self._fold.position
            # Storing may take over another keeper's state, and with it another place to go on from.
            while (fold := self._fold).position < head:
                first = fold.position
                with fold.lock:
                    for row in self._store.rows(first, min(first + _BATCH, head)):
                        fold.learn(row.position, self._source.said(self._codec, row))
                    with suppress(Exception):  # what the projection raises may be corrected yet
                        fold.compact()
                self._save_sometimes()
                if self._progress is not None:
                    self._progress(max(fold.position - started, 0), head - started)
            with self._fold.lock:
                self._fold.compact()
            return self._fold.position

    def save(self) -> None:
        """Stores the state and its position, in one transaction.

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
        """Takes up what is stored, if it is of this log and of this projection."""
        self._erasures = self._store.head().erasures
        self._codec = self._reader()
        self._reset()
        stored = None if self._history else self._stored()
        if stored is None:
            return
        kept, pieces = stored
        told = _told(kept.note)
        if told is None or not self._fits(told, kept.position):
            self._store_nothing()
            return
        self._fold.position = kept.position
        self._fold.kinds = told.kinds
        try:
            self._record.read(self._fold, pieces)
            if len(self._record.names) != told.pieces:
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

    def _reader(self) -> Codec:
        """What reads the kinds that the log knows by now, and those that the projection handles."""
        learned = self._source.codec()
        if learned is not self._learned:
            self._learned, self._extended = learned, self._hearing(learned)
        return self._extended

    def _hearing(self, codec: Codec) -> Codec:
        return codec.knowing(kind for kind in self._projection.handlers if kind.kind)

    def _reset(self) -> None:
        self._fold = IncrementalView(self._projection, self._way, self, history=self._history)
        self._version = 0
        self._saved = 0
        states = None
        with suppress(ProjectionError):  # no type is declared: its sums aren't stored
            states = StateCodec(self._hint, self._codec)
        self._record = SnapshotWriter(states, self._way)

    def _store_nothing(self) -> None:
        """Drops what is stored, so that the pieces of two states never mix."""
        with suppress(StoreError):
            self._snapshots.delete_snapshot(self.name)

    def _renew(self) -> None:
        """Starts anew where the log isn't what was read of it."""
        head = self._store.head()
        codec = self._reader()
        forgotten = head.erasures != self._erasures or head.position < self._fold.position
        # What nobody could read may be of a kind that the log has learned since.
        if forgotten or (codec is not self._codec and not _as_before(self._fold.kinds, codec)):
            self._open()
        self._codec = codec

    def _note(self, fold: IncrementalView) -> bytes:
        leaf = _leaf(self._store, fold.position)
        count = len(self._record.names)
        note = _Note(_FORMAT, self._print, self._store.identity, leaf, fold.kinds, count)
        return msgspec.json.encode(note)

    def _fits(self, told: _Note, position: int) -> bool:
        """Whether a stored state was folded from this log, by this projection."""
        return (
            told.format == _FORMAT
            and told.fingerprint == self._print
            and told.log == self._store.identity
            and _as_before(told.kinds, self._codec)
            and told.leaf == _leaf(self._store, position)
        )

    def _save_sometimes(self) -> None:
        if self._fold.position - self._saved >= _EVERY:
            with suppress(Exception):  # not where a log may only be read, or what is asked raises
                self.save()

    # -- what the fold reads

    def read(self, positions: Iterable[int]) -> dict[int, Said]:
        """Gives what the entries at some positions say."""
        rows = self._store.get_by_position(positions)
        return {place: self._source.said(self._codec, row) for place, row in rows.items()}

    def find(self, said_id: str) -> tuple[int, Said] | None:
        """Gives the position of an entry that was taken in, by its id, and what it says."""
        row = self._store.get_by_id([bytes.fromhex(said_id)]).get(bytes.fromhex(said_id))
        if row is None or row.position > self._fold.position:
            return None
        return row.position, self._source.said(self._codec, row)


def _told(note: bytes) -> _Note | None:
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


# A class is told once: looking through all that its code names takes some tens of milliseconds.
_PRINTS: WeakKeyDictionary[type, str] = WeakKeyDictionary()


def _printed(projection: Projection[Any], hint: Any) -> str:
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
    held = settings(projection)
    if not held:
        return name
    # Without the addresses of functions and the like, which are others in every process.
    told = re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(sorted(held.items())))
    return f"{name}/{sha256(told.encode(errors='backslashreplace')).hexdigest()[:16]}"


def _leaf(store: EventStore, position: int) -> str | None:
    """What stands at a position, salt included, so that no other log has the same; None for 0."""
    found = list(store.leaves(position - 1, position))
    return found[0].hex() if len(found) == 1 else None
