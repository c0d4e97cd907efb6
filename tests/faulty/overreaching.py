"""Faulty projections that guess an order, or whose fold comes apart when it is cut or merged."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any, ClassVar

import attrs

from timeline import Attack, Incident, PoliticalStatement, Projection, TerritorialChange, on

__all__ = ["OVERREACHING"]


class LastHolder(Projection[str]):
    """Who holds a place: whoever the last change gave it to."""

    start = ""

    def key(self, event: TerritorialChange) -> str:
        return event.place.key

    @on(TerritorialChange)
    def change(self, _: str, event: TerritorialChange) -> str:
        return event.to or ""


class FirstWins(Projection[str | None]):
    """Who attacked first."""

    start: str | None = None

    @on(Attack)
    def add(self, first: str | None, attack: Attack) -> str | None:
        return attack.by or "somebody" if first is None else first


class Chronicle(Projection[tuple[str, ...]]):
    """Statements in a plain list, as if their order were known."""

    start: tuple[str, ...] = ()

    @on(PoliticalStatement)
    def add(self, told: tuple[str, ...], said: PoliticalStatement) -> tuple[str, ...]:
        return (*told, said.id)


class Changes(Projection[tuple[str, int]]):
    """How often a place changed hands, read out of the positions."""

    start = ("", 0)

    def key(self, event: TerritorialChange) -> str:
        return event.place.key

    @on(TerritorialChange)
    def change(self, state: tuple[str, int], event: TerritorialChange) -> tuple[str, int]:
        holder, changes = state
        return event.to or "", changes + (holder != (event.to or ""))


_Told = tuple[tuple[int, int, str], ...]


def _bounds(event: TerritorialChange) -> tuple[int, int, str]:
    far = 10**18
    lo, hi = event.when.lo, event.when.hi
    return -far if lo is None else lo, far if hi is None else hi, event.to or ""


class Midpoints(Projection[_Told]):
    """Who holds a place, by the latest midpoint of a time."""

    start: _Told = ()

    def key(self, event: TerritorialChange) -> str:
        return event.place.key

    @on(TerritorialChange)
    def change(self, state: _Told, event: TerritorialChange) -> _Told:
        return tuple(sorted((*state, _bounds(event))))

    def result(self, state: _Told) -> frozenset[str]:
        latest = max((lo + hi for lo, hi, _ in state), default=0)
        return frozenset(to for lo, hi, to in state if lo + hi == latest)

    def narrows(self, wide: frozenset[str], sharp: frozenset[str]) -> bool:
        return sharp <= wide


class LatestEnds(Midpoints):
    """Who holds a place, by the latest end of a time."""

    def result(self, state: _Told) -> frozenset[str]:
        latest = max((hi for _, hi, _ in state), default=0)
        return frozenset(to for _, hi, to in state if hi == latest)


class Lists(Projection[tuple[str, ...]]):
    """Sides that attacked, said to be a tuple and kept in a list."""

    start: Any = ()

    @on(Attack)
    def add(self, sides: tuple[str, ...], attack: Attack) -> Any:
        return sorted({*sides, attack.by or ""})


class Money(Projection[float]):
    """A total of the wounded in Decimal, said to be a float."""

    start = 0.0

    @on(Attack)
    def add(self, total: float, attack: Attack) -> Any:
        return Decimal(total) + attack.wounded.best


class Keys(Projection[dict[str, int]]):
    """Attacks by the number of wounded, said to be by text."""

    start: ClassVar[dict[str, int]] = {}  # type: ignore[misc]

    @on(Attack)
    def add(self, counts: dict[Any, int], attack: Attack) -> dict[Any, int]:
        return {**counts, attack.wounded.best: counts.get(attack.wounded.best, 0) + 1}


class Defaults(Projection[dict[str, int]]):
    """Incidents by category, in a defaultdict that comes back as a plain dict."""

    start: ClassVar[dict[str, int]] = defaultdict(int)  # type: ignore[misc]

    @on(Incident)
    def add(self, counts: dict[str, int], incident: Incident) -> dict[str, int]:
        new = counts.copy()
        new[incident.category] += 1
        return new


@attrs.frozen
class Sum:
    """A sum, and what no one said is part of it."""

    total: int = 0


@attrs.frozen
class Noted(Sum):
    """A sum with notes, which the declared type hasn't."""

    notes: tuple[str, ...] = ()


