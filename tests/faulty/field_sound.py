"""The second zoo's sound projections: what users of the field write, and nothing is wrong with."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from math import fsum
from typing import Any, ClassVar

from tests.faulty.field import Shelter
from timeline import (
    Account,
    Attack,
    Certainty,
    Count,
    Event,
    Incident,
    PoliticalStatement,
    Projection,
    TerritorialChange,
    When,
    on,
)

__all__ = ["FIELD_SOUND"]

DAY = 86_400_000_000
Held = tuple[tuple[When, str], ...]
Times = tuple[When, ...]


def _latest(held: Held, time: When, name: str) -> Held:
    """What may be the last, once this is added, in an order of its own."""
    every = (*held, (time, name))
    found = {
        (one, side)
        for one, side in every
        if not any(one.before(other) is Certainty.CERTAIN for other, _ in every)
    }
    return tuple(sorted(found, key=lambda pair: (pair[1], str(pair[0]), repr(pair[0]))))


class FrontLines(Projection[Held]):
    """All who may hold what changed hands last in each oblast."""

    start: Held = ()

    def key(self, change: TerritorialChange) -> str | None:
        return change.place.within.key if change.place.within else None

    @on(TerritorialChange)
    def move(self, held: Held, change: TerritorialChange) -> Held:
        return _latest(held, change.when, change.to or "nobody")

    def result(self, held: Held) -> frozenset[str]:
        return frozenset(side for _, side in held)


class LastAttackers(Projection[Held]):
    """All who may have attacked last."""

    start: Held = ()

    @on(Attack)
    def add(self, held: Held, attack: Attack) -> Held:
        return _latest(held, attack.when, attack.by or "somebody")

    def result(self, held: Held) -> tuple[str, ...]:
        return tuple(sorted({side for _, side in held}))

    def narrows(self, wide: tuple[str, ...], sharp: tuple[str, ...]) -> bool:
        return set(sharp) <= set(wide)


class Drones(Projection[int]):
    """The killed by drones."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + (attack.killed.best if attack.weapon == "drone" else 0)

    def merge(self, a: int, b: int) -> int:
        return a + b


class Massacres(Projection[frozenset[str]]):
    """The attacks in which certainly a hundred or more were killed."""

    start: frozenset[str] = frozenset()

    @on(Attack)
    def add(self, seen: frozenset[str], attack: Attack) -> frozenset[str]:
        return seen | {attack.id} if attack.killed.low >= 100 else seen

    def merge(self, a: frozenset[str], b: frozenset[str]) -> frozenset[str]:
        return a | b


