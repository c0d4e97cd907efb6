"""Sound projections, the built-in views among them, on which the test kit stays silent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from timeline import (
    Account,
    Attack,
    Casualties,
    Chronology,
    Control,
    Count,
    Event,
    Incident,
    Place,
    PoliticalStatement,
    Projection,
    TerritorialChange,
    When,
    event,
    on,
)
from timeline.views.statements import Statements

__all__ = ["SOUND", "Displacement"]


@event("displacement/1")
class Displacement(Event):
    """A kind of a user's own."""

    place: Place
    people: Count
    to: str | None = None


class Wounded(Projection[int]):
    """How many were wounded, at best knowledge."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.wounded.best


class Displaced(Projection[Count]):
    """How many left each place, in a kind of the user's own."""

    start = Count(0)

    def key(self, event: Displacement) -> str:
        return event.place.key

    @on(Displacement)
    def add(self, total: Count, event: Displacement) -> Count:
        return total + event.people

    def merge(self, a: Count, b: Count) -> Count:
        return a + b


class Everything(Projection[tuple[Account, ...]]):
    """A chronology of every kind, with what nobody has ordered marked."""

    start: tuple[Account, ...] = ()

    @on(Event)
    def add(self, told: tuple[Account, ...], _: Event, account: Account) -> tuple[Account, ...]:
        return (*told, account)

    def result(self, told: tuple[Account, ...]) -> Chronology:
        return Chronology(told)


class Kinds(Projection[tuple[tuple[str, int], ...]]):
    """How often each kind came up, whatever kinds there are."""

    start: tuple[tuple[str, int], ...] = ()

    @on(Event)
    def add(self, counts: tuple[tuple[str, int], ...], event: Event) -> Any:
        told = dict(counts)
        return tuple(sorted({**told, event.kind: told.get(event.kind, 0) + 1}.items()))


class Speakers(Projection[frozenset[str]]):
    """Who spoke at all, by topic."""

    start: frozenset[str] = frozenset()

    def key(self, event: PoliticalStatement) -> str | None:
        return event.topic

    @on(PoliticalStatement)
    def add(self, told: frozenset[str], said: PoliticalStatement) -> frozenset[str]:
        return told | {said.speaker}

    def merge(self, a: frozenset[str], b: frozenset[str]) -> frozenset[str]:
        return a | b


class Disputed(Projection[frozenset[str]]):
    """The attacks that the sources can't agree on."""

    start: frozenset[str] = frozenset()

    @on(Attack)
    def add(self, told: frozenset[str], attack: Attack, account: Account) -> frozenset[str]:
        return told | {attack.id} if account.disputed else told

    def result(self, told: frozenset[str]) -> tuple[str, ...]:
        return tuple(sorted(told))


class Deadliest(Projection[tuple[int, frozenset[str]]]):
    """The attacks that killed most, all of them where several did."""

    start: tuple[int, frozenset[str]] = (0, frozenset())

    @on(Attack)
    def add(self, most: tuple[int, frozenset[str]], attack: Attack) -> Any:
        return self.merge(most, (attack.killed.best, frozenset({attack.id})))

    def merge(self, a: tuple[int, frozenset[str]], b: tuple[int, frozenset[str]]) -> Any:
        if a[0] == b[0]:
            return a[0], a[1] | b[1]
        return max(a, b, key=lambda one: one[0])


class Span(Projection[tuple[int, int] | None]):
    """The bounds of all that happened at a place, in microseconds of UTC."""

    start: tuple[int, int] | None = None

    def key(self, event: Incident) -> str | None:
        return event.place.key if event.place else None

    @on(Incident)
    def add(self, span: tuple[int, int] | None, incident: Incident) -> tuple[int, int] | None:
        lo, hi = incident.when.lo, incident.when.hi
        return span if lo is None or hi is None else self.merge(span, (lo, hi))

    def merge(self, a: Any, b: Any) -> tuple[int, int] | None:
        if a is None or b is None:
            return a or b  # type: ignore[no-any-return]
        return min(a[0], b[0]), max(a[1], b[1])


@attrs.frozen
class Tally:
    """Attacks and statements of a month."""

    attacks: int = 0
    statements: int = 0


class Months(Projection[Mapping[str, Tally]]):
    """Attacks and statements by month, by the calendar of UTC."""

    start: Mapping[str, Tally] = {}

    @on(Attack)
    def attack(self, months: Mapping[str, Tally], event: Attack) -> Any:
        return self._counted(months, event, "attacks")

    @on(PoliticalStatement)
    def said(self, months: Mapping[str, Tally], event: PoliticalStatement) -> Any:
        return self._counted(months, event, "statements")

    def _counted(self, months: Mapping[str, Tally], event: Event, name: str) -> Any:
        start = event.when.earliest
        month = f"{start:%Y-%m}" if start else "unknown"
        tally = months.get(month, Tally())
        return {**months, month: attrs.evolve(tally, **{name: getattr(tally, name) + 1})}


class Contested(Projection[tuple[tuple[When, str], ...]]):
    """Everybody who was ever said to have taken a place: it never guesses who was last."""

    start: tuple[tuple[When, str], ...] = ()

    def key(self, event: TerritorialChange) -> str:
        return event.place.key

    @on(TerritorialChange)
    def change(self, state: Any, event: TerritorialChange) -> tuple[tuple[When, str], ...]:
        return (*state, (event.when, event.to)) if event.to else state

    def result(self, state: tuple[tuple[When, str], ...]) -> frozenset[str]:
        return frozenset(to for _, to in state)

    def narrows(self, wide: frozenset[str], sharp: frozenset[str]) -> bool:
        return sharp <= wide


class Ratio(Projection[tuple[int, int]]):
    """The mean number of wounded, a float that is compared roughly."""

    start = (0, 0)

    @on(Attack)
    def add(self, state: tuple[int, int], attack: Attack) -> tuple[int, int]:
        return state[0] + attack.wounded.best, state[1] + 1

    def result(self, state: tuple[int, int]) -> float:
        return state[0] / state[1] if state[1] else float("nan")

    def equal(self, a: float, b: float) -> bool:
        return a == b or abs(a - b) < 1e-9 or (a != a and b != b)  # noqa: PLR0124 - nan


class Spoken:
    """An answer without == of its own."""

    def __init__(self, speakers: tuple[str, ...]) -> None:
        self.speakers = speakers


class Roll(Projection[tuple[str, ...]]):
    """Who spoke, in an answer that can only be told by what it holds."""

    start: tuple[str, ...] = ()

    @on(PoliticalStatement)
    def add(self, told: tuple[str, ...], said: PoliticalStatement) -> tuple[str, ...]:
        return tuple(sorted({*told, said.speaker}))

    def result(self, told: tuple[str, ...]) -> Spoken:
        return Spoken(told)


SOUND: tuple[Callable[[], Projection[Any]], ...] = (
    Control,
    Casualties,
    Statements,
    Wounded,
    Displaced,
    Everything,
    Kinds,
    Speakers,
    Disputed,
    Deadliest,
    Span,
    Months,
    Contested,
    Ratio,
    Roll,
)
