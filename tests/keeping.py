"""Projections and news that tests of kept projections share."""

from __future__ import annotations

from typing import Any

from timeline import Attack, Claim, Event, Projection, Report, TerritorialChange, on

__all__ = ["WIRE", "Ids", "Odd", "Wounded", "attack", "change"]

WIRE = Report("Wire", published="2022-09-30")


class Wounded(Projection[int]):
    """How many were wounded; ``factor`` is a setting."""

    start = 0

    def __init__(self, factor: int = 1) -> None:
        self.factor = factor

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + self.factor * attack.wounded.best


class Ids(Projection[Any]):
    """Has no state that can be written down."""

    start: Any = ()

    @on(Event)
    def add(self, ids: Any, one: Event) -> Any:
        return (*ids, one.id)


class Odd(Projection[bool]):
    """Whether an odd number of attacks happened."""

    start = False

    @on(Attack)
    def flip(self, odd: bool, _: Attack) -> bool:
        return not odd


def attack(number: int, day: int = 1, wounded: int = 1) -> Claim:
    return WIRE.says(
        Attack(when=f"2022-09-{day:02}", id=f"attack:{number}", place="Kharkiv", wounded=wounded)
    )


def change(number: int, day: int, to: str) -> Claim:
    return WIRE.says(
        TerritorialChange(when=f"2022-09-{day:02}", id=f"change:{number}", place="Izium", to=to)
    )
