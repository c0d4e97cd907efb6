"""Reduces a counterexample: claim by claim, field by field, time by time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import attrs

from timeline.claims import Claim, Report, Said, Void
from timeline.counts import Count
from timeline.events import Event
from timeline.places import Place
from timeline.testing.choices import Case
from timeline.testing.strategies.values import day
from timeline.times import When

__all__ = ["STEPS", "reduced"]

F = TypeVar("F")

STEPS = 600
"""Runs of a law that a reduction may take."""

_WAYS = 4


def reduced(
    case: Case, found: F, fails: Callable[[Case], F | None], steps: int = STEPS
) -> tuple[F, bool]:
    """Return what the smallest failing case gives, and whether the reduction came to its end.

    ``fails`` runs a case, and gives None where it doesn't fail. A case is smaller when it has
    fewer claims, or as many with plainer fields; how often it may be run is counted in steps, so
    that a busy machine reduces as far as an idle one.
    """
    tried: set[Case] = set()
    progress = True
    while progress:
        progress = False
        for smaller in _smaller(case):
            if smaller in tried:
                continue
            if len(tried) >= steps:
                return found, False
            tried.add(smaller)
            again = fails(smaller)
            if again is not None:
                case, found, progress = smaller, again, True
                break
    return found, True


def _smaller(case: Case) -> Iterator[Case]:
    if case.way or case.path:
        yield Case(case.history)
    for history in _fewer(case.history):
        yield Case(history)
        if case.way:
            yield attrs.evolve(case, history=history)
    for history in _plainer(case.history):
        yield attrs.evolve(case, history=history)
    if case.way > _WAYS:
        for way in range(1, _WAYS + 1):
            yield Case(case.history, way)
            for history in _fewer(case.history):
                if len(case.history) <= 2 * _WAYS:
                    yield Case(history, way)


def _fewer(history: tuple[Said, ...]) -> Iterator[tuple[Said, ...]]:
    """Histories without a stretch of this one, the longest stretches first."""
    size = len(history)
    while size:
        for start in range(0, len(history), size):
            yield history[:start] + history[start + size :]
        size //= 2


def _plainer(history: Sequence[Said]) -> Iterator[tuple[Said, ...]]:
    """Histories in which one claim, or everything about one event, is a step plainer."""
    claims = [one for one in history if isinstance(one, Claim)]
    for event_id in dict.fromkeys(one.event.id for one in claims):
        about = [one for one in claims if one.event.id == event_id]
        for name in dict.fromkeys(name for one in about for name in _fields(one.event)):
            for simplify in _SIMPLER:
                changed = {
                    one.id: attrs.evolve(one, event=event, id="")
                    for one in about
                    for event in simplify(one.event, name)
                }
                if changed:
                    yield _replaced(history, changed)
                if len(changed) > 1:
                    yield from (_replaced(history, {key: new}) for key, new in changed.items())
    for one in history:
        if isinstance(one, Claim):
            bare = Claim(
                event=one.event, report=one.report, stance=one.stance, replaces=one.replaces
            )
            if bare.id != one.id:
                yield _replaced(history, {one.id: bare})
        plain = Report(one.report.source, published=one.report.published)
        if plain != one.report:
            with suppress(ValueError):
                yield _replaced(history, {one.id: attrs.evolve(one, report=plain, id="")})


def _fields(event: Event) -> list[str]:
    kind: Any = type(event)
    return [field.name for field in attrs.fields(kind) if field.init and field.name != "id"]


def _with(event: Event, name: str, value: Any) -> list[Event]:
    """The event with another value in a field, none where it is the same or refused."""
    if value != getattr(event, name):
        with suppress(ValueError, TypeError):
            changed: Event = attrs.evolve(event, **{name: value})  # type: ignore[misc]
            return [changed]
    return []


def _left_to_default(event: Event, name: str) -> list[Event]:
    kind: Any = type(event)
    default = getattr(attrs.fields(kind), name).default
    if default is attrs.NOTHING or isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return []
    return _with(event, name, default)


def _plain_value(event: Event, name: str) -> list[Event]:
    value = getattr(event, name)
    if isinstance(value, Count):
        return _with(event, name, Count(value.best))
    if isinstance(value, Place):
        return _with(event, name, Place(value.name, id=value.id))
    if isinstance(value, When) and value.lo is not None and value.hi is not None:
        number = (value.lo - (day(0).lo or 0)) // ((day(0).hi or 0) - (day(0).lo or 0))
        if 0 <= number < 400 and value.precision != "day":  # noqa: PLR2004 - days
            return _with(event, name, day(number))
    return []


def _first_value(event: Event, name: str) -> list[Event]:
    value = getattr(event, name)
    if isinstance(value, Count) and value.best > 1:
        return _with(event, name, Count(1))
    if isinstance(value, When) and value.precision == "day" and value != day(0):
        return _with(event, name, day(0))
    return []


_SIMPLER = (_left_to_default, _plain_value, _first_value)


def _replaced(history: Sequence[Said], changed: dict[str, Any]) -> tuple[Said, ...]:
    """A history with some of it changed, and whatever refers to it by id referring to it still."""
    names = {old: new.id for old, new in changed.items()}
    made: list[Said] = []
    for one in history:
        new = changed.get(one.id, one)
        if isinstance(new, Void) and new.target in names:
            new = attrs.evolve(new, target=names[new.target], id="")
            names[one.id] = new.id
        elif isinstance(new, Claim) and names.keys() & {*new.replaces}:
            targets = tuple(sorted(names.get(target, target) for target in new.replaces))
            new = attrs.evolve(new, replaces=targets, id="")
            names[one.id] = new.id
        made.append(new)
    return tuple(made)
