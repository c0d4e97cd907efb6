"""Says in a few plain lines what stands and who holds what, to hold the library's answers against.

Written from the definitions alone: nothing here is shared with the rooms that it checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import product
from math import inf
from typing import Any, NamedTuple

from timeline.accounts import Account, Entry
from timeline.claims import Claim, Retraction, Said, Void
from timeline.events import Event
from timeline.kinds import TerritorialChange
from timeline.times import When

Change = TerritorialChange


class Stands(NamedTuple):
    """What stands about one event."""

    event: Event
    claims: frozenset[Claim]
    sources: frozenset[str]
    denied_by: frozenset[str]
    expected: bool
    versions: frozenset[Event]


def seen(account: Account) -> Stands:
    """The same of an account of the library."""
    return Stands(
        account.event,
        frozenset(account.claims),
        account.sources,
        account.denied_by,
        account.expected,
        frozenset(account.versions),
    )


def lo(time: When) -> float:
    """When it began at the earliest, in microseconds."""
    return -inf if time.lo is None else time.lo


def hi(time: When) -> float:
    """When it was over at the latest, itself excluded."""
    return inf if time.hi is None else time.hi


def known_by(entries: Iterable[Entry], known: datetime | int | None) -> list[Any]:
    """What the log had learned by a time, or when it was so many entries long."""
    if isinstance(known, int):
        return [entry.claim for entry in entries if entry.position <= known]
    return [entry.claim for entry in entries if known is None or entry.recorded <= known]


def naive_standing(
    entries: Iterable[Entry],
    *,
    known: datetime | int | None = None,
    published: float = inf,
    trust: Sequence[str] = (),
) -> list[Stands]:
    """What stands about each event, in chronological order."""
    said = known_by(entries, known)
    voids = [one for one in said if isinstance(one, Void)]

    def never_was(one: Said) -> bool:
        return any(void.target == one.id and not never_was(void) for void in voids)

    heard = [
        one
        for one in said
        if not isinstance(one, Void)
        and not never_was(one)
        and hi(one.report.published) <= published
    ]
    claims = [one for one in heard if isinstance(one, Claim)]

    def fell(claim: Claim) -> bool:
        retracted = any(
            isinstance(one, Retraction)
            and one.report.source == claim.source
            and one.event_id == claim.event.id
            and lo(claim.published) < hi(one.report.published)
            for one in heard
        )
        replaced = any(claim.id in one.replaces and one.source == claim.source for one in claims)
        return retracted or replaced

    standing = {claim for claim in claims if not fell(claim)}
    found = []
    for event_id in {claim.event.id for claim in standing}:
        about = {claim for claim in standing if claim.event.id == event_id}
        last = {one.source: one for one in sorted(about, key=_publication)}
        sayers = [one for one in last.values() if one.stance == "says"]
        expecters = [one for one in last.values() if one.stance == "expects"]
        deniers = [one for one in last.values() if one.stance == "denies"]
        counted = sayers or expecters
        if counted:
            trusted = [one for source in trust for one in counted if one.source == source]
            believed = trusted[0] if trusted else max(counted, key=_publication)
            found.append(
                Stands(
                    believed.event,
                    frozenset(about),
                    frozenset(one.source for one in sayers + expecters),
                    frozenset(one.source for one in deniers),
                    not sayers,
                    frozenset(one.event for one in counted),
                )
            )
    return sorted(found, key=lambda one: (lo(one.event.when), hi(one.event.when), one.event.id))


def _publication(claim: Claim) -> tuple[float, float, str]:
    return lo(claim.published), hi(claim.published), claim.id


def by_then(time: When, at: float, reading: str = "certain") -> bool:
    """Whether it happened by a moment."""
    return hi(time) <= at if reading == "certain" else lo(time) < at or at == inf


def naive_answer(
    step: Callable[[Any, Event], Any],
    start: Any,
    stands: Iterable[Stands],
    *,
    at: float = inf,
    reading: str = "certain",
) -> Any:
    """The state after all that happened by a moment; what is only expected isn't folded."""
    state = start
    for one in stands:
        if not one.expected and by_then(one.event.when, at, reading):
            state = step(state, one.event)
    return state


class Held(NamedTuple):
    """How a place stands in one world: by whom it is held, and since which moment."""

    holder: str | None
    since: float | None


def naive_control(
    stories: Sequence[tuple[Sequence[Change], bool]], at: int, moments: range
) -> Iterator[Held]:
    """How a place stands by a moment in each possible world.

    A story is the versions of one change, and whether it may not have happened at all. A world
    takes a version of each and a moment of its bounds; where two fell on one moment, either was
    the later. Until the first change of all, and while it never happens, the place is held by
    whom that change took it from.
    """
    for versions in product(*(versions for versions, _ in stories)):
        boxes: list[list[float]] = [
            [m for m in moments if lo(v.when) <= m < hi(v.when)] + [inf] * denied
            for v, (_, denied) in zip(versions, stories, strict=True)
        ]
        for when in product(*boxes):
            yield from _worlds(list(zip(when, versions, strict=True)), at)


def _worlds(course: list[tuple[float, Change]], at: int) -> Iterator[Held]:
    before = [one for one in course if one[0] < at]
    last = max((m for m, _ in before), default=None)
    first = min(m for m, _ in course)
    for m, change in course:
        if last is None and m in (first, inf):
            yield Held(change.from_, None)
        elif m == last:
            yield Held(change.to, _since(before, change.to))


def _since(course: list[tuple[float, Change]], holder: str | None) -> float:
    """The first of the changes to a holder that no change to another came after."""
    others = [m for m, change in course if change.to != holder]
    return min(m for m, change in course if change.to == holder and m >= max(others, default=m))
