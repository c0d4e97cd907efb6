"""Answers a projection on a distributed engine, as ``log.ask`` does on one machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import chain
from os import PathLike
from typing import Any, TypeVar, Unpack, overload

import attrs

from timeline.codec import Codec
from timeline.errors import ProjectionError
from timeline.events import Event
from timeline.folding import replay
from timeline.linking import NO_NAMES, Names, places_of
from timeline.log import Log
from timeline.places import Place
from timeline.progress import Progress
from timeline.projection import Answering, Keyed, KeyedAnswering, Projection, on, powers_of
from timeline.query import Cut, Question, asked, end_of, parts_of
from timeline.resolution import ranking
from timeline.scale import map_reduce, shuffle
from timeline.scale.engines import Engine, Run, Step
from timeline.scale.partitions import Segments, Source, source_of
from timeline.scale.stage_runner import StageRunner, check_engine, check_size
from timeline.unhandled_kinds import warn_of_clashes
from timeline.unknown_kinds import warn_of
from timeline.views.gazetteer import Gazetteer, placed

__all__ = ["Asking", "ask_on"]

S = TypeVar("S")
R = TypeVar("R")

_SIZE = 1 << 17  # entries a part: some hundred megabytes while a worker is at it
_MERGING = 4  # parts a worker that states are merged in, at most


class Asking(Question, total=False):
    """How a projection is asked on an engine; see ``ask_on``."""

    events: Sequence[type[Event]]
    size: int
    progress: Progress | None


@overload
def ask_on(
    engine: Engine,
    projection: KeyedAnswering[R],
    source: Log | Segments | str | PathLike[str],
    **how: Unpack[Asking],
) -> Mapping[Any, R]: ...
@overload
def ask_on(
    engine: Engine,
    projection: Keyed[S],
    source: Log | Segments | str | PathLike[str],
    **how: Unpack[Asking],
) -> Mapping[Any, S]: ...
@overload
def ask_on(
    engine: Engine,
    projection: Answering[R],
    source: Log | Segments | str | PathLike[str],
    **how: Unpack[Asking],
) -> R: ...
@overload
def ask_on(
    engine: Engine,
    projection: Projection[S],
    source: Log | Segments | str | PathLike[str],
    **how: Unpack[Asking],
) -> S: ...


def ask_on(
    engine: Engine,
    projection: Any,
    source: Log | Segments | str | PathLike[str],
    *,
    events: Sequence[type[Event]] = (),
    size: int = _SIZE,
    **question: Unpack[Question],
) -> Any:
    """Return what ``log.ask`` gives, worked out in parts by the workers of an engine.

    ``source`` is a log that the workers open themselves, a folder of its segments that all of them
    see, by its path, or ``Segments``; of those, ``events`` are kinds beside those that come with
    the library. The projection needs ``key`` or ``merge``: their laws are what allows it to be
    folded in parts. ``size`` is how many entries a worker takes at once, which is what bounds its
    memory. ``progress`` is called with the parts that are done and the total; what it raises, like
    ``KeyboardInterrupt``, stops the work on every worker.

    Raises ``ProjectionError`` for a projection with neither power, ``LogError`` for a question or a
    source that can't be asked so, ``FormatError`` for a segment that is missing, doubled or
    altered, by its name, and ``EngineError`` where the engine gives up. There is no answer then.
    """
    check_engine(engine)
    replay.check(projection)
    _check_powers(projection)
    check_size(size)
    cut, rest = parts_of(question)
    ask = asked(**rest)
    trust = cut.get("trust", ())
    ranking(trust)
    published = end_of("published", cut.get("published"))
    found = source_of(source, engine, kinds=events, known=cut.get("known"), size=size)
    width = max(1, -(-found.entries // size))
    handled = (kind for kind in projection.handlers if kind.kind)
    shared = map_reduce.DistributedQuery(
        projection=projection,
        kinds=tuple(Codec(found.kinds).knowing(handled).kinds.values()),
        at=ask.at,
        published=published,
        reading=ask.reading,
        trust=trust if callable(trust) else tuple(trust),
        width=width,
        merging=min(width, _MERGING * engine.workers),
    )
    with engine.run() as run:
        answer, names = _answer(run, shared, found, ask.progress)
    found.close()

    def named() -> Iterable[Place]:
        # Asked only where somebody wants to know what lies in a larger place.
        if isinstance(source, Log):
            return chain.from_iterable(map(places_of, _events(source, cut)))
        return ask_on(engine, _Placed(), source, events=events, size=size, **cut)

    return placed(projection, answer, Gazetteer(lambda: names, named))


def _events(log: Log, cut: Cut) -> Iterator[Event]:
    return (account.event for account in log.as_of(**cut).accounts())


class _Placed(Projection[frozenset[Place]]):
    """The places that events say lie within larger ones."""

    start: frozenset[Place] = frozenset()

    @on(Event)
    def add(self, state: frozenset[Place], event: Event) -> frozenset[Place]:
        """Keep the places of which an event says where they lie."""
        found = {place for place in places_of(event) if place.within is not None}
        return state if found <= state else state | found

    def merge(self, a: frozenset[Place], b: frozenset[Place]) -> frozenset[Place]:
        """Join two stretches."""
        return a | b


def _check_powers(projection: Any) -> None:
    powers = powers_of(projection)
    if powers.key is None and powers.merge is None:
        name = type(projection).__name__
        raise ProjectionError(
            f"{name} has neither key nor merge, so each of its steps needs the one before, and one "
            f"worker would do it all; give {name} a key(event), if its parts don't concern each "
            "other, or a merge(a, b), if two stretches of time can be joined (laws.check holds it "
            "to that), or fold it on one machine: log.ask, or log.keep to do it once"
        )


def _answer(
    run: Run, asked: map_reduce.DistributedQuery, source: Source, progress: Progress | None
) -> tuple[Any, Names]:
    by_time, keyed = asked.by_time, powers_of(asked.projection).key is not None
    total = len(source.parts) + 2 * asked.width + (asked.merging if by_time and keyed else 0)
    counter = StageRunner(run, progress, total)
    outputs, notes = counter.step(map_reduce.map_part, source.parts, shared=asked)
    source.check([note.trees for note in notes])
    kinds = sum((Counter(note.kinds) for note in notes), Counter[str]())
    warn_of(Counter({k: n for k, n in kinds.items() if not asked.codec.reads(k)}), asked.codec)
    warn_of_clashes(asked.projection, kinds, asked.codec)
    reached, bounds = map_reduce.supersessions(notes), _bounds(notes, asked.width)
    places = range(asked.width)
    links = map_reduce.standing_links_of(notes, reached, asked)
    if links is not None:
        asked = attrs.evolve(asked, links=links, bounds=tuple(bounds))
        counter.expect(asked.width)
        outputs, found = counter.step(map_reduce.gather, places, shared=asked, after=outputs)
        ids = frozenset(name for names in found for name in names)
        asked = attrs.evolve(asked, links=attrs.evolve(links, ids=ids))
    weighed = map_reduce.ResolveInput(asked, reached, bounds)
    outputs, _ = counter.step(map_reduce.resolve_part, places, shared=weighed, after=outputs)
    fold: Step = map_reduce.reduce_keys
    if by_time:
        fold = map_reduce.reduce_keys_in_time if keyed else map_reduce.reduce_time
    outputs, notes = counter.step(fold, places, shared=asked, after=outputs)
    if not keyed:
        states = [asked.projection.start, *(state for note in notes for state in note)]
        state = reduce(asked.projection.merge, states)
        return replay.result(asked.projection, state, asked.at), _names(asked)
    if by_time:
        merging = range(asked.merging)
        _, notes = counter.step(map_reduce.merge, merging, shared=asked, after=outputs)
    folded = sorted(chain.from_iterable(notes), key=lambda one: one.first)
    return {one.key: one.state for one in folded}, _names(asked)


def _names(asked: map_reduce.DistributedQuery) -> Names:
    return NO_NAMES if asked.links is None else asked.links.web.names


def _bounds(notes: Sequence[map_reduce.MapOutput], width: int) -> list[shuffle.Place]:
    """The places at which as much lies between any two neighbours, as far as samples tell."""
    places = sorted(place for note in notes for place in note.places)
    return sorted({places[len(places) * one // width] for one in range(1, width)} if places else ())
