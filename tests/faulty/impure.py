"""Faulty projections that ask the world or hash orders, or that change what they are given."""

from __future__ import annotations

import locale
import random
import time
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from timeline import Attack, Event, Incident, PoliticalStatement, Projection, on

__all__ = ["IMPURE"]


class DaysAgo(Projection[int]):
    """How long ago the last attack was, by the wall clock."""

    start = -1

    @on(Attack)
    def add(self, _: int, attack: Attack) -> int:
        lo = attack.when.lo or 0
        return int(time.time() - lo / 1_000_000) // 86_400


class StillYoung(Projection[tuple[str, ...]]):
    """The statements of the last five years, as of today."""

    start: Any = ()

    @on(PoliticalStatement)
    def add(self, told: tuple[str, ...], said: PoliticalStatement) -> tuple[str, ...]:
        year = said.when.earliest.year if said.when.earliest else 0
        recent = date.today().year - year <= 5  # noqa: DTZ011 - the fault
        return tuple(sorted({*told, said.id})) if recent else told


class LocalDays(Projection[tuple[str, ...]]):
    """The days of incidents, in the time zone of whoever asks."""

    start: Any = ()

    @on(Incident)
    def add(self, days: tuple[str, ...], incident: Incident) -> tuple[str, ...]:
        lo = (incident.when.lo or 0) / 1_000_000
        return tuple(sorted({*days, f"{datetime.fromtimestamp(lo):%d %b}"}))  # noqa: DTZ006 - the fault


class LocalLetters(Projection[int]):
    """How long the speakers' names are, in the letters of the machine's language."""

    start = 0

    @on(PoliticalStatement)
    def add(self, total: int, said: PoliticalStatement) -> int:
        return total + len(f"{said.speaker}–".encode(locale.nl_langinfo(locale.CODESET), "ignore"))


class MonthByName(Projection[str]):
    """The month of the last attack, in the language of whoever asks."""

    start = ""

    @on(Attack)
    def add(self, month: str, attack: Attack) -> str:
        lo = attack.when.lo
        return month if lo is None else f"{datetime.fromtimestamp(lo / 1e6, UTC):%B}"


class TollInWords(Projection[int]):
    """The toll as it is written where it is asked."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.killed.best

    def result(self, total: int) -> str:
        return locale.str(total / 2)


class Sampled(Projection[int]):
    """The wounded of a random tenth of the attacks."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + (attack.wounded.best + 1 if random.random() < 0.5 else 0)


class Tossed(Projection[str]):
    """One side of those that attacked, by lot when it is asked."""

    start = ""

    @on(Attack)
    def add(self, sides: str, attack: Attack) -> str:
        return ",".join(sorted({*sides.split(","), attack.by or ""}))

    def result(self, sides: str) -> str:
        return random.choice(sides.split(",")) + random.choice("abcdefgh")


class SetOrder(Projection[frozenset[str]]):
    """The ids of attacks in the order of a set."""

    start = frozenset()

    @on(Attack)
    def add(self, seen: frozenset[str], attack: Attack) -> frozenset[str]:
        return seen | {attack.id}

    def result(self, seen: frozenset[str]) -> tuple[str, ...]:
        return tuple(seen)


class FirstOfSet(Projection[frozenset[str]]):
    """Any speaker at all: the first that comes out of a set."""

    start = frozenset()

    @on(PoliticalStatement)
    def add(self, seen: frozenset[str], said: PoliticalStatement) -> frozenset[str]:
        return seen | {said.speaker}

    def result(self, seen: frozenset[str]) -> str | None:
        return next(iter(seen), None)


class Hashed(Projection[int]):
    """A checksum of what happened, by hash()."""

    start = 0

    @on(Incident)
    def add(self, total: int, incident: Incident) -> int:
        return total ^ hash(incident.id)


class Addressed(Projection[tuple[str, ...]]):
    """Attacks in the order of their addresses in memory."""

    start: Any = ()

    @on(Attack)
    def add(self, seen: tuple[str, ...], attack: Attack) -> tuple[str, ...]:
        return (*seen, f"{id(attack)}")


class Bucketed(Projection[dict[int, tuple[str, ...]]]):
    """Incidents in a few buckets, by hash(), as one shards work."""

    start: ClassVar[dict[int, tuple[str, ...]]] = {}  # type: ignore[misc]

    @on(Incident)
    def add(
        self, buckets: dict[int, tuple[str, ...]], incident: Incident
    ) -> dict[int, tuple[str, ...]]:
        shard = hash(incident.category) % 16
        return {**buckets, shard: tuple(sorted({*buckets.get(shard, ()), incident.id}))}


class Appending(Projection[list[str]]):
    """The ids of attacks, appended to the list that was given."""

    start: ClassVar[list[str]] = []  # type: ignore[misc]

    @on(Attack)
    def add(self, seen: list[str], attack: Attack) -> list[str]:
        seen.append(attack.id)
        seen.sort()
        return seen


