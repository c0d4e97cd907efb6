"""Proposes pairs of events of different sources that may be one, each with a score and its reasons.

Pairs are found in blocks: events within some kilometres of each other, or of one place, or of which
one lies in the other's region, and, where no place is known, those that name one actor; in a block,
those whose times lie within some days of each other. What two events say nothing of counts neither
for nor against them: the score is the mean of what both speak of, by weight.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import product
from math import ceil, cos, floor, inf, radians, sin, sqrt
from types import MappingProxyType
from typing import Any, Unpack

import attrs

from timeline.accounts import Account
from timeline.counts import Count
from timeline.errors import LogError
from timeline.events import Event
from timeline.linking import actors_of, places_of
from timeline.links import SameEvent
from timeline.log import Log
from timeline.matching.settled_pairs import decided
from timeline.places import Place
from timeline.query import Cut
from timeline.times import When
from timeline.views.gazetteer import Gazetteer

__all__ = ["KINDS_ALIKE", "PRECISIONS", "Candidate", "candidates", "one_to_one"]

KINDS_ALIKE: tuple[tuple[str, ...], ...] = (
    ("attack", "armed-clash", "ucdp-event", "ucdp-clash"),
    ("attack", "incident"),
    ("armed-clash", "incident"),
)
"""Kinds, without their versions, under which sources code one event; each kind is like itself."""

PRECISIONS: Mapping[str, float] = MappingProxyType(
    {"country": 500, "oblast": 100, "province": 100, "region": 100, "state": 100}
    | {"raion": 30, "district": 30, "county": 30, "hromada": 10, "municipality": 10}
    | {"city": 10, "town": 5, "village": 3}
)
"""How many kilometres from the point that it gives a source may mean, by its word."""

_WEIGHTS = {"time": 4.0, "place": 3.0, "kind": 1.0, "counts": 1.5, "actors": 1.5, "words": 1.0}
_EARTH = 6371.0  # km, mean radius
_DAY = 86_400_000_000
_MINUTE = 60_000_000
_HOUR = 60 * _MINUTE
_IN_REGION = 0.25  # how well "in Kharkiv Oblast" fits "in Izium": it doesn't contradict
_WORD = re.compile(r"[^\W\d_]{3,}")


@attrs.frozen(slots=False)
class Candidate:
    """Two events that may be one, the one with the lesser id first.

    ``score`` runs from 0 to 1 and is no probability; ``reasons`` say in words what it is made of.
    """

    first: Account
    second: Account
    score: float
    reasons: tuple[str, ...]
    agreement: Mapping[str, float] = attrs.field(factory=dict, eq=False, repr=False)
    """How well they agree in each respect that both speak of, from 0 to 1, by its name."""

    @property
    def link(self) -> SameEvent:
        """What to say, or to deny, once somebody has looked."""
        return SameEvent(self.first.event, self.second.event)

    def __str__(self) -> str:
        return f"{self.score:.2f} {self.link}? {'; '.join(self.reasons)}"


def candidates(
    log: Log,
    *,
    kilometres: float = 25,
    days: float | timedelta = 1,
    kinds: Iterable[Sequence[str]] = KINDS_ALIKE,
    least: float = 0.6,
    **cut: Unpack[Cut],
) -> list[Candidate]:
    """Return pairs of events of different sources that may be one, the best first.

    ``kilometres`` and ``days`` are how far apart two may lie at most, beyond what the places and
    times themselves leave open; ``kinds`` are groups of kinds, without versions, that may be one.
    Pairs that score less than ``least`` are left out, and so are those of which some standing claim
    says that they are one, or denies it, and events whose time has no bounds on both sides. Raises
    ``LogError`` for limits that are none.
    """
    apart = round((days / timedelta(days=1) if isinstance(days, timedelta) else days) * _DAY)
    if not 0 < kilometres <= _EARTH or apart < 0 or not 0 <= least <= 1:
        raise LogError(
            f"candidates lie within some kilometres and days, and score from 0 to 1, not "
            f"kilometres={kilometres!r}, days={days!r}, least={least!r}"
        )
    view = log.as_of(**cut)
    known = decided(view, SameEvent)
    alike = _alike(kinds)
    standing = view.chronology()
    facts = [
        _Facts(account, standing.gazetteer)
        for account in standing
        if account.folded and not account.expected and _bounded(account.when)
    ]
    found = []
    for one, other in _near(facts, kilometres, apart):
        if not alike(one.kind, other.kind):
            continue
        score, reasons, agreement = _compare(one, other, kilometres, apart)
        if reasons and score >= least and not known(one.account.ids, other.account.ids):
            pair = sorted((one.account, other.account), key=lambda it: it.event.id)
            found.append(Candidate(pair[0], pair[1], round(score, 4), reasons, agreement))
    return sorted(found, key=_best_first)


def _bounded(when: When) -> bool:
    return when.lo is not None and when.hi is not None


def _best_first(one: Candidate) -> tuple[float, str, str]:
    return -one.score, one.first.event.id, one.second.event.id


def one_to_one(found: Iterable[Candidate]) -> list[Candidate]:
    """Return of candidates the best ones in which each event has one partner of each source.

    The best pair first, then the best of what is left: for sources that report each event once. A
    tie goes by ids, so look at those that are near each other.
    """
    taken: set[tuple[str, str]] = set()
    kept = []
    for one in sorted(found, key=_best_first):
        first, second = one.first, one.second
        needs = {(first.event.id, source) for source in second.sources}
        needs |= {(second.event.id, source) for source in first.sources}
        if taken.isdisjoint(needs):
            taken |= needs
            kept.append(one)
    return kept


def _alike(kinds: Iterable[Sequence[str]]) -> Any:
    groups = [frozenset(group) for group in kinds]
    together = {(a, b) for group in groups for a in group for b in group}

    def alike(one: str, other: str) -> bool:
        return one == other or (one, other) in together

    return alike


class _Facts:
    """What is compared of an event, looked up once."""

    __slots__ = (
        "account", "actors", "around", "counts", "hi", "key", "kind", "lo", "name", "place",
        "point", "radius", "sources", "when", "words",
    )  # fmt: skip

    def __init__(self, account: Account, gazetteer: Gazetteer | None) -> None:
        event: Any = account.event
        self.account = account
        self.when: When = event.when
        lo, hi = self.when.lo, self.when.hi
        assert lo is not None  # noqa: S101 - the bounded ones alone are compared
        assert hi is not None  # noqa: S101 - as above
        self.lo, self.hi = lo, hi
        self.kind = event.kind.partition("/")[0]
        self.sources = account.sources
        place = next(places_of(event), None)
        self.place: Place | None = place
        self.key = None if place is None else place.key
        self.name = None if place is None else place.name
        self.around = (
            frozenset[str]()
            if self.key is None or gazetteer is None
            else gazetteer.around(self.key)
        )
        self.radius = PRECISIONS.get((place.precision or "").lower(), 0.0) if place else 0.0
        self.point = _point(place)
        self.actors = frozenset(actors_of(event))
        self.counts = {
            name: count
            for name in ("killed", "wounded", "found")
            if isinstance(count := getattr(event, name, None), Count) and count.reported
        }
        self.words = _words(event)

    def blocks(self) -> Iterator[tuple[str, str]]:
        """The blocks that it is looked for in, beside those of points."""
        if self.key is not None:
            yield "place", self.key
            yield from (("place", name) for name in self.around)
        else:
            yield from (("actor", name) for name in self.actors)


def _words(event: Event) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(event.summary or ""))


def _point(place: Place | None) -> tuple[float, float, float] | None:
    """Where a place lies in space, in km from the Earth's centre: no seam at 180° and no poles."""
    if place is None or place.latitude is None or place.longitude is None:
        return None
    lat, lon = radians(place.latitude), radians(place.longitude)
    return _EARTH * cos(lat) * cos(lon), _EARTH * cos(lat) * sin(lon), _EARTH * sin(lat)


