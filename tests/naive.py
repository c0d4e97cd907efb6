"""Says in a few plain lines what stands and who holds what, to hold the library's answers against.

Written from the definitions alone: nothing here is shared with the rooms that it checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from datetime import datetime
from itertools import product
from math import inf
from typing import Any, NamedTuple

import attrs

from timeline.accounts import Account, Entry
from timeline.canonical import encode, plain
from timeline.claims import Claim, LinkClaim, Retraction, Said, Void
from timeline.counts import Breakdown, Count
from timeline.events import Event
from timeline.kinds import TerritorialChange
from timeline.times import When

Change = TerritorialChange

Trust = Sequence[str] | Callable[[Any], Any]


class Stands(NamedTuple):
    """What stands about one event."""

    event: Event
    claims: frozenset[Claim]
    sources: frozenset[str]
    denied_by: frozenset[str]
    expected: bool
    versions: frozenset[Event]
    undecided: frozenset[Claim]


def seen(account: Account) -> Stands:
    """The same of an account of the library."""
    return Stands(
        account.event,
        frozenset(account.claims),
        account.sources,
        account.denied_by,
        account.expected,
        frozenset(account.versions),
        frozenset(account.undecided),
    )


def lo(time: When) -> float:
    """When it began at the earliest, in microseconds."""
    return -inf if time.lo is None else time.lo


def hi(time: When) -> float:
    """When it was over at the latest, itself excluded."""
    return inf if time.hi is None else time.hi


def later(one: Claim | LinkClaim | Retraction, other: Claim | LinkClaim | Retraction) -> bool:
    """Whether one was certainly published after the other."""
    return hi(other.report.published) <= lo(one.report.published)


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
    trust: Trust = (),
) -> list[Stands]:
    """What stands about each event, in chronological order."""
    standing, _ = naive_claims(entries, known=known, published=published)
    found = []
    for event_id in {claim.event.id for claim in standing if isinstance(claim, Claim)}:
        about = {claim for claim in standing if claim.about.id == event_id}
        if stands := naive_account(about, trust):
            found.append(stands)
    return sorted(found, key=lambda one: (lo(one.event.when), hi(one.event.when), one.event.id))


def naive_account(about: Iterable[Any], trust: Trust) -> Stands | None:
    """What claims that stand make of one event, whatever the ids that they have for it."""
    counted = latest_of_each_source(about)
    affirmed = [one for one in counted if one.stance == "says"] or [
        one for one in counted if one.stance == "expects"
    ]
    if not affirmed:
        return None
    return Stands(
        believed(affirmed, trust),
        frozenset(about),
        frozenset(one.source for one in counted if one.stance != "denies"),
        frozenset(one.source for one in counted if one.stance == "denies"),
        affirmed[0].stance == "expects",
        frozenset(one.event for one in affirmed),
        frozenset(one for one in counted if any(differ(one, by) for by in counted)),
    )


def naive_claims(
    entries: Iterable[Entry],
    *,
    known: datetime | int | None = None,
    published: float = inf,
) -> tuple[set[Any], list[Any]]:
    """The claims that stand, of events and of links, and all that was said in the cut."""
    said = known_by(entries, known)
    voids = [one for one in said if isinstance(one, Void)]

    def never_was(one: Said) -> bool:
        return any(void.target == one.id and not never_was(void) for void in voids)

    live = [
        one
        for one in said
        if not isinstance(one, Void)
        and not never_was(one)
        and hi(one.report.published) <= published
    ]
    claims = [one for one in live if isinstance(one, Claim | LinkClaim)]

    def replaced(one: Claim | LinkClaim | Retraction) -> bool:
        return any(one.id in by.replaces and one.report.source == by.source for by in claims)

    retractions = [one for one in live if isinstance(one, Retraction) and not replaced(one)]

    def retracted(claim: Claim | LinkClaim) -> bool:
        return any(
            one.report.source == claim.source
            and one.event_id == claim.about.id
            and reaches(one, claim, claims)
            for one in retractions
        )

    return {claim for claim in claims if not replaced(claim) and not retracted(claim)}, live


def reaches(
    retraction: Retraction, claim: Claim | LinkClaim, claims: Sequence[Claim | LinkClaim]
) -> bool:
    """Whether a retraction reaches a claim of its source about its event."""
    if later(claim, retraction):
        return False
    if dated(retraction) or not dated(claim):
        return True
    targets = [
        one
        for one in claims
        if (one.id, one.source, one.about.id)
        == (retraction.target, retraction.report.source, retraction.event_id)
    ]
    return any(claim.id == one.id or later(one, claim) for one in targets)


def dated(one: Claim | LinkClaim | Retraction) -> bool:
    """Whether anything is known of when it was published."""
    return (lo(one.report.published), hi(one.report.published)) != (-inf, inf)


def latest_of_each_source(claims: Iterable[Any]) -> list[Any]:
    """The claims that no other one of their source was certainly published after."""
    several = list(claims)
    return [
        one
        for one in several
        if not any(
            later(other, one)
            for other in several
            if (other.source, other.about.id) == (one.source, one.about.id)
        )
    ]


def differ(one: Claim, other: Claim) -> bool:
    """Whether two claims of one source about one id can't both be its last word."""
    same = (one.source, one.about.id) == (other.source, other.about.id)
    return same and (one.stance, one.event) != (other.stance, other.event)