class Counting(Projection[dict[str, int]]):
    """Incidents by category, counted in the dictionary that was given."""

    def __init__(self) -> None:
        self.start: dict[str, int] = {}

    @on(Incident)
    def add(self, counts: dict[str, int], incident: Incident) -> dict[str, int]:
        counts[incident.category] = counts.get(incident.category, 0) + 1
        return counts


class Redacting(Projection[int]):
    """How many said something, with the words struck from the events themselves."""

    start = 0

    @on(PoliticalStatement)
    def add(self, total: int, said: PoliticalStatement) -> int:
        object.__setattr__(said, "summary", "redacted")
        return total + 1


class SharedDefault(Projection[dict[str, list[str]]]):
    """Attacks by side, in lists that old and new state share."""

    start: ClassVar[dict[str, list[str]]] = {}  # type: ignore[misc]

    @on(Attack)
    def add(self, sides: dict[str, list[str]], attack: Attack) -> dict[str, list[str]]:
        new = dict(sides)
        new.setdefault(attack.by or "", []).append(attack.id)
        new[attack.by or ""].sort()
        return new


class Everywhere(Projection[int]):
    """Events by place, although only some kinds have one."""

    start = 0

    def key(self, event: Any) -> str | None:
        place = event.place
        return None if place is None else str(place.key)

    @on(Event)
    def add(self, total: int, _: Event) -> int:
        return total + 1


_WEIGHTS = {
    "attack/1": 3, "incident/1": 2, "political-statement/1": 1, "territorial-change/1": 5,
}  # fmt: skip


class Weighed(Projection[int]):
    """The weight of everything that happened, by a table of the kinds there were."""

    start = 0

    @on(Event)
    def add(self, total: int, event: Event) -> int:
        return total + _WEIGHTS[event.kind]


class Popping(Projection[tuple[list[str], ...]]):
    """Attacks in a queue that asking empties."""

    start: Any = ()

    @on(Attack)
    def add(self, queue: tuple[list[str], ...], attack: Attack) -> tuple[list[str], ...]:
        ids = sorted([*(queue[0] if queue else []), attack.id])
        return (ids,)

    def result(self, queue: tuple[list[str], ...]) -> list[str]:
        if not queue:
            return []
        answer = list(queue[0])
        queue[0].clear()
        return answer


class Average(Projection[tuple[int, int]]):
    """The mean number of wounded, which no empty log has."""

    start = (0, 0)

    @on(Attack)
    def add(self, state: tuple[int, int], attack: Attack) -> tuple[int, int]:
        return state[0] + attack.wounded.best, state[1] + 1

    def result(self, state: tuple[int, int]) -> int:
        return state[0] // state[1]


class Sorting(Projection[list[str]]):
    """Incidents, which asking puts in reverse, in place."""

    start: ClassVar[list[str]] = []  # type: ignore[misc]

    @on(Incident)
    def add(self, seen: list[str], incident: Incident) -> list[str]:
        return sorted([*seen, incident.id])

    def result(self, seen: list[str]) -> list[str]:
        seen.sort(reverse=True)
        return seen


def _clock() -> datetime:
    return datetime.now(UTC)


class Stamped(Projection[tuple[str, ...]]):
    """Statements, and the year in which they were counted."""

    start: Any = ()

    @on(PoliticalStatement)
    def add(self, told: tuple[str, ...], said: PoliticalStatement) -> tuple[str, ...]:
        return tuple(sorted({*told, said.id}))

    def result(self, told: tuple[str, ...]) -> str:
        return f"{len(told)} statements as of {_clock():%Y}"


IMPURE: dict[type[Projection[Any]], str] = {
    DaysAgo: "same_events_same_answer",
    StillYoung: "same_events_same_answer",
    LocalDays: "same_events_same_answer",
    LocalLetters: "same_events_same_answer",
    MonthByName: "same_events_same_answer",
    TollInWords: "same_events_same_answer",
    Sampled: "same_events_same_answer",
    Tossed: "same_events_same_answer",
    Stamped: "same_events_same_answer",
    SetOrder: "same_answer_in_every_process",
    FirstOfSet: "same_answer_in_every_process",
    Hashed: "same_answer_in_every_process",
    Addressed: "same_answer_in_every_process",
    Bucketed: "same_answer_in_every_process",
    Appending: "steps_are_pure",
    Counting: "steps_are_pure",
    Redacting: "steps_are_pure",
    SharedDefault: "steps_are_pure",
    Everywhere: "unknown_kinds_are_ignored",
    Weighed: "unknown_kinds_are_ignored",
    Popping: "results_are_pure",
    Average: "handlers_accept_every_event",
    Sorting: "results_are_pure",
}