def _near(
    facts: Sequence[_Facts], kilometres: float, apart: int
) -> Iterator[tuple[_Facts, _Facts]]:
    """Yield each pair of different sources that lies near in place and time, once."""
    blocks: defaultdict[tuple[str, str], list[_Facts]] = defaultdict(list)
    met: defaultdict[tuple[str, str], list[_Facts]] = defaultdict(list)
    for one in facts:
        own = ("place", one.key) if one.key is not None else None
        for key in one.blocks():
            (blocks if key == own or own is None else met)[key].append(one)
    seen: set[tuple[int, int]] = set()

    def new(one: object, other: object) -> bool:
        name = (id(one), id(other)) if id(one) < id(other) else (id(other), id(one))
        if name in seen:
            return False
        seen.add(name)
        return True

    groups: list[tuple[Sequence[_Facts], Sequence[_Facts]]] = [
        (members, (*members, *met.get(key, ()))) for key, members in blocks.items()
    ]
    widest = max((one.radius for one in facts if one.point is not None), default=0.0)
    for radius in sorted({one.radius for one in facts if one.point is not None}):
        # The vaguer one of two looks for the other, as far as both may lie from their points.
        reach = kilometres + radius + min(radius, widest)
        vague = [one for one in facts if one.point is not None and one.radius == radius]
        groups += _in_cells(vague, [one for one in facts if one.radius <= radius], reach)
    for some, others in groups:
        first, second = sorted(some, key=_earliest), sorted(others, key=_earliest)
        for one, other in _overlapping(first, second, apart):
            # Cheapest first: most that are near each other are of one source.
            if one.sources.isdisjoint(other.sources) and new(one, other):
                yield one, other


