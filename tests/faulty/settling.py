"""Projections that are kept up to date, or compact their history: faulty and sound ones."""

from __future__ import annotations

from typing import Any

from timeline import Attack, Certainty, Incident, Projection, When, on
from timeline.resolution import happened_by

__all__ = ["SETTLING", "LastIncidents"]

Times = tuple[When, ...]


class LastIncidents(Projection[Times]):
    """The times of the incidents of which each may have been the last."""

    start: Times = ()

    @on(Incident)
    def add(self, times: Times, incident: Incident) -> Times:
        return (*times, incident.when)

    def merge(self, a: Times, b: Times) -> Times:
        return a + b

    def result(self, times: Times, at: int | None) -> frozenset[When]:
        happened = [one for one in times if happened_by(one, at, "certain")]
        return frozenset(one for one in times if not _followed(one, happened))

    def compact(self, times: Times) -> Times:
        return tuple(one for one in times if not _followed(one, times))


def _followed(time: When, others: Any) -> bool:
    return any(time.before(other) is Certainty.CERTAIN for other in others)


class SettlesOnOne(LastIncidents):
    """Of incidents that may each have been the last, one is left."""

    def compact(self, times: Times) -> Times:
        return times[-1:]


class SettlesOnNothing(LastIncidents):
    """What has happened is forgotten."""

    def compact(self, times: Times) -> Times:
        return times[:0]


class BusiestDay(Projection[dict[int, int]]):
    """The most attacks that began on one day; older days are settled away."""

    start: dict[int, int] = {}  # noqa: RUF012 - never changed

    @on(Attack)
    def add(self, days: dict[int, int], attack: Attack) -> dict[int, int]:
        day = (attack.when.lo or 0) // 86_400_000_000
        return {**days, day: days.get(day, 0) + 1}

    def merge(self, a: dict[int, int], b: dict[int, int]) -> dict[int, int]:
        return {day: a.get(day, 0) + b.get(day, 0) for day in {**a, **b}}

    def result(self, days: dict[int, int]) -> int:
        return max(days.values(), default=0)

    def compact(self, days: dict[int, int]) -> dict[int, int]:
        return dict(sorted(days.items())[-1:])


class Heard(Projection[int]):
    """How many attacks were heard by whoever is asked, which isn't how many there were."""

    start = 0
    heard = 0

    @on(Attack)
    def add(self, total: int, _: Attack) -> int:
        self.heard += 1
        return total + 1

    def result(self, _: int) -> int:
        return self.heard


class Sums(Projection[int]):
    """The wounded; merged, each stretch is taken for at most nine."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.wounded.best + 10

    def merge(self, a: int, b: int) -> int:
        return a + min(b, 9)


SETTLING: dict[type[Projection[Any]], str] = {
    SettlesOnOne: "compaction_preserves_answers",
    SettlesOnNothing: "compaction_preserves_answers",
    BusiestDay: "compaction_preserves_answers",
    Heard: "kept_incrementally_equals_replayed",
    Sums: "kept_incrementally_equals_replayed",
}
