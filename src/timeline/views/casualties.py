"""Casualties adds up who was killed and wounded, counting nothing twice and no silence as none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf
from typing import Literal

import attrs

from timeline.accounts import Account, differ
from timeline.counts import NO_FIGURES, UNREPORTED, Breakdown, Count
from timeline.display import HtmlRepr
from timeline.errors import ProjectionError
from timeline.events import Event
from timeline.kinds import Attack, Clash, Incident
from timeline.linking import region
from timeline.places import Place
from timeline.projection import Projection, on
from timeline.serialization import Plain, value_dict
from timeline.views.gazetteer import Gazetteer, PlaceAnswers

__all__ = ["Casualties", "Tally", "Toll", "Tolls"]

_MEASURES = ("killed", "wounded", "found")
_NOTHING = Breakdown()


def _silent_events(number: int) -> str:
    return "1 event gives no figure" if number == 1 else f"{number} events give no figure"


@attrs.frozen
class Toll(HtmlRepr, shows="words killed wounded found including events", short="{words}"):
    """How many people were killed and wounded, as far as figures are given, in how many events.

    Each Count is the sum of what is given; its ``missing`` says for how many events nobody gives a
    figure, and where there are any it has no ceiling. ``found`` counts bodies that were
    discovered; they may be people counted as killed elsewhere, so the two are never added.
    ``including`` says how many of the harmed belong to a group. Tolls add up part by part.
    """

    killed: Count = NO_FIGURES
    wounded: Count = NO_FIGURES
    found: Count = NO_FIGURES
    including: Breakdown = _NOTHING
    events: int = 0

    def __add__(self, other: Toll) -> Toll:
        return Toll(
            self.killed + other.killed,
            self.wounded + other.wounded,
            self.found + other.found,
            _including(self, other),
            self.events + other.events,
        )

    def __str__(self) -> str:
        events = "1 event" if self.events == 1 else f"{self.events} events"
        counts = {name: getattr(self, name) for name in _MEASURES}
        parts: list[str] = []
        for name, count in counts.items():
            if count.reported:
                parts.append(f"{count.given} {name}")
                parts += [_silent_events(count.missing)] if count.missing else []
        if parts:
            # Bodies are searched for after few events; that none were counted needn't be said.
            unknown = [n for n, count in counts.items() if n != "found" and not count.reported]
            parts += [f"no figure of {name}" for name in unknown if counts[name].missing]
        if any(count.missing for count in counts.values()):
            return "; ".join([*parts, f"in {events}"]) if parts else f"no figures in {events}"
        return f"{', '.join(parts) or 'no figures'} in {events}"

    def to_dicts(self) -> list[Plain]:
        """Return the one row of plain JSON that it is."""
        return [value_dict(self)]


def _including(one: Toll, other: Toll) -> Breakdown:
    """The sum by group; an event that says nothing of a group is missing a figure of it."""
    if one.including is other.including is _NOTHING or not (one.including or other.including):
        return one.including
    groups: dict[str, Count] = {}
    for name in {**one.including, **other.including}:
        parts = [
            toll.including[name] if name in toll.including else _unreported(toll.events)
            for toll in (one, other)
        ]
        groups[name] = parts[0] + parts[1]
    return Breakdown(groups)


def _unreported(events: int) -> Count:
    return Count.of_parts(
        low=0, best=0, high=None, approximate=False, missing=events, reported=False
    )


class Tolls(Mapping[str | None, Toll]):
    """Tolls by name: a frozen, hashable mapping, equal to any mapping of equal tolls.

    In the order in which each name first came up.
    """

    __slots__ = ("_tolls",)

    def __init__(self, tolls: Mapping[str | None, Toll] | None = None) -> None:
        given = tolls._tolls if isinstance(tolls, Tolls) else tolls or {}  # noqa: SLF001 - its own
        self._tolls: dict[str | None, Toll] = dict(given)

    def __getitem__(self, name: str | None) -> Toll:
        return self._tolls[name]

    def __iter__(self) -> Iterator[str | None]:
        return iter(self._tolls)

    def __len__(self) -> int:
        return len(self._tolls)

    def __hash__(self) -> int:
        return hash(frozenset(self._tolls.items()))

    def __repr__(self) -> str:
        return f"Tolls({self._tolls!r})"


def _tolls(tolls: Mapping[str | None, Toll]) -> Tolls:
    return tolls if isinstance(tolls, Tolls) else Tolls(tolls)


@attrs.frozen(repr=False)
class Tally(HtmlRepr, shows="total by_place by_side", short="{words}"):
    """The toll in all, by place (``place.key``) and by the side that was harmed.

    The key None stands for what no source places, or whose side none names. Tallies add up.
    """

    total: Toll = Toll()
    by_place: Mapping[str | None, Toll] = attrs.field(default=Tolls(), converter=_tolls)
    by_side: Mapping[str | None, Toll] = attrs.field(default=Tolls(), converter=_tolls)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.total + other.total,
            _joined(_tolls(self.by_place), _tolls(other.by_place)),
            _joined(_tolls(self.by_side), _tolls(other.by_side)),
        )

    def within(self, place: Place | str) -> Tally:
        """Return the tally of a place and of all that lies in it, of an answer of a log.

        By place alone: what is known by side isn't known by place.
        """
        if not isinstance(self.by_place, PlaceAnswers):
            raise ProjectionError("only a tally that a log answered knows what lies where")
        tolls = self.by_place.within(place)
        return Tally(sum(tolls.values(), Toll()), Tolls(dict(tolls)), Tolls())

    def __str__(self) -> str:
        return str(self.total)

    def to_dicts(self) -> list[Plain]:
        """Return a row for each toll: ``of`` (all, place or side), ``name``, and its counts."""
        tolls: list[tuple[str, str | None, Toll]] = [("all", None, self.total)]
        tolls += [("place", name, toll) for name, toll in self.by_place.items()]
        tolls += [("side", name, toll) for name, toll in self.by_side.items()]
        return [
            {"of": of, "name": name, **row} for of, name, toll in tolls for row in toll.to_dicts()
        ]


def _placed(tally: Tally, gazetteer: Gazetteer) -> Tally:
    found = attrs.evolve(tally)
    object.__setattr__(found, "by_place", PlaceAnswers(tally.by_place, gazetteer))
    return found


def _joined(one: Tolls, other: Tolls) -> Tolls:
    joined = Tolls(one)
    tolls = joined._tolls  # noqa: SLF001 - it was made here, and nobody else has it yet
    for name, toll in other._tolls.items():  # noqa: SLF001 - a third of the time of a mapping's
        there = tolls.get(name)
        tolls[name] = toll if there is None else there + toll
    return joined


def _span(believed: Count, versions: Sequence[Count], *, maybe_none: bool) -> Count:
    """The believed count, opened to what the other versions say; an unreported one is silent.

    Where the believed version is silent, the latest that isn't gives the best. ``maybe_none`` opens
    it to 0: where a source denies the event, nobody may have been harmed.
    """
    if not maybe_none and len(versions) == 1 and versions[0] is believed:
        return believed  # most events have one version
    figures = [count for count in versions if count.reported]
    if not figures:
        return believed
    best = believed if believed.reported else figures[-1]
    if not maybe_none and all(count == best for count in figures):
        return best
    hull = Count.spanning(figures)
    given = hull.given_bounds if hull.missing else (None, None)
    return Count.of_parts(
        low=0 if maybe_none else hull.low,
        best=best.best,
        high=hull.high,
        approximate=best.approximate,
        missing=hull.missing,
        given=given,
    )


_Harm = Attack | Clash | Incident


class Casualties(Projection[tuple[Tally, ...]]):
    """Who was killed and wounded in attacks, clashes and incidents: a ``Tally`` of Counts.

    Each event counts once, however many sources report it, with the best of the version that is
    believed, or of the latest that isn't silent; where sources differ, low and high reach to the
    lowest and highest of them, and to zero where a source denies the event. An attack or a clash
    without a figure is an event with one missing; an incident that gives no figure at all isn't
    counted. Sides are those whose dead they are: of an attack whom it was against, of a clash each
    side by its own losses, with its ``civilians`` under that name and its ``unknown`` under None.
    ``by="region"`` has in ``by_place`` the larger places at a ``level``: a word for their precision
    such as "oblast", how many larger ones up, or by default the largest; None where nobody says.
    Where sources differ on the place or the side that was harmed, each may have nobody. What may
    be one event under several ids is added up at best and high, and at the low end counts once. A
    ``CumulativeFigure`` says how many in all, and isn't added.
    """

    start: tuple[Tally, ...] = ()

    by: Literal["place", "region"] = "place"
    level: str | int | None = None

    def __init__(
        self, *, by: Literal["place", "region"] = "place", level: str | int | None = None
    ) -> None:
        if by not in ("place", "region") or (level is not None and by != "region"):
            raise ProjectionError(
                f"Casualties are by='place', or by='region' with a level=, not by={by!r}, "
                f"level={level!r}"
            )
        if by != self.by:  # a projection's settings are what it has of its own
            self.by, self.level = by, level

    @staticmethod
    def in_places(tally: Tally, gazetteer: Gazetteer) -> Tally:
        """Return a tally that finds a place by any of its names."""
        return _placed(tally, gazetteer)

    @staticmethod
    def part(tally: Tally, place: str | None) -> Toll | None:
        """Return the toll of one place, None where nothing is counted there."""
        return tally.by_place.get(place)

    @on(Attack)  # type: ignore[arg-type] # a handler of several kinds takes their union
    @on(Clash)  # type: ignore[arg-type] # as above
    @on(Incident)
    def harm(self, state: tuple[Tally, ...], event: _Harm, account: Account) -> tuple[Tally, ...]:
        """Add the killed, wounded and found of one event to its place and side."""
        tallies = _tally(event, account)
        if self.by == "region":
            tallies = tuple(self._by_region(tally, event, account) for tally in tallies)
        return self.merge(state, tallies)

    def _by_region(self, tally: Tally, event: _Harm, account: Account) -> Tally:
        """A tally of one event by the larger places that its places lie in."""
        keys = None if account.linked is None else account.linked.keys
        regions: dict[str | None, str | None] = {}
        for version in (event, *account.seen_versions):
            place = getattr(version, "place", None)
            if place is not None:
                found = keys.region(place, self.level) if keys else region(place, self.level)
                regions.setdefault(place.key, found)
        tolls: dict[str | None, Toll] = {}
        for name, toll in tally.by_place.items():
            # Two places of one region that versions differ in are the whole toll there.
            within = regions.get(name)
            tolls[within] = tally.total if within in tolls else toll
        return attrs.evolve(tally, by_place=Tolls(tolls))

    def merge(self, a: tuple[Tally, ...], b: tuple[Tally, ...]) -> tuple[Tally, ...]:
        """Join the tallies of two stretches of time."""
        # Tallies of falling size, each added to the one before once it has grown as large: adding
        # every event to one tally of all would copy every place once for each event.
        parts = list(a)
        for one in b:
            grown = one
            while parts and parts[-1].total.events <= grown.total.events:
                grown = parts.pop() + grown
            parts.append(grown)
        return tuple(parts)

    def result(self, state: tuple[Tally, ...]) -> Tally:
        """Add up the tallies that are left, without sides that nobody names."""
        tally = sum(state[1:], state[0]) if state else Tally()
        if all(toll.events for toll in tally.by_side.values()):
            return tally
        named = {side: toll for side, toll in tally.by_side.items() if toll.events}
        return attrs.evolve(tally, by_side=Tolls(named))


def _tally(event: _Harm, account: Account) -> tuple[Tally, ...]:
    alone = _own_tally(event, account)
    groups = () if account.linked is None else account.linked.alternatives
    return (_counted_once(alone[0], account, groups),) if alone and groups else alone


def _counted_once(tally: Tally, account: Account, groups: tuple[tuple[Account, ...], ...]) -> Tally:
    """The tally of an account of which others may tell too: at the low end they count once.

    One of ``groups`` is so, and nobody knows which. Of single accounts the least low of any is
    carried by the one whose time ends last, then by that of the least id; of an aggregate and its
    parts the lesser ones keep theirs. All others may have harmed nobody, and so may all of them at
    a place or on a side that they differ in.
    """
    members = [member for group in groups for member in group]
    tallies: dict[str, Tally] = {}
    for member in members:
        if isinstance(member.event, Attack | Clash | Incident):
            for own in _own_tally(member.event, member):
                tallies[member.event.id] = own
    carrier = min(members, key=_ends_last)
    single = len(members) == len(groups)

    def low(count: Count, part: Callable[[Tally], Count]) -> Count:
        """The low end of one figure, among those of all members."""
        lows = {name: part(one).low for name, one in tallies.items()}
        sums = [sum(lows.get(one.event.id, 0) for one in group) for group in groups]
        if single:
            return _with_low(count, min(sums) if carrier.event.id == account.event.id else 0)
        lesser = groups[sums.index(min(sums))]
        mine = any(one.event.id == account.event.id for one in lesser)
        return _with_low(count, count.low if mine else 0)

    def lowered(toll: Toll, of: Callable[[Tally], Toll]) -> Toll:
        return attrs.evolve(
            toll,
            killed=low(toll.killed, lambda one: of(one).killed),
            wounded=low(toll.wounded, lambda one: of(one).wounded),
            found=low(toll.found, lambda one: of(one).found),
            including=Breakdown(
                {
                    name: low(count, lambda one, name=name: _group(of(one), name))  # type: ignore[misc]
                    for name, count in toll.including.items()
                }
            ),
        )

    def by(
        tolls: Mapping[str | None, Toll], of: Callable[[Tally], Mapping[str | None, Toll]]
    ) -> Tolls:
        alike = {frozenset(of(one)) for one in tallies.values()} == {frozenset(tolls)}
        if not alike or len(tallies) < len(members):
            return Tolls({name: _nobody_at_least(toll) for name, toll in tolls.items()})
        return Tolls(
            {
                name: lowered(toll, lambda one, name=name: of(one)[name])  # type: ignore[misc]
                for name, toll in tolls.items()
            }
        )

    return Tally(
        lowered(tally.total, lambda one: one.total),
        by(tally.by_place, lambda one: one.by_place),
        by(tally.by_side, lambda one: one.by_side),
    )


def _ends_last(account: Account) -> tuple[float, str]:
    hi = account.when.hi
    return -inf if hi is None else -hi, account.event.id


def _group(toll: Toll, name: str) -> Count:
    return toll.including.get(name, NO_FIGURES)


def _with_low(count: Count, low: int) -> Count:
    if not count.reported or low >= count.low:
        return count
    return Count.of_parts(
        low=low,
        best=count.best,
        high=count.high,
        approximate=count.approximate,
        missing=count.missing,
        given=(low, count.given_bounds[1]) if count.missing else (None, None),
    )


def _nobody_at_least(toll: Toll) -> Toll:
    return attrs.evolve(
        toll,
        killed=_with_low(toll.killed, 0),
        wounded=_with_low(toll.wounded, 0),
        found=_with_low(toll.found, 0),
        including=Breakdown({name: _with_low(count, 0) for name, count in toll.including.items()}),
    )


def _own_tally(event: _Harm, account: Account) -> tuple[Tally, ...]:
    denied = bool(account.denied_by)
    versions = [one for one in account.seen_versions if isinstance(one, Attack | Clash | Incident)]
    # The believed version first, then the others, the latest first: what one leaves out, the next
    # may tell.
    ranked = [event, *(one for one in reversed(versions) if one is not event and one != event)]
    toll = _toll(event, versions, maybe_none=denied)
    if toll is None:
        return ()
    places = _places(ranked)
    at_one = toll if len(places) == 1 else _toll(event, versions, maybe_none=True)
    return (
        Tally(
            toll,
            Tolls(dict.fromkeys(places, at_one or toll)),
            Tolls(_by_side(event, versions, ranked, toll, denied=denied)),
        ),
    )


def _toll(event: _Harm, versions: Sequence[_Harm], *, maybe_none: bool) -> Toll | None:
    """The toll of one event, None where it is an incident that gives no figure."""
    if len(versions) == 1 and versions[0] is event and not maybe_none:
        return _own_toll(event)

    def span(name: str) -> Count:
        counts = [getattr(one, name, UNREPORTED) for one in versions]
        return _span(getattr(event, name, UNREPORTED), counts, maybe_none=maybe_none)

    incidents = [isinstance(one, Incident) for one in (event, *versions)]
    toll = Toll(
        killed=span("killed"),
        wounded=span("wounded"),
        # Only an incident is asked what was found.
        found=span("found") if any(incidents) else NO_FIGURES,
        including=_groups(event, versions, maybe_none=maybe_none),
        events=1,
    )
    figures = toll.killed.reported or toll.wounded.reported or toll.found.reported
    return toll if figures or not all(incidents) else None


def _own_toll(event: _Harm) -> Toll | None:
    """The toll of an event that has one version, which nobody denies: what that says of it."""
    killed = getattr(event, "killed", UNREPORTED)
    wounded = getattr(event, "wounded", UNREPORTED)
    if isinstance(event, Incident):
        figures = killed.reported or wounded.reported or event.found.reported
        return Toll(killed, wounded, event.found, _NOTHING, 1) if figures else None
    including = (event.including or _NOTHING) if isinstance(event, Attack) else _NOTHING
    return Toll(killed, wounded, NO_FIGURES, including, 1)


def _places(ranked: Sequence[_Harm]) -> list[str | None]:
    """The keys of the places that the versions name and don't agree on, the believed one first."""
    places: list[Place] = []
    seen: set[Place] = set()  # of many versions most name a place that another named
    for one in ranked:
        if one.place is not None and one.place not in seen:
            seen.add(one.place)
            if all(differ(one.place, other) for other in places):
                places.append(one.place)
    return [place.key for place in places] or [None]