class TopThree(Projection[dict[str, int]]):
    """The three places with most killed, ties by name; all are kept, and cut when asked."""

    start: ClassVar[dict[str, int]] = {}  # type: ignore[misc]

    @on(Attack)
    def add(self, tolls: dict[str, int], attack: Attack) -> dict[str, int]:
        place = attack.place.key if attack.place else "unknown"
        return {**tolls, place: tolls.get(place, 0) + attack.killed.best}

    def merge(self, a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
        return {place: a.get(place, 0) + b.get(place, 0) for place in sorted({*a, *b})}

    def result(self, tolls: dict[str, int]) -> tuple[str, ...]:
        return tuple(sorted(tolls, key=lambda place: (-tolls[place], place))[:3])


class Range(Projection[Count]):
    """The killed, with what is open left open."""

    start = Count(0)

    @on(Attack)
    def add(self, total: Count, attack: Attack) -> Count:
        return total + attack.killed

    def merge(self, a: Count, b: Count) -> Count:
        return a + b


class MeanKilled(Projection[tuple[int, int]]):
    """The killed in an attack on average, exactly."""

    start = (0, 0)

    @on(Attack)
    def add(self, state: tuple[int, int], attack: Attack) -> tuple[int, int]:
        return state[0] + attack.killed.best, state[1] + 1

    def merge(self, a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
        return a[0] + b[0], a[1] + b[1]

    def result(self, state: tuple[int, int]) -> Fraction | None:
        return Fraction(*state) if state[1] else None


class FloatSum(Projection[tuple[float, ...]]):
    """A weighted toll in floats, added once and exactly when it is asked."""

    start: tuple[float, ...] = ()

    @on(Attack)
    def add(self, parts: tuple[float, ...], attack: Attack) -> tuple[float, ...]:
        return tuple(sorted((*parts, attack.killed.best * 0.1)))

    def result(self, parts: tuple[float, ...]) -> float:
        return fsum(parts)


class RoughSum(Projection[float]):
    """A weighted toll in floats, that says how finely it can be compared."""

    start = 0.0

    @on(Attack)
    def add(self, total: float, attack: Attack) -> float:
        return total + attack.killed.best * 0.1

    def merge(self, a: float, b: float) -> float:
        return a + b

    def equal(self, a: float, b: float) -> bool:
        return abs(a - b) < 1e-6


class CertainCampaigns(Projection[Times]):
    """How many gaps of a week there certainly are between attacks."""

    start: Times = ()

    @on(Attack)
    def add(self, times: Times, attack: Attack) -> Times:
        return (*times, attack.when)

    def merge(self, a: Times, b: Times) -> Times:
        return a + b

    def result(self, times: Times) -> int:
        bounded = [one for one in times if one.lo is not None and one.hi is not None]
        if len(bounded) < len(times):
            return 0
        ordered = sorted((one.lo or 0, one.hi or 0) for one in bounded)
        ends = [max(hi for _, hi in ordered[: i + 1]) for i in range(len(ordered))]
        pairs = zip(ends, ordered[1:], strict=False)
        return sum(start - end >= 7 * DAY for end, (start, _) in pairs)


class DigestOfAll(Projection[frozenset[str]]):
    """A digest of what stands, whatever its order."""

    start: frozenset[str] = frozenset()

    @on(Event)
    def add(self, parts: frozenset[str], happened: Event) -> frozenset[str]:
        return parts | {f"{happened.kind} {happened.id}"}

    def result(self, parts: frozenset[str]) -> str:
        return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()


class Months(Projection[dict[str, int]]):
    """Attacks by the month in which they certainly were, in UTC."""

    start: ClassVar[dict[str, int]] = {}  # type: ignore[misc]

    @on(Attack)
    def add(self, months: dict[str, int], attack: Attack) -> dict[str, int]:
        begun, ended = attack.when.earliest, attack.when.latest
        same = begun is not None and ended is not None and f"{begun:%Y-%m}" == f"{ended:%Y-%m}"
        month = f"{begun:%Y-%m}" if same and begun is not None else "unsure"
        return dict(sorted({**months, month: months.get(month, 0) + 1}.items()))


class DisputedPart(Projection[tuple[int, int]]):
    """The part of attacks that are in dispute."""

    start = (0, 0)

    @on(Attack)
    def add(self, state: tuple[int, int], _: Attack, account: Account) -> tuple[int, int]:
        return state[0] + account.disputed, state[1] + 1

    def result(self, state: tuple[int, int]) -> Fraction:
        return Fraction(state[0], state[1] or 1)


class Sources(Projection[frozenset[str]]):
    """Who reported on each place."""

    start: frozenset[str] = frozenset()

    def key(self, incident: Incident) -> str | None:
        return incident.place.key if incident.place else None

    @on(Incident)
    def add(self, seen: frozenset[str], _: Incident, account: Account) -> frozenset[str]:
        return seen | account.sources


class After(Projection[frozenset[str]]):
    """The attacks that certainly were after the invasion began."""

    start: frozenset[str] = frozenset()
    since = datetime(2022, 2, 24, tzinfo=UTC)

    @on(Attack)
    def add(self, seen: frozenset[str], attack: Attack) -> frozenset[str]:
        begun = attack.when.earliest
        return seen | {attack.id} if begun is not None and begun >= self.since else seen


class Replies(Projection[tuple[tuple[When, str], ...]]):
    """How many statements certainly came after one on a ceasefire."""

    start: tuple[tuple[When, str], ...] = ()

    @on(PoliticalStatement)
    def add(self, said: Any, statement: PoliticalStatement) -> Any:
        return (*said, (statement.when, statement.topic or ""))

    def result(self, said: Any) -> int:
        peace = [when for when, topic in said if topic == "ceasefire"]
        return sum(any(one.before(when) is Certainty.CERTAIN for one in peace) for when, _ in said)


class Words(Projection[tuple[str, ...]]):
    """All topics, in the order of their letters."""

    start: tuple[str, ...] = ()

    @on(PoliticalStatement)
    def add(self, topics: tuple[str, ...], said: PoliticalStatement) -> tuple[str, ...]:
        return tuple(sorted({*topics, (said.topic or "none").upper()}))


class MostAtOnce(Projection[Times]):
    """How many incidents may have lasted at one moment, at the most."""

    start: Times = ()

    @on(Incident)
    def add(self, times: Times, incident: Incident) -> Times:
        return (*times, incident.when)

    def result(self, times: Times) -> int:
        edges = [(-(10**19) if one.lo is None else one.lo, 1) for one in times]
        edges += [(10**19 if one.hi is None else one.hi, -1) for one in times]
        level = most = 0
        for _, change in sorted(edges):
            level += change
            most = max(most, level)
        return most


class Shelters(Projection[tuple[tuple[When, str], ...]]):
    """The counts of each shelter of which each may be the last."""

    start: Held = ()

    def key(self, shelter: Shelter) -> str:
        return shelter.place.key

    @on(Shelter)
    def count(self, last: Held, shelter: Shelter) -> Held:
        return _latest(last, shelter.when, f"{shelter.people.low} {shelter.people.high}")

    def result(self, last: Held) -> frozenset[str]:
        return frozenset(count for _, count in last)


class Involved(Projection[dict[str, int]]):
    """How often each was involved in an incident."""

    start: ClassVar[dict[str, int]] = {}  # type: ignore[misc]

    @on(Incident)
    def add(self, counts: dict[str, int], incident: Incident) -> dict[str, int]:
        more = {name: counts.get(name, 0) + 1 for name in sorted(set(incident.involved))}
        return {**counts, **more}

    def merge(self, a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
        return {name: a.get(name, 0) + b.get(name, 0) for name in {**a, **b}}


class Spread(Projection[tuple[int, ...]]):
    """The widest distance between two numbers of killed that stand next to each other in size."""

    start: tuple[int, ...] = ()

    @on(Attack)
    def add(self, numbers: tuple[int, ...], attack: Attack) -> tuple[int, ...]:
        return tuple(sorted((*numbers, attack.killed.best)))

    def merge(self, a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(a + b))

    def result(self, numbers: tuple[int, ...]) -> int:
        return max((b - a for a, b in pairwise(numbers)), default=0)


class Capped(Projection[int]):
    """The killed, shown as at most 25."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return min(total + attack.killed.best, 25)

    def merge(self, a: int, b: int) -> int:
        return min(a + b, 25)


FIELD_SOUND: tuple[type[Projection[Any]], ...] = (
    FrontLines, LastAttackers, Drones, Massacres, TopThree, Range, MeanKilled, FloatSum, RoughSum,
    CertainCampaigns, DigestOfAll, Months, DisputedPart, Sources, After, Replies, Words, MostAtOnce,
    Shelters, Involved, Spread, Capped,
)  # fmt: skip
"""Projections of which none is wrong."""