class Subclassed(Projection[Sum]):
    """A sum that grows notes on the way."""

    start = Sum()

    @on(Attack)
    def add(self, state: Sum, attack: Attack) -> Sum:
        notes = state.notes if isinstance(state, Noted) else ()
        return Noted(state.total + 1, tuple(sorted((*notes, attack.id))))

    def result(self, state: Sum) -> int:
        return len(state.notes) if isinstance(state, Noted) else 0


class OneForAll(Projection[int]):
    """Attacks by place, counted in one place for all of them."""

    start = 0

    def __init__(self) -> None:
        self.count = 0

    def key(self, event: Attack) -> str:
        return event.place.key if event.place else "nowhere"

    @on(Attack)
    def add(self, _: int, __: Attack) -> int:
        self.count += 1
        return self.count


class Previous(Projection[tuple[str, ...]]):
    """Speakers, each with whoever spoke before, whoever's key that is."""

    start: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.spoke: set[str] = set()

    def key(self, event: PoliticalStatement) -> str:
        return event.speaker

    @on(PoliticalStatement)
    def add(self, told: tuple[str, ...], said: PoliticalStatement) -> tuple[str, ...]:
        self.spoke.add(said.speaker)
        return tuple(sorted({*told, *self.spoke}))


class Rotating(Projection[int]):
    """Incidents by a key that turns with every event."""

    start = 0

    def __init__(self) -> None:
        self.turn = 0

    def key(self, event: Incident) -> str:
        self.turn += 1
        return f"{event.category} {self.turn % 3}"

    @on(Incident)
    def add(self, total: int, _: Incident) -> int:
        return total + 1


class _Toll(Projection[int]):
    """A right fold, for wrong merges."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.wounded.best + 1


class Forgets(_Toll):
    """Merges by taking the later stretch."""

    def merge(self, a: int, b: int) -> int:
        return b or a


class Doubles(_Toll):
    """Merges the later stretch twice."""

    def merge(self, a: int, b: int) -> int:
        return a + 2 * b


class Highest(_Toll):
    """Merges by the higher of two totals."""

    def merge(self, a: int, b: int) -> int:
        return max(a, b)


class Ungrouped(_Toll):
    """Merges otherwise when both have many: it depends on the grouping."""

    def merge(self, a: int, b: int) -> int:
        return a + b if a < 3 or b < 3 else a - b


class Offset(Projection[int]):
    """A count from one, whose start adds one at every merge."""

    start = 1

    @on(Incident)
    def add(self, total: int, _: Incident) -> int:
        return total + 1

    def merge(self, a: int, b: int) -> int:
        return a + b


class Swaps(Projection[tuple[int, ...]]):
    """The days of statements, the later stretch put first."""

    start: tuple[int, ...] = ()

    @on(PoliticalStatement)
    def add(self, days: tuple[int, ...], said: PoliticalStatement) -> tuple[int, ...]:
        return (*days, said.when.lo or 0)

    def merge(self, a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
        return b + a


class Extending(Projection[list[str]]):
    """Statements in a list that merge extends in place."""

    start: ClassVar[list[str]] = []  # type: ignore[misc]

    @on(PoliticalStatement)
    def add(self, told: list[str], said: PoliticalStatement) -> list[str]:
        return sorted([*told, said.id])

    def merge(self, a: list[str], b: list[str]) -> list[str]:
        a += b
        a.sort()
        return a


OVERREACHING: dict[type[Projection[Any]], str] = {
    LastHolder: "no_answer_from_an_order_nobody_knows",
    FirstWins: "no_answer_from_an_order_nobody_knows",
    Chronicle: "no_answer_from_an_order_nobody_knows",
    Changes: "no_answer_from_an_order_nobody_knows",
    Midpoints: "a_sharper_time_only_narrows",
    LatestEnds: "a_sharper_time_only_narrows",
    Lists: "a_stored_state_resumes",
    Money: "a_stored_state_resumes",
    Keys: "a_stored_state_resumes",
    Defaults: "a_stored_state_resumes",
    Subclassed: "a_stored_state_resumes",
    OneForAll: "keys_are_independent",
    Previous: "keys_are_independent",
    Rotating: "keys_are_independent",
    Forgets: "merging_is_folding",
    Doubles: "merging_is_folding",
    Highest: "merging_is_folding",
    Ungrouped: "merging_is_folding",
    Offset: "merging_is_folding",
    Swaps: "merging_is_folding",
    Extending: "merging_is_folding",
}
