"""A View is a log as it was known at one position, and answers every question from that alone."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from math import inf
from typing import Any, TypeVar, Unpack, overload

import attrs

from timeline import account_sort
from timeline.accounts import Account, Entry
from timeline.changes import Changes, compare, compare_kept
from timeline.display import HtmlRepr
from timeline.entry_reader import EntryReader
from timeline.errors import LogError
from timeline.events import Event
from timeline.folding import replay
from timeline.folding.bearing import KeptBearing
from timeline.folding.incremental import IncrementalView
from timeline.folding.kept_between import KeptBetween
from timeline.folding.part_answers import ALL, PartAnswers
from timeline.linking import Contradiction, Names, StandingLink, Web, places_of
from timeline.places import Place
from timeline.progress import Progress
from timeline.projection import Answering, Keyed, KeyedAnswering, Projection, powers_of
from timeline.query import Asked, Known, Moment, asked, end_of
from timeline.resolution import Reading, Trust, happened_by
from timeline.stores.base import EventStore, Record
from timeline.unhandled_kinds import warn_of_unhandled_clashes
from timeline.views.chronology import Chronology, History
from timeline.views.gazetteer import Gazetteer, placed
from timeline.views.series import Every, Series, moments_of, steps_of
from timeline.why import (
    MOST,
    Reasons,
    Why,
    checked_most,
    explain,
    explain_each,
    explained,
    without_sources,
)
from timeline.worlds import MOST as MOST_STATES
from timeline.worlds import Worlds, explore

__all__ = ["View", "position_known"]

S = TypeVar("S")
R = TypeVar("R")


@attrs.frozen(repr=False, slots=False)
class View(HtmlRepr, shows="position published trust", short="as of entry {position}"):
    """A log as of one moment; made by ``log.as_of``.

    ``position`` is that of the last entry that it knows of. ``published`` cuts off what wasn't
    certainly published by that moment, exclusive, in microseconds of UTC; None cuts off nothing.
    ``trust`` ranks sources or claims. What the log learns later changes none of its answers; what
    is erased is gone from it too. It reads the log, which must be open then.
    """

    reader: EntryReader = attrs.field(repr=False, eq=False)
    position: int
    published: int | None = None
    trust: Trust = ()

    def entries(self) -> Iterator[Entry]:
        """Return the entries that the log had learned, in the order of arrival.

        All of them, whenever they were published.
        """
        return map(self.reader.entry, self.reader.rows(upto=self.position))

    def accounts(self, **question: Unpack[Asked]) -> list[Account]:
        """Return what stands, in chronological order: (earliest, latest, event id).

        The question's arguments are those of ``timeline.query.asked``.
        """
        ask = asked(**question)
        stands = self._accounts(self.reader, None, ask.progress)
        return [one for one in stands if happened_by(one.when, ask.at, ask.reading)]

    @overload
    def ask(self, projection: KeyedAnswering[R], **question: Unpack[Asked]) -> Mapping[Any, R]: ...
    @overload
    def ask(self, projection: Keyed[S], **question: Unpack[Asked]) -> Mapping[Any, S]: ...
    @overload
    def ask(self, projection: Answering[R], **question: Unpack[Asked]) -> R: ...
    @overload
    def ask(self, projection: Projection[S], **question: Unpack[Asked]) -> S: ...

    def ask(self, projection: Any, **question: Unpack[Asked]) -> Any:
        """Fold a projection over what stands and return its answer; arguments as ``accounts``.

        Raises ``ProjectionError`` for a projection that is put together wrongly.
        """
        replay.check(projection)
        ask = asked(**question)
        # Its kinds are read for this answer alone: asking leaves the log as it was.
        reader = self.reader.knowing(kind for kind in projection.handlers if kind.kind)
        warn_of_unhandled_clashes(projection, reader, self.position)
        webs: list[Web] = []
        stands = self._accounts(reader, tuple(projection.handlers), ask.progress, webs.append)
        answer = replay.answer(projection, stands, at=ask.at, reading=ask.reading)
        return placed(projection, answer, self._gazetteer(*webs))

    def series(
        self,
        projection: Any,
        *,
        at: Sequence[Moment] | None = None,
        every: Every | None = None,
        zone: str = "UTC",
        reading: Reading = "certain",
    ) -> Series[Any]:
        """Return the answers at several moments, by those moments, in one reading of the log.

        ``at`` names them, or ``every`` is ``"day"``, ``"week"``, ``"month"`` or ``"year"``, from
        the first known time of what the projection takes to the last, in a zone's days. Each answer
        is that of ``ask`` with its moment. Raises ``LogError`` for neither or both.
        """
        if at is not None and every is not None:
            raise LogError("a series takes its moments as at=[…] or as every='month', not as both")
        replay.check(projection)
        reader = self.reader.knowing(kind for kind in projection.handlers if kind.kind)
        warn_of_unhandled_clashes(projection, reader, self.position)
        webs: list[Web] = []
        stands = list(self._accounts(reader, tuple(projection.handlers), None, webs.append))
        names = webs[0].names if webs else None
        moments = moments_of(at or ()) if every is None else steps_of(every, stands, zone)
        answers = {}
        for name, moment in moments.items():
            ask = asked(at=moment, reading=reading)
            answer = replay.answer(projection, stands, at=ask.at, reading=ask.reading)
            answers[name] = self.placed(projection, answer, names)
        return Series(answers)

    def placed(self, projection: Any, answer: Any, names: Names | None) -> Any:
        """Return an answer by places as one that knows their names, any other as it is.

        ``names`` are those of its links where they are known; else they are looked up when needed.
        """
        gazetteer = self._gazetteer()
        if names is not None:
            gazetteer = Gazetteer(lambda: names, self._places)
        return placed(projection, answer, gazetteer)

    def _gazetteer(self, web: Web | None = None) -> Gazetteer:
        """What links make of places, by what was read of them for an answer, and else by all."""
        if web is None:
            return Gazetteer(self._names, self._places)
        names = web.names
        return Gazetteer(lambda: names, self._places, covers=web.covers, others=self._names)

    def _names(self) -> Names:
        return self._linked[1].names

    def _places(self) -> Iterator[Place]:
        return (place for one in self.accounts() for place in places_of(one.event))

    def chronology(self, **question: Unpack[Asked]) -> Chronology:
        """Return the chronology, of what is expected too; arguments as ``accounts``."""
        ask = asked(**question)
        history = History(
            self.entries,
            at=ask.at,
            published=self.published,
            reading=ask.reading,
            trust=self.trust,
        )
        erased = {
            position
            for _, redaction in self.reader.redactions.all()
            for position in redaction.positions
            if position <= self.position
        }
        webs: list[Web] = []
        stands = self._accounts(self.reader, None, ask.progress, webs.append)
        return Chronology(
            tuple(one for one in stands if happened_by(one.when, ask.at, ask.reading)),
            history=history,
            gazetteer=self._gazetteer(*webs),
            redacted=len(erased),
        )

    def why(
        self,
        projection: Any,
        key: Any = None,
        *,
        most: int = MOST,
        among: KeptBearing | None = None,
        **question: Unpack[Asked],
    ) -> Why:
        """Return what an answer rests on: a smallest set of entries that alone give it.

        ``key`` is that of the answer meant, any name of a place; left out, the whole answer is.
        ``most`` is how many folds finding them may cost, of 1,000 accounts each, and finding the
        pivotal ones as many again. ``among`` finds the entries that bear on the key without reading
        the rest, see ``Kept.why``. Raises ``LogError`` for a key of a projection that has none.
        """
        most = checked_most(most)
        kept = among is not None and among.position >= self.position
        if not kept or among is None or key is None or powers_of(projection).key is None:
            parts = self.part_answers(projection, key, question)
            return explain(self._read_for(projection), parts, most=most)
        names = among.names(self.position, self.published, self.trust)
        parts = self.part_answers(projection, key, question, names=names)
        found = among.settled(parts, self.position)
        said, settled = (among.on(parts.key, self.position), None) if found is None else found
        return explained(said, parts, self._entries_at(projection), most=most, settled=settled)

    def reasons(self, projection: Any, *, most: int = MOST, **question: Unpack[Asked]) -> Reasons:
        """Return what each answer rests on, by key, and what it would be without one source.

        Arguments as ``why``.
        """
        parts = self.part_answers(projection, None, question)
        return explain_each(self._read_for(projection), parts, most=checked_most(most))

    def _entries_at(self, projection: Projection[Any]) -> Callable[[Iterable[int]], list[Entry]]:
        """What gives the entries at some positions, with the kinds read that are handled."""
        reader = self.reader.knowing(kind for kind in projection.handlers if kind.kind)

        def entries(positions: Iterable[int]) -> list[Entry]:
            rows = reader.store.get_by_position(positions)
            return [reader.entry(row) for _, row in sorted(rows.items())]

        return entries

    def depends_on(
        self, projection: Any, key: Any = None, **question: Unpack[Asked]
    ) -> dict[str, Any]:
        """Return, by source, the other answer that there would be without all that it says.

        Sources without which the answer is the same aren't there. Arguments as ``why``.
        """
        parts = self.part_answers(projection, key, question)
        return without_sources(self._read_for(projection), parts)

    def worlds(
        self,
        projection: Any,
        key: Any = None,
        *,
        most: int = MOST_STATES,
        **question: Unpack[Asked],
    ) -> Worlds:
        """Return every answer that orders, memberships and versions left open may give.

        ``most`` is how many states are looked at before it says that there may be more. Other
        arguments as ``why``; ``reading`` makes no difference.
        """
        parts = self.part_answers(projection, key, question)
        reader = self.reader.knowing(kind for kind in projection.handlers if kind.kind)
        stands = self._accounts(reader, None, None)
        return explore(list(stands), parts, most=checked_most(most))

    def changes(
        self,
        projection: Any,
        earlier: View,
        *,
        between: tuple[Moment, Moment] | None = None,
        most: int = MOST,
        among: IncrementalView | None = None,
        **question: Unpack[Asked],
    ) -> Changes:
        """Return what differs from an earlier view, by key, and which entries did it.

        ``between`` compares two moments asked instead of ``at``. ``among`` is the projection as it
        is kept up to date, see ``Kept.changes``. Raises ``LogError`` where this isn't the later
        one.
        """
        parts = self.part_answers(projection, None, question)
        was = attrs.evolve(parts, published=earlier.published, trust=earlier.trust)
        if between is not None:
            was, parts = (
                attrs.evolve(one, at=end_of("between", moment))
                for one, moment in zip((was, parts), between, strict=True)
            )
        for before_that, then in (
            (earlier.position, self.position),
            (_end(earlier.published), _end(self.published)),
            (_end(was.at), _end(parts.at)),
        ):
            if then < before_that:
                raise LogError("changes go from what is earlier to what is later; turn them round")
        most = checked_most(most)
        if among is not None and between is None and self._kept_by(among, earlier):
            with among.lock:
                kept = KeptBetween(among, earlier.position, self.position)
                found = compare_kept(
                    parts, kept, self._entries_at(projection), earlier.position, most=most
                )
                return attrs.evolve(found, redacted=self._redacted_since(earlier))
        before = {entry.position: entry for entry in earlier._read_for(projection)}
        after = {entry.position: entry for entry in self._read_for(projection)}
        found = compare(was, parts, before, after, most=most)
        return attrs.evolve(found, redacted=self._redacted_since(earlier))

    def _redacted_since(self, earlier: View) -> tuple[int, ...]:
        """The positions of what was erased since an earlier view."""
        return tuple(
            position
            for row, redaction in self.reader.redactions.all()
            if earlier.position < row.position <= self.position
            for position in redaction.positions
        )

    def _kept_by(self, among: IncrementalView, earlier: View) -> bool:
        """Whether what is kept knows of two views, which cut off nothing and rank no sources."""
        cut = any(one.published is not None or one.trust for one in (self, earlier))
        return among.keyed and among.position >= self.position and not cut

    def _read_for(self, projection: Projection[Any]) -> Iterator[Entry]:
        """The entries, with the kinds read that a projection handles."""
        reader = self.reader.knowing(kind for kind in projection.handlers if kind.kind)
        return map(reader.entry, reader.rows(upto=self.position))

    def part_answers(
        self, projection: Any, key: Any, question: Asked, *, names: Names | None = None
    ) -> PartAnswers:
        """Return a question as it is asked of parts of the entries; the key None is of all.

        ``names`` are the keys by which places go in this view, where they are known.
        """
        replay.check(projection)
        ask = asked(**question)
        if key is None:
            key = ALL
        elif projection.by_place or powers_of(projection).in_places is not None:
            place = key.key if isinstance(key, Place) else key
            key = self.place_key(key) if names is None else names.places.key(place)
        return PartAnswers(
            projection, self.published, self.trust, at=ask.at, reading=ask.reading, key=key
        )

    def links(self) -> list[StandingLink]:
        """Return the links that stand, by their ids: those that a source says, denied or not.

        What is set aside is among them: see ``contradictions``.
        """
        _, web, _ = self._linked
        return [one for one in web.links if one.sources]

    def contradictions(self) -> list[Contradiction]:
        """Return the links that are set aside, by their ids, each with its contradiction.

        Of links that contradict each other the weaker ones fall, and all of them where nobody can
        rank them.
        """
        _, _, fallen = self._linked
        return sorted(fallen, key=lambda one: one.link.id)

    def place_key(self, place: Place | str) -> str:
        """Return the key by which answers know a place, from any of its names or ids."""
        name = place.key if isinstance(place, Place) else place
        if "_linked" in self.__dict__:
            return self._names().places.key(name)
        _, web, _ = self._links_of(frozenset({name}))
        return web.names.places.key(name)

    @cached_property
    def _linked(self) -> tuple[list[Account], Web, list[Contradiction]]:
        return self._links_of(None)

    def _links_of(
        self, only: frozenset[str] | None
    ) -> tuple[list[Account], Web, list[Contradiction]]:
        """All that links make of accounts and names, or of ``only`` some names."""
        return account_sort.linked(
            self._rows(self.reader),
            self.reader,
            published=self.published,
            trust=self.trust,
            again=lambda: self._rows(self.reader),
            only=only,
        )

    def _rows(self, reader: EntryReader) -> Iterator[Record]:
        return reader.redactions.left(reader.rows(upto=self.position))

    def _accounts(
        self,
        reader: EntryReader,
        kinds: tuple[type[Event], ...] | None,
        progress: Progress | None,
        met: Callable[[Web], object] | None = None,
    ) -> Iterator[Account]:
        reader.warn_of_unknown_kinds(self.position)
        total = 2 * self.position  # each entry's header is read, and then all of it in its turn
        return account_sort.accounts(
            self._rows(reader),
            reader,
            again=lambda: self._rows(reader),
            kinds=kinds,
            published=self.published,
            trust=self.trust,
            progress=None if progress is None else lambda done: progress(done, total),
            met=met,
        )


def _end(moment: int | None) -> float:
    return inf if moment is None else moment


def position_known(store: EventStore, known: Known | None) -> int:
    """Return the position up to which a log had learned things by a moment, 0 for nothing.

    Raises ``LogError`` for a position that isn't there yet.
    """
    head = store.head().position
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
        key=lambda one: store.get_by_position([one])[one].recorded,
    )