def _earliest(one: _Facts) -> int:
    lo: int = one.lo
    return lo


def _in_cells(
    some: Sequence[_Facts], others: Sequence[_Facts], reach: float
) -> Iterator[tuple[Sequence[_Facts], Sequence[_Facts]]]:
    """Yield some with the others that may lie within ``reach`` km: of their cell and around."""
    cells: defaultdict[tuple[int, ...], list[_Facts]] = defaultdict(list)
    mine: defaultdict[tuple[int, ...], list[_Facts]] = defaultdict(list)
    for several, into in ((some, mine), (others, cells)):
        for one in several:
            if one.point is not None:
                into[tuple(floor(part / reach) for part in one.point)].append(one)
    for (x, y, z), inside in mine.items():
        around = [
            it
            for cell in product((x - 1, x, x + 1), (y - 1, y, y + 1), (z - 1, z, z + 1))
            for it in cells.get(cell, ())
        ]
        yield inside, around


def _overlapping(
    some: Sequence[_Facts], others: Sequence[_Facts], apart: int
) -> Iterator[tuple[_Facts, _Facts]]:
    """Yield pairs whose times lie within ``apart`` of each other; both sorted by earliest."""
    first = 0
    longest = max((it.hi - it.lo for it in others), default=0) + apart
    for one in some:
        while first < len(others) and others[first].lo < one.lo - longest:
            first += 1
        for at in range(first, len(others)):
            other = others[at]
            if other.lo > one.hi + apart:
                break
            if one.lo <= other.hi + apart and one is not other:
                yield one, other


