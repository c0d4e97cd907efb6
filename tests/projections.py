"""Projections of every power, for tests of how a fold is run."""

from __future__ import annotations

from collections import Counter
from typing import Any

from timeline.accounts import Account
from timeline.events import Event
from timeline.projection import Projection, on

__all__ = ["ByKind", "ByPlace", "Heard", "HeardByPlace", "InOrder", "LatestByPlace", "Weighed"]


def _place(event: Any) -> str | None:
    place = getattr(event, "place", None)
    return None if place is None else str(place.key)


class InOrder(Projection[tuple[str, ...]]):
    """The ids of the events heard, in the order in which they were folded: no power at all."""

    start: tuple[str, ...] = ()

    @on(Event)
    def any(self, state: tuple[str, ...], event: Event) -> tuple[str, ...]:
        return (*state, event.id)


class Heard(InOrder):
    """The same, of which two stretches can be joined; the order shows whether they were."""

    def merge(self, a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
        return (*a, *b)

    def result(self, state: tuple[str, ...]) -> str:
        return " ".join(state) + "."


class ByPlace(Projection[tuple[str, ...]]):
    """What was heard of each place, and from whom: keyed, and never merged."""

    start: tuple[str, ...] = ()

    def key(self, event: Event) -> str | None:
        return _place(event)

    @on(Event)
    def any(self, state: tuple[str, ...], event: Event, account: Account) -> tuple[str, ...]:
        told = ",".join(claim.id[:20] for claim in account.claims)
        return (*state, f"{event.id} {sorted(account.sources)} {told}")


class HeardByPlace(Heard):
    """What was heard of each place, keyed and merged, and told with a full stop."""

    def key(self, event: Event) -> str | None:
        return _place(event)


class LatestByPlace(Projection[str | None]):
    """The last event of each place, whoever says so."""

    start: str | None = None

    def key(self, event: Event) -> str | None:
        return _place(event)

    @on(Event)
    def any(self, _: str | None, event: Event) -> str | None:
        return event.id


class ByKind(Projection[Counter[str]]):
    """How many events there are of each place, under keys that aren't texts."""

    start: Counter[str] = Counter()  # noqa: RUF012 - nobody changes it

    def key(self, event: Event) -> tuple[int, str | None, bool]:
        return len(event.kind), _place(event), event.when.lo is None

    @on(Event)
    def any(self, state: Counter[str], event: Event) -> Counter[str]:
        return state + Counter([event.id])


class Weighed(Projection[tuple[str, ...]]):
    """What may have happened at each place by the moment asked, under every version."""

    start: tuple[str, ...] = ()

    def key(self, event: Event) -> str | None:
        return _place(event)

    @on(Event)
    def any(self, state: tuple[str, ...], event: Event, account: Account) -> tuple[str, ...]:
        return (*state, f"{event} of {len(account.versions)}")

    def result(self, state: tuple[str, ...], at: int | None) -> str:
        return f"{at}: {'; '.join(state)}"
