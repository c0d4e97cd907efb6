"""The small corpus: every history of up to three claims over a few events with two keys.

It backs the random search, so that faults of hidden state and of hash order don't depend on luck.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import combinations
from typing import Any

import attrs
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample, Unsatisfiable
from hypothesis.strategies import SearchStrategy

from timeline.claims import Report, Said
from timeline.counts import Count
from timeline.events import Event
from timeline.places import Place
from timeline.schema import field_hints, field_type
from timeline.time_parsing import between, when
from timeline.times import When

__all__ = ["small_events", "small_histories"]

_DAYS = (when("2022-09-01"), when("2022-09-02"), between("2022-09-01", "2022-09-02"))
# (day, place, word, number): two keys, two things said of each, times apart and overlapping. The
# first few already hold a pair that no source orders and that disagree.
_POOL = (
    (_DAYS[0], "A", "Alfa", 1),
    (_DAYS[2], "A", "Bravo", 2),
    (_DAYS[1], "B", "Alfa", 1),
    (_DAYS[1], "A", "Alfa", 2),
    (_DAYS[0], "B", "Bravo", 1),
    (_DAYS[0], "A", "Bravo", 1),
)
_OPEN = (When(), when("[..2022-09-01]"), when("[2022-09-01..]"))
_EACH = {1: len(_POOL), 2: 4}  # events of each kind, by how many kinds there are
_FEW = 2  # of each of more kinds
_WEIGHED = 3  # events that are weighed, with as many versions of each
_REPORTS = (
    Report("One", published="2022-09-03"),
    Report("Two", published="2022-09-04"),
    Report("One", published="2022-09-05"),
)
_SIMPLEST = settings(
    database=None,
    derandomize=True,
    max_examples=20,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]
)


def _simplest(events: SearchStrategy[Event]) -> Event | None:
    """The simplest event that a strategy gives, None if it gives none."""
    try:
        return find(events, lambda _: True, settings=_SIMPLEST)
    except (NoSuchExample, Unsatisfiable):
        return None


def _changes(event: Event, place: str, word: str, number: int) -> list[dict[str, Any]]:
    """The fields of an event that can bear a place, a word or a number, each bearing it."""
    values = {Place: Place(f"Place {place}"), Count: Count(number), int: number, str: word}
    hints = field_hints(type(event))
    return [
        {name: values[part.hint]}
        for name in sorted(hints.keys() - {"id", "when", "summary", "kind", "upcasts"})
        for kind in [field_type(hints[name])]
        for part in kind.parts or (kind,)
        if part.hint in values
    ]


def _variants(event: Any) -> list[Event]:
    """The event in each way of the pool, but for changes that its kind refuses."""
    made = []
    for day, place, word, number in _POOL:
        variant = event
        for change in ({"when": day}, *_changes(event, place, word, number)):
            with suppress(ValueError, TypeError):
                variant = attrs.evolve(variant, **change, id="")
        made.append(variant)
    return list(dict.fromkeys(made))


def small_events(strategies: Sequence[SearchStrategy[Event]]) -> list[Event]:
    """Return a few events of each kind: two keys, three times, one of which spans the rest."""
    found = [one for strategy in strategies if (one := _simplest(strategy)) is not None]
    variants = [_variants(one) for one in found]
    full = _EACH.get(len(variants), _FEW)
    # Taken in turn, so that no kind comes last.
    return [event for turn in range(full) for kind in variants for event in kind[turn : turn + 1]]


def _named(event: Any, event_id: str) -> Event:
    named: Event = attrs.evolve(event, id=event_id)
    return named


def _timed(event: Any, time: When) -> Event:
    timed: Event = attrs.evolve(event, when=time)
    return timed


def _weighed(events: Sequence[Event]) -> list[tuple[Said, ...]]:
    """Histories in which something is corrected, agreed to, denied, expected and taken back."""
    one, two, later = _REPORTS
    weighed: list[tuple[Said, ...]] = []
    for event in events[:_WEIGHED]:
        claim = one.says(event)
        weighed += [
            (claim, two.says(event)),
            (claim, two.denies(event)),
            (claim, later.retracts(event, because="it was wrong")),
            (claim, two.voids(claim, because="typed twice")),
            (one.expects(event),),
        ]
        weighed += [
            (claim, said)
            for other in events
            if type(other) is type(event) and other != event
            for version in [_named(other, event.id)]
            for said in (later.says(version), two.says(version))
        ][: 2 * _WEIGHED]
    return weighed


def small_histories(strategies: Sequence[SearchStrategy[Event]]) -> list[tuple[Said, ...]]:
    """Return every history of up to three claims over the small events, the shortest first.

    With them come some of two in which one event is weighed: corrected, denied, taken back.
    """
    events = small_events(strategies)
    bare = [one for one in map(_simplest, strategies) if one is not None]
    open_ones = [(_REPORTS[0].says(_timed(one, time)),) for one in bare for time in _OPEN]
    histories: list[tuple[Said, ...]] = [
        tuple(report.says(event) for report, event in zip(_REPORTS, chosen, strict=False))
        for size in range(4)
        for chosen in combinations(events, size)
    ]
    return sorted([*histories, *open_ones, *_weighed(events)], key=len)
