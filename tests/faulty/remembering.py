"""Faulty projections that remember outside the state: on self, on the class, in the module."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any, ClassVar

from timeline import Account, Attack, Incident, PoliticalStatement, Projection, on

__all__ = ["REMEMBERING"]


class SelfCounter(Projection[int]):
    """A count that is kept on the projection."""

    start = 0

    def __init__(self) -> None:
        self.count = 0

    @on(Attack)
    def add(self, _: int, __: Attack) -> int:
        self.count += 1
        return self.count


class Debouncing(Projection[int]):
    """Incidents, but for those of the category heard last, which it keeps on itself."""

    start = 0

    def __init__(self) -> None:
        self.seen: set[str] = set()

    @on(Incident)
    def add(self, total: int, incident: Incident) -> int:
        new = incident.category not in self.seen
        self.seen.add(incident.category)
        return total + new


class ClassCounter(Projection[int]):
    """A count that all its instances share."""

    start = 0
    count: ClassVar[int] = 0

    @on(Attack)
    def add(self, _: int, __: Attack) -> int:
        type(self).count += 1
        return type(self).count


_most: Counter[str] = Counter()


class ModuleCounter(Projection[int]):
    """The most attacks ever heard of, kept in the module."""

    start = 0

    @on(Attack)
    def add(self, total: int, _: Attack) -> int:
        _most["attacks"] = max(_most["attacks"], total + 1)
        return total + 1

    def result(self, _: int) -> int:
        return _most["attacks"]


_cache: dict[str, int] = {}


class Cached(Projection[int]):
    """The wounded, through a cache that goes by the event's id: no correction is seen."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + _cache.setdefault(attack.id, attack.wounded.best)


@cache
def _read(_: str, said: Unkeyed) -> str:
    return said.words


class Unkeyed:
    """Words that a cache can't tell from any others."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unkeyed)

    def __hash__(self) -> int:
        return 0


class Memoised(Projection[tuple[str, ...]]):
    """Categories of incidents, read through a cache whose key leaves the content out."""

    start: Any = ()

    @on(Incident)
    def add(self, told: tuple[str, ...], incident: Incident) -> tuple[str, ...]:
        return tuple(sorted((*told, _read(incident.id, Unkeyed(incident.category)))))


class FirstVersion(Projection[tuple[str, ...]]):
    """What each statement said when it was first heard of; corrections are late."""

    start: Any = ()

    def __init__(self) -> None:
        self.first: dict[str, str] = {}

    @on(PoliticalStatement)
    def add(self, told: tuple[str, ...], said: PoliticalStatement) -> tuple[str, ...]:
        words = self.first.setdefault(said.id, said.topic or said.speaker)
        return tuple(sorted((*told, words)))


class Arrivals(Projection[tuple[str, ...]]):
    """Incidents in the order in which it first heard of them."""

    start: Any = ()

    def __init__(self) -> None:
        self.order: list[str] = []

    @on(Incident)
    def add(self, seen: tuple[str, ...], incident: Incident) -> tuple[str, ...]:
        if incident.id not in self.order:
            self.order.append(incident.id)
        return tuple(one for one in self.order if one in {*seen, incident.id})


class HeardCounter(Projection[int]):
    """How many claims it was ever shown, counting each time."""

    start = 0

    def __init__(self) -> None:
        self.heard = 0

    @on(Attack)
    def add(self, _: int, __: Attack, account: Account) -> int:
        self.heard += len(account.claims)
        return self.heard


class Nags(Projection[int]):
    """The wounded, and one more for each time that it was asked about the same."""

    start = 0

    def __init__(self) -> None:
        self.asked: Counter[int] = Counter()

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + 1 + attack.wounded.best

    def result(self, total: int) -> int:
        self.asked[total] += total
        return self.asked[total]


class HighWater(Projection[int]):
    """The most dead it ever heard of, on itself: no later news brings it down."""

    start = 0

    def __init__(self) -> None:
        self.most = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        self.most = max(self.most, total + 1 + attack.killed.best)
        return total + 1 + attack.killed.best

    def result(self, _: int) -> int:
        return self.most


class Ledger(Projection[int]):
    """Statements in a ledger of its own, from which nothing is ever struck."""

    start = 0

    def __init__(self) -> None:
        self.ledger: set[str] = set()

    @on(PoliticalStatement)
    def add(self, _: int, said: PoliticalStatement) -> int:
        self.ledger.add(said.id)
        return len(self.ledger)

    def result(self, _: int) -> int:
        return len(self.ledger)


class Withdrawn(Projection[tuple[str, ...]]):
    """Incidents, and those that it remembers and doesn't find any more."""

    start: Any = ()

    def __init__(self) -> None:
        self.known: set[str] = set()

    @on(Incident)
    def add(self, seen: tuple[str, ...], incident: Incident) -> tuple[str, ...]:
        self.known.add(incident.id)
        return tuple(sorted({*seen, incident.id}))

    def result(self, seen: tuple[str, ...]) -> tuple[str, ...]:
        return (*seen, *(f"{one} was withdrawn" for one in sorted(self.known - {*seen})))


class OnceTold(Projection[int]):
    """How many tellings of attacks there are: once told, always told."""

    start = 0

    def __init__(self) -> None:
        self.told: set[str] = set()

    @on(Attack)
    def add(self, total: int, attack: Attack, account: Account) -> int:
        self.told |= {f"{attack.id} {source}" for source in account.sources}
        return total

    def result(self, _: int) -> int:
        return len(self.told)


class LatestWord(Projection[int]):
    """When the last thing was said, as far as it ever heard."""

    start = 0

    def __init__(self) -> None:
        self.latest = 0

    @on(PoliticalStatement)
    def add(self, total: int, _: PoliticalStatement, account: Account) -> int:
        self.latest = max(self.latest, *(claim.published.hi or 0 for claim in account.claims))
        return total + 1

    def result(self, _: int) -> int:
        return self.latest


REMEMBERING: dict[type[Projection[Any]], str] = {
    ModuleCounter: "same_answer_in_every_process",
    Cached: "same_answer_in_every_process",
    Memoised: "same_answer_in_every_process",
    FirstVersion: "arrival_order_is_irrelevant",
    Arrivals: "arrival_order_is_irrelevant",
    HeardCounter: "duplicates_change_nothing",
    Nags: "duplicates_change_nothing",
    SelfCounter: "kept_equals_replayed",
    Debouncing: "kept_equals_replayed",
    ClassCounter: "the_past_stays_as_it_was_known",
    LatestWord: "the_past_stays_as_it_was_known",
    HighWater: "what_was_voided_never_was",
    Ledger: "what_was_voided_never_was",
    OnceTold: "what_was_retracted_is_gone",
    Withdrawn: "what_was_retracted_is_gone",
}
