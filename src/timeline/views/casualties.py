"""Casualties adds up who was killed and wounded, counting nothing twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from timeline.accounts import Account
from timeline.counts import Breakdown, Count
from timeline.display import HtmlRepr
from timeline.kinds import Attack, Incident
from timeline.projection import Projection, on
from timeline.serialization import Plain, value_dict

__all__ = ["NOBODY", "Casualties", "Tally", "Toll", "Tolls"]

NOBODY = Count(0)


def _added(one: Breakdown, other: Breakdown) -> Breakdown:
    if not one or not other:
        return one or other
    return Breakdown(
        {name: one.get(name, NOBODY) + other.get(name, NOBODY) for name in {**one, **other}}
    )


def _plus(one: Count, other: Count) -> Count:
    """The sum; most tolls have nobody in most parts, and nobody adds nothing."""
    if other is NOBODY:
        return one
    return other if one is NOBODY else one + other


@attrs.frozen
class Toll(HtmlRepr, shows="told killed wounded found including events", short="{told}"):
    """How many people were killed and wounded, in how many events that harmed anybody.

    ``found`` counts bodies that were discovered; they may be people counted as killed elsewhere, so
    the two are never added. ``including`` says how many of the harmed belong to a group. Tolls add
    up part by part.
    """

    killed: Count = NOBODY
    wounded: Count = NOBODY
    found: Count = NOBODY
    including: Breakdown = Breakdown()
    events: int = 0

    def __add__(self, other: Toll) -> Toll:
        return Toll(
            _plus(self.killed, other.killed),
            _plus(self.wounded, other.wounded),
            _plus(self.found, other.found),
            _added(self.including, other.including),
            self.events + other.events,
        )

    def __str__(self) -> str:
        found = f", {self.found} found" if self.found != 0 else ""
        events = "1 event" if self.events == 1 else f"{self.events} events"
        return f"{self.killed} killed, {self.wounded} wounded{found} in {events}"

    def to_dicts(self) -> list[Plain]:
        """Gives the one row of plain JSON that it is."""
        return [value_dict(self)]


class Tolls(Mapping[str | None, Toll]):
    """Tolls by name: a frozen, hashable mapping, equal to any mapping of equal tolls.

    In the order in which each name first came up.
    """

    __slots__ = ("_tolls",)

    def __init__(self, tolls: Mapping[str | None, Toll] | None = None) -> None:
        held = tolls._tolls if isinstance(tolls, Tolls) else tolls or {}  # noqa: SLF001 - its own
        self._tolls: dict[str | None, Toll] = dict(held)

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
class Tally(HtmlRepr, shows="total by_place by_side", short="{told}"):
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

    def __str__(self) -> str:
        return str(self.total)

    def to_dicts(self) -> list[Plain]:
        """Gives a row for each toll: ``of`` (all, place or side), ``name``, and its counts."""
        tolls: list[tuple[str, str | None, Toll]] = [("all", None, self.total)]
        tolls += [("place", name, toll) for name, toll in self.by_place.items()]
        tolls += [("side", name, toll) for name, toll in self.by_side.items()]
        return [
            {"of": of, "name": name, **row} for of, name, toll in tolls for row in toll.to_dicts()
        ]


def _joined(one: Tolls, other: Tolls) -> Tolls:
    joined = Tolls(one)
    tolls = joined._tolls  # noqa: SLF001 - it was made here, and nobody else has it yet
    for name, toll in other._tolls.items():  # noqa: SLF001 - a third of the time of a mapping's
        there = tolls.get(name)
        tolls[name] = toll if there is None else there + toll
    return joined


def _span(believed: Count, versions: list[Count], *, denied: bool) -> Count:
    """The believed count, opened to what the other sources say; a zero is silence.

    Where the believed version is silent, the latest that isn't gives the best. Where a source
    denies the event, there may have been nobody.
    """
    told = [count for count in versions if count != 0]
    if not told:
        return NOBODY if believed == 0 else believed
    if len(told) == 1 and told[0] == believed and not denied:
        return believed
    best = believed if believed != 0 else told[-1]
    return Count.of_parts(
        low=0 if denied else min(count.low for count in told),
        best=best.best,
        high=None
        if any(count.high is None for count in told)
        else max(count.high for count in told if count.high is not None),
        approximate=best.approximate,
    )


class Casualties(Projection[tuple[Tally, ...]]):
    """Who was killed and wounded in attacks and incidents: a ``Tally`` of low, best and high.

    Each event counts once, however many sources report it, with the best of the version that is
    believed, or of the latest that isn't silent; where sources differ, low and high reach to the
    lowest and highest of them, and to zero where a source denies the event. Sides are those that
    were harmed, as ``Attack.against`` names them.
    """

    start: tuple[Tally, ...] = ()

    @on(Attack)  # type: ignore[arg-type] # a handler of two kinds takes their union
    @on(Incident)
    def harm(
        self, state: tuple[Tally, ...], event: Attack | Incident, account: Account
    ) -> tuple[Tally, ...]:
        """Adds the killed, wounded and found of one event to its place and side."""
        return self.merge(state, _tally(event, account))

    def merge(self, a: tuple[Tally, ...], b: tuple[Tally, ...]) -> tuple[Tally, ...]:
        """Joins the tallies of two stretches of time."""
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
        """Adds up what is left to add."""
        return sum(state[1:], state[0]) if state else Tally()


def _tally(event: Attack | Incident, account: Account) -> tuple[Tally, ...]:
    versions = [one for one in account.versions if isinstance(one, Attack | Incident)]
    # The believed version first, then the others, the latest first: what one leaves out, the next
    # may tell.
    told = [event, *(one for one in reversed(versions) if one != event)]
    denied = bool(account.denied_by)

    def span(name: str) -> Count:
        counts = [getattr(one, name, NOBODY) for one in versions]
        return _span(getattr(event, name, NOBODY), counts, denied=denied)

    groups = [one.including for one in versions if isinstance(one, Attack)]
    believed = event.including if isinstance(event, Attack) else Breakdown()
    toll = Toll(
        killed=span("killed"),
        wounded=span("wounded"),
        found=span("found"),
        including=Breakdown(
            {
                name: _span(
                    believed.get(name, NOBODY),
                    [group.get(name, NOBODY) for group in groups],
                    denied=denied,
                )
                for name in dict.fromkeys(name for group in groups for name in group)
            }
        ),
        events=1,
    )
    if toll.killed == toll.wounded == toll.found == 0:
        return ()
    place = next((one.place.key for one in told if one.place is not None), None)
    side = next((one.against for one in told if isinstance(one, Attack) and one.against), None)
    return (Tally(toll, Tolls({place: toll}), Tolls({side: toll})),)