def believed(affirmed: Sequence[Claim], trust: Trust) -> Event:
    """The version of the latest claim among the most trusted ones, or what may be that."""
    return conservative(
        [
            one.event
            for one in affirmed
            if not any(preferred(other, one, trust) for other in affirmed)
        ]
    )


def preferred(one: Claim | LinkClaim, other: Claim | LinkClaim, trust: Trust) -> bool:
    """Whether a claim is certainly to be believed rather than another."""
    if callable(trust):
        mine, its = trust(one), trust(other)
    else:
        mine, its = (
            list(trust).index(claim.source) if claim.source in trust else len(trust)
            for claim in (one, other)
        )
    if mine == its:
        return later(one, other)
    return mine is not None and its is not None and bool(mine < its)


def conservative(versions: Sequence[Event]) -> Event:
    """One version, or of several their counts and times spanned, and the rest of the least."""

    def written(version: Event) -> tuple[bytes, str]:
        form = plain(version)
        del form["id"]
        return encode(form), version.kind

    base = min(versions, key=written)
    if all(version == base for version in versions):
        return base
    merged = copy(base)
    merged.__dict__["when"] = spanned_time(base.when, [version.when for version in versions])
    alike = [version for version in versions if type(version) is type(base)]
    kind: Any = type(base)
    for name in (field.name for field in attrs.fields(kind)):
        values = [value for version in alike if (value := getattr(version, name)) is not None]
        if any(isinstance(value, Count) for value in values):
            merged.__dict__[name] = spanned_count(values)
        if any(isinstance(value, Breakdown) for value in values):
            parts = {part for group in values for part in group}
            merged.__dict__[name] = Breakdown(
                {part: spanned_count([g[part] for g in values if part in g]) for part in parts}
            )
    return merged


def spanned_count(counts: Sequence[Count]) -> Count:
    """From the lowest to the highest that is said, with the lowest best; silence is no figure."""
    said = [count for count in counts if count.reported]
    if not said:
        return counts[0]
    highs = [count.high for count in said]
    return Count.of_parts(
        low=min(count.low for count in said),
        best=min(count.best for count in said),
        high=None if None in highs else max(high for high in highs if high is not None),
        approximate=any(count.approximate for count in said),
    )


def spanned_time(base: When, times: Sequence[When]) -> When:
    """The least bounds that hold all of some times."""
    if all(time == base for time in times):
        return base

    def outermost(choose: Callable[[Iterable[int]], int], bounds: list[int | None]) -> int | None:
        return None if None in bounds else choose(bound for bound in bounds if bound is not None)

    first = outermost(min, [time.lo for time in times])
    last = outermost(max, [time.hi for time in times])
    if base.shape == "moment":
        return When(lo=first, hi=last)
    return When(
        lo=first,
        hi=last,
        shape=base.shape,
        start_hi=outermost(max, [time.extent.start_hi for time in times]),
        end_lo=outermost(min, [time.extent.end_lo for time in times]),
    )


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
