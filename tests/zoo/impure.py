"""Faulty projections that ask the world, hash orders or a memory of their own for their answer."""

from __future__ import annotations

import locale
import random
import time
from collections import Counter
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, ClassVar

from timeline import Account, Attack, Event, Incident, PoliticalStatement, Projection, on

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

    start = ()

    @on(PoliticalStatement)
    def add(self, told: tuple[str, ...], said: PoliticalStatement) -> tuple[str, ...]:
        year = said.when.earliest.year if said.when.earliest else 0
        recent = date.today().year - year <= 5  # noqa: DTZ011 - the fault
        return tuple(sorted({*told, said.id})) if recent else told


class LocalDays(Projection[tuple[str, ...]]):
    """The days of incidents, in the time zone of whoever asks."""

    start = ()

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


class Sampled(Projection[int]):
    """The wounded of a random tenth of the attacks."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + (attack.wounded.best + 1 if random.random() < 0.5 else 0)  # noqa: S311 - the fault


class Tossed(Projection[str]):
    """One side of those that attacked, by lot when it is asked."""

    start = ""

    @on(Attack)
    def add(self, sides: str, attack: Attack) -> str:
        return ",".join(sorted({*sides.split(","), attack.by or ""}))

    def result(self, sides: str) -> str:
        return random.choice(sides.split(",")) + random.choice("abcdefgh")  # noqa: S311 - the fault


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

    start = ()

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


@lru_cache(maxsize=None)
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
    """Categories of incidents, read through an lru_cache whose key leaves the content out."""

    start = ()

    @on(Incident)
    def add(self, told: tuple[str, ...], incident: Incident) -> tuple[str, ...]:
        return tuple(sorted((*told, _read(incident.id, Unkeyed(incident.category)))))


class FirstVersion(Projection[tuple[str, ...]]):
    """What each statement said when it was first heard of; corrections are late."""

    start = ()

    def __init__(self) -> None:
        self.first: dict[str, str] = {}

    @on(PoliticalStatement)
    def add(self, told: tuple[str, ...], said: PoliticalStatement) -> tuple[str, ...]:
        words = self.first.setdefault(said.id, said.topic or said.speaker)
        return tuple(sorted((*told, words)))


class Arrivals(Projection[tuple[str, ...]]):
    """Incidents in the order in which it first heard of them."""

    start = ()

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

    start = ()

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
    def add(self, total: int, said: PoliticalStatement, account: Account) -> int:
        self.latest = max(self.latest, *(claim.published.hi or 0 for claim in account.claims))
        return total + 1

    def result(self, _: int) -> int:
        return self.latest


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

    start = ()

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

    start = ()

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
    Sampled: "same_events_same_answer",
    Tossed: "same_events_same_answer",
    Stamped: "same_events_same_answer",
    SetOrder: "same_answer_in_every_process",
    FirstOfSet: "same_answer_in_every_process",
    Hashed: "same_answer_in_every_process",
    Addressed: "same_answer_in_every_process",
    Bucketed: "same_answer_in_every_process",
    ModuleCounter: "same_answer_in_every_process",
    Cached: "same_answer_in_every_process",
    Memoised: "same_answer_in_every_process",
    Appending: "a_step_changes_nothing_it_was_given",
    Counting: "a_step_changes_nothing_it_was_given",
    Redacting: "a_step_changes_nothing_it_was_given",
    SharedDefault: "a_step_changes_nothing_it_was_given",
    FirstVersion: "late_news_is_as_good_as_early",
    Arrivals: "late_news_is_as_good_as_early",
    HeardCounter: "hearing_it_twice_changes_nothing",
    Nags: "hearing_it_twice_changes_nothing",
    SelfCounter: "kept_equals_replayed",
    Debouncing: "kept_equals_replayed",
    ClassCounter: "the_past_stays_as_it_was_known",
    LatestWord: "the_past_stays_as_it_was_known",
    HighWater: "what_was_voided_never_was",
    Ledger: "what_was_voided_never_was",
    OnceTold: "what_was_retracted_is_gone",
    Withdrawn: "what_was_retracted_is_gone",
    Everywhere: "strangers_are_ignored",
    Weighed: "strangers_are_ignored",
    Popping: "asking_changes_nothing",
    Average: "asking_changes_nothing",
    Sorting: "asking_changes_nothing",
}