def _by_side(
    event: _Harm, versions: Sequence[_Harm], ranked: Sequence[_Harm], toll: Toll, *, denied: bool
) -> dict[str | None, Toll]:
    """The toll of each side that a version names; the whole is a lone side's."""
    if len(ranked) == 1 and ranked[0] is event:
        alone = _killed_by_side(event)
        if len(alone) <= 1:
            return {next(iter(alone), None): toll}
    killed = {id(one): _killed_by_side(one) for one in (event, *versions)}
    naming = [one for one in ranked if killed[id(one)].keys() - {None}]
    sides = dict.fromkeys(side for one in naming for side in killed[id(one)])
    if len(sides) <= 1:
        return {next(iter(sides), None): toll}
    tolls: dict[str | None, Toll] = {}
    for side in sides:
        # A version that names others has nobody of this side harmed.
        maybe_none = denied or any(side not in killed[id(one)] for one in naming)
        counts = [killed[id(one)].get(side, UNREPORTED) for one in versions]
        dead = _span(killed[id(event)].get(side, UNREPORTED), counts, maybe_none=maybe_none)
        against = [isinstance(one, Attack) and one.against == side for one in naming]
        wounded = _toll(event, versions, maybe_none=maybe_none) if any(against) else None
        # Civilians and unknown of whom nobody says anything are no side of an event.
        named = dead.reported or any(side in _named_sides(one) for one in naming)
        tolls[side] = Toll(
            dead, wounded.wounded if wounded else UNREPORTED, events=1 if named else 0
        )
    return tolls


def _killed_by_side(version: _Harm) -> Mapping[str | None, Count]:
    return {} if isinstance(version, Incident) else version.killed_by_side()


def _named_sides(version: _Harm) -> tuple[str | None, ...]:
    if isinstance(version, Clash):
        return version.sides
    return (version.by, version.against) if isinstance(version, Attack) else ()


def _groups(event: Event, versions: Sequence[Event], *, maybe_none: bool) -> Breakdown:
    groups = [one.including for one in versions if isinstance(one, Attack)]
    if not any(groups):
        return Breakdown()
    believed = event.including if isinstance(event, Attack) else Breakdown()
    return Breakdown(
        {
            name: _span(
                believed.get(name, UNREPORTED),
                [group.get(name, UNREPORTED) for group in groups],
                maybe_none=maybe_none,
            )
            for name in dict.fromkeys(name for group in groups for name in group)
        }
    )