def _compare(
    one: _Facts, other: _Facts, kilometres: float, apart: int
) -> tuple[float, tuple[str, ...], dict[str, float]]:
    parts: dict[str, tuple[float, str]] = {"time": _times(one, other, apart)}
    if one.place is not None and other.place is not None:
        near = _places(one, other, kilometres)
        if near is None:
            return 0.0, (), {}
        parts["place"] = near
    kind = one.kind if one.kind == other.kind else f"{one.kind} and {other.kind}"
    parts["kind"] = (1.0 if one.kind == other.kind else 0.7, f"kind: {kind}")
    counted = [_counts(name, one, other) for name in one.counts if name in other.counts]
    if counted:
        mean = sum(score for score, _ in counted) / len(counted)
        parts["counts"] = (mean, "; ".join(reason for _, reason in counted))
    for name in ("actors", "words"):
        mine, its = getattr(one, name), getattr(other, name)
        if mine and its:
            shared = mine & its
            score = len(shared) / min(len(mine), len(its)) if name == "actors" else _dice(mine, its)
            names = ", ".join(sorted(shared)) or "none"
            parts[name] = (score, f"shared {name}: {names}")
    origins = _origins(one.account) & _origins(other.account)
    total = sum(_WEIGHTS[name] for name in parts)
    score = sum(_WEIGHTS[name] * value for name, (value, _) in parts.items()) / total
    reasons = [reason for _, reason in parts.values()]
    if origins:
        reasons.append(f"both according to {', '.join(sorted(origins))}")
        score += (1 - score) / 4
    return score, tuple(reasons), {name: value for name, (value, _) in parts.items()}


def _origins(account: Account) -> frozenset[str]:
    return frozenset(name for claim in account.counted for name in claim.according_to)


def _dice(mine: frozenset[str], its: frozenset[str]) -> float:
    return 2 * len(mine & its) / (len(mine) + len(its))


def _times(one: _Facts, other: _Facts, apart: int) -> tuple[float, str]:
    """How well two times fit: whether they may be one moment; of what lasted, its beginning."""
    lasted = not one.when.extent.moment and not other.when.extent.moment
    begin = abs(one.lo - other.lo)
    gap = max(one.lo, other.lo) - min(one.hi, other.hi)
    if lasted:
        reason = f"began {_length(begin)} apart"
        return max(0.0, 1 - begin / apart) if apart else float(not begin), reason
    if gap < 0:
        shared = -gap / max(min(one.hi - one.lo, other.hi - other.lo), 1)
        return 0.8 + 0.2 * min(shared, 1.0), "times overlap"
    return max(
        0.0, 0.8 * (1 - gap / apart)
    ) if apart else 0.0, f"times {_length(gap)} apart" if gap else "times adjoin"


def _length(micros: int) -> str:
    for unit, size in (("days", _DAY), ("hours", _HOUR), ("minutes", _MINUTE)):
        if micros >= size:
            return f"{micros / size:.3g} {unit}"
    return f"{ceil(micros / 1_000_000)} seconds"


def _places(one: _Facts, other: _Facts, kilometres: float) -> tuple[float, str] | None:
    """How well two places fit; None where they lie too far apart."""
    if one.key == other.key:
        return 1.0, f"both in {one.name}"
    if one.key in other.around or other.key in one.around:
        larger, smaller = (one, other) if one.key in other.around else (other, one)
        return _IN_REGION, f"{smaller.name} lies in {larger.name}"
    if one.point is None or other.point is None:
        return None
    away = sqrt(sum((a - b) ** 2 for a, b in zip(one.point, other.point, strict=True)))
    beyond = max(0.0, away - one.radius - other.radius)
    reason = f"{one.name} and {other.name}, {away:.1f} km apart"
    if beyond == 0 < one.radius + other.radius:
        reason += ", within what their precision leaves open"
    return (1 - beyond / kilometres, reason) if beyond <= kilometres else None


def _counts(name: str, one: _Facts, other: _Facts) -> tuple[float, str]:
    mine, its = one.counts[name], other.counts[name]
    reason = f"{name}: {mine} and {its}"
    high = min(inf if mine.high is None else mine.high, inf if its.high is None else its.high)
    if max(mine.low, its.low) <= high:
        return 1.0, f"{reason}, which can be one"
    most = max(mine.best, its.best)
    return (min(mine.best, its.best) / most if most else 1.0) / 2, reason
